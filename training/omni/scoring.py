"""Scores of a chat model's answers: what could be read, and whether it is right."""

from collections import Counter
from collections.abc import Sequence
from statistics import mean
from typing import Any

import datasets

from affecthub.metrics.emotion_classification.scores import emotion_classification
from affecthub.metrics.replies.reading import read_reply
from affecthub.metrics.replies.values import Basic7, Stated
from affecthub.training.answer_scores import label_names
from affecthub.training.asking.prompts.registry import Prompt, load_prompt
from affecthub.training.omni.recipe import OmniRecipe


def score_replies(
    answers: Sequence[str | None], rows: datasets.Dataset, recipe: OmniRecipe
) -> dict[str, Any]:
    """Score answers against a split's labels.

    Args:
        answers: One per row as it came; None where the clip could not be asked.
        rows: The clips.
        recipe: Says the prompt, whose form the answers have, and the column of labels.

    Returns:
        `accuracy`, `macro_f1` and `weighted_f1` in [0, 1], higher is better; an answer that cannot
        be read is wrong and no class of its own. `n` clips with a label, `n_unread` answers among
        them without one, `n_unasked`; `statuses`, how many could be read in which way; and
        `confidence`, the mean of those stated, None without any. Only `n` without a label.

    Raises:
        ValueError: The numbers differ, the column is not a ClassLabel, or the prompt's form states
            no one label.
    """
    prompt = load_prompt(recipe.prompt)
    references = label_names(rows, recipe.asking())
    if len(answers) != len(rows):
        raise ValueError(f"got {len(answers)} answers, expected one for each of {len(rows)} clips.")
    scored = [place for place, label in enumerate(references) if label is not None]
    if not scored:
        return {"n": 0}
    names = rows.features[recipe.label].names
    read = [_read(answers[place], prompt, names) for place in scored]
    expected = [str(references[place]) for place in scored]
    classes = emotion_classification([label for label, _, _ in read], expected, labels=names)
    stated = [confidence for _, confidence, _ in read if confidence is not None]
    return {
        "accuracy": classes["emotion_classification"],
        "macro_f1": classes["macro_f1"],
        "weighted_f1": classes["weighted_f1"],
        "n": len(scored),
        "n_unread": sum(label is None for label, _, _ in read),
        "n_unasked": sum(answers[place] is None for place in scored),
        "statuses": dict(sorted(Counter(status for _, _, status in read).items())),
        "confidence": mean(stated) if stated else None,
    }


def majority_scores(
    train: datasets.Dataset, rows: datasets.Dataset, recipe: OmniRecipe
) -> dict[str, Any]:
    """What the training split's most frequent label scores on the same clips.

    Returns:
        `label`, `accuracy`, `macro_f1`, `weighted_f1` and `n`; empty where no training clip or no
        clip has a label.
    """
    known = [label for label in label_names(train, recipe.asking()) if label is not None]
    expected = [label for label in label_names(rows, recipe.asking()) if label is not None]
    if not known or not expected:
        return {}
    names = rows.features[recipe.label].names
    (label, _) = Counter(known).most_common(1)[0]
    classes = emotion_classification([label] * len(expected), expected, labels=names)
    return {
        "label": label,
        "accuracy": classes["emotion_classification"],
        "macro_f1": classes["macro_f1"],
        "weighted_f1": classes["weighted_f1"],
        "n": len(expected),
    }


def _read(
    answer: str | None, prompt: Prompt, names: Sequence[str]
) -> tuple[str | None, float | None, str]:
    """The label, the confidence and how it was read."""
    if answer is None:
        return None, None, "unasked"
    found = read_reply(answer, prompt.form, prompt.labels or tuple(names))
    value = found.value
    if value is None:
        return None, None, found.status
    if isinstance(value, Basic7):
        return value.emotion, value.confidence, found.status
    if isinstance(value, Stated):
        return value.label, value.confidence, found.status
    raise ValueError(
        f"prompt {prompt.name} asks for no one label: got the form {prompt.form!r}, expected "
        "basic7, one_of or confidence. Score its answers with affecthub score."
    )
