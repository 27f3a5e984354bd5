"""From an answer in words to one label of a closed set: the whole answer, or the one label in it.

What is denied is no answer; see `affecthub.metrics.answers.negation`.

Names of a label are those that corpora use for the same emotion, in English and Chinese, and words
of the built-in lexicon.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from typing import Literal

from affecthub.errors import unknown_name
from affecthub.labels import EMOTIONS, GOEMOTIONS_WITH_UNSURE, emotion_of, label_sets
from affecthub.metrics.answers.discourse import framed_words, ordinary_words
from affecthub.metrics.answers.negation import built_in_negation
from affecthub.metrics.answers.word_finder import Found, WordFinder
from affecthub.metrics.lexicon.concepts import concept_of
from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.parsing import cut, normalise

Ambiguous = Literal["invalid", "first"]
LabelSource = str | Iterable[str]

AMBIGUOUS: tuple[Ambiguous, ...] = ("invalid", "first")
# Answers that come again are words; sentences are not remembered, so that memory stays flat.
_LONGEST_KEPT = 100
_MOST_KEPT = 10_000


class AnswerReader:
    """Finds the label that an answer names.

    An answer that is a word, or a list of words, is looked up. In a sentence words are found, those
    given here and those of the built-in lexicon that mean the same; of the latter not those that
    running text mostly uses in another sense.

    Args:
        words: Word to label; None for a word to know although it names none of the labels, so
            that a shorter word inside it is not found.
        ambiguous: What a text with several labels gives: ``"invalid"`` none, ``"first"`` the
            first of them.
        further: Gives the label of a word of the lexicon, or None. By default a word stands for the
            label that it shares a meaning with, or of whose basic emotion it names a degree; see
            `meanings`.

    Raises:
        ValueError: `ambiguous` is unknown.

    Example:
        >>> reader = AnswerReader(names_of(["joy", "anger"]))
        >>> [reader(text) for text in ("Happy.", "生气", "She is furious!", "not happy", "unsure")]
        ['joy', 'anger', 'anger', None, None]
        >>> reader("joy, then anger"), AnswerReader(reader.words, "first")("joy, then anger")
        (None, 'joy')
    """

    def __init__(
        self,
        words: Mapping[str, str | None],
        ambiguous: Ambiguous = "invalid",
        further: Callable[[str], str | None] | None = None,
    ) -> None:
        if ambiguous not in AMBIGUOUS:
            raise unknown_name("ambiguous", ambiguous, AMBIGUOUS)
        self.words = {normalise(word, "any"): label for word, label in words.items()}
        self.ambiguous = ambiguous
        self._further = further or meanings(filter(None, self.words.values()))
        self._find = _finder(frozenset(self.words))
        self._read: dict[str, str | None] = {}

    def __call__(self, answer: str) -> str | None:
        """The label, or None where the answer names none, or several."""
        if len(answer) > _LONGEST_KEPT:
            return self._label(answer)
        if answer not in self._read:
            if len(self._read) >= _MOST_KEPT:
                self._read.clear()
            self._read[answer] = self._label(answer)
        return self._read[answer]

    def _label(self, answer: str) -> str | None:
        parts = self._parts(answer)
        if parts and all(map(self._knows, parts)):
            return self._one_of([self._label_of(part) for part in parts])
        text = normalise(answer, "any")
        found = _affirmed(self._find(text), text)
        return self._one_of([self._label_in_sentence(word) for word in found])

    def is_list(self, answer: str) -> bool:
        """Say whether an answer is several words, with nothing else between them."""
        parts = self._parts(answer)
        return len(parts) > 1 and all(map(self._knows, parts))

    def _parts(self, answer: str) -> list[str]:
        """What stands between separators."""
        return [part for piece in cut(answer, "any") if (part := normalise(piece, "any"))]

    def _one_of(self, labels: list[str | None]) -> str | None:
        """The label that is meant, of those that words name."""
        named = [label for label in labels if label]
        if len(set(named)) > 1 and self.ambiguous == "invalid":
            return None
        return named[0] if named else None

    def _knows(self, label: str) -> bool:
        """Say whether a text is a word, or one with a word of degree, that denies nothing."""
        if label in self.words:
            return True
        return concept_of(label) is not None and (
            label in _lexicon_words() or not built_in_negation().find(label)
        )

    def _label_of(self, word: str) -> str | None:
        return self.words.get(word) or self._further(word)

    def _label_in_sentence(self, word: str) -> str | None:
        if self.words.get(word):
            return self.words[word]
        return None if word in _only_alone() else self._further(word)


def meanings(labels: Iterable[str]) -> Callable[[str], str | None]:
    """What words of the built-in lexicon stand for in a label set.

    Args:
        labels: The labels.

    Returns:
        A function of a word: the label of the same concept, else the label that is the basic
        emotion of which the word names a degree, else None.

    Example:
        >>> label_of = meanings(["joy", "annoyance", "anger"])
        >>> label_of("cheerful"), label_of("irritated"), label_of("furious"), label_of("proud")
        ('joy', 'annoyance', 'anger', None)
    """
    of_concept: dict[str, str] = {}
    of_basic7: dict[str, str] = {}
    for label in labels:
        emotion = emotion_of(label)
        name = emotion.name if emotion else label
        concept = concept_of(name)
        if concept:
            of_concept.setdefault(concept.name, label)
        if emotion and emotion.basic7 == name:
            of_basic7.setdefault(name, label)

    def label_of(word: str) -> str | None:
        concept = concept_of(word)
        if concept is None:
            return None
        return of_concept.get(concept.name) or of_basic7.get(concept.basic7 or "")

    return label_of


@lru_cache(maxsize=32)
def _finder(words: frozenset[str]) -> WordFinder:
    """What finds these words and those of the lexicon, so that no word is found inside another."""
    return WordFinder(words | _lexicon_words())


@cache
def _lexicon_words() -> frozenset[str]:
    """The forms of the built-in lexicon, and the names of emotions that corpora use."""
    names = (word for emotion in EMOTIONS for word in emotion.words)
    return frozenset((*load_lexicon().names, *names))


@cache
def _only_alone() -> frozenset[str]:
    """Words of the lexicon that count as an answer of their own and not in a sentence.

    Those of another sense in running text, single Chinese characters, which are parts of other
    words, and what says that nothing is felt.
    """
    single = {word for word in _lexicon_words() if len(word) == 1}
    calm = {
        word for word in _lexicon_words() if (c := concept_of(word)) is not None and c.polarity == 0
    }
    return ordinary_words() | framed_words().keys() | single | calm


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


def _affirmed(words: list[Found], text: str) -> list[str]:
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
