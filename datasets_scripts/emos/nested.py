"""Columns whose cells are lists: votes, sets of labels, names of chosen labels."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from affecthub.labels import GOEMOTIONS_WITH_UNSURE


def votes_column(votes: Sequence[pa.ChunkedArray], annotators: Sequence[str]) -> pa.ListArray:
    """For each clip a list of ``{"annotator", "label"}``.

    Args:
        votes: A column of labels for each annotator.
        annotators: Their pseudonyms.
    """
    return _per_annotator(annotators, {"label": votes})


def sets_column(
    chosen: np.ndarray, raw: Sequence[pa.ChunkedArray], annotators: Sequence[str]
) -> pa.ListArray:
    """For each clip a list of ``{"annotator", "labels", "raw"}``.

    Args:
        chosen: Booleans of shape (clip, annotator, label), labels of GOEMOTIONS_WITH_UNSURE.
        raw: The cells as released, a column for each annotator.
        annotators: Their pseudonyms.
    """
    labels = [names_where(chosen[:, r], GOEMOTIONS_WITH_UNSURE) for r in range(chosen.shape[1])]
    return _per_annotator(annotators, {"labels": labels, "raw": raw})


def names_where(chosen: np.ndarray, names: Sequence[str]) -> pa.ListArray:
    """The names of the true columns of each row.

    Args:
        chosen: Booleans of shape (row, name).
        names: A name for each column.

    Example:
        >>> names_where(np.array([[True, False], [True, True]]), ["joy", "love"]).to_pylist()
        [['joy'], ['joy', 'love']]
    """
    offsets = np.concatenate([[0], chosen.sum(axis=1).cumsum()]).astype(np.int32)
    found = pa.array(names, pa.string()).take(pa.array(np.nonzero(chosen)[1]))
    return pa.ListArray.from_arrays(pa.array(offsets), found)


def _per_annotator(
    annotators: Sequence[str], fields: dict[str, Sequence[pa.Array | pa.ChunkedArray]]
) -> pa.ListArray:
    """Interleave columns of several annotators into one list of structs per clip."""
    n, r = len(next(iter(fields.values()))[0]), len(annotators)
    # Stacked annotator by annotator; clip i's entries stand at i, n + i, 2n + i.
    order = pa.array(np.arange(n * r).reshape(r, n).T.ravel())
    arrays = [pa.array(list(annotators), pa.string()).take(pa.array(np.tile(np.arange(r), n)))]
    for columns in fields.values():
        arrays.append(pa.concat_arrays([_whole(column) for column in columns]).take(order))
    offsets = pa.array(np.arange(n + 1, dtype=np.int32) * r)
    structs = pa.StructArray.from_arrays(arrays, names=["annotator", *fields])
    return pa.ListArray.from_arrays(offsets, structs)


def _whole(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
