"""From an answer in words to one label of a closed set: the whole answer, or the one label in it.

What is denied is no answer; see `affecthub.metrics.answers.negation`.

Names of a label are those that corpora use for the same emotion, in English and Chinese.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Literal

from affecthub.errors import unknown_name
from affecthub.labels import EMOTIONS, GOEMOTIONS_WITH_UNSURE, emotion_of, label_sets
from affecthub.metrics.answers.negation import built_in_negation
from affecthub.metrics.lexicon.composition import whole_word
from affecthub.metrics.parsing import cut, normalise

Ambiguous = Literal["invalid", "first"]
LabelSource = str | Iterable[str]

AMBIGUOUS: tuple[Ambiguous, ...] = ("invalid", "first")


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
        known = "|".join(map(whole_word, sorted(self.words, key=len, reverse=True)))
        self._find = re.compile(known).finditer
        self._read: dict[str, str | None] = {}

    def __call__(self, answer: str) -> str | None:
        """The label, or None where the answer names none, or several."""
        if answer not in self._read:
            self._read[answer] = self._label(normalise(answer, "any"))
        return self._read[answer]

    def _label(self, text: str) -> str | None:
        if text in self.words:
            return self.words[text]
        words = [(*match.span(), match[0]) for match in self._find(text)]
        found = [label for word in _affirmed(words, text) if (label := self.words[word])]
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


def _affirmed(words: list[tuple[int, int, str]], text: str) -> list[str]:
    """The words, each with its start and end in the text, that no negator before them denies.

    A negator reaches as in sentences, but not into the next label of a list.
    """
    if not words:
        return []
    negation = built_in_negation()
    # A known word comes first: 不安 is nervousness, not the denial of something.
    negators = [
        (start, end)
        for start, end in negation.find(text)
        if not any(start < word_end and word_start < end for word_start, word_end, _ in words)
    ]
    affirmed, denied_from = [], -1
    for start, end, word in words:
        denied_from = max([denied_from, *(last for _, last in negators if last <= start)])
        between = text[denied_from:start]
        if denied_from >= 0 and len(cut(between, "any")) == 1 and negation.reaches(between):
            denied_from = end
        else:
            affirmed.append(word)
    return affirmed
