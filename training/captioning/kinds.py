"""Which captions there are: the four kinds of EmotionTalk, and the columns that hold them."""

from collections.abc import Mapping
from typing import Any

from affecthub.errors import unknown_name

# Kind of caption -> the column of EmotionTalk that holds it. The last holds up to five a clip.
# Source: EmotionTalk paper, appendix C (Table 7) and Table 5.
COLUMNS = {
    "speaker": "spe_cap",
    "style": "style_cap",
    "emotion": "emo_cap",
    "overall": "captions",
}


def caption_column(kind: str, columns: list[str]) -> str:
    """The column that holds a kind of caption.

    Args:
        kind: One of the four kinds, or the name of a column.
        columns: Those of the corpus.

    Raises:
        ValueError: The corpus has none of them.

    Example:
        >>> caption_column("style", ["id", "style_cap"]), caption_column("said", ["id", "said"])
        ('style_cap', 'said')
    """
    for name in (kind, COLUMNS.get(kind)):
        if name in columns:
            return str(name)
    known = [each for each, column in COLUMNS.items() if column in columns]
    raise unknown_name("`caption`", kind, [*known, *columns])


def kind_in(column: str) -> str | None:
    """The kind of captions that a column of EmotionTalk holds; None for others.

    Example:
        >>> kind_in("style_cap"), kind_in("text") is None
        ('style', True)
    """
    return next((kind for kind, name in COLUMNS.items() if name == column), None)


def references(row: Mapping[str, Any], column: str) -> list[str]:
    """The captions of a clip, those that are empty left out; one of five, or one alone.

    Example:
        >>> references({"captions": ["calm", " "]}, "captions"), references({"a": None}, "a")
        (['calm'], [])
    """
    given = row[column]
    several = [given] if isinstance(given, str) else given or []
    return [text.strip() for text in several if text and text.strip()]
