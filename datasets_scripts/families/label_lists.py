"""Label lists as annotation files write them, read a column at a time."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_SEPARATOR = "[,，、;；\n]"
_EDGES = " \t\r\n\u3000'\"‘’“”[]"


def read_label_lists(column: pa.ChunkedArray | pa.Array) -> pa.ListArray:
    """Read a column of label lists.

    Args:
        column: Strings such as ``['happy', 'sad']``, ``[happy, sad]``, ``happy,sad`` or ``[]``.

    Returns:
        List array of the labels in order, case as released, duplicates kept. An empty cell, ``nan``
        and null give null (nobody said anything), ``[]`` gives an empty list (nothing was found).
        A list with only one of its brackets is cut off and gives null.

    Example:
        >>> cells = pa.array(["['sad', 'at ease']", "[sad]", "sad,calm", "[]", "", "['sad', "])
        >>> read_label_lists(cells).to_pylist()
        [['sad', 'at ease'], ['sad'], ['sad', 'calm'], [], None, None]
    """
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    text = pc.utf8_trim_whitespace(column)
    whole = pc.equal(pc.starts_with(text, "["), pc.ends_with(text, "]"))
    said = pc.and_(whole, pc.invert(is_blank(text)))
    kept = pc.if_else(pc.fill_null(said, False), text, pa.scalar(None, pa.string()))
    pieces = pc.split_pattern_regex(kept, _SEPARATOR)
    labels = pc.utf8_trim(pieces.values, characters=_EDGES)
    named = pc.not_equal(labels, "")
    n_named = np.concatenate([[0], np.cumsum(named.to_numpy(zero_copy_only=False))])
    offsets = pa.array(n_named[pieces.offsets.to_numpy()], pa.int32())
    return pa.ListArray.from_arrays(offsets, labels.filter(named), mask=pieces.is_null())


def is_blank(text: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    """Say which cells hold nothing: empty, white space, or the ``nan`` that pandas writes."""
    return pc.is_in(pc.utf8_lower(pc.utf8_trim_whitespace(text)), value_set=pa.array(["", "nan"]))
