"""Regular English endings: the forms of a word, from the list of endings it takes.

Nothing is guessed from the word itself: a word has exactly the endings its row in ``words_en.tsv``
names, so that ``fearless`` is never a form of ``fear``.
"""

import re
from collections.abc import Callable

from affecthub.errors import unknown_name

# Consonant-vowel-consonant in one syllable: sad, stun, quit.
_SHORT = re.compile(r"(qu|[^aeiou])*[aeiou][^aeiouwxy]")
_ONE_SYLLABLE = re.compile(r"(qu|[^aeiouy])+y")


def inflect(word: str, endings: list[str]) -> list[str]:
    """The word and its regular forms.

    Args:
        word: A word or a phrase, lower-case. In a phrase the last word takes the ending, except
            that a verb ending goes to the first ("looks forward to").
        endings: Names of endings: ``plural`` (-s), ``verb`` (-s, -ed, -ing), ``er`` (-er, -est),
            ``ly``, ``ness``, ``ity``, ``edly``, ``ingly``, and ``british`` (adds the British
            spelling of every form: -ise, -our).

    Returns:
        Forms in a fixed order without duplicates, the word first. A form with a hyphen is followed
        by the same form written with a space.

    Raises:
        ValueError: An ending is unknown.

    Example:
        >>> inflect("happy", ["ly", "ness", "er"])
        ['happy', 'happily', 'happiness', 'happier', 'happiest']
        >>> inflect("look forward", ["verb"])
        ['look forward', 'looks forward', 'looked forward', 'looking forward']
    """
    forms = [word]
    for ending in endings:
        if ending == "british":
            forms += [_british(form) for form in forms]
        elif ending in _ENDINGS:
            forms += _ENDINGS[ending](word)
        else:
            raise unknown_name("ending", ending, [*_ENDINGS, "british"])
    return unhyphenate(forms)


def unhyphenate(forms: list[str]) -> list[str]:
    """The forms, each with a hyphen followed by the same with a space, without duplicates."""
    return list(
        dict.fromkeys(spelling for form in forms for spelling in (form, form.replace("-", " ")))
    )


def _verb(phrase: str) -> list[str]:
    verb, space, rest = phrase.partition(" ")
    return [form + space + rest for form in (_plural(verb), _past(verb), _participle(verb))]


def _plural(word: str) -> str:
    if re.search(r"(s|x|z|ch|sh)$", word):
        return word + "es"
    return _soften(word) + "es" if _soften(word) != word else word + "s"


def _past(verb: str) -> str:
    return verb + "d" if verb.endswith("e") else _soften(_double(verb)) + "ed"


def _participle(verb: str) -> str:
    return re.sub(r"(?<![eoy])e$", "", _double(verb)) + "ing"


def _comparison(word: str) -> list[str]:
    stem = word[:-1] if word.endswith("e") else _soften(_double(word))
    return [stem + "er", stem + "est"]


def _adverb(word: str) -> str:
    if re.search(r"[^aeiou]le$", word):
        return word[:-1] + "y"
    if word.endswith("ll"):
        return word + "y"
    if word.endswith("ic"):
        return word + "ally"
    return (word if _ONE_SYLLABLE.fullmatch(word) else _soften(word)) + "ly"


def _quality(word: str) -> str:
    return (word if _ONE_SYLLABLE.fullmatch(word) else _soften(word)) + "ness"


def _ability(word: str) -> str:
    return re.sub(r"(?<=[ai])ble$", "bil", word).removesuffix("e") + "ity"


def _soften(word: str) -> str:
    """Turn y after a consonant into i."""
    return re.sub(r"(?<=[^aeiou])y$", "i", word)


def _double(word: str) -> str:
    """Double the last consonant of a short syllable."""
    return word + word[-1] if _SHORT.fullmatch(word) else word


def _british(form: str) -> str:
    return form.replace("iz", "is") if "iz" in form else form.replace("or", "our")


_ENDINGS: dict[str, Callable[[str], list[str]]] = {
    "plural": lambda word: [_plural(word)],
    "verb": _verb,
    "er": _comparison,
    "ly": lambda word: [_adverb(word)],
    "ness": lambda word: [_quality(word)],
    "ity": lambda word: [_ability(word)],
    "edly": lambda word: [_past(word) + "ly"],
    "ingly": lambda word: [_participle(word) + "ly"],
}
