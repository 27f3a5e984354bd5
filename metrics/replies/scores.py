"""Answers that are one number in [-1, 1]."""

import re
from collections.abc import Sequence
from math import isfinite
from typing import Any

from affecthub.metrics.replies.fields import find_fields
from affecthub.metrics.replies.keys import CONFIDENCE, SENTIMENT
from affecthub.metrics.replies.values import Reading

NO_NUMBER, SEVERAL, OUT_OF_RANGE = "no number", "several numbers", "out of range"

_LOOKED_AT = 4000
_one = r"[-+−]?(?:\d{1,15}(?:\.\d{0,20})?|\.\d{1,20})"
_number = re.compile(rf"(?<![\w.]){_one}(?![\w%])")
_alone = re.compile(rf"\s*({_one})\s*").fullmatch
# The scale that was asked for, said again.
_scale = re.compile(
    r"[\[(]\s*[-−]1(?:\.0)?\s*[,，]\s*\+?1(?:\.0)?\s*[\])]"
    r"|[-−]1(?:\.0)?\s*(?:to|and|到|至|~|～|–|—)\s*\+?1(?:\.0)?(?!\.?\d)"
    r"|(?<=\d)\s*/\s*1(?:\.0)?(?!\.?\d)",
    re.IGNORECASE,
)


def read_score(text: str, labels: Sequence[str] | None, aliases: bool) -> Reading:
    """A number in [-1, 1]; see `reading.read_reply`."""
    if alone := _alone(text[:60]):
        return _in_range(_as_float(alone[1]), "plain")
    fields = find_fields(text, SENTIMENT, CONFIDENCE)
    status = fields.status if fields else "loose"
    given: Any = text
    if fields:
        given = fields.values.get(SENTIMENT, fields.values.get(CONFIDENCE))
    if isinstance(given, int | float) and not isinstance(given, bool):
        return _in_range(float(given) if abs(given) < 1e9 else 1e9, status)
    if not isinstance(given, str):
        return Reading(None, "invalid", NO_NUMBER)
    shown = _scale.sub(" ", given[:_LOOKED_AT])
    found = {_as_float(each) for each in _number.findall(shown)}
    if len(found) != 1:
        return Reading(None, "invalid", SEVERAL if found else NO_NUMBER)
    return _in_range(found.pop(), status)


def _in_range(value: float, status: str) -> Reading:
    if isfinite(value) and -1 <= value <= 1:
        return Reading(value, status)
    return Reading(None, "invalid", OUT_OF_RANGE)


def _as_float(text: str) -> float:
    return float(text.replace("−", "-"))
