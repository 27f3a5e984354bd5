"""Which label of a set a written word is: by its own spelling, in two languages, or by any name."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

from affecthub.labels import SIGN_WORDS
from affecthub.metrics.answers.label_in_text import AnswerReader, names_of
from affecthub.metrics.parsing import normalise

NO_LABEL, SEVERAL, OUTSIDE = "no label", "several labels", "not in the set"
TOO_LONG = "too long"

_parts = re.compile(r"[/／|()（）]")
# Pictures and the marks that join or colour them.
_picture = re.compile("[\u200d\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff]")
_EDGES = " \t\r\n'\"‘’“”「」『』《》[]【】{}.。!！?？*_`~,，、;；:：•·#>+<>=-–—"
# More than this is no name of a label.
_LONGEST = 80
# In a longer text no label is looked for: who was asked for a word has not answered.
_FARTHEST = 8000


def undecorated(label: str) -> str:
    """A label without quotes, stops, Markdown and pictures around it.

    Example:
        >>> undecorated("**Grief** 😢"), undecorated("「喜悦」。")
        ('Grief', '喜悦')
    """
    if label.isalpha():
        return label
    label = label.strip(_EDGES)
    if not label.isascii():
        label = _picture.sub("", label)
        start, end = 0, len(label)
        while start < end and _is_picture(label[start]):
            start += 1
        while end > start and _is_picture(label[end - 1]):
            end -= 1
        label = label[start:end].strip(_EDGES)
    return label


def _is_picture(character: str) -> bool:
    return character in _EDGES or unicodedata.category(character) in ("So", "Sk", "Cn", "Co")


_NO_NAMES: Mapping[str, str | None] = {}


class LabelSet:
    """The labels to choose from; see `label_set`.

    Args:
        labels: Distinct names.
        aliases: Whether other names of the same emotion stand for a label too.
        names: Further names of labels.
    """

    def __init__(
        self, labels: Sequence[str], *, aliases: bool, names: Mapping[str, str | None] = _NO_NAMES
    ) -> None:
        self.labels = tuple(labels)
        self._own = {normalise(label, "any"): label for label in self.labels}
        self._names = names_of(self.labels) | dict(names)
        self._aliases = aliases
        known = self._names if aliases else dict.fromkeys(self._names) | self._own
        further = None if aliases else _nothing
        self._one = AnswerReader(known, "invalid", further)
        self._first = AnswerReader(known, "first", further)
        self._known = lru_cache(maxsize=4096)(self._exact)

    def exact(self, written: str) -> tuple[str | None, str]:
        """The label that a word is, else None and why not.

        ``Anger/愤怒`` is one label in two languages where both name it.
        """
        return self._known(written) if len(written) <= _LONGEST else (None, OUTSIDE)

    def _exact(self, written: str) -> tuple[str | None, str]:
        word = normalise(undecorated(written), "any")
        if not word:
            return None, NO_LABEL
        if word in self._own:
            return self._own[word], ""
        if self._aliases and self._names.get(word):
            return self._names[word], ""
        words = [normalise(undecorated(part), "any") for part in _parts.split(word)]
        words = [each for each in words if each]
        return self._in_two_languages(words) if len(words) > 1 else (None, OUTSIDE)

    def _in_two_languages(self, words: list[str]) -> tuple[str | None, str]:
        known = [each for each in words if each in self._names]
        meant = {self._names[each] for each in known}
        if len(meant - {None}) > 1:
            return None, SEVERAL
        label = next(iter(meant - {None}), None)
        spelled = self._aliases or any(each in self._own for each in known)
        # A word that no corpus has may be the label's translation, and nothing else.
        others = [each for each in words if each not in self._names]
        if label is None or None in meant or not spelled:
            return None, OUTSIDE
        if any(each.isascii() == known[0].isascii() for each in others):
            return None, OUTSIDE
        return label, ""

    def within(self, text: str) -> tuple[str | None, str]:
        """The one label that a text names somewhere, else None and why not.

        What is denied does not count; see `affecthub.metrics.answers.negation`.
        """
        if len(text) > _FARTHEST:
            return None, TOO_LONG
        label = self._one(text)
        if label is not None:
            return label, ""
        return None, SEVERAL if self._first(text) is not None else NO_LABEL


def _nothing(word: str) -> None:
    return None


@lru_cache(maxsize=64)
def _kept(labels: tuple[str, ...], aliases: bool) -> LabelSet:
    return LabelSet(labels, aliases=aliases)


@lru_cache(maxsize=1)
def sentiments() -> LabelSet:
    """Positive, negative and neutral, by their names in English and Chinese."""
    labels = ("positive", "negative", "neutral")
    names = {word: labels[0 if sign > 0 else 1] for word, sign in SIGN_WORDS.items()}
    return LabelSet(labels, aliases=True, names=names)


def label_set(labels: Sequence[str], *, aliases: bool = False) -> LabelSet:
    """The labels to choose from, made once.

    Args:
        labels: Distinct names, at least one.
        aliases: Whether other names of the same emotion stand for a label too: happy, 高兴 for joy.

    Raises:
        TypeError: `labels` is one text.
        ValueError: There are none.

    Example:
        >>> seven = label_set(("joy", "anger"))
        >>> seven.exact("Joy."), seven.exact("Anger/愤怒"), seven.exact("happy")
        (('joy', ''), ('anger', ''), (None, 'not in the set'))
        >>> seven.within("I would say joy.")
        ('joy', '')
        >>> label_set(("joy", "anger"), aliases=True).exact("开心")
        ('joy', '')
    """
    if isinstance(labels, str):
        raise TypeError(f"`labels` is one text: got {labels!r}, expected a list of names.")
    if not labels:
        raise ValueError("`labels` is empty: got no label to choose from, expected at least one.")
    return _kept(tuple(labels), aliases)
