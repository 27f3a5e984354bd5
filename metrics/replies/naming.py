"""Which label of a set a written word is: by its own spelling, in two languages, or by any name."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from affecthub.metrics.answers.label_in_text import AnswerReader, names_of
from affecthub.metrics.parsing import normalise

NO_LABEL, SEVERAL, OUTSIDE = "no label", "several labels", "not in the set"
TOO_LONG = "too long"

_parts = re.compile(r"[/／|()（）]")
# Pictures and the marks that join or colour them.
_picture = re.compile("[\u200d\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff]")
_EDGES = " \t\r\n'\"‘’“”「」『』《》[]【】{}.。!！?？*_`~,，、;；:：•·#>+=-–—"
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


class LabelSet:
    """The labels to choose from; see `label_set`.

    Args:
        labels: Distinct names.
        aliases: Whether other names of the same emotion stand for a label too.
    """

    def __init__(self, labels: Sequence[str], *, aliases: bool) -> None:
        self.labels = tuple(labels)
        self._own = {normalise(label, "any"): label for label in self.labels}
        self._names = names_of(self.labels)
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
        if len(words) < 2:
            return None, OUTSIDE
        spelled = [self._own.get(each) for each in words]
        meant = {self._names[each] for each in words if each in self._names}
        if not any(spelled) and not self._aliases:
            return None, OUTSIDE
        if len(meant) > 1:
            return None, SEVERAL
        label = meant.pop() if meant else None
        return label, "" if label else OUTSIDE

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
