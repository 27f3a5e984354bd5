"""The clips that a run goes over: rows of one split of a corpus, or of all."""

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

from affecthub.datasets_scripts import load_dataset


class Rows(Sequence[Mapping[str, Any]]):
    """Rows of several splits, one after the other, read when they are asked for.

    Args:
        splits: Tables of rows.
        limit: The first rows alone.
    """

    def __init__(self, splits: list[Any], limit: int | None = None) -> None:
        self._places = [(split, i) for split in splits for i in range(len(split))][:limit]

    def __len__(self) -> int:
        """How many."""
        return len(self._places)

    def __getitem__(self, number: Any) -> Any:
        """One row, its label by name; a list of them for a slice."""
        if isinstance(number, slice):
            return [self[i] for i in range(*number.indices(len(self)))]
        split, i = self._places[number]
        row = dict(split[i])
        names = getattr(split.features.get("emotion"), "names", None)
        if names is not None and row.get("emotion") is not None:
            row["emotion"] = names[row["emotion"]]
        return row


def corpus_rows(
    corpus: str,
    data_dir: str | PathLike[str],
    *,
    split: str | None = None,
    limit: int | None = None,
    **options: Any,
) -> Rows:
    """The rows of a corpus.

    Args:
        corpus: Its name.
        data_dir: Its folder.
        split: One split; None is all of them, in the protocol's order.
        limit: The first rows alone.
        **options: See `load_dataset`.

    Raises:
        ValueError: The protocol has no such split.
    """
    loaded = load_dataset(corpus, data_dir=data_dir, **options)
    if split is not None and split not in loaded:
        raise ValueError(f"`split`: got {split!r}, expected one of {', '.join(loaded)}.")
    return Rows([loaded[split]] if split is not None else list(loaded.values()), limit)
