"""Tables that are read by a clip's name: each clip once, however often it stands there."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.reading.layout import File, Tree
from affecthub.datasets_scripts.reading.tables import require_named


def once_each(
    tree: Tree,
    file: File,
    table: pa.Table,
    key: str,
    *,
    values: Sequence[str] | None = None,
    ids: pa.Array | pa.ChunkedArray | None = None,
) -> pa.Table:
    """Leave one row of those that stand under one name.

    Released tables repeat rows: a turn of noise that two programs wrote out, a file that was
    appended to. Rows that say the same count once. Of rows that differ the first stays.

    Args:
        tree: The folder; ``tree.remarks`` takes which clips have rows that differ.
        file: The table.
        table: Its rows, in their order.
        key: Column of names.
        values: Columns that matter; None takes all.
        ids: The clips that matter: for a table that only adds to clips which other files name. Rows
            of other names are not looked at, and those without a name are left out with a remark.
            None means that the table itself says which clips there are.

    Returns:
        The rows with each name once, in order of first appearance.

    Raises:
        ValueError: Without ``ids``, a row has no name.
    """
    names = table[key]
    if ids is None:
        require_named(names, tree.root / file.path)
    else:
        table, names = _with_names(tree, file, table, key)
    if len(names.unique()) == len(names):
        return table
    names = names.combine_chunks()
    counts = pc.value_counts(names)
    twice = counts.filter(pc.greater(counts.field("counts"), 1)).field("values")
    if ids is not None:
        twice = twice.filter(pc.is_in(twice, value_set=_one_array(ids)))
    repeated = pc.indices_nonzero(pc.is_in(names, value_set=twice)).to_pylist()
    _remark(tree, file, table.take(pa.array(repeated, pa.int64())), key, repeated, values)
    firsts = pc.index_in(names.unique(), value_set=names)
    return table.take(firsts)


def _with_names(
    tree: Tree, file: File, table: pa.Table, key: str
) -> tuple[pa.Table, pa.ChunkedArray]:
    """Leave out rows without a name, which is said."""
    named = pc.fill_null(pc.not_equal(table[key], ""), False)
    n_without = len(table) - pc.sum(named).as_py() if len(table) else 0
    if n_without:
        line = pc.index(named, False).as_py() + 2
        tree.remarks.append(
            f"{file.path}: {n_without} rows name no clip, first line {line}; they are left out"
        )
        table = table.filter(named)
    return table, table[key]


def _remark(
    tree: Tree,
    file: File,
    rows: pa.Table,
    key: str,
    positions: list[int],
    values: Sequence[str] | None,
) -> None:
    """Note the clips whose rows differ."""
    kept = [name for name in values or rows.column_names if name != key]
    said: dict[str, tuple[list[int], list[tuple[object, ...]]]] = {}
    cells = zip(*(rows[name].to_pylist() for name in kept), strict=True) if kept else None
    for row, name in enumerate(rows[key].to_pylist()):
        at, told = said.setdefault(name, ([], []))
        at.append(positions[row])
        told.append(next(cells) if cells else ())
    differ = {name: at for name, (at, told) in said.items() if any(one != told[0] for one in told)}
    if differ:
        name, at = next(iter(differ.items()))
        lines = ", ".join(str(position + 2) for position in at[:3])
        tree.remarks.append(
            f"{file.path}: {len(differ)} clips stand several times with different contents, first "
            f"{name!r} (lines {lines}); the first row of each is used"
        )


def _one_array(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
