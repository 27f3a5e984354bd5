"""Ask a model about a split of a corpus, and merge what shards left of it."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from affecthub.entries import entry_of
from affecthub.training.asking.answers import Answers
from affecthub.training.asking.ask import ask_rows
from affecthub.training.asking.asks import Backend
from affecthub.training.asking.questions import Wording
from affecthub.training.merging import merge_parts

Roots = Mapping[str, str | PathLike[str]]


def ask_corpus(
    corpus: str,
    backend: Backend,
    prompt: Wording,
    *,
    data_dir: str | Path,
    split: str = "test",
    protocol: str | None = None,
    config: str | None = None,
    roots: Roots | None = None,
    options: Mapping[str, Any] | None = None,
    **asking: Any,
) -> Answers:
    """Ask a model one question about each clip of a split.

    Args:
        corpus: Corpus name.
        backend: Whom to ask.
        prompt: What to ask.
        data_dir: The corpus' folder.
        split: Split of the protocol.
        protocol: Protocol of the corpus; None is its first, the released split mostly.
        config: Configuration of the corpus; None is its first.
        roots: Its other folders by name.
        options: Options of the corpus' own.
        **asking: ``media``, ``journal``, ``shard``, ``limit`` and what else `ask_rows` knows.

    Returns:
        Answer by clip id.

    Raises:
        ValueError: See `ask_rows`, and `load_dataset`.
        FileNotFoundError: The corpus is not there.
    """
    rows = split_rows(corpus, data_dir, split, protocol, config, roots, options)
    return ask_rows(backend, rows, prompt, **asking)


def merge_corpus(
    journal: str | Path,
    corpus: str,
    *,
    data_dir: str | Path,
    split: str = "test",
    protocol: str | None = None,
    config: str | None = None,
    roots: Roots | None = None,
    options: Mapping[str, Any] | None = None,
    limit: int | None = None,
) -> Answers:
    """Make one journal of what the shards of a run left beside it; no model is needed.

    Args:
        journal: As it was given to every shard; their parts lie in its folder.
        corpus: See `ask_corpus`, as for what follows.
        data_dir: The corpus' folder.
        split: Split of the protocol.
        protocol: Protocol of the corpus.
        config: Configuration of the corpus.
        roots: Its other folders.
        options: Options of the corpus' own.
        limit: As it was given to every shard.

    Raises:
        FileNotFoundError: There are no answers.
        ValueError: Clips without an answer, answers of several models, or a shard still writes.
    """
    rows = split_rows(corpus, data_dir, split, protocol, config, roots, options)
    ids = list(rows["id"])[:limit]
    return Answers(merge_parts(Path(journal), ids), ids)


def split_rows(
    corpus: str,
    data_dir: str | Path,
    split: str = "test",
    protocol: str | None = None,
    config: str | None = None,
    roots: Roots | None = None,
    options: Mapping[str, Any] | None = None,
) -> Any:
    """The rows that are asked about: a `Dataset`.

    Args:
        corpus: See `ask_corpus`, as for what follows.
        data_dir: The corpus' folder.
        split: Split of the protocol.
        protocol: Protocol of the corpus.
        config: Configuration of the corpus.
        roots: Its other folders.
        options: Options of the corpus' own.

    Raises:
        ValueError: There is no such protocol, configuration or split; see `load_dataset`.
        FileNotFoundError: The corpus is not there.
    """
    from affecthub.datasets_scripts import load_dataset

    config, protocol = entry_of(corpus).choose(config, protocol)
    return load_dataset(
        corpus,
        data_dir=data_dir,
        split=split,
        protocol=protocol,
        config=config,
        roots=roots,
        **(options or {}),
    )
