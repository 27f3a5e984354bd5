"""One emotion label a clip: accuracy, macro and weighted F1, mean recall."""

from functools import partial
from typing import Any

import numpy as np

from affecthub.labels import BASIC7
from affecthub.metrics.answers.confusion import INVALID
from affecthub.metrics.answers.label_in_text import AnswerReader, names_of
from affecthub.metrics.emotion_classification.scores import emotion_classification
from affecthub.training.asking.scoring.measured import Measured, Replies, with_reference
from affecthub.training.asking.scoring.tallies import Floats, Tally, ratio

METRIC = "emotion_classification"
FORMS = ("one_of", "basic7", "confidence")
_KEPT = ("confusion", "labels", "baselines", "macro_f1_sklearn", "n_invalid")


def by_class(replies: Replies, column: str | None = None) -> Measured | None:
    """The scores of single labels.

    An answer that is invalid, an error or missing is wrong, so that every system has the same
    denominator.

    Args:
        replies: Answers of a form of `FORMS`.
        column: Of the references; None takes ``emotion_basic7`` where answers are of the seven
            basic emotions, else ``emotion``.

    Returns:
        ``accuracy``, ``macro_f1``, ``weighted_f1`` and ``uar``; None where the form has no single
        label, or no clip a reference.

    Raises:
        ValueError: `column` is no column of single labels.

    Source: EmoS, section 4.1 (answers outside the set are counted as incorrect) and Table 7.
    Differs: means are over the labels that occur as reference, see `emotion_classification`.
    """
    if replies.form.name not in FORMS:
        return None
    chosen = column or _column(replies)
    values = replies.clips.require(chosen) if column else replies.clips.column(chosen)
    names = replies.clips.label_set(chosen)
    if column and not names:
        raise ValueError(
            f"`--reference-column` {column} is no column of single labels of a set: expected one "
            f"such as emotion for {METRIC}."
        )
    places = with_reference(values)
    if not places:
        return None
    said = [label_of(replies.values[place]) for place in places]
    wanted = [values[place] for place in places]
    reader = AnswerReader(names_of(names))
    number = {name: i for i, name in enumerate(names)}
    reference = np.array([number[label] for label in wanted])
    predicted = np.array([number.get(reader(s) or "", INVALID) if s else INVALID for s in said])
    found = emotion_classification(said, wanted, labels=names)
    return Measured(
        METRIC,
        chosen,
        places,
        Tally(_columns(reference, predicted, len(names)), partial(_scores, n_classes=len(names))),
        {name: found[name] for name in _KEPT},
        (reference == predicted).tolist(),
        names,
    )


def label_of(value: Any) -> str | None:
    """The label of an answer of one of the forms."""
    if value is None:
        return None
    return str(value.emotion if hasattr(value, "emotion") else value.label)


def _column(replies: Replies) -> str:
    """Where the references of answers of this set stand."""
    asked = {label.lower() for label in replies.form.labels}
    is_basic = replies.form.name == "basic7" or asked == {*BASIC7}
    return "emotion_basic7" if is_basic else "emotion"


def _columns(reference: Any, predicted: Any, n_classes: int) -> Floats:
    """Right answers, clips and predictions by class, shape ``(clip, 3 x class)``."""
    every = np.eye(n_classes + 1)  # the last is that of answers without a class
    wanted = every[reference][:, :-1]
    said = every[predicted][:, :-1]
    return np.concatenate((wanted * said, wanted, said), axis=1)


def _scores(sums: Floats, *, n_classes: int) -> dict[str, Floats]:
    agreed, support, n_predicted = np.moveaxis(sums.reshape(len(sums), 3, n_classes), 1, 0)
    recall = ratio(agreed, support, 0.0)
    f1 = ratio(2 * agreed, support + n_predicted, 0.0)
    n = support.sum(axis=1)
    return {
        "accuracy": ratio(agreed.sum(axis=1), n),
        "macro_f1": mean_where(f1, support > 0),
        "weighted_f1": ratio((f1 * support).sum(axis=1), n),
        "uar": mean_where(recall, support > 0),
    }


def mean_where(values: Floats, counts: Any) -> Floats:
    """Mean over the last axis of what counts; NaN where nothing does."""
    return ratio((values * counts).sum(axis=1), counts.sum(axis=1).astype(np.float64))
