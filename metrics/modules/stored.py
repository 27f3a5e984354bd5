"""How clips are kept by evaluate, which stores a column of one type: as text, read batch by batch.

One evaluation may mix texts, lists and missing answers. Items are therefore stored as text and come
out as they went in; an evaluation of a million clips never has them all in memory.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow
from datasets import Dataset, Features, Value

from affecthub.metrics.parsing import Item
from affecthub.metrics.wheels.numbering import encodable

# The stored form; callers pass lists of strings, strings or None.
STORED_FEATURES = Features({"predictions": Value("string"), "references": Value("string")})

# Clips written and read at a time.
BATCH = 16384
# In front of a text that is stored as it is; everything else is stored as JSON.
_TEXT = "\x02"


def require_clips(predictions: object, references: object, *, were_added: bool) -> None:
    """Raise where ``compute`` got one of the two lists alone, or there is nothing to score.

    Raises:
        ValueError: Says which list is missing, or that no clip was passed or added before.
    """
    if (predictions is None) != (references is None):
        raise ValueError(
            "one of `predictions` and `references` is missing: got "
            f"{'references' if predictions is None else 'predictions'} only, expected both "
            "or, after add_batch, neither."
        )
    if predictions is None and not were_added:
        raise ValueError(
            "nothing to score: got no clips, expected `predictions` and `references` here or "
            "through add_batch before. Pass two empty lists for an empty evaluation."
        )


def store(item: Item) -> str:
    """An item as text for an Arrow column."""
    return _TEXT + encodable(item) if type(item) is str else json.dumps(item)


def restore(stored: Iterable[str]) -> list[Any]:
    """Items as they were handed over, from their stored form or from plain JSON."""
    return [item[1:] if item[:1] == _TEXT else json.loads(item) for item in stored]


def stream(data: Dataset | None, column: str, stored: pyarrow.ChunkedArray) -> Iterator[Any]:
    """Yield the items of a stored column, as `restore` does, a batch in memory at a time.

    evaluate maps its files into memory, where every page that was read stays; read as a stream,
    they leave nothing behind.

    Args:
        data: What evaluate has collected, in files or in memory; None where there is nothing.
        column: Name of the column.
        stored: The column, taken where there are no files.
    """
    files = [file["filename"] for file in data.cache_files] if data is not None else []
    for name in files:
        with pyarrow.OSFile(name) as file, pyarrow.ipc.open_stream(file) as batches:
            for batch in batches:
                yield from _restored(batch.column(column))
    if not files:
        yield from _restored(stored)


def _restored(stored: pyarrow.Array | pyarrow.ChunkedArray) -> Iterator[Any]:
    for first in range(0, len(stored), BATCH):
        items = stored.slice(first, BATCH)
        yield from restore(items.to_numpy(zero_copy_only=False).tolist())
