"""What stands between the columns of a csv, and where a row does not fit its header."""

import csv
import io
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}


def separator_of(data: bytes, columns: Sequence[str], usual: str = ",") -> str:
    r"""Tell what separates the columns of a csv by its header.

    Args:
        data: UTF-8, with or without BOM.
        columns: Columns that must be there.
        usual: What it should be.

    Returns:
        The usual one where the header has the columns with it, or more than one column; else the
        one with which it has them all, or most.

    Example:
        >>> separator_of(b"name;label\na;joy\n", ["name"])
        ';'
        >>> separator_of(b"name\na;joy\n", ["name"])
        ','
    """
    head = data[: 1 << 16].decode("utf-8-sig", "replace")
    line = next((line for line in head.splitlines() if line.strip()), "")
    found = {mark: _cells(line, mark) for mark in (usual, *NAMES)}
    if (columns and found[usual].issuperset(columns)) or not line:
        return usual
    several = [mark for mark in found if len(found[mark]) > 1]
    whole = [mark for mark in several if found[mark].issuperset(columns)]
    if not columns and usual in several:
        return usual
    if whole:
        return max(whole, key=lambda mark: len(found[mark]))
    # Some column is missing: it is missing of the columns as they are.
    return max(several, key=lambda mark: len(found[mark]), default=usual)


def with_points(table: pa.Table) -> tuple[pa.Table, list[str]]:
    """Write the numbers of columns with decimal commas with points.

    Programs that put semicolons between columns do so because a comma is their decimal point.

    Args:
        table: Columns of text, of a csv with semicolons.

    Returns:
        The table, and the columns in which every number was so written: blank cells and whole
        numbers may stand between, nothing else.
    """
    found = []
    for i, name in enumerate(table.column_names):
        cells = pc.utf8_trim_whitespace(table[name])
        fits = pc.match_substring_regex(cells, r"^([+-]?\d+(,\d+)?([eE][+-]?\d+)?)?$")
        comma = pc.match_substring(cells, ",")
        if pc.all(fits).as_py() and pc.any(comma).as_py():
            table = table.set_column(i, name, pc.replace_substring(cells, ",", "."))
            found.append(name)
    return table, found


def describe_ragged(data: bytes, delimiter: str) -> str | None:
    """Say which line has more or fewer cells than the header; None where none has.

    Args:
        data: UTF-8.
        delimiter: What separates columns.
    """
    text = io.StringIO(data.decode("utf-8-sig", "replace"), newline="")
    rows = csv.reader(text, delimiter=delimiter)
    try:
        n_columns = len(next(rows))
        for row in rows:
            if row and len(row) != n_columns:
                shown = delimiter.join(row)
                shown = shown if len(shown) <= 60 else shown[:60] + "..."
                return (
                    f"line {rows.line_num}: {len(row)} cells between "
                    f"{NAMES.get(delimiter, repr(delimiter))} in {shown!r}, the header has "
                    f"{n_columns}"
                )
    except (csv.Error, StopIteration):
        pass
    return None


def _cells(line: str, mark: str) -> set[str]:
    try:
        return set(next(csv.reader([line], delimiter=mark)))
    except (csv.Error, StopIteration):
        return set()
