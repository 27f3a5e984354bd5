"""The scores of a set of answers, and of the majority answer beside them."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import datasets
import numpy as np

from affecthub.datasets_scripts.answers import answer_of
from affecthub.training.recipe import Recipe

# One shown beside another in tables; every score is a fraction, higher is better.
SCORES = ("accuracy", "macro_f1", "hit_rate", "set_f")


def score_answers(
    answers: Sequence[str], rows: datasets.Dataset, recipe: Recipe, lexicon: Any = None
) -> dict[str, Any]:
    """Score answers against a split's labels.

    Args:
        answers: One per row; labels separated by commas.
        rows: The clips that were asked.
        recipe: Says which column holds the label.
        lexicon: Folder of a released lexicon, or None for the built-in one.

    Returns:
        `accuracy` and `macro_f1` of the first label in the answer that belongs to the corpus' label
        set (an answer without one is wrong), `hit_rate` of all its labels, `set_f` where the rows
        have open-vocabulary labels, `n`, and `n_unparsed`: answers without a label of the set.

    Raises:
        ValueError: The numbers of answers and rows differ, or the label column is not a ClassLabel.
    """
    from sklearn.metrics import accuracy_score, f1_score

    from affecthub.metrics.hit_rate.scores import hit_rate
    from affecthub.metrics.set_f.scores import set_f

    feature = rows.features.get(recipe.label)
    if not isinstance(feature, datasets.ClassLabel):
        raise ValueError(
            f"`label` names {recipe.label!r}: got {feature}, expected a ClassLabel column."
        )
    if len(answers) != len(rows):
        raise ValueError(f"got {len(answers)} answers, expected one for each of {len(rows)} clips.")
    scored = [i for i, value in enumerate(rows[recipe.label]) if value is not None]
    references = [feature.int2str(rows[recipe.label][i]) for i in scored]
    answers = [answers[i] for i in scored]
    predicted = [first_label(answer, feature.names) for answer in answers]
    scores = {
        "accuracy": float(accuracy_score(references, predicted)),
        "macro_f1": float(
            f1_score(references, predicted, labels=feature.names, average="macro", zero_division=0)
        ),
        "hit_rate": hit_rate(
            [_labels(a) for a in answers], [[r] for r in references], lexicon=lexicon
        )["hit_rate"],
        "n": len(scored),
        "n_unparsed": predicted.count(""),
    }
    open_labels = rows["open_vocabulary"]
    if any(open_labels):
        with_words = [i for i in scored if open_labels[i]]
        by_row = dict(zip(scored, answers, strict=True))
        scores["set_f"] = set_f(
            [_labels(by_row[i]) for i in with_words],
            [open_labels[i] for i in with_words],
            lexicon=lexicon,
        )["set_f"]
    return scores


def first_label(answer: str, names: Sequence[str]) -> str:
    """The first label of an answer that is one of the names, or "".

    Example:
        >>> first_label("Furious, anger, joy", ["anger", "joy"])
        'anger'
    """
    return next((label for label in _labels(answer) if label in names), "")


def majority_answers(
    train: datasets.Dataset, rows: datasets.Dataset, recipe: Recipe
) -> tuple[list[str], str]:
    """Assign every clip the training split's most frequent label with its most frequent answer.

    Returns:
        One answer per row of `rows`, and the label.
    """
    labels = np.array(train.with_format("numpy")[recipe.label][:])
    majority = int(Counter(labels.tolist()).most_common(1)[0][0])
    clips = train.select(np.flatnonzero(labels == majority))
    columns = list(recipe.answer)
    answers = Counter(
        answer_of(row, train.features, columns) or "" for row in clips.select_columns(columns)
    )
    name = train.features[recipe.label].int2str(majority)
    answer = ", ".join(dict.fromkeys([name, *_labels(answers.most_common(1)[0][0])]))
    return [answer] * len(rows), name


def _labels(answer: str) -> list[str]:
    """Split an answer of this project's own models: labels, lower case, between commas."""
    return [label for part in answer.lower().split(",") if (label := part.strip())]
