"""Answers that name a basic emotion with finer labels and reasons: EmoS' prompt A."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from affecthub.labels import BASIC7, GOEMOTIONS_WITH_UNSURE
from affecthub.metrics.replies.entries import confidence_of, stated_labels
from affecthub.metrics.replies.keys import CONFIDENCE, EVIDENCE, FINE, LABEL, RATIONALE
from affecthub.metrics.replies.naming import LabelSet, label_set
from affecthub.metrics.replies.one_label import confidence_within, one_label, stated_fields
from affecthub.metrics.replies.values import Basic7, Reading, Stated


def read_basic7(text: str, labels: Sequence[str] | None, aliases: bool) -> Reading:
    """One basic emotion with finer labels, as `Basic7`; see `reading.read_reply`."""
    names = label_set(labels or BASIC7, aliases=aliases)
    fields = stated_fields(text, LABEL, FINE)
    values, notes = fields.values, Counter(fields.notes)
    named = one_label(values.get(LABEL), names, notes)
    if named.label is None:
        return Reading(None, "invalid", named.why, dict(notes))
    confidence = named.confidence
    if CONFIDENCE in values:
        confidence = confidence_of(values[CONFIDENCE], notes)
    elif confidence is None:
        confidence = confidence_within(text if named.is_loose else "", notes)
    fine, outside = within(values.get(FINE), label_set(GOEMOTIONS_WITH_UNSURE), notes)
    value = Basic7(
        emotion=named.label,
        confidence=confidence,
        goemotions=fine,
        outside=outside,
        evidence=as_text(values.get(EVIDENCE)),
        rationale=as_text(values.get(RATIONALE)),
    )
    return Reading(value, "loose" if named.is_loose else fields.status, "", dict(notes))


def within(
    value: Any, names: LabelSet, notes: Counter[str]
) -> tuple[tuple[Stated, ...], tuple[str, ...]]:
    """The labels of a value that belong to a set, in its spelling, and those that do not.

    Each label once, with its higher confidence; those outside are counted.
    """
    found: dict[str, Stated] = {}
    outside: dict[str, None] = {}
    for each in stated_labels(value, notes):
        label, _ = names.exact(each.label)
        if label is None:
            outside[each.label] = None
            continue
        before = found.get(label)
        if before is None:
            found[label] = Stated(label, each.confidence)
        elif (each.confidence or 0) > (before.confidence or 0):
            found[label] = Stated(label, each.confidence)
    if outside:
        notes["outside"] += len(outside)
    return tuple(found.values()), tuple(outside)


def as_text(value: Any) -> str:
    """A field's text; lists are joined, anything else is written out.

    Example:
        >>> as_text(["a smile", " a laugh"]), as_text(None)
        ('a smile; a laugh', '')
    """
    if isinstance(value, str):
        return str(value).strip()
    if isinstance(value, list):
        return "; ".join(filter(None, map(as_text, value[:50])))
    return "" if value is None else str(value)[:2000]
