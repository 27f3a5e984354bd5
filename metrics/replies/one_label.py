"""Answers that name one label, with or without a confidence."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

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
from affecthub.metrics.replies.keys import CONFIDENCE, LABEL, SENTIMENT
from affecthub.metrics.replies.lenient_json import CutText
from affecthub.metrics.replies.naming import (
    NO_LABEL,
    OUTSIDE,
    SEVERAL,
    LabelSet,
    label_set,
    sentiments,
)
from affecthub.metrics.replies.values import Reading, Stated

ABSENT = "confidence_absent"
# A label as written has no more words; lines of a label's own are looked for up to this character.
_WORDS = 5
_LOOKED_AT = 4000
# What states a confidence within a sentence, where other numbers may stand too.
_likely = re.compile(
    r"(?:\d+(?:\.\d+)?\s*(?:%|percent\b|/\s*10{1,2}\b))|(?<![\d.])(?:0?\.\d+|1\.0+)(?!\.?\d)"
    r"|[一二两三四五六七八九十]成[一二三四五六七八九半]?|百分之[\d一二三四五六七八九十百]+"
)


class Named(NamedTuple):
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
    confidence = confidence_within(text, notes)
    return Reading(Stated(read.value.label, confidence), read.status, "", dict(notes))


def confidence_within(text: str, notes: Counter[str]) -> float | None:
    """The one confidence that sentences state; noted where there is none and none was tried."""
    said = {found[0] for found in _likely.finditer(text[:_LOOKED_AT])}
    if len(said) == 1:
        return confidence_of(said.pop(), notes)
    if not notes.keys() & {UNREADABLE, OUT_OF_RANGE}:
        notes[ABSENT] += 1
    return None


def _read_stated(text: str, names: LabelSet | None, wanted: tuple[str, ...]) -> Reading:
    if names is not None and text[0] not in "[{":
        label, _ = names.exact(text)
        if label is not None:
            return Reading(Stated(label), "plain")
    fields = stated_fields(text, *wanted)
    values, notes = fields.values, Counter(fields.notes)
    named = one_label(next((values[n] for n in wanted if n in values), None), names, notes)
    if named.label is None:
        return Reading(None, "invalid", named.why, dict(notes))
    confidence = named.confidence
    if confidence is None and CONFIDENCE in values:
        confidence = confidence_of(values[CONFIDENCE], notes)
    status = "loose" if named.is_loose else fields.status
    return Reading(Stated(named.label, confidence), status, "", dict(notes))


def stated_fields(text: str, *wanted: str) -> Fields:
    """The fields of an answer, the first of the wanted ones among them where there is a label.

    Where no field is named the label is what JSON lists, else the text itself.
    """
    fields = find_fields(text, *wanted, CONFIDENCE)
    if fields is None and text[0] in "[{" and (found := find_value(text, _listed, "{[")):
        return Fields({wanted[0]: found.value}, found.status, found.notes)
    if fields is None:
        return Fields({wanted[0]: text}, "plain")
    if fields.status == "plain" and not any(name in fields.values for name in wanted):
        return Fields({wanted[0]: text, **fields.values}, "plain")
    return fields


def _listed(value: Any) -> Any:
    """A list that names something, or an object from a label or two to their confidences."""
    if isinstance(value, dict):
        return value if value and all(map(is_number, value.values())) else None
    return value if isinstance(value, list) and any(isinstance(x, str) for x in value) else None


def one_label(value: Any, names: LabelSet | None, notes: Counter[str]) -> Named:
    """The one label of a value, which is a text, a list of one, or an object."""
    if isinstance(value, str) and not isinstance(value, CutText):
        return _one_in_text(value, names, notes)
    if isinstance(value, CutText) and names is not None:
        label, why = names.exact(value)
        return Named(label, why)
    every = stated_labels(value, notes) if isinstance(value, dict | list) else []
    if len(every) != 1:
        return Named(None, SEVERAL if every else NO_LABEL)
    if names is None:
        return Named(every[0].label, "", every[0].confidence)
    named = _one_in_text(every[0].label, names, notes)
    return named._replace(confidence=every[0].confidence or named.confidence)


def _one_in_text(text: str, names: LabelSet | None, notes: Counter[str]) -> Named:
    if names is None:
        every = stated_labels(text, notes)
        if len(every) == 1 and len(every[0].label.split()) <= _WORDS:
            return Named(every[0].label, "", every[0].confidence)
        are_words = all(len(each.label.split()) <= _WORDS for each in every)
        return Named(None, SEVERAL if len(every) > 1 and are_words else NO_LABEL)
    label, why = names.exact(text)
    if label is not None:  # a number beside it does not make it another: "joy 0.9"
        return Named(label, "", stated(text, notes).confidence)
    own: Counter[str] = Counter()
    on_lines = _labels_on_lines(text, names, own)
    if len(on_lines) == 1:
        notes += own
        label, confidence = on_lines.popitem()
        return Named(label, "", confidence)
    if len(on_lines) > 1:
        return Named(None, SEVERAL)
    label, loosely = names.within(text)
    if label is not None:
        return Named(label, is_loose=True)
    is_word = why == OUTSIDE and len(text.split()) <= _WORDS
    return Named(None, OUTSIDE if loosely == NO_LABEL and is_word else loosely)


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
