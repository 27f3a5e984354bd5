"""An answer's fields by what they hold: of an object, else of lines such as "Label: joy"."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from affecthub.metrics.replies.json_in_text import find_value
from affecthub.metrics.replies.keys import FINE, NAMES, field_of

_brace = re.compile(r"[{｛]").search
_bracket = re.compile(r"[\[{]").search
_brackets = re.compile(r"[\[{}\]]").finditer


@dataclass(frozen=True)
class Fields:
    """What an answer states.

    Attributes:
        values: Field to what stands there, of the first of its names.
        status: ``"json"``, ``"lenient_json"`` or ``"plain"``.
        notes: ``closed`` where the JSON had no end.
    """

    values: Mapping[str, Any]
    status: str
    notes: Counter[str] = field(default_factory=Counter)


def find_fields(text: str, *wanted: str) -> Fields | None:
    r"""The fields of an answer, or None where it has none of those that are wanted.

    Args:
        text: An answer without thoughts and fences.
        *wanted: Fields of `keys.NAMES`; one of them must be there.

    Raises:
        TooDeepError: Its JSON is nested too deep.

    Example:
        >>> find_fields('{"Emotion": "joy", "Confidence": 0.9}', "label").values
        {'label': 'joy', 'confidence': 0.9}
        >>> find_fields("**Predicted emotion**: joy\nEvidence: a smile", "label").values
        {'label': 'joy', 'evidence': 'a smile'}
    """
    brace = _brace(text)
    if brace and not _is_line_before(text[: brace.start()], wanted):
        found = find_value(text, lambda value: _picked(value, frozenset(wanted)))
        if found is not None:
            return Fields(found.value, found.status, found.notes)
    values = _of_lines(text)
    if any(name in values for name in wanted):
        return Fields(values, "plain")
    return None


def _is_line_before(text: str, wanted: tuple[str, ...]) -> bool:
    """Say whether the text before the first object states a field, whose value is no object."""
    for header in _header().finditer(text):
        name = field_of(header["name"])
        if name in wanted and (name == FINE or text[header.end() :].strip(" \t\r\n\"'`[")):
            return True
    return False


def fields_of(value: Mapping[Any, Any]) -> dict[str, Any]:
    """The known fields of an object, each by the first of its names there."""
    values: dict[str, Any] = {}
    for key, each in value.items():
        name = field_of(key)
        if name is not None:
            values.setdefault(name, each)
    return values


def _picked(value: Any, wanted: frozenset[str]) -> dict[str, Any] | None:
    """The fields of an object, or of one inside it or inside a list of one."""
    layers = [value]
    for _ in range(3):
        for each in layers:
            if isinstance(each, dict):
                values = fields_of(each)
                if wanted & values.keys():
                    return values
        layers = [inner for each in layers for inner in _inside(each)]
    return None


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())[:50]
    return value if isinstance(value, list) and len(value) == 1 else []


@lru_cache(maxsize=1)
def _header() -> re.Pattern[str]:
    """A field's name at the beginning of a line, or behind a comma or semicolon, with its colon."""
    names = sorted({name for each in NAMES.values() for name in each}, key=lambda n: (-len(n), n))
    spelled = "|".join(re.escape(name).replace(r"\ ", r"[\s_-]?") for name in names)
    return re.compile(
        r"(?:^|[\n;；,，])[^\w\n;；,，]{0,12}(?:\d{1,2}[.)、]\s{0,3})?[^\w\n;；]{0,6}"
        rf"(?P<name>{spelled})"
        r"\s{0,3}(?:[(（][^()（）\n]{0,60}[)）])?[*_\s\"'】\]]{0,6}[:：][*_]{0,3}",
        re.IGNORECASE,
    )


def _of_lines(text: str) -> dict[str, Any]:
    if ":" not in text and "：" not in text:
        return {}
    headers = _outside_brackets(text)
    values: dict[str, Any] = {}
    for header, after in zip_longest(headers, headers[1:]):
        name = field_of(header["name"])
        end = after.start() if after else len(text)
        if name is not None:
            values.setdefault(name, _bare(text[header.end() : end]))
    return values


def _outside_brackets(text: str) -> list[re.Match[str]]:
    """The fields' headers, without those of objects that are a field's value."""
    found = list(_header().finditer(text))
    if _bracket(text) is None:
        return found
    headers, depth, place = [], 0, 0
    for header in found:
        for bracket in _brackets(text, place, header.start()):
            depth = max(0, depth + (1 if bracket[0] in "[{" else -1))
        place = header.start()
        if not depth:
            headers.append(header)
    return headers


def _bare(value: str) -> str:
    """A value without the stops and quotes around it."""
    value = value.strip(" \t\r\n*;；,，")
    if len(value) > 1 and value[0] == value[-1] == '"':
        return value[1:-1]
    return value
