"""From an answer in words to one label of a closed set: the whole answer, or the one label in it.

Names of a label are those that corpora use for the same emotion, in English and Chinese.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Literal

from affecthub.errors import unknown_name
from affecthub.labels import EMOTIONS, GOEMOTIONS_WITH_UNSURE, emotion_of, label_sets
from affecthub.metrics.parsing import normalise

Ambiguous = Literal["invalid", "first"]
LabelSource = str | Iterable[str]

AMBIGUOUS: tuple[Ambiguous, ...] = ("invalid", "first")

# What turns the word right after it into its denial.
_NEGATORS = (
    r"(?:(?:(?<![a-z])(?:not|no|never|without|hardly)|n't)\s+(?:at\s+all\s+|very\s+|so\s+)?"
    r"|没有|沒有|不太|不是|不|没|沒|非|无|無)"
)


class AnswerReader:
    """Finds the label that an answer names.

    Args:
        words: Word to label; None for a word to know although it names none of the labels, so
            that a shorter word inside it is not found.
        ambiguous: What a text with several labels gives: ``"invalid"`` none, ``"first"`` the
            first of them.

    Raises:
        ValueError: `ambiguous` is unknown.

    Example:
        >>> reader = AnswerReader(names_of(["joy", "anger"]))
        >>> [reader(text) for text in ("Happy.", "生气", "She is angry!", "not happy", "unsure")]
        ['joy', 'anger', 'anger', None, None]
        >>> reader("joy, then anger"), AnswerReader(reader.words, "first")("joy, then anger")
        (None, 'joy')
    """

    def __init__(self, words: Mapping[str, str | None], ambiguous: Ambiguous = "invalid") -> None:
        if ambiguous not in AMBIGUOUS:
            raise unknown_name("ambiguous", ambiguous, AMBIGUOUS)
        self.words = {normalise(word, "any"): label for word, label in words.items()}
        self.ambiguous = ambiguous
        known = "|".join(map(_pattern, sorted(self.words, key=len, reverse=True)))
        # A known word comes first: 不安 is nervousness, not the denial of something.
        self._find = re.compile(f"({known})|{_NEGATORS}(?:{known})").finditer
        self._read: dict[str, str | None] = {}

    def __call__(self, answer: str) -> str | None:
        """The label, or None where the answer names none, or several."""
        if answer not in self._read:
            self._read[answer] = self._label(normalise(answer, "any"))
        return self._read[answer]

    def _label(self, text: str) -> str | None:
        if text in self.words:
            return self.words[text]
        matches = (match[1] for match in self._find(text) if match[1])
        found = [label for word in matches if (label := self.words[word])]
        if len(set(found)) > 1 and self.ambiguous == "invalid":
            return None
        return found[0] if found else None


def names_of(labels: Iterable[str]) -> dict[str, str | None]:
    """Every known name of the labels, in lower case, with the label it stands for.

    A label's own spelling always stands for it. The other names of an emotion stand for the first
    label that names it; names of emotions outside the set stand for None.

    Args:
        labels: Distinct labels.

    Example:
        >>> names = names_of(["happy", "sad", "wistful"])
        >>> names["joy"], names["难过"], names["wistful"], names["anger"]
        ('happy', 'sad', 'wistful', None)
    """
    labels = list(labels)
    owners: dict[str, str] = {}
    for label in labels:
        emotion = emotion_of(label)
        if emotion:
            owners.setdefault(emotion.name, label)
    names = {word: owners.get(emotion.name) for emotion in EMOTIONS for word in emotion.words}
    return names | {normalise(label, "any"): label for label in labels}


def closed_set(labels: LabelSource) -> tuple[str, ...]:
    """A label set by the name of its corpus, ``"goemotions"``, or its labels.

    Raises:
        ValueError: The name is unknown (close matches are listed), the corpus has no closed label
            set, there are no labels, or a label comes twice.
        TypeError: A label is not text.
    """
    sets = label_sets() | {"goemotions": GOEMOTIONS_WITH_UNSURE[:-1]}
    if isinstance(labels, str):
        if labels not in sets:
            raise unknown_name("label set", labels, sets)
        return sets[labels]
    listed = tuple(labels)
    for label in listed:
        if not isinstance(label, str):
            raise TypeError(
                f"`labels` holds {label!r} ({type(label).__name__}), expected label names."
            )
    spelled = [normalise(label, "any") for label in listed]
    if not listed or len(set(spelled)) < len(spelled) or "" in spelled:
        raise ValueError(
            f"`labels` is no label set: got {listed!r}, expected distinct names, at least one."
        )
    return listed


def _pattern(word: str) -> str:
    """Match a word of Latin letters only as a whole word, next to Chinese too."""
    escaped = re.escape(word)
    return rf"(?<![a-z]){escaped}(?![a-z])" if word.isascii() else escaped
