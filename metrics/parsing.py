"""Label lists as released systems write them: Python lists, list-like text, or nothing.

Two ways to read a text. ``"released"`` is the reading of the published scoring code, kept to the
character: it knows ASCII commas and quotes only, and an apostrophe splits a word. ``"any"`` also
takes ideographic commas, semicolons, slashes, new lines, full-width letters and closing full
stops. A lexicon says which one its tables were made for.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Literal

from affecthub.errors import unknown_name
from affecthub.metrics.plain_values import is_missing, plain

Style = Literal["released", "any"]
Item = str | list[str] | None

STYLES: tuple[Style, ...] = ("released", "any")

_split_any = re.compile("[,，、;；|/\n]").split
_digit = re.compile(r"\d").search
_number = re.compile(r"[-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)\s*%?").fullmatch
# A score behind a label ("joy: 0.9", "joy (90%)", '"joy": .9') and a number before it ("1. joy").
_scored = re.compile(
    r"[\s'\"]*(?:[:=(\[]\s*[-+]?(?:\d+(?:\.\d+)?|\.\d+)|\s(?:\d?\.\d+|\d+(?=\s*%)))\s*%?$"
).sub
_numbered = re.compile(r"^\d{1,2}\s*[.):、]\s*(?=\D)").sub
# What may stand around a label of style "any" and is no part of it.
EDGES = " \t\r\n'\"‘’“”「」『』《》[]【】(){}.。!?:*•-"


def parse_labels(value: object, style: Style = "any") -> list[str]:
    """The labels of one clip, lower-case and without surrounding space.

    Args:
        value: A list (tuple, set, array) of labels, a text such as ``"['happy', 'sad']"``, or
            None. The entries of a list are one label each and are never split.
        style: ``"released"`` reads a text as the published scoring code does: one ``[`` at the
            very start and one ``]`` at the very end are dropped, then every ``'``, ``"`` and ``,``
            separates. ``"any"`` separates at every common comma, semicolon, slash, bar and new
            line, keeps apostrophes inside a word, normalises width, spacing and edges, and leaves
            out numbers: scores ("joy: 0.9") and those of a list ("1. joy").

    Returns:
        Labels in order, duplicates kept. None, NaN, pandas' NA, an empty list and empty text give
        ``[]``.

    Raises:
        TypeError: The value is neither text nor a list, or a list entry is not text.
        ValueError: The text is a lone ``[`` (a list cut off before its first label), or `style`
            is unknown.

    Source: MERTools at 89120b78, MER2025_Track23, `string_to_list`, for ``"released"``.

    Example:
        >>> parse_labels("['Happy', 'at ease']")
        ['happy', 'at ease']
        >>> parse_labels("[开心、激动]"), parse_labels("[开心、激动]", style="released")
        (['开心', '激动'], ['开心、激动'])
        >>> parse_labels("don't care"), parse_labels("don't care", style="released")
        (["don't care"], ['don', 't care'])
    """
    if style not in STYLES:
        raise unknown_name("style", style, STYLES)
    labels = (normalise(piece, style) for piece in pieces(as_item(value, "value"), style))
    return [label for label in labels if label]


def as_item(value: object, where: str) -> Item:
    """A clip's value as text, a list of text or None, or say what is wrong with it.

    Args:
        value: What the caller passed for one clip; see `plain_values.plain`.
        where: The argument and position, for the error (``"predictions[3]"``).

    Raises:
        TypeError: The value is neither text nor a list, or a list entry is not text.
        ValueError: The text is a lone ``[``.
    """
    value = plain(value)
    if isinstance(value, str):
        if value == "[":
            raise ValueError(
                f"`{where}` is cut off: got '[', expected a label list such as "
                "\"['happy', 'sad']\". Write '[]' or None for a clip without labels."
            )
        return value
    if is_missing(value):
        return None
    if not isinstance(value, list | set):
        raise TypeError(
            f"`{where}` is not a label list: got {value!r} ({type(value).__name__}), expected a "
            "list of strings, one string, or None."
        )
    for position, label in enumerate(value):
        if not isinstance(label, str):
            raise TypeError(
                f"`{where}` holds a label that is not text: got {label!r} "
                f"({type(label).__name__}) at place {position}, expected a string. "
                "Turn integer labels into their names first."
            )
    return list(value)


def clip_items(values: object, argument: str, *, first: int = 0) -> list[Item]:
    """The values of all clips as text, lists of text or None.

    Args:
        values: One value per clip, in any iterable but a single text.
        argument: Name of the argument, for the errors.
        first: Position of the first value, for the errors.

    Raises:
        TypeError: `values` is no list of clips, or a value is of the wrong type.
        ValueError: A text is a lone ``[``.
    """
    return [
        value
        if (type(value) is str and value != "[")
        or (type(value) is list and set(map(type, value)) == {str})
        else as_item(value, f"{argument}[{clip}]")
        for clip, value in enumerate(listed_clips(values, argument), start=first)
    ]


def listed_clips(values: object, argument: str) -> Iterable[object]:
    """The values back, or raise a TypeError where they are no collection of clips."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise TypeError(
            f"`{argument}` is not a list of clips: got {values!r} ({type(values).__name__}), "
            "expected one item per clip. Wrap a single clip in a list."
        )
    return values


def require_same_length(predictions: list[Item], references: list[Item]) -> None:
    """Raise a ValueError with both numbers where predictions and references differ in length."""
    require_as_many(len(predictions), len(references))


def require_as_many(n_predictions: int, n_references: int) -> None:
    """Raise a ValueError with both numbers where they differ."""
    if n_predictions != n_references:
        raise ValueError(
            f"`predictions` and `references` differ in length: got {n_predictions} predictions "
            f"for {n_references} references. Align them by clip first."
        )


def pieces(item: Item, style: Style) -> list[str]:
    """Cut one clip's value into raw labels, blank ones among them; see `normalise`."""
    if item is None:
        return []
    if isinstance(item, list):
        return item
    if style == "any":
        return cut(item, style)
    return cut(item.removeprefix("[").removesuffix("]"), style)


def cut(text: str, style: Style) -> list[str]:
    """Cut a text at every separator of the style."""
    if style == "any":
        return _split_any(text)
    return text.replace("'", ",").replace('"', ",").split(",")


def normalise(label: str, style: Style) -> str:
    """A raw label in the spelling in which a lexicon of this style is looked up."""
    if style == "released":
        return label.lower().strip()
    if not label.isascii():
        label = unicodedata.normalize("NFKC", label).replace("’", "'")
    label = label.strip(EDGES)
    if _digit(label):
        label = "" if _number(label) else _numbered("", _scored("", label)).strip(EDGES)
    return " ".join(label.lower().split())
