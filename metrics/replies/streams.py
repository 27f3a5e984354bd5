"""Answers about a clip as it unfolds: utterances in time, checked and not repaired."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from affecthub.labels import BASIC7, GOEMOTIONS_WITH_UNSURE
from affecthub.metrics.replies.basic7 import as_text
from affecthub.metrics.replies.entries import stated, stated_labels
from affecthub.metrics.replies.json_in_text import Found, find_value
from affecthub.metrics.replies.naming import LabelSet, label_set
from affecthub.metrics.replies.stream_fields import (
    clip_field,
    plain_stream,
    transcript_language,
    utterance_field,
)
from affecthub.metrics.replies.times import Times, from_keys, read_times
from affecthub.metrics.replies.values import Reading, Stream, Utterance

NO_UTTERANCES = "no utterances"
_number = re.compile(r"[-+]?\d{1,6}(?:\.\d{1,6})?")


def read_stream(text: str, labels: Sequence[str] | None, aliases: bool) -> Reading:
    """Utterances in time, as `Stream`; see `reading.read_reply`."""
    found = find_value(text, _picked, "{[") if "{" in text or "｛" in text else None
    if found is None:
        plain = plain_stream(text)
        if plain is None:
            return Reading(None, "invalid", NO_UTTERANCES)
        found = Found(plain, "plain")
    notes = found.notes
    names = label_set(labels or BASIC7, aliases=aliases)
    fine = label_set(GOEMOTIONS_WITH_UNSURE)
    given = found.value["utterances"]
    utterances = tuple(_utterance(each, names, fine, notes) for each in given)
    if not utterances:
        return Reading(None, "invalid", NO_UTTERANCES, dict(notes))
    _check_order(utterances, notes)
    dominant = as_text(found.value.get("dominant"))
    if dominant:
        dominant = _primary(dominant, names, notes, "dominant_outside")
    value = Stream(
        summary=as_text(found.value.get("summary")),
        dominant=dominant,
        trajectory=as_text(found.value.get("trajectory")),
        utterances=utterances,
    )
    return Reading(value, found.status, "", dict(notes))


def _picked(value: Any) -> dict[str, Any] | None:
    """The clip's fields, its utterances among them; also of an object inside of another."""
    if isinstance(value, list):
        rows = [each for each in value if isinstance(each, dict)]
        return {"utterances": rows} if any(_is_utterance(each) for each in rows) else None
    if not isinstance(value, dict):
        return None
    fields: dict[str, Any] = {}
    for key, each in value.items():
        name = clip_field(key)
        if name == "trend":
            if isinstance(each, dict):
                for inner, said in each.items():
                    fields.setdefault(clip_field(inner) or "", said)
            else:
                fields.setdefault("trajectory", each)
        elif name is not None:
            fields.setdefault(name, each)
    listed = fields.get("utterances")
    if isinstance(listed, dict):  # {"1": {...}, "2": {...}}
        listed = list(listed.values())
    if isinstance(listed, list):
        return fields | {"utterances": [each for each in listed if isinstance(each, dict)]}
    inner = [each for each in value.values() if isinstance(each, dict)]
    return next(filter(None, map(_picked_inside, inner)), None)


def _picked_inside(value: dict[str, Any]) -> dict[str, Any] | None:
    return _picked(value) if any(clip_field(key) == "utterances" for key in value) else None


def _is_utterance(value: dict[str, Any]) -> bool:
    return bool({"times", "primary"} & {utterance_field(key) for key in value})


def _utterance(
    row: Mapping[str, Any], names: LabelSet, fine: LabelSet, notes: Counter[str]
) -> Utterance:
    fields: dict[str, Any] = {}
    transcript: dict[str, str] = {}
    cues: dict[str, str] = {}
    for key, value in row.items():
        name = utterance_field(key)
        if name == "transcript":
            transcript.setdefault(transcript_language(key), as_text(value))
        elif name in ("audio", "visual"):
            cues.setdefault(name, as_text(value))
        elif name is not None:
            fields.setdefault(name, value)
    start_s, end_s = _times(row, fields)
    if start_s is None or end_s is None:
        notes["no_time"] += 1
    elif end_s < start_s:
        notes["backwards"] += 1
    primary = _only_text(fields.get("primary"))
    secondary = []
    for each in stated_labels(fields.get("secondary"), Counter()):
        label, _ = fine.exact(each.label)
        if label is None:
            notes["secondary_outside"] += 1
        secondary.append(label or each.label)
    return Utterance(
        start_s=start_s,
        end_s=end_s,
        speaker=as_text(fields.get("speaker")),
        primary=_primary(primary, names, notes, "primary_outside"),
        secondary=tuple(dict.fromkeys(secondary)),
        intensity=_intensity(fields.get("intensity"), notes),
        transcript={language: said for language, said in transcript.items() if said},
        cues=cues or as_text(fields.get("cues")),
        evidence=as_text(fields.get("evidence")),
    )


def _times(row: Mapping[str, Any], fields: Mapping[str, Any]) -> Times:
    return read_times(fields["times"]) if "times" in fields else from_keys(row)


def _only_text(value: Any) -> str:
    """A primary emotion's text; of a list of one its entry, of an object its label."""
    if isinstance(value, list | dict):
        listed = stated_labels(value, Counter())
        return listed[0].label if len(listed) == 1 else as_text(value)
    return as_text(value)


def _primary(written: str, names: LabelSet, notes: Counter[str], note: str) -> str:
    """A basic emotion in the set's spelling; else as written, and counted."""
    label, _ = names.exact(written)
    if label is None:
        label, _ = names.exact(stated(written, Counter()).label)
    if label is None:
        notes[note] += 1
    return label or written


def _intensity(value: Any, notes: Counter[str]) -> float | None:
    if value is None or value == "":
        return None
    number: float | None = None
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value) if abs(value) < 1e9 else 1e9
    elif isinstance(value, str) and (found := _number.search(value[:60])):
        number = float(found[0])
    if number is None:
        notes["intensity_unreadable"] += 1
    elif not 1 <= number <= 5:
        notes["intensity_out_of_range"] += 1
        return None
    return number


def _check_order(utterances: Sequence[Utterance], notes: Counter[str]) -> None:
    """Count what begins before the one before it, and what begins before all before have ended."""
    last_start = last_end = float("-inf")
    for each in utterances:
        if each.start_s is None:
            continue
        if each.start_s < last_start:
            notes["unordered"] += 1
        if each.start_s < last_end - 1e-9:
            notes["overlaps"] += 1
        last_start = each.start_s
        last_end = max(last_end, each.start_s if each.end_s is None else each.end_s)
