"""JSON as models write it when they do not quite, read without recursion and in one pass.

Taken as they come: commas at the end or left out between lines, single, curly and missing quotes,
quotes inside a text, full-width punctuation, Python's and JavaScript's constants, sets and tuples,
comments, doubled braces, and a tail that was cut off.
"""

import re
from typing import Any, NamedTuple

DEEPEST = 64

_OBJECTS, _LISTS = "{｛", "[［("
_COMMAS = ",，、;；"
_COLONS = ":：="
_CLOSES = {"}": "{", "｝": "{", "]": "[", "］": "[", ")": "(", "）": "("}
# What ends a text that begins with a quotation mark.
_QUOTES = {'"': '"', "'": "'", "“": '”"', "”": '”"', "‘": "’'", "’": "’'", "「": "」", "`": "`"}
_special = {mark: re.compile(rf"[\\{ends}]") for mark, ends in _QUOTES.items()}
_skipped = re.compile(r"(?:\s+|//[^\n]*)*")
_space = re.compile(r"\s*")
_bare = {
    "key": re.compile(r"[^,，、;；:：=}\]｝］\n]*"),
    "value": re.compile(r"[^,，}\]｝］\n]*"),
    "item": re.compile(r"(?:[^,，、;；}\]｝］\n(（]+|[(（][^()（）\[\]{}\n]{0,80}[)）]|[(（])*"),
    "part": re.compile(r"[^,，、;；}\])｝］）\n]*"),
}
_number = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?").fullmatch
_escape = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_CONSTANTS: dict[str, Any] = {"true": True, "false": False} | dict.fromkeys(
    ("null", "none", "nan", "undefined", "infinity", "-infinity", "n/a"), None
)
_MISSING = object()


class TooDeepError(ValueError):
    """More brackets in each other than an answer has reason for."""


class CutText(str):
    """A text that the end of the answer cut off."""

    __slots__ = ()


class Lenient(NamedTuple):
    """What was read.

    Attributes:
        value: Dicts, lists, texts, numbers, booleans and None.
        end: Where it ends in the text.
        is_closed: Whether it had its end; else what was open has been closed.
    """

    value: Any
    end: int
    is_closed: bool


class _Open:
    """An object or list whose end has not come yet."""

    __slots__ = ("bracket", "has_colon", "items", "key", "pairs")

    def __init__(self, bracket: str) -> None:
        self.bracket = bracket
        self.items: list[Any] = []
        self.pairs: dict[str, Any] = {}
        self.key: str | None = None
        self.has_colon = False

    @property
    def expects(self) -> str:
        if self.bracket == "{":
            return "value" if self.has_colon else "key"
        return "item" if self.bracket == "[" else "part"

    def add(self, value: Any) -> None:
        if self.bracket != "{":
            self.items.append(value)
        elif self.has_colon and self.key is not None:
            self.pairs[self.key] = value
            self.key, self.has_colon = None, False
        else:
            self.separate()
            if isinstance(value, dict | list):
                self.items.append(value)
            else:
                self.key = value if isinstance(value, str) else str(value)

    def separate(self) -> None:
        """End a pair, also one without a value."""
        if self.key is not None:
            self.pairs.setdefault(self.key, None if self.has_colon else _MISSING)
        self.key, self.has_colon = None, False

    def cut(self) -> None:
        """Drop a key that was cut off, or whose value was; not the last entry of a set."""
        is_set = self.pairs and all(value is _MISSING for value in self.pairs.values())
        if not self.has_colon and (not is_set or isinstance(self.key, CutText)):
            self.key = None

    def closed(self) -> Any:
        if self.bracket != "{":
            return self.items
        self.separate()
        if not self.pairs and self.items:  # {{...}}
            return self.items[0] if len(self.items) == 1 else self.items
        values = self.pairs.values()
        if values and all(value is _MISSING for value in values):
            return list(self.pairs)  # {"joy", "love"}, a set
        return {key: None if value is _MISSING else value for key, value in self.pairs.items()}


def read_lenient(text: str, start: int) -> Lenient:
    """The object or list that begins with the bracket at `start`.

    Raises:
        TooDeepError: More than `DEEPEST` brackets stand in each other.

    Example:
        >>> read_lenient("{emotion: 'joy', scores: [.5, 0.25,],", 0).value
        {'emotion': 'joy', 'scores': [0.5, 0.25]}
    """
    stack: list[_Open] = []
    place, n = start, len(text)
    while True:
        place = _end_of(_skipped, text, place)
        if place >= n:
            return Lenient(_closed_all(stack), n, False)
        mark = text[place]
        if mark in _OBJECTS or mark in _LISTS:
            if len(stack) >= DEEPEST:
                raise TooDeepError(f"more than {DEEPEST} brackets in each other")
            stack.append(_Open("{" if mark in _OBJECTS else "(" if mark == "(" else "["))
            place += 1
        elif mark in _CLOSES:
            place += 1
            if _reaches(stack, _CLOSES[mark]):
                if len(stack) == 1:
                    return Lenient(stack[0].closed(), place, True)
                _close_top(stack)
        elif mark in _COMMAS:
            stack[-1].separate()
            place += 1
        elif mark in _COLONS and stack[-1].bracket == "{":
            stack[-1].has_colon = stack[-1].key is not None
            place += 1
        elif mark in _QUOTES:
            value, place = _quoted(text, place)
            stack[-1].add(value)
        else:
            end = max(_end_of(_bare[stack[-1].expects], text, place), place + 1)
            written = text[place:end].strip()
            if written.strip(".…"):
                stack[-1].add(_constant(written, is_cut=end >= n))
            place = end


def _reaches(stack: list[_Open], bracket: str) -> bool:
    """Close what stands open inside the last bracket of this kind; say whether there is one."""
    if all(each.bracket != bracket for each in stack):
        return False
    while stack[-1].bracket != bracket:
        _close_top(stack)
    return True


def _close_top(stack: list[_Open]) -> None:
    value = stack.pop().closed()
    stack[-1].add(value)


def _closed_all(stack: list[_Open]) -> Any:
    for each in stack:
        each.cut()
    while len(stack) > 1:
        _close_top(stack)
    return stack[0].closed()


def _quoted(text: str, start: int) -> tuple[str, int]:
    """The text in quotation marks that begins at `start`, and where it ends."""
    special = _special[text[start]]
    place = start + 1
    while True:
        found = special.search(text, place)
        if found is None:
            return CutText(_unescaped(text[start + 1 :])), len(text)
        place = found.end()
        if found[0] == "\\":
            place += 1
        elif _ends_there(text, place):
            return _unescaped(text[start + 1 : place - 1]), place


def _ends_there(text: str, place: int) -> bool:
    """Say whether a quotation mark before `place` ends a text, by what follows."""
    follows = _end_of(_space, text, place)
    if follows >= len(text) or text[follows] in _CLOSES or text[follows] in ",，;；:：=":
        return True
    return "\n" in text[place:follows]


def _unescaped(text: str) -> str:
    return _escape.sub(_meant, text) if "\\" in text else text


def _meant(escape: re.Match[str]) -> str:
    code = escape[1]
    if code[0] == "u" and len(code) == 5:
        number = int(code[1:], 16)
        return "\ufffd" if 0xD800 <= number < 0xE000 else chr(number)
    return _ESCAPED.get(code, code)


def _constant(written: str, *, is_cut: bool) -> Any:
    """A bare word's value; a number at the very end may lack digits and is unknown."""
    if _number(written):
        if is_cut:
            return None
        return float(written) if not written.lstrip("+-").isdecimal() else _whole(written)
    lower = written.lower()
    if lower in _CONSTANTS:
        return _CONSTANTS[lower]
    return CutText(written) if is_cut else written


def _whole(written: str) -> float | int:
    return int(written) if len(written) < 16 else float(written)


def _end_of(pattern: re.Pattern[str], text: str, place: int) -> int:
    found = pattern.match(text, place)
    assert found is not None, "it may be empty"
    return found.end()
