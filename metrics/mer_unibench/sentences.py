"""Descriptions in words as what the nine sets score: labels, and in sentiment sets a sentiment."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from affecthub.metrics.answers.chat import ChatExtractor, Endpoint
from affecthub.metrics.answers.extraction import LexiconExtractor
from affecthub.metrics.parsing import parse_labels

# A label has no more words, or Chinese characters, than this; what is longer is a sentence.
_LABEL_WORDS, _LABEL_CHARACTERS = 4, 8


def labels_of(answer: object) -> list[str] | None:
    """The labels that a description in words names; None where there is no answer.

    Raises:
        TypeError: The answer is not text.

    Example:
        >>> labels_of("Her voice is low; she seems anxious and sad.")
        ['anxious', 'sad']
    """
    return None if answer is None else _lexicon_extractor()(_as_text(answer))


def words_said(answer: str) -> list[str]:
    """The emotion words of an answer: a list of them as it stands, of sentences those they name.

    Example:
        >>> words_said("joy, very happy"), words_said("She sounds happy, but a little tense.")
        (['joy', 'very happy'], ['happy', 'tense'])
        >>> words_said("He is sad.")
        ['sad']
    """
    entries = parse_labels(answer)
    # A full stop after three words ends a sentence, after one or two perhaps a list.
    n_words = 2 if answer.rstrip().endswith((".", "!", "?")) else _LABEL_WORDS
    if any(_is_sentence(entry, n_words) for entry in entries):
        return labels_of(answer) or []
    return list(entries)


def _is_sentence(entry: str, n_words: int) -> bool:
    chinese = sum("\u4e00" <= character <= "\u9fff" for character in entry)
    return len(entry.split()) > n_words or chinese > _LABEL_CHARACTERS


def chat_extractor(endpoint: str | None, model: str | None) -> ChatExtractor | None:
    """What asks a chat model on a server for labels; None where no server is named.

    Raises:
        ValueError: Only one of the two is given.
    """
    if endpoint is None and model is None:
        return None
    if endpoint is None or model is None:
        raise ValueError(
            f"`endpoint` and `model` belong together: got endpoint={endpoint!r}, model={model!r}, "
            "expected both, such as endpoint=http://localhost:8000/v1 and model=Qwen/Qwen3-8B."
        )
    return ChatExtractor(Endpoint(endpoint, model))


def read_descriptions(
    answers: Sequence[object], chat: ChatExtractor | None, *, sentiment: bool
) -> list[Any]:
    """What each description amounts to, None where there is no answer.

    Args:
        answers: One text or None per clip.
        chat: Who is asked; None for the lexicon.
        sentiment: Whether the set asks for a sentiment. The chat model tells it from the labels;
            the lexicon's labels are left to the score, which weighs their signs.

    Raises:
        TypeError: An answer is not text.
    """
    if chat is None:
        return [labels_of(answer) for answer in answers]
    labels = chat.batch(["" if answer is None else _as_text(answer) for answer in answers])
    return list(chat.sentiments(labels)) if sentiment else list(labels)


def _as_text(answer: object) -> str:
    if not isinstance(answer, str):
        raise TypeError(
            f"an answer is not text: got {answer!r} ({type(answer).__name__}), expected a "
            "description in words. Leave `sentences` off for label lists."
        )
    return answer


@cache
def _lexicon_extractor() -> LexiconExtractor:
    """Build the automaton once."""
    return LexiconExtractor()
