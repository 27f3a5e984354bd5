"""Several of 28 GoEmotions labels a clip, against what annotators chose."""

from typing import Any

import numpy as np

from affecthub.labels import GOEMOTIONS
from affecthub.metrics.goemotions.scores import goemotions
from affecthub.training.asking.scoring.by_class import mean_where
from affecthub.training.asking.scoring.measured import Measured, Replies, with_reference
from affecthub.training.asking.scoring.tallies import Floats, Tally, ratio

FORMS = ("basic7", "goemotions")
# The first that a configuration has: shares of annotators, or labels that some of them chose.
COLUMNS = ("probs", "labels_any")
_KEPT = ("jsd", "cross_entropy", "macro_f1_all", "n_labels", "n_soft", "binarize")
_PLACE = {label: place for place, label in enumerate(GOEMOTIONS)}


def by_fine_label(replies: Replies, column: str | None = None) -> Measured | None:
    """Macro and micro scores of fine labels.

    Labels that are named count, whatever their confidence; an answer that is missing or invalid
    names none. A reference has every label that an annotator chose; ``majority`` in the details
    has the scores where two of three had to.

    Args:
        replies: Answers of a form of `FORMS`.
        column: Of the references; None takes ``probs`` or ``labels_any``.

    Returns:
        ``macro_f1``, ``macro_precision``, ``macro_recall``, ``micro_f1``; None where the form has
        no fine labels, or no clip a reference.

    Raises:
        ValueError: `column` is no column of fine labels.

    Source: EmoS, section 4.2 and Table 12.
    Differs: EmoS does not say how shares of annotators become labels.
    """
    if replies.form.name not in FORMS:
        return None
    if column:
        chosen, values = column, replies.clips.require(column)
    else:
        chosen = next((name for name in COLUMNS if replies.clips.column(name)), "")
        values = replies.clips.column(chosen) if chosen else []
    places = with_reference(values)
    if not places:
        return None
    if not isinstance(values[places[0]], list):
        raise ValueError(
            f"`--reference-column` {chosen} is no column of fine labels: got "
            f"{str(values[places[0]])[:60]!r}, expected lists of labels, or of shares, such as "
            f"{' and '.join(COLUMNS)} of EmoS."
        )
    said = [fine_labels(replies.values[i]) for i in places]
    wanted = [values[i] for i in places]
    whole = goemotions(said, wanted)
    details: dict[str, Any] = {name: whole[name] for name in _KEPT}
    if wanted and not isinstance(wanted[0][0], str):
        majority = goemotions(said, wanted, binarize="majority")
        details["majority"] = {
            "macro_f1": majority["goemotions"],
            **{name: majority[name] for name in ("macro_precision", "macro_recall", "n_labels")},
        }
    tally = Tally(fine_columns(said, [_chosen(item) for item in wanted]), fine_scores)
    return Measured("goemotions", chosen, places, tally, details, labels=GOEMOTIONS)


def fine_labels(value: Any) -> list[str]:
    """The labels that an answer names; none where there is no answer."""
    if value is None:
        return []
    stated = value.goemotions if hasattr(value, "goemotions") else value
    return [each.label for each in stated]


def fine_columns(said: list[list[str]], wanted: list[list[str]]) -> Floats:
    """Labels that agree, are wanted and are said, shape ``(clip, 3 x 28)``; others are left out."""
    found, reference = _flags(said), _flags(wanted)
    return np.concatenate((found * reference, reference, found), axis=1)


def fine_scores(sums: Floats) -> dict[str, Floats]:
    """The scores that sums of `fine_columns` make."""
    shape = (len(sums), 3, len(GOEMOTIONS))
    agreed, support, n_said = np.moveaxis(sums.reshape(shape), 1, 0)
    occurs = support > 0
    total, wanted, named = (counts.sum(axis=1) for counts in (agreed, support, n_said))
    return {
        "macro_f1": mean_where(ratio(2 * agreed, support + n_said, 0.0), occurs),
        "macro_precision": mean_where(ratio(agreed, n_said, 0.0), occurs),
        "macro_recall": mean_where(ratio(agreed, support, 0.0), occurs),
        "micro_f1": ratio(2 * total, wanted + named),
    }


def _chosen(item: Any) -> list[str]:
    """The labels of a reference: those named, or those that an annotator chose."""
    if isinstance(item[0], str):
        return list(item)
    return [label for label, share in zip(GOEMOTIONS, item, strict=False) if share > 0]


def _flags(items: list[list[str]]) -> Floats:
    flags = np.zeros((len(items), len(GOEMOTIONS)))
    for row, labels in enumerate(items):
        for label in labels:
            place = _PLACE.get(label.strip().lower())
            if place is not None:
                flags[row, place] = 1
    return flags
