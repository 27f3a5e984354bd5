"""The rows of a split that a model is asked about, and one journal of what shards left of them."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from affecthub.entries import entry_of
from affecthub.training.asking.answers import Answers
from affecthub.training.merging import merge_parts

Roots = Mapping[str, str | PathLike[str]]


def split_rows(
    corpus: str,
    data_dir: str | Path,
    split: str = "test",
    protocol: str | None = None,
    config: str | None = None,
    roots: Roots | None = None,
    options: Mapping[str, Any] | None = None,
) -> Any:
    """The rows of a split, for `ask_rows` and `merge_shards`: a `Dataset`.

    Args:
        corpus: Corpus name.
        data_dir: The corpus' folder.
        split: Split of the protocol.
        protocol: Protocol of the corpus; None is its first, the released split mostly.
        config: Configuration of the corpus; None is its first.
        roots: Its other folders by name.
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


def merge_shards(journal: str | Path, rows: Any, limit: int | None = None) -> Answers:
    """Make one journal of what the shards of a run left beside it; no model is needed.

    Args:
        journal: As it was given to every shard; their parts lie in its folder.
        rows: As they were asked about.
        limit: As it was given to every shard.

    Raises:
        FileNotFoundError: There are no answers.
        ValueError: Clips without an answer, answers of several models, or a shard still writes.
    """
    ids = list(rows["id"])[:limit]
    return Answers(merge_parts(Path(journal), ids), ids)
