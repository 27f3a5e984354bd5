"""A sentiment in words or figures as a number: signs by name, emotions with a sign, figures."""

import re
import unicodedata
from functools import cache
from math import nan

from affecthub.labels import EMOTIONS, SIGN_WORDS, polarity
from affecthub.metrics.answers.label_in_text import AnswerReader
from affecthub.metrics.lexicon.concepts import concept_of
from affecthub.metrics.parsing import normalise

# The classes of Acc-2 by their other name: what is not negative counts as positive where zeros are
# left out, and beside positive where they are not.
_CLASSES = {
    **dict.fromkeys(("non-negative", "nonnegative", "non negative", "非负", "非負"), 1),
    **dict.fromkeys(("non-positive", "nonpositive", "non positive", "非正"), -1),
}
# Words for no sign at all; an emotion may be called neutral too, but a calm one need not be meant.
_NEUTRAL = ("neutral", "neu", "中性", "中立")

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?"
_figure = re.compile(rf"(?P<number>{_NUMBER})(?:\s*/\s*(?P<whole>\d+(?:\.\d+)?))?").fullmatch
_named = re.compile(r"[^\d:=]*[:=]\s*(?P<figure>\S.*)").fullmatch


def read_polarity(answer: str, limit: int | None = None) -> tuple[float, bool]:
    """An answer in words or figures as a number.

    Args:
        answer: A number ("-0.5", "0.8/1", "score: 0.4"), a sign by name, an emotion that has one,
            or a text in which one of these words stands. Signs by name go before emotions.
        limit: The greatest intensity; "2/10" is then a share of it.

    Returns:
        The number, NaN where the answer cannot be read or has two signs, and whether it is a word;
        words are -1, 0 and 1.

    Example:
        >>> [read_polarity(text)[0] for text in ("Positive.", "负向", "unhappy", "0.8/1", "neu")]
        [1.0, -1.0, -1.0, 0.8, 0.0]
        >>> read_polarity("sad but hopeful"), read_polarity("5/10", limit=3)
        ((nan, False), (1.5, False))
    """
    text = unicodedata.normalize("NFKC", answer).replace("\u2212", "-").strip().lower()
    value = _value(text, limit)
    if value is not None:
        return value, False
    # A list of words is read as a whole; in a sentence the name of a sign is what is meant.
    sign = None if _emotions().is_list(text) else _signs()(text)
    sign = sign or _emotions()(text)
    if sign is not None:
        return float(sign), True
    named = _named(text)
    value = _value(named["figure"], limit) if named else None
    return (nan if value is None else value), False


def read_reference(label: str, limit: int | None = None) -> tuple[float, bool]:
    """A reference in words or figures as a number: as an answer, but by names that corpora use.

    Example:
        >>> read_reference("Negative"), read_reference("great")
        ((-1.0, True), (nan, False))
    """
    sign = polarity(normalise(label, "any"))
    if sign is not None:
        return float(sign), True
    value, is_word = read_polarity(label, limit)
    return (nan, False) if is_word and _signs()(label) is None else (value, is_word)


def _value(text: str, limit: int | None) -> float | None:
    """A number, or a part of a whole: of the greatest intensity, where it is known."""
    figure = _figure(text)
    if figure is None:
        return None
    number = float(figure["number"])
    if not figure["whole"]:
        return number
    whole = float(figure["whole"])
    if not whole:
        return None
    return number / whole * limit if limit else number / whole


@cache
def _signs() -> AnswerReader:
    """Signs by name; the lexicon's words are known, but have none here."""
    signs = {**SIGN_WORDS, **_CLASSES, **dict.fromkeys(_NEUTRAL, 0)}
    names = {word: str(sign) for word, sign in signs.items()}
    return AnswerReader(names, further=lambda word: None)


@cache
def _emotions() -> AnswerReader:
    """Signs by name, corpora's emotions, of which some have no sign, and the lexicon's words."""
    names = (word for emotion in EMOTIONS for word in emotion.words)
    signs = {word: polarity(word) for word in (*names, *SIGN_WORDS)} | _CLASSES
    return AnswerReader(
        {word: None if sign is None else str(sign) for word, sign in signs.items()},
        further=_sign_of,
    )


def _sign_of(word: str) -> str | None:
    if word in _UNSIGNED:
        return None
    concept = concept_of(word)
    return None if concept is None or concept.polarity is None else str(concept.polarity)


# Emotions that corpora name and that have no sign, whatever a lexicon says of their words.
_UNSIGNED = frozenset(
    word for emotion in EMOTIONS if emotion.polarity is None for word in emotion.words
)
