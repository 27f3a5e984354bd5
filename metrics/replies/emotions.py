"""Answers that name one emotion, alone or with finer labels and reasons."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from affecthub.labels import BASIC7, GOEMOTIONS_WITH_UNSURE
from affecthub.metrics.replies.entries import (
    OUT_OF_RANGE,
    UNREADABLE,
    confidence_of,
    is_number,
    stated,
    stated_labels,
    taken_apart,
)
from affecthub.metrics.replies.fields import Fields, find_fields
from affecthub.metrics.replies.json_in_text import find_value
from affecthub.metrics.replies.keys import CONFIDENCE, EVIDENCE, FINE, LABEL, RATIONALE, SENTIMENT
from affecthub.metrics.replies.lenient_json import CutText
from affecthub.metrics.replies.naming import (
    NO_LABEL,
    OUTSIDE,
    SEVERAL,
    LabelSet,
    label_set,
    sentiments,
)
from affecthub.metrics.replies.values import Basic7, Reading, Stated

ABSENT = "confidence_absent"
# A label as written has no more words; lines of a label's own are looked for up to this character.
_WORDS = 5
_LOOKED_AT = 4000
# What states a confidence within a sentence, where other numbers may stand too.
_likely = re.compile(
    r"(?:\d+(?:\.\d+)?\s*(?:%|percent\b|/\s*10{1,2}\b))|(?<![\d.])(?:0?\.\d+|1\.0+)(?![\d.])"
    r"|[一二两三四五六七八九十]成[一二三四五六七八九半]?|百分之[\d一二三四五六七八九十百]+"
)


class _Named(NamedTuple):
    """A label of the set, or why there is none; and the confidence that stands with it."""

    label: str | None
    why: str = ""
    confidence: float | None = None
    is_loose: bool = False


def read_one_of(text: str, labels: Sequence[str], aliases: bool) -> Reading:
    """One label of a set, as `Stated`; see `reading.read_reply`."""
    return _read_stated(text, label_set(labels, aliases=aliases), (LABEL,))


def read_sentiment(text: str, labels: Sequence[str] | None, aliases: bool) -> Reading:
    """One sentiment, as text; see `reading.read_reply`."""
    names = label_set(labels, aliases=aliases) if labels else sentiments()
    read = _read_stated(text, names, (SENTIMENT, LABEL))
    value = read.value.label if read.value else None
    return Reading(value, read.status, read.why, read.notes)


def read_confidence_reply(text: str, labels: Sequence[str] | None, aliases: bool) -> Reading:
    """A label with a confidence, as `Stated`; see `reading.read_reply`."""
    names = None if labels is None else label_set(labels, aliases=aliases)
    read = _read_stated(text, names, (LABEL, SENTIMENT))
    if read.value is None or read.value.confidence is not None:
        return read
    notes = Counter(read.notes)
    confidence = None
    said = {found[0] for found in _likely.finditer(text[:_LOOKED_AT])}
    if len(said) == 1:
        confidence = confidence_of(said.pop(), notes)
    elif not notes.keys() & {UNREADABLE, OUT_OF_RANGE}:
        notes[ABSENT] += 1
    return Reading(Stated(read.value.label, confidence), read.status, "", dict(notes))


def _read_stated(text: str, names: LabelSet | None, wanted: tuple[str, ...]) -> Reading:
    notes: Counter[str] = Counter()
    if names is not None and text[0] not in "[{":
        label, _ = names.exact(text)
        if label is not None:
            return Reading(Stated(label), "plain")
    fields = find_fields(text, *wanted)
    listed = find_value(text, _texts, "{[") if fields is None and text[0] == "[" else None
    if listed is not None:
        named, status = _one(listed.value, names, notes), listed.status
        confidence = named.confidence
    elif fields is not None:
        given = next(fields.values[name] for name in wanted if name in fields.values)
        notes += fields.notes
        named = _one(given, names, notes)
        status = fields.status
        confidence = named.confidence
        if confidence is None and CONFIDENCE in fields.values:
            confidence = confidence_of(fields.values[CONFIDENCE], notes)
    else:
        named, status = _one(text, names, notes), "plain"
        confidence = named.confidence
    if named.label is None:
        return Reading(None, "invalid", named.why, dict(notes))
    if named.is_loose:
        status = "loose"
    return Reading(Stated(named.label, confidence), status, "", dict(notes))


def _texts(value: Any) -> list[Any] | None:
    """A list that names something."""
    return value if isinstance(value, list) and any(isinstance(x, str) for x in value) else None


def read_basic7(text: str, labels: Sequence[str] | None, aliases: bool) -> Reading:
    """One basic emotion with finer labels, as `Basic7`; see `reading.read_reply`."""
    names = label_set(labels or BASIC7, aliases=aliases)
    fields = find_fields(text, LABEL, FINE) or Fields({LABEL: text}, "plain")
    values, notes = fields.values, Counter(fields.notes)
    named = _one(values.get(LABEL), names, notes)
    if named.label is None:
        return Reading(None, "invalid", named.why, dict(notes))
    confidence = named.confidence
    if CONFIDENCE in values:
        confidence = confidence_of(values[CONFIDENCE], notes)
    elif confidence is None:
        notes[ABSENT] += 1
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


def _one(value: Any, names: LabelSet | None, notes: Counter[str]) -> _Named:
    """The one label of a value, which is a text, a list of one, or an object."""
    if isinstance(value, str) and not isinstance(value, CutText):
        return _one_in_text(value, names, notes)
    if isinstance(value, CutText) and names is not None:
        label, why = names.exact(value)
        return _Named(label, why)
    every = stated_labels(value, notes) if isinstance(value, dict | list) else []
    if len(every) != 1:
        return _Named(None, SEVERAL if every else NO_LABEL)
    if names is None:
        return _Named(every[0].label, "", every[0].confidence)
    named = _one_in_text(every[0].label, names, notes)
    return named._replace(confidence=every[0].confidence or named.confidence)


def _one_in_text(text: str, names: LabelSet | None, notes: Counter[str]) -> _Named:
    if names is None:
        every = stated_labels(text, notes)
        if len(every) == 1 and len(every[0].label.split()) <= _WORDS:
            return _Named(every[0].label, "", every[0].confidence)
        are_words = all(len(each.label.split()) <= _WORDS for each in every)
        return _Named(None, SEVERAL if len(every) > 1 and are_words else NO_LABEL)
    label, why = names.exact(text)
    if label is not None:
        return _Named(label)
    own: Counter[str] = Counter()
    on_lines = _labels_on_lines(text, names, own)
    if len(on_lines) == 1:
        notes += own
        label, confidence = on_lines.popitem()
        return _Named(label, "", confidence)
    if len(on_lines) > 1:
        return _Named(None, SEVERAL)
    label, loosely = names.within(text)
    if label is not None:
        return _Named(label, is_loose=True)
    is_word = why == OUTSIDE and len(text.split()) <= _WORDS
    return _Named(None, OUTSIDE if loosely == NO_LABEL and is_word else loosely)


def _labels_on_lines(text: str, names: LabelSet, notes: Counter[str]) -> dict[str, float | None]:
    """The labels that have a line of their own, with the confidence there or on the next line."""
    found: dict[str, float | None] = {}
    last: str | None = None
    for line in text[:_LOOKED_AT].splitlines():
        written, behind = taken_apart(line)
        label, _ = names.exact(written)
        if label is not None:
            other, _ = names.exact(behind)
            if other not in (None, label):
                return {label: None, str(other): None}
            confidence = stated(line, notes).confidence
            if found.get(label) is None:
                found[label] = confidence
            last = label
        elif last is not None and found[last] is None and is_number(line):
            found[last] = confidence_of(line, notes)
    return found
