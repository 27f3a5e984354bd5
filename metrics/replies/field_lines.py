"""Fields on lines: "Label: joy", a heading with the value below, a row of a table."""

import re
from functools import lru_cache

from affecthub.metrics.replies.keys import CONFIDENCE, FINE, LABEL, NAMES, field_of

_bracket = re.compile(r"[\[{]").search
_brackets = re.compile(r"[\[{}\]]").finditer
_STOPS = " \t\r\n*;；,，|#"


@lru_cache(maxsize=1)
def _header() -> re.Pattern[str]:
    """A field's name at the beginning of a line, or behind a comma or semicolon."""
    names = sorted({name for each in NAMES.values() for name in each}, key=lambda n: (-len(n), n))
    spelled = "|".join(re.escape(name).replace(r"\ ", r"[\s_-]?") for name in names)
    return re.compile(
        r"(?:^|[\n;；,，])(?P<mark>[^\w\n;；,，]{0,12})"
        r"(?:\d{1,2}[.)、]\s{0,3})?[^\w\n;；]{0,6}"
        rf"(?P<name>{spelled})"
        r"[ \t]{0,3}(?:[(（][^()（）\n]{0,60}[)）])?[*_ \t\"'】\]#]{0,6}"
        r"(?:(?P<colon>[:：=|])|(?=\n))[*_]{0,3}",
        re.IGNORECASE,
    )


def read_lines(text: str) -> dict[str, str]:
    r"""The fields that lines state, each by the first line that does.

    A name counts with a colon or "=" behind it; alone on its line where it is a heading or bold;
    and as the first cell of a table's row.

    Example:
        >>> read_lines("Emotion: joy\n## Evidence\nA smile.")
        {'label': 'joy', 'evidence': 'A smile.'}
    """
    values: dict[str, str] = {}
    last, begins, in_list = "", 0, False
    for header in _headers(text):
        name = field_of(header["name"]) or ""
        # Fine labels may be listed by lines of their own, "- label: joy" and "confidence: 0.9".
        in_list = last == FINE and ((name == LABEL and LABEL in values) or in_list)
        if in_list and name in (LABEL, CONFIDENCE):
            continue
        if last:
            values.setdefault(last, _bare(text[begins : header.start()]))
        last, begins, in_list = name, header.end(), False
    if last:
        values.setdefault(last, _bare(text[begins:]))
    return values


def _headers(text: str) -> list[re.Match[str]]:
    """The lines that begin a field, without those inside a field's JSON."""
    found = [header for header in _header().finditer(text) if _is_header(header)]
    if not found or _bracket(text) is None:
        return found
    headers, depth, place = [], 0, 0
    for header in found:
        for bracket in _brackets(text, place, header.start()):
            depth = max(0, depth + (1 if bracket[0] in "[{" else -1))
        place = header.start()
        if not depth:
            headers.append(header)
    return headers


def _is_header(header: re.Match[str]) -> bool:
    if header["colon"] == "|":
        return "|" in header["mark"]
    return bool(header["colon"]) or not {"#", "*"}.isdisjoint(header["mark"])


def _bare(value: str) -> str:
    """A value without the stops and quotes around it."""
    value = value.strip(_STOPS)
    if len(value) > 1 and value[0] == value[-1] == '"':
        return value[1:-1]
    return value


def states_a_field(text: str, wanted: tuple[str, ...]) -> bool:
    """Say whether lines state one of the wanted fields and its value.

    Args:
        text: What stands before an object; a value that is the object does not count, but for fine
            labels, whose entries are objects.
        wanted: Fields of `keys.NAMES`.
    """
    for header in _header().finditer(text):
        name = field_of(header["name"])
        if name in wanted and (name == FINE or text[header.end() :].strip(" \t\r\n\"'`[")):
            return True
    return False
