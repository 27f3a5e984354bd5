"""The scores of a set of answers, and of the majority answer beside them: those of the metrics."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import datasets

from affecthub.datasets_scripts.rows.answers import answer_of
from affecthub.metrics.answers.label_in_text import AnswerReader, names_of
from affecthub.metrics.emotion_classification.scores import emotion_classification
from affecthub.metrics.hit_rate.scores import hit_rate
from affecthub.metrics.mer_unibench.sentences import words_said
from affecthub.metrics.parsing import parse_labels
from affecthub.metrics.set_f.scores import set_f
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
        set, under any of its names (an answer without one is wrong), `hit_rate` of all its labels,
        `set_f` where the rows have open-vocabulary labels, `n`, and `n_unparsed`: answers without a
        label of the set. Macro-F1 is that of `emotion_classification`: the mean over the labels
        that occur in the rows. Without a labelled row only `n` and `set_f`.

    Raises:
        ValueError: The numbers of answers and rows differ, or the label column is not a ClassLabel.
    """
    references = label_names(rows, recipe)
    if len(answers) != len(rows):
        raise ValueError(f"got {len(answers)} answers, expected one for each of {len(rows)} clips.")
    scored = [i for i, label in enumerate(references) if label is not None]
    said = [words_said(answer) for answer in answers]
    expected = [str(references[i]) for i in scored]
    scores: dict[str, Any] = {"n": len(scored)}
    if scored:
        classes = emotion_classification(
            [answers[i] for i in scored],
            expected,
            labels=rows.features[recipe.label].names,
            ambiguous="first",
        )
        # Over all clips, neutral ones too where the lexicon has them, as the scores beside it.
        hit = hit_rate([said[i] for i in scored], expected, lexicon=lexicon, neutral=None)
        scores = {
            "accuracy": classes["emotion_classification"],
            "macro_f1": classes["macro_f1"],
            "hit_rate": hit["hit_rate"],
            "n": len(scored),
            "n_unparsed": classes["n_invalid"],
        }
    words = rows["open_vocabulary"]
    described = [i for i in (scored or range(len(rows))) if words[i]]
    if described:
        scores["set_f"] = set_f(
            [said[i] for i in described], [words[i] for i in described], lexicon=lexicon
        )["set_f"]
    return scores | {"n": scores["n"] or len(described)}


def majority_answers(
    train: datasets.Dataset, rows: datasets.Dataset, recipe: Recipe
) -> tuple[list[str], str]:
    """Assign every clip the training split's most frequent label with its most frequent answer.

    Returns:
        One answer per row of `rows`, and the label.

    Raises:
        ValueError: No training clip has a label.
    """
    labels = label_names(train, recipe)
    known = [label for label in labels if label is not None]
    if not known:
        raise ValueError(
            f"no training clip of {recipe.corpus!r} has a label in {recipe.label!r}: got "
            f"{len(labels)} clips without, expected some."
        )
    # Of labels that are equally frequent the metric takes the first of its set: the first seen.
    baselines = emotion_classification(known, known, labels=dict.fromkeys(known))["baselines"]
    majority: str = baselines["majority"]["label"]
    clips = train.select([i for i, label in enumerate(labels) if label == majority])
    columns = list(recipe.answer)
    answers = Counter(
        answer_of(row, train.features, columns) or "" for row in clips.select_columns(columns)
    )
    commonest = parse_labels(answers.most_common(1)[0][0])
    return [", ".join(dict.fromkeys([majority, *commonest]))] * len(rows), majority


def label_names(rows: datasets.Dataset, recipe: Recipe) -> list[str | None]:
    """The label of every row by name, None where there is none.

    Raises:
        ValueError: The label column is not a ClassLabel.
    """
    feature = rows.features.get(recipe.label)
    if not isinstance(feature, datasets.ClassLabel):
        raise ValueError(
            f"`label` names {recipe.label!r}: got {feature}, expected a ClassLabel column."
        )
    return [None if place is None else feature.names[place] for place in rows[recipe.label]]


def labels_said(answers: Sequence[str], rows: datasets.Dataset, recipe: Recipe) -> list[str | None]:
    """The first label of the corpus' set in every answer, as `score_answers` takes it."""
    read = AnswerReader(names_of(rows.features[recipe.label].names), "first")
    return [read(answer) for answer in answers]
