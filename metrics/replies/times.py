"""Stretches of time as models write them: 00:03-00:12, 1:02:03 to 1:02:09, 3.5s–7s, [3, 7]."""

import re
from collections.abc import Mapping
from math import isfinite
from typing import Any

from affecthub.metrics.replies.keys import compact

Times = tuple[float | None, float | None]

TIME = r"(?:\d{1,3}:){1,2}\d{1,2}(?:[.,]\d{1,6})?|\d{1,9}(?:\.\d{1,6})?"
_UNIT = r"\s{0,3}(?:s|sec|secs|seconds|秒)?\s{0,3}"
_TO = r"(?:-{0,2}>|[-–—−~～→]|to|until|至|到|,(?=\s))\s{0,3}"
RANGE = rf"(?P<start>{TIME}){_UNIT}{_TO}(?P<end>{TIME}){_UNIT}"
_range = re.compile(RANGE, re.IGNORECASE)
_time = re.compile(rf"(?:{TIME})")
_STARTS = frozenset(("start", "begin", "from", "starttime", "starts", "开始", "开始时间"))
_ENDS = frozenset(("end", "stop", "to", "endtime", "ends", "结束", "结束时间"))


def read_times(value: Any) -> Times:
    """Start and end in seconds; None for what cannot be read.

    Args:
        value: A text, a list of two, or an object with start and end.

    Example:
        >>> read_times("00:03–01:12"), read_times([3, "7.5s"]), read_times("soon")
        ((3.0, 72.0), (3.0, 7.5), (None, None))
    """
    if isinstance(value, str):
        found = _range.search(value[:200])
        if found:
            return seconds(found["start"]), seconds(found["end"])
        alone = _time.search(value[:200])
        return (seconds(alone[0]) if alone else None), None
    if isinstance(value, list) and len(value) == 2:
        return seconds(value[0]), seconds(value[1])
    return from_keys(value) if isinstance(value, Mapping) else (seconds(value), None)


def from_keys(value: Mapping[Any, Any]) -> Times:
    """The start and end that an object states by their names, ``start_s`` among them."""
    named = {
        re.sub(r"(?:secs?|seconds|s)\Z", "", compact(str(key)[:40])): value[key] for key in value
    }
    start = next((named[key] for key in named if key in _STARTS), None)
    end = next((named[key] for key in named if key in _ENDS), None)
    return seconds(start), seconds(end)


def seconds(value: Any) -> float | None:
    """A point in time in seconds, or None.

    Example:
        >>> seconds("1:02:03.5"), seconds(4), seconds("later")
        (3723.5, 4.0, None)
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if abs(value) < 1e9 and isfinite(value) else None
    found = _time.search(value[:200]) if isinstance(value, str) else None
    if found is None:
        return None
    total = 0.0
    for part in found[0].replace(",", ".").split(":"):
        total = 60 * total + float(part)
    return total
