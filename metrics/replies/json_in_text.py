"""The object or list that an answer holds: JSON as it should be, else as models write it."""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from affecthub.metrics.replies.lenient_json import TooDeepError, read_lenient

CLOSED = "closed"
# How often the text's length may be read in search of what fits, and how many values tried; then
# there is nothing.
_PATIENCE, _TRIES = 4, 500
_opening = {"{": re.compile(r"[{｛]"), "{[": re.compile(r"[{｛\[［]")}
# Half a surrogate pair in an escape is no character and could not be written to a file again.
_surrogates = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(\\u[dD][c-fC-F][0-9a-fA-F]{2})?|\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


_decoder = json.JSONDecoder(parse_constant=_no_constant)


@dataclass(frozen=True)
class Found:
    """A value and how well it was written.

    Attributes:
        value: What was picked.
        status: ``"json"`` or ``"lenient_json"``.
        is_closed: Whether it had its end.
    """

    value: Any
    status: str
    is_closed: bool = True

    @property
    def notes(self) -> Counter[str]:
        """``closed`` where it had no end."""
        return Counter() if self.is_closed else Counter({CLOSED: 1})


def find_value(text: str, pick: Callable[[Any], Any], opens: str = "{") -> Found | None:
    """The first object, or object or list, of a text that can be used.

    Args:
        text: An answer; what stands before and behind the value does not matter.
        pick: Gives what to use of a value, or None where it is of no use.
        opens: ``"{"`` for objects, ``"{["`` for lists too.

    Raises:
        TooDeepError: Its brackets stand too deep in each other.

    Example:
        >>> find_value('Sure: {"emotion": "joy"}', lambda value: value.get("emotion"))
        Found(value='joy', status='json', is_closed=True)
    """
    if "\\u" in text:
        text = _surrogates.sub(lambda pair: pair[0] if pair[1] else "\\ufffd", text)
    patience = _PATIENCE * len(text)
    place, tries = 0, 0
    while patience > 0 and tries < _TRIES and (start := _opening[opens].search(text, place)):
        begins = start.start()
        found, place = _value_at(text, begins)
        patience -= place - begins
        tries += 1
        picked = pick(found.value)
        if picked is not None:
            return Found(picked, found.status, found.is_closed)
        if not found.is_closed:
            place = begins + 1
    return None


def _value_at(text: str, start: int) -> tuple[Found, int]:
    try:
        value, end = _decoder.raw_decode(text, start)
        return Found(value, "json"), end
    except RecursionError as error:
        raise TooDeepError("more brackets in each other than Python reads") from error
    except ValueError:
        lenient = read_lenient(text, start)
        return Found(lenient.value, "lenient_json", lenient.is_closed), lenient.end
