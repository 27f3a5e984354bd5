"""Labels with confidences, in every spelling that models have for them."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from affecthub.labels import emotion_of
from affecthub.metrics.confidence.stated import read_confidence
from affecthub.metrics.replies.json_in_text import find_value
from affecthub.metrics.replies.keys import CONFIDENCE, LABEL, field_of
from affecthub.metrics.replies.lenient_json import CutText
from affecthub.metrics.replies.naming import undecorated
from affecthub.metrics.replies.values import Stated

# Of an entry no more is looked at.
_LONGEST = 400
UNREADABLE, OUT_OF_RANGE = "confidence_unreadable", "confidence_out_of_range"
NOTHING = frozenset(("none", "n/a", "na", "no emotion", "unknown", "nothing", "无", "没有"))

# "positive emotions: joy" is joy, "joy: a smile" is joy too.
_HEADINGS = ("emotion", "emotions", "情绪", "情感")
_bullet = re.compile(r"\s*(?:[-*•·–—>+]\s*|\(?\d{1,2}[.)）:、]\s*(?=\D))+")
_number_first = re.compile(r"[\[(（]?\s*((?:\d+(?:\.\d+)?|\.\d+)\s*%?)\s*[)\]）]?\s+(?=[^\W\d])")
_only_number = re.compile(r"[-+]?(?:\d+(?:[.,]\d+)?|\.\d+)\s*%?").fullmatch
# Where the label ends: at a colon, a bracket, a dash, or a space before a number.
_behind = re.compile(
    r"\s*[:：=(（\[{|@]|\s+[-–—~]+\s+|\s+[-–—~](?=[\d.])|[-–—](?=\s*[\d.])|\s+(?=[-+]?[\d.]+\s*%?\s*$)|\t"
)
_colon = re.compile(r"[:：]").search
_counts = re.compile(r"[\d一二两三四五六七八九十百]").search
# Pieces between separators; none inside of brackets, nor a comma between digits.
_piece = re.compile(r"(?:[^,，、;；|\n(（)）]+|[(（][^()（）\n]*[)）]|[()（）]|(?<=\d),(?=\d))+")
_and = re.compile(r"\s+(?:and|&)\s+|^\s*(?:and|&)\s+", re.IGNORECASE)


def stated_labels(value: Any, notes: Counter[str]) -> list[Stated]:
    """The labels of a value with their confidences, each once, in order.

    Args:
        value: A text (``"joy: 0.9, love (40%)"``), or of JSON a list of labels, of pairs or of
            objects, an object from label to confidence, or one with label and confidence.
        notes: What is wrong is counted here.

    Returns:
        Labels as written. A label that comes twice keeps its higher confidence.

    Example:
        >>> stated_labels("joy: 0.9, love - 40%", Counter())
        [Stated(label='joy', confidence=0.9), Stated(label='love', confidence=0.4)]
    """
    found: dict[str, Stated] = {}
    for each in _entries(value, notes):
        key = each.label.casefold()
        before = found.get(key)
        if before is None:
            found[key] = each
            continue
        notes["duplicates"] += 1
        if (each.confidence or 0) > (before.confidence or 0):
            found[key] = Stated(before.label, each.confidence)
    return [each for each in found.values() if each.label.casefold() not in NOTHING]


def confidence_of(value: Any, notes: Counter[str]) -> float | None:
    """A confidence in [0, 1], or None where it cannot be read or lies outside; counted.

    Example:
        >>> confidence_of("85%", Counter()), confidence_of(0.3, Counter())
        (0.85, 0.3)
        >>> notes = Counter()
        >>> confidence_of("high", notes), confidence_of(-1, notes), sorted(notes)
        (None, None, ['confidence_out_of_range', 'confidence_unreadable'])
    """
    if isinstance(value, dict):
        value = next((value[key] for key in value if field_of(key) == CONFIDENCE), "")
    read = None
    if isinstance(value, str):
        read = _read(value[:200])
    elif isinstance(value, int | float) and not isinstance(value, bool):
        read = read_confidence(float(value) if abs(value) < 1e300 else -1.0)
    if read is None:
        notes[UNREADABLE] += 1
        return None
    if not 0 <= read[0] <= 1:
        notes[OUT_OF_RANGE] += 1
        return None
    return read[0]


@lru_cache(maxsize=4096)
def _read(text: str) -> tuple[float, bool] | None:
    return read_confidence(text)


def pieces_of(text: str) -> list[str]:
    """A text at its commas, semicolons, bars, slashes, "and" and ends of lines.

    A pair of a label in two languages stays together.

    Example:
        >>> pieces_of("Anger/愤怒, joy/love and calm (0.8, high)")
        ['Anger/愤怒', 'joy', 'love', 'calm (0.8, high)']
    """
    pieces: list[str] = []
    for found in _piece.finditer(text):
        piece = found[0]
        for each in _and.split(piece) if "and" in piece or "&" in piece else (piece,):
            if "/" in each or "／" in each:
                pieces += _at_slashes(each)
            else:
                pieces.append(each)
    return [piece.strip() for piece in pieces if piece.strip()]


def _at_slashes(piece: str) -> list[str]:
    if _counts(piece) or undecorated(piece).casefold() in NOTHING:  # 8/10, n/a
        return [piece]
    parts = [part.strip() for part in re.split(r"[/／]", piece)]
    if len(parts) == 2 and parts[0].isascii() != parts[1].isascii():
        return [piece]
    return parts


def _entries(value: Any, notes: Counter[str]) -> Iterable[Stated]:
    if isinstance(value, str) and not isinstance(value, CutText) and _opens(value):
        found = find_value(value, lambda inner: inner, "{[")
        value = found.value if found else value
    if isinstance(value, str):
        value = [value] if isinstance(value, CutText) else pieces_of(value)
    if isinstance(value, Mapping):
        yield from _of_mapping(value, notes)
    elif isinstance(value, list):
        yield from _of_list(value, notes)


def _opens(text: str) -> bool:
    return "[" in text or "{" in text


def _of_list(values: list[Any], notes: Counter[str]) -> Iterable[Stated]:
    waiting: Stated | None = None
    for value in values:
        if isinstance(value, CutText):
            notes["cut_label"] += 1
            continue
        value, is_confidence = _confidence_line(value)
        if is_confidence or is_number(value):
            if waiting is None or waiting.confidence is not None:
                notes["numbers_alone"] += 1
            else:
                waiting = Stated(waiting.label, confidence_of(value, notes))
            continue
        if waiting is not None:
            yield waiting
        waiting = None
        several = list(_of_item(value, notes))
        if several:
            yield from several[:-1]
            waiting = several[-1]
    if waiting is not None:
        yield waiting


def _confidence_line(value: Any) -> tuple[Any, bool]:
    """What stands behind ``confidence:`` on a line of its own, and whether it is one."""
    if isinstance(value, str) and (colon := _colon(value)):
        if field_of(value[: colon.start()].strip(" -*")) == CONFIDENCE:
            return value[colon.end() :], True
    return value, False


def _of_item(value: Any, notes: Counter[str]) -> Iterable[Stated]:
    if isinstance(value, str):
        for part in _at_slashes(value) if "/" in value or "／" in value else (value,):
            each = stated(part, notes)
            if each.label:
                yield each
    elif isinstance(value, Mapping):
        yield from _of_mapping(value, notes)
    elif isinstance(value, list):
        if len(value) == 2 and isinstance(value[0], str) and not isinstance(value[1], str | list):
            yield from _labelled(value[0], value[1], notes)
        else:
            yield from (stated(each, notes) for each in value if isinstance(each, str))


def _of_mapping(value: Mapping[str, Any], notes: Counter[str]) -> Iterable[Stated]:
    fields = {field_of(key): key for key in reversed(list(value))}
    if LABEL not in fields:
        for label, score in value.items():
            yield from _labelled(label, score, notes)
        return
    label = value[fields[LABEL]]
    score = value[fields[CONFIDENCE]] if CONFIDENCE in fields else None
    if isinstance(label, list) and isinstance(score, list) and len(label) == len(score):
        for each, its in zip(label, score, strict=True):
            yield from _labelled(each, its, notes)
    elif isinstance(label, str):
        yield from _labelled(label, score, notes)
    else:
        yield from _entries(label, notes)


def _labelled(label: Any, score: Any, notes: Counter[str]) -> Iterable[Stated]:
    """A label and what is said of it: a number, a truth, or nothing."""
    if not isinstance(label, str) or score is False:
        return
    each = stated(label, notes)
    if not each.label:
        return
    if score is not None and score is not True:
        each = Stated(each.label, confidence_of(score, notes))
    yield each


def stated(text: str, notes: Counter[str]) -> Stated:
    """One label and its confidence, from a text such as ``joy (90%)``; "" where there is no label.

    Example:
        >>> [stated(text, Counter()).label for text in ("1. **Joy**: 0.9", "喜悦：九成")]
        ['Joy', '喜悦']
    """
    if text.isalpha():
        return Stated(text)
    label, behind, is_number = _taken_apart(text[:_LONGEST])
    if not behind or not (is_number or _counts(behind)):
        return Stated(label)
    return Stated(label, confidence_of(behind, notes))


@lru_cache(maxsize=4096)
def _taken_apart(text: str) -> tuple[str, str, bool]:
    """A label without decoration, what stands behind it, and whether that is a number for sure."""
    bullet = _bullet.match(text)
    text = text[bullet.end() :] if bullet else text
    text = text.strip(" \t\r\n\"'*_`")
    first = _number_first.match(text)
    if first:
        return undecorated(text[first.end() :]), first[1], True
    both = re.split(r"[/／]", text)
    if len(both) == 2 and _same(both[0], both[1]):
        text = both[0]
    ends = _behind.search(text)
    if ends is None:
        return undecorated(text), "", False
    label, behind = undecorated(text[: ends.start()]), text[ends.end() :].strip()
    is_heading = field_of(label) == LABEL or label.lower().endswith(_HEADINGS)
    if is_heading and behind and ends[0].strip() in (":", "：", "="):
        return _taken_apart(behind)
    return label, behind, False


def taken_apart(text: str) -> tuple[str, str]:
    """A label without decoration, and what stands behind it.

    Example:
        >>> taken_apart("- **Joy** (0.9)"), taken_apart("joy - she smiles")
        (('Joy', '0.9)'), ('joy', 'she smiles'))
    """
    return _taken_apart(text[:_LONGEST])[:2]


def _same(first: str, second: str) -> bool:
    """Say whether two texts are one label in two languages."""
    first, second = undecorated(first), undecorated(second)
    if emotion_of(first) is not None and emotion_of(first) is emotion_of(second):
        return True
    return bool(first and second) and first.isascii() != second.isascii()


def is_number(value: Any) -> bool:
    """Say whether a value is a number and nothing else, as text or not; also a percentage."""
    if isinstance(value, str):
        return bool(_only_number(value[:60].strip(" \"'\r\t")))
    return isinstance(value, int | float) and not isinstance(value, bool)
