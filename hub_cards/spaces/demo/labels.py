"""What an answer says: its emotion words, its sentiment, and the words of the wheel in Chinese."""

from dataclasses import dataclass
from functools import cache

from affecthub.metrics.answers.extraction import LexiconExtractor, Sentiment, sentiment_of
from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.lexicon.resources import read_lexicon
from affecthub.metrics.parsing import parse_labels

# Longer pieces are sentences: in words, and in signs of a language that has no spaces.
_MOST_WORDS, _MOST_SIGNS = 3, 5


@dataclass(frozen=True)
class Read:
    """An answer, read.

    Attributes:
        labels: Its emotion words, each once, in order.
        sentiment: What they amount to, or None.
    """

    labels: tuple[str, ...]
    sentiment: Sentiment | None


def read_answer(answer: str) -> Read:
    """The emotions of an answer: a list of words as it stands, or out of sentences.

    Args:
        answer: English or Chinese; empty gives no labels.

    Example:
        >>> read_answer("anger, annoyed").labels, read_answer("She is not happy.").labels
        (('anger', 'annoyed'), ('displeased',))
    """
    lexicon = load_lexicon()
    pieces = parse_labels(answer.strip(" [")) if answer.strip(" [") else []
    if pieces and all(_is_word(piece) for piece in pieces):
        labels = [piece for piece in dict.fromkeys(pieces) if lexicon.owners(piece)]
    else:
        labels = _extractor()(answer)
    return Read(tuple(labels), sentiment_of(labels))


def word_in(word: str, language: str) -> str:
    """A word of a wheel in a language; the word itself where the lexicon has no other.

    Example:
        >>> word_in("angry", "en"), word_in("angry", "zh")
        ('angry', '愤怒')
    """
    if language != "zh":
        return word
    owners = load_lexicon().owners(word)
    return _chinese().get(owners[0], word) if owners else word


def _is_word(piece: str) -> bool:
    if piece.isascii():
        return len(piece.split()) <= _MOST_WORDS
    return len(piece) <= _MOST_SIGNS


@cache
def _extractor() -> LexiconExtractor:
    return LexiconExtractor()


@cache
def _chinese() -> dict[str, str]:
    """Name of a word to the first Chinese word of its meaning."""
    found: dict[str, str] = {}
    for concept in read_lexicon()["concepts"].values():
        chinese = [line.partition("|")[0] for line in concept["words"].get("zh", [])]
        for line in concept["words"].get("en", []):
            if chinese:
                found.setdefault(line.partition("|")[0], chinese[0])
    return found
