"""Rows in pieces: shards for the processes that prepare them, tables that fit into memory."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# Lists in gen_kwargs are what `num_proc` and streaming workers divide; 16 shards feed 16 of them.
N_SHARDS = 16
# Rows, and bytes of their media, that one table holds at most.
TABLE_ROWS = 1000
TABLE_BYTES = 64 * 2**20


def shards_of(rows: pa.Table) -> list[pa.Table]:
    """Divide rows evenly; an empty split is one empty shard."""
    n = max(1, min(N_SHARDS, rows.num_rows))
    edges = [rows.num_rows * i // n for i in range(n + 1)]
    # `take` copies: a pickled slice would carry the whole table to each worker.
    return [rows.take(pa.array(range(a, b), pa.int64())) for a, b in pairwise(edges)]


def pieces_of(rows: pa.Table, *, embedded: bool) -> Iterator[pa.Table]:
    """Cut a shard so that no piece holds too many rows, or too many bytes of media.

    Rows hold the bytes of members of a tar, and where media are ``embedded`` those of files too.
    """
    sizes = []
    for kind in ("audio", "video", "face"):
        if kind in rows.column_names:
            held = pc.is_valid(pc.struct_field(rows[kind], "path" if embedded else "archive"))
            size = pc.if_else(held, pc.struct_field(rows[kind], "size"), 0)
            sizes.append(pc.fill_null(size, 0).to_numpy())
    start = size = 0
    for i, n_bytes in enumerate(np.sum(sizes, axis=0).tolist() if sizes else [0] * rows.num_rows):
        if i > start and (i - start >= TABLE_ROWS or size + n_bytes > TABLE_BYTES):
            yield rows.slice(start, i - start)
            start, size = i, 0
        size += n_bytes
    yield rows.slice(start)
