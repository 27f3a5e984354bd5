"""Confidences as people and models state them: numbers, percentages, parts of a whole, 九成."""

import re
import unicodedata
from math import isfinite
from typing import Any

from affecthub.metrics.plain_values import plain

Item = str | float | None

_NUMBER = r"-?(?:\d+(?:[.,]\d+)?|[.,]\d+)(?:e[-+]?\d+)?"
_CHINESE = "一二两三四五六七八九"
_TENS = rf"[{_CHINESE}]?十[{_CHINESE}]?|[{_CHINESE}]|一?百"
# In this order, since each holds what a later one would find: tenths and hundredths in Chinese,
# parts of a whole, plain numbers. Found anywhere, but not inside a word or a longer number.
_stated = re.compile(
    rf"(?P<tenths>[{_CHINESE}十]|(?<![\d.])\d)成(?P<more>[{_CHINESE}半])?"
    rf"|百分之(?P<hundredths>{_TENS}|{_NUMBER})"
    rf"|(?<![\w.])(?:(?P<part>{_NUMBER})\s*(?:/|out of|of)\s*(?P<whole>{_NUMBER})(?![\w.]*/)"
    rf"|(?P<number>{_NUMBER})\s*(?P<percent>%|percent\b|per cent\b)?)"
).finditer


def as_confidence(value: Any, where: str) -> Item:
    """A clip's confidence as float, text or None, or a TypeError that says what is wrong."""
    value = plain(value)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if isfinite(value) else None
    raise TypeError(
        f"`{where}` is no confidence: got {value!r} ({type(value).__name__}), expected a number, "
        "a text or None."
    )


def read_confidence(item: Item) -> tuple[float, bool] | None:
    """A confidence before clipping and whether it was a percentage; None if unreadable.

    A text may state it more than once, as the same number.

    Example:
        >>> read_confidence("85%"), read_confidence(1.2), read_confidence("8 of 10")
        ((0.85, True), (1.2, False), (0.8, False))
        >>> read_confidence("joy: 0.9"), read_confidence("九成五"), read_confidence("0.2 or 0.3")
        ((0.9, False), (0.95, False), None)
    """
    if item is None:
        return None
    if not isinstance(item, str):
        return _share(item, False)
    text = unicodedata.normalize("NFKC", item).replace("−", "-").lower()
    found = [_reading(match) for match in _stated(text)]
    if not found or None in found or len({round(value, 9) for value, _ in filter(None, found)}) > 1:
        return None
    return found[0]


def _reading(match: re.Match[str]) -> tuple[float, bool] | None:
    if match["part"]:
        whole = _as_float(match["whole"])
        return (_as_float(match["part"]) / whole, False) if whole > 0 else None
    if match["tenths"]:
        more = 5 if match["more"] == "半" else _chinese(match["more"] or "")
        return (10 * _chinese(match["tenths"]) + more) / 100, False
    if match["hundredths"]:
        text = match["hundredths"]
        hundredths = _as_float(text) if text[-1].isascii() else _chinese(text)
        return hundredths / 100, True
    return _share(_as_float(match["number"]), bool(match["percent"]))


def _share(value: float, has_sign: bool) -> tuple[float, bool]:
    # Nobody states 1.2 or 3 % as 1.2 or 3: just above 1 is an overshoot, from 2 on a percentage.
    is_percent = has_sign or 2 <= value <= 100
    return (value / 100 if is_percent else value), is_percent


def _as_float(text: str) -> float:
    return float(text.replace(",", "."))


def _chinese(text: str) -> int:
    """A number up to a hundred, in Chinese characters or one digit; nothing is 0."""
    if text.isdecimal():
        return int(text)
    if "百" in text:
        return 100
    tens, is_ten, ones = text.rpartition("十")
    digit = {character: value for value, character in enumerate("一二三四五六七八九", start=1)}
    digit["两"] = 2
    return (10 * digit.get(tens, 1) if is_ten else 0) + digit.get(ones, 0)
