"""Pairs of descriptions as the csv write them: the clip, both texts, and which one is better."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.families.label_lists import is_blank
from affecthub.datasets_scripts.families.mer import blank_to_null
from affecthub.datasets_scripts.reading.layout import File, Tree
from affecthub.datasets_scripts.reading.tables import read_csv

# As released: the first description, the second, or both alike.
PREFERENCES = ("a1", "a2", "same")
_NULL = pa.scalar(None, pa.string())


def read_pairs(tree: Tree, file: File, problems: list[str], *, labelled: bool) -> pa.Table:
    """Read a csv of pairs.

    Args:
        tree: The folder.
        file: A csv with ``name``, ``a1``, ``a2`` and, if labelled, ``preference``.
        problems: Takes a line where rows are equal in every column; they count once.
        labelled: Whether people judged the pairs.

    Returns:
        ``id``, ``clip_id``, ``a1``, ``a2`` and, if labelled, ``preference`` (one of
        ``PREFERENCES``), ``description`` (the preferred text) and ``description_rejected``, both
        null for a pair whose texts are alike. A clip's first pair has its name, its others
        ``<name>_pair2`` and so on. Blank cells are null.

    Raises:
        ValueError: The csv is unreadable or lacks a column, a row has no clip, a description is
            missing, or a preference is another word; names the file and the row.
    """
    where = tree.root / file.path
    columns = ["name", "a1", "a2", *(["preference"] if labelled else [])]
    table = read_csv(tree, file, columns).select(columns)
    distinct = table.group_by(columns, use_threads=False).aggregate([])
    if len(distinct) < len(table):
        n = len(table) - len(distinct)
        problems.append(f"{file.path}: {n} rows repeat another in every column; they count once")
        table = distinct
    clips = table["name"]
    for name in ("name", "a1", "a2"):
        _refuse(is_blank(table[name]), table[name], where, name, "a description, or a clip's name")
    pairs = pa.table(
        {"id": _pair_ids(clips), "clip_id": clips, "a1": table["a1"], "a2": table["a2"]}
    )
    if not labelled:
        return pairs
    preference = blank_to_null(pc.utf8_lower(pc.utf8_trim_whitespace(table["preference"])))
    known = pc.is_in(preference, value_set=pa.array(PREFERENCES))
    unknown = pc.and_(pc.is_valid(preference), pc.invert(known))
    _refuse(unknown, table["preference"], where, "preference", f"one of {', '.join(PREFERENCES)}")
    first, second = pc.equal(preference, "a1"), pc.equal(preference, "a2")
    chosen = pc.if_else(first, pairs["a1"], pc.if_else(second, pairs["a2"], _NULL))
    rejected = pc.if_else(first, pairs["a2"], pc.if_else(second, pairs["a1"], _NULL))
    new = {"preference": preference, "description": chosen, "description_rejected": rejected}
    for name, column in new.items():
        pairs = pairs.append_column(name, column)
    return pairs


def _pair_ids(clips: pa.ChunkedArray) -> pa.Array:
    """A name for each pair: that of its clip, numbered from a clip's second pair on.

    Example:
        >>> _pair_ids(pa.chunked_array([["a", "b", "a", "a"]])).to_pylist()
        ['a', 'b', 'a_pair2', 'a_pair3']
    """
    codes = clips.combine_chunks().dictionary_encode().indices.to_numpy()
    order = np.argsort(codes, kind="stable")
    sorted_codes = codes[order]
    starts = np.searchsorted(sorted_codes, sorted_codes)
    number = np.empty(len(codes), np.int64)
    number[order] = np.arange(len(codes)) - starts + 1
    numbered = pc.binary_join_element_wise(clips, pa.array(number).cast(pa.string()), "_pair")
    return pc.if_else(pa.array(number == 1), clips, numbered)


def _refuse(
    bad: pa.ChunkedArray, cells: pa.ChunkedArray, where: object, name: str, expected: str
) -> None:
    """Raise where a cell is not what it should be."""
    if pc.any(bad).as_py():
        row = pc.index(bad, True).as_py()
        raise ValueError(
            f"{where}, row {row + 1}: got {cells[row].as_py()!r} as `{name}`, expected "
            f"{expected}. Use the annotation file as released."
        )
