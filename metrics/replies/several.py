"""Answers that name any number of labels, of an open vocabulary or of a set."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

from affecthub.metrics.answers.extraction import LexiconExtractor
from affecthub.metrics.replies.basic7 import within
from affecthub.metrics.replies.entries import pieces_of, stated_labels
from affecthub.metrics.replies.fields import fields_of, find_fields
from affecthub.metrics.replies.json_in_text import find_value
from affecthub.metrics.replies.keys import FINE, LABEL
from affecthub.metrics.replies.naming import NO_LABEL, OUTSIDE, TOO_LONG, LabelSet, label_set
from affecthub.metrics.replies.values import Reading, Stated

# A list's entry has no more words, or Chinese characters, than this; what has is a sentence.
_WORDS, _CHARACTERS = 4, 7
_LONGEST = 20_000
_of_sentences = re.compile(
    r"(?:i|he|she|it|we|they|you|the|this|that|there|his|her|their|based|in|sure|here)\b"
    r"|[他她它我你这該该此其]|视频|画面|说话",
    re.IGNORECASE,
).match
_introduction = re.compile(r"([^:：\n]{4,200})[:：]\s*(?![\d.\s])").match
# "joy (confidence: 0.9)" does not call anybody confident.
_how_sure = re.compile(r"\bconfidence(?=(?:\s+(?:score|level))?\W{0,3}(?:is|of)?\s?\.?\d)", re.I)
_chinese = re.compile(r"[\u4e00-\u9fff]")


def read_labels(text: str, labels: Sequence[str] | None, aliases: bool) -> Reading:
    """Labels with confidences, a tuple of `Stated`; see `reading.read_reply`."""
    names = None if labels is None else label_set(labels, aliases=aliases)
    value, status, notes = _list_of(text)
    if value is None:
        return _loosely(text, names)
    if names is None:
        return Reading(tuple(stated_labels(value, notes)), status, "", dict(notes))
    found, outside = within(value, names, notes)
    if outside and not found:
        return Reading(None, "invalid", OUTSIDE, dict(notes))
    return Reading(found, status, "", dict(notes))


def _list_of(text: str) -> tuple[Any, str, Counter[str]]:
    """What lists the labels, or None where the text is sentences; how it is written; notes."""
    if "[" in text or "{" in text or "［" in text or "｛" in text:
        found = find_value(text, _picked, "{[")
        if found is not None:
            return found.value, found.status, found.notes
    fields = find_fields(text, LABEL, FINE)
    if fields is not None:
        value = fields.values.get(FINE, fields.values.get(LABEL))
        if not isinstance(value, str) or _is_list(value):
            return value, fields.status, Counter(fields.notes)
    listed = _without_introduction(text)
    return (listed if _is_list(listed) else None), "plain", Counter()


def _picked(value: Any) -> Any:
    """What of a JSON value lists labels."""
    if isinstance(value, dict):
        fields = fields_of(value)
        if FINE in fields or LABEL in fields:
            return fields.get(FINE, value if LABEL in fields else None)
        inner = list(value.values())
        if len(inner) == 1 and isinstance(inner[0], list):
            return inner[0]
        return value if all(map(_is_score, inner)) else None
    return (
        value if not value or any(isinstance(each, str | dict | list) for each in value) else None
    )


def _is_score(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= 12 and any(map(str.isdigit, value))
    return value is None or isinstance(value, int | float | dict)


def _is_list(text: str) -> bool:
    """Say whether a text is short labels and nothing else."""
    if len(text) > _LONGEST:
        return False
    pieces = pieces_of(text)
    return bool(pieces) and all(map(_is_entry, pieces))


def _without_introduction(text: str) -> str:
    """What follows "Here are the labels:", where some words stand before the first colon."""
    found = _introduction(text)
    if found and (len(found[1].split()) > 2 or len(_chinese.findall(found[1])) > 4):
        return text[found.end() :]
    return text


def _is_entry(piece: str) -> bool:
    label = re.split(r"[:：(（]", piece, maxsplit=1)[0]
    label = label.strip(" -*•·\t\"'")
    if len(label.split()) > _WORDS or len(_chinese.findall(label)) > _CHARACTERS:
        return False
    return not _of_sentences(label)


@cache
def _extractor() -> LexiconExtractor:
    return LexiconExtractor()


def _loosely(text: str, names: LabelSet | None) -> Reading:
    """What sentences ascribe to the person, by the lexicon."""
    if len(text) > _LONGEST:
        return Reading(None, "invalid", TOO_LONG)
    words = _extractor()(_how_sure.sub(" ", text))
    if names is None:
        found = tuple(Stated(word) for word in words)
        return Reading(found, "loose") if found else Reading(None, "invalid", NO_LABEL)
    kept = dict.fromkeys(label for word in words if (label := names.exact(word)[0]))
    if kept:
        return Reading(tuple(map(Stated, kept)), "loose")
    return Reading(None, "invalid", OUTSIDE if words else NO_LABEL)
