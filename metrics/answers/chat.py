"""From an answer in sentences to emotion labels, or to a sentiment: by a language model.

The protocol of the papers: one question per description for its labels, one per label list for the
sentiment. Answers are kept on disk by their content, so that a score is made twice for the price of
one. The cache holds questions' hashes and answers; it never holds a token.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, Protocol

from affecthub.cache import cache_root, content_key, write_whole
from affecthub.errors import require
from affecthub.metrics.answers.access import require_address
from affecthub.metrics.answers.completions import Completions
from affecthub.metrics.answers.extraction import Sentiment
from affecthub.metrics.parsing import parse_labels
from affecthub.metrics.texts import text_of

_list_in = re.compile(r"\[([^\[\]]*)\]").search
_sentiment_in = re.compile(r"\b(positive|negative|neutral)\b", re.IGNORECASE).findall
_nothing = {"none", "n/a", "no emotion", "unknown"}


class ChatModel(Protocol):
    """Answers questions.

    Attributes:
        name: What the answers depend on beside the question; part of the key they are kept under.
    """

    @property
    def name(self) -> str:
        """Model, revision and settings."""

    def answer(self, questions: Sequence[str]) -> list[str]:
        """One answer per question."""


@dataclass(frozen=True)
class Pipeline:
    """A transformers text-generation pipeline over a chat model.

    Attributes:
        pipeline: What ``transformers.pipeline("text-generation", ...)`` gave.
        seed: Set before every call; answers are greedy.
        max_new_tokens: Longest answer.
        batch_size: Questions answered at once.
    """

    pipeline: Callable[..., Any]
    seed: int = 0
    max_new_tokens: int = 128
    batch_size: int = 16

    @property
    def name(self) -> str:
        """The model's name or path, its revision, and how it answers."""
        config = getattr(getattr(self.pipeline, "model", None), "config", None)
        model = getattr(config, "_name_or_path", "") or type(self.pipeline).__name__
        commit = getattr(config, "_commit_hash", None) or ""
        return f"{model}@{commit} seed={self.seed} tokens={self.max_new_tokens}"

    def answer(self, questions: Sequence[str]) -> list[str]:
        """One answer per question."""
        require("transformers", "model", "run a chat model").set_seed(self.seed)
        answers = self.pipeline(
            [[{"role": "user", "content": question}] for question in questions],
            batch_size=self.batch_size,
            max_new_tokens=self.max_new_tokens,
            do_sample=False,
            return_full_text=False,
        )
        return [str(answer[0]["generated_text"]) for answer in answers]


@dataclass(frozen=True)
class Endpoint:
    """An OpenAI-compatible server.

    Attributes:
        url: Up to and without ``/chat/completions``.
        model: Name of the model there.
        token_variable: Environment variable that holds the token; the token itself is read when a
            request is made, and is in no message, name or file.
        seed: Sent with every request; the temperature is 0.
        max_new_tokens: Longest answer.
        batch_size: Requests under way at once.
        timeout_s: For one request.
        n_tries: Tries of a request that the server is too busy for (429, 5xx) or that breaks off.
        transport: An `httpx` transport in place of the network.
    """

    url: str
    model: str
    token_variable: str = "OPENAI_API_KEY"
    seed: int = 0
    max_new_tokens: int = 128
    batch_size: int = 16
    timeout_s: float = 60.0
    n_tries: int = 4
    transport: Any = None

    def __post_init__(self) -> None:
        """Check the address."""
        require_address(self.url)

    @property
    def name(self) -> str:
        """Where the model is, and how it answers."""
        return f"{self.url} {self.model} seed={self.seed} tokens={self.max_new_tokens}"

    def answer(self, questions: Sequence[str]) -> list[str]:
        """One answer per question.

        Raises:
            ConnectionError: The server refused, or could not be reached in all tries.
        """
        server = Completions(
            self.url, self.token_variable, self.timeout_s, self.n_tries, transport=self.transport
        )
        with (
            server.client(self.batch_size) as client,
            ThreadPoolExecutor(self.batch_size) as threads,
        ):
            return list(threads.map(partial(self._ask, server, client), questions))

    def _ask(self, server: Completions, client: Any, question: str) -> str:
        request = {
            "model": self.model,
            "messages": [{"role": "user", "content": question}],
            "temperature": 0,
            "seed": self.seed,
            "max_tokens": self.max_new_tokens,
        }
        done = server.ask(client, request)
        if done.problem:
            raise server.refused(self.model, done)
        return done.text


class ChatExtractor:
    """Asks a language model for the labels of descriptions, and for the sentiment of labels.

    Args:
        model: A `Pipeline`, an `Endpoint`, or anything that is a `ChatModel`.
        labels_prompt: File with another question for labels; ``{text}`` stands for the description.
        sentiment_prompt: File with another question for the sentiment; ``{text}`` stands for the
            labels, separated by commas.
        cache_dir: Folder of the answers; by default under the user's cache folder.
        chunk: Questions handed to the model at a time; answers are kept after each chunk.

    Raises:
        FileNotFoundError: A prompt file does not exist.
        ValueError: A prompt lacks ``{text}``.

    Source: AffectGPT paper (arXiv 2501.16566), appendix E: labels from outputs by a language model,
        then the sentiment from these labels.
    Differs: questions of our own wording; greedy answers, where the published code samples.

    Example:
        >>> from tempfile import mkdtemp
        >>> class Parrot:
        ...     name = "parrot"
        ...     def answer(self, questions):
        ...         return ["[Worried, tired]" for _ in questions]
        >>> ChatExtractor(Parrot(), cache_dir=mkdtemp())("He frowns and yawns.")
        ['worried', 'tired']
    """

    def __init__(
        self,
        model: ChatModel,
        *,
        labels_prompt: str | PathLike[str] | None = None,
        sentiment_prompt: str | PathLike[str] | None = None,
        cache_dir: str | PathLike[str] | None = None,
        chunk: int = 256,
    ) -> None:
        self._model, self._chunk = model, chunk
        self._labels_prompt = text_of("answers/prompts/labels.txt")
        self._sentiment_prompt = text_of("answers/prompts/sentiment.txt")
        if labels_prompt is not None:
            self._labels_prompt = _own_prompt("labels", labels_prompt)
        if sentiment_prompt is not None:
            self._sentiment_prompt = _own_prompt("sentiment", sentiment_prompt)
        self._folder = Path(cache_dir) if cache_dir else cache_root() / "chat"

    def __call__(self, text: str) -> list[str]:
        """The labels of one description; see `batch`."""
        return self.batch([text])[0]

    def batch(self, texts: Iterable[str]) -> list[list[str]]:
        """The labels of every description, each once, in the order of the answer.

        Blank descriptions are not asked about and have none.
        """
        answers = self._answers(self._labels_prompt, list(texts))
        return [_labels_of(answer) for answer in answers]

    def sentiments(self, labels: Iterable[Sequence[str]]) -> list[Sentiment | None]:
        """The sentiment of every label list.

        None where there are no labels, or where the answer names no sentiment or several.
        """
        questions = [", ".join(clip) for clip in labels]
        answers = self._answers(self._sentiment_prompt, questions)
        return [_sentiment_of_answer(answer) for answer in answers]

    def _answers(self, prompt: str, texts: list[str]) -> list[str]:
        questions = {
            text: prompt.replace("{text}", text.strip())
            for text in dict.fromkeys(texts)
            if text.strip()
        }
        known = {text: self._read(question) for text, question in questions.items()}
        missing = [text for text, answer in known.items() if answer is None]
        for first in range(0, len(missing), self._chunk):
            part = missing[first : first + self._chunk]
            answers = self._model.answer([questions[text] for text in part])
            for text, answer in zip(part, answers, strict=True):
                self._write(questions[text], answer)
                known[text] = answer
        return [known.get(text) or "" for text in texts]

    def _path(self, question: str) -> Path:
        key = content_key(json.dumps([self._model.name, question], ensure_ascii=False))
        return self._folder / key[:2] / f"{key}.json"

    def _read(self, question: str) -> str | None:
        """A kept answer, or None where there is none that is whole."""
        try:
            kept = json.loads(self._path(question).read_text(encoding="utf-8"))
            return str(kept["answer"])
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def _write(self, question: str, answer: str) -> None:
        write_whole(self._path(question), json.dumps({"answer": answer}))


def _own_prompt(name: str, path: str | PathLike[str]) -> str:
    prompt = Path(path).read_text(encoding="utf-8")
    if "{text}" not in prompt:
        raise ValueError(
            f"`{name}_prompt` has no place for the text: got {path} without '{{text}}', expected "
            "it once. Write {text} where the description or the labels belong."
        )
    return prompt


def _labels_of(answer: str) -> list[str]:
    """The labels in an answer: those of its first list, else of the whole if it is short."""
    found = _list_in(answer)
    if found is None and len(answer.split()) > 30:
        return []
    labels = dict.fromkeys(parse_labels(found.group(1) if found else answer))
    return [label for label in labels if label not in _nothing]


def _sentiment_of_answer(answer: str) -> Sentiment | None:
    named = {word.lower() for word in _sentiment_in(answer)}
    if len(named) != 1:
        return None
    sentiment: Sentiment = named.pop()  # type: ignore[assignment]
    return sentiment
