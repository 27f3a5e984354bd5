"""A cache's features as one tensor, clips in the order of a corpus; nothing is padded."""

import warnings
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import torch

from affecthub.training.features.columns import Column
from affecthub.training.features.shards import find_shards
from affecthub.training.features.store import FeatureCache
from affecthub.training.fusion.blocks import Block, Steps, Vectors

_DTYPES = {"float16": torch.float16, "bfloat16": torch.bfloat16, "float32": torch.float32}


def read_block(cache: FeatureCache, column: Column, clip_ids: Sequence[str]) -> Block:
    """Read one column of a cache, shard by shard, into a tensor of its own dtype.

    Args:
        cache: Where it lies.
        column: One of ``cache.columns`` of shape ``(width,)``, ``(None, width)`` or
            ``(steps, width)``.
        clip_ids: Clips in the order that is wanted; one that the cache lacks has nothing there.

    Raises:
        ValueError: A column of another shape.
    """
    if len(column.shape) not in (1, 2):
        raise ValueError(
            f"`{column.name}` of {cache.folder} has shape {column.shape}: expected (width,) or "
            "(steps, width)."
        )
    read = _vectors if len(column.shape) == 1 else _steps
    return read(cache, column, {clip_id: i for i, clip_id in enumerate(clip_ids)})


def _vectors(cache: FeatureCache, column: Column, place: dict[str, int]) -> Vectors:
    values = torch.zeros(len(place), int(column.shape[0] or 0), dtype=_DTYPES[column.dtype])
    there = torch.zeros(len(place), dtype=torch.bool)
    for ids, nested in _chunks(cache, column):
        kept, at = _wanted(ids, nested, place)
        values[at] = _flat(nested, column)[kept]
        there[at] = True
    return Vectors(values, there)


def _steps(cache: FeatureCache, column: Column, place: dict[str, int]) -> Steps:
    """Two passes: how long each clip is, then its steps where they belong."""
    lengths = np.zeros(len(place), np.int64)
    there = torch.zeros(len(place), dtype=torch.bool)
    for ids, nested in _chunks(cache, column):
        kept, at = _wanted(ids, nested, place)
        lengths[at.numpy()] = np.diff(_ends(nested))[kept.numpy()]
        there[at] = True
    ends = np.concatenate([[0], lengths.cumsum()])
    width = int(column.shape[1] or 0)
    values = torch.zeros(int(ends[-1]), width, dtype=_DTYPES[column.dtype])
    for ids, nested in _chunks(cache, column):
        kept, at = _wanted(ids, nested, place)
        theirs = _ends(nested)
        flat = _flat(nested, column).view(-1, width)
        for row, clip in zip(kept.tolist(), at.tolist(), strict=True):
            values[ends[clip] : ends[clip + 1]] = flat[theirs[row] : theirs[row + 1]]
    return Steps(values, torch.from_numpy(ends), there)


def _chunks(cache: FeatureCache, column: Column) -> Iterator[tuple[list[str], pa.Array]]:
    """Yield a shard's ids and its Arrow column."""
    for shard in find_shards(cache.folder):
        table = shard.table()
        (nested,) = table[column.name].chunks or [pa.array([], table[column.name].type)]
        yield table["id"].to_pylist(), nested


def _wanted(
    ids: Sequence[str], nested: pa.Array, place: dict[str, int]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows of a shard that are wanted and have features, and the numbers of their clips."""
    valid = np.asarray(nested.is_valid())
    rows = [row for row, clip_id in enumerate(ids) if valid[row] and clip_id in place]
    return torch.tensor(rows).long(), torch.tensor([place[ids[row]] for row in rows]).long()


def _ends(nested: pa.Array) -> np.ndarray:
    """Where the steps of each row begin, and the end of the last."""
    if pa.types.is_list(nested.type):
        return np.asarray(nested.offsets, np.int64)
    return np.arange(len(nested) + 1, dtype=np.int64) * nested.type.list_size


def _flat(nested: pa.Array, column: Column) -> torch.Tensor:
    """All numbers of a shard's column, ``(rows, width)`` of vectors and steps flat, not copied."""
    width = int(column.shape[-1] or 0)
    values = nested
    while pa.types.is_nested(values.type):
        values = values.values
    array = np.frombuffer(values.buffers()[1], column.stored, count=len(values))
    with warnings.catch_warnings():
        # Arrow's memory is read only; it is copied from and never written to.
        warnings.filterwarnings("ignore", message=".*not writable.*")
        tensor = torch.from_numpy(array.view(np.int16) if column.dtype == "bfloat16" else array)
    return tensor.view(_DTYPES[column.dtype]).view(-1, width)
