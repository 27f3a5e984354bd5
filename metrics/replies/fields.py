"""An answer's fields by what they hold: of an object, else of lines such as "Label: joy"."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from affecthub.metrics.replies.field_lines import read_lines, states_a_field
from affecthub.metrics.replies.json_in_text import find_value
from affecthub.metrics.replies.keys import field_of

_brace = re.compile(r"[{｛]").search


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
    if brace and not states_a_field(text[: brace.start()], wanted):
        found = find_value(text, lambda value: _picked(value, frozenset(wanted)))
        if found is not None:
            return Fields(found.value, found.status, found.notes)
    values = read_lines(text)
    if any(name in values for name in wanted):
        return Fields(values, "plain")
    return None


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
