"""Annotation files to Arrow: csv cells read as text, columns, ids and paths checked."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from affecthub.datasets_scripts.layout import LEAVES, File, Tree
from affecthub.errors import require


def read_csv(tree: Tree, file: File, columns: Sequence[str]) -> pa.Table:
    """Read a csv, every value as released (a string; an empty cell is the empty string).

    Args:
        tree: The data folder.
        file: A UTF-8 file, with or without BOM, any line ending; quoted fields may span lines.
        columns: Columns that must be there.

    Returns:
        Table with all columns of the file.

    Raises:
        ValueError: The file is empty, is not UTF-8, has ragged rows, or lacks a column.
    """
    where = tree.root / file.path
    try:
        table = csv.read_csv(
            pa.BufferReader(tree.read(file)),
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                default_column_type=pa.string(), strings_can_be_null=False
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
        raise ValueError(f"{where}: got no readable csv ({error}), expected UTF-8 rows") from error
    _require_columns(table, columns, where)
    return table


def read_xlsx(
    tree: Tree, file: File, columns: Sequence[str], numbers: Sequence[str] = ()
) -> pa.Table:
    """Read the first sheet of a workbook.

    Args:
        tree: The data folder.
        file: An xlsx file.
        columns: Columns that must be there.
        numbers: Columns to read as float64; the others are strings. Empty cells are null.

    Returns:
        Table with all columns of the sheet.

    Raises:
        ValueError: The file is no workbook, or lacks a column.
        ImportError: ``fastexcel`` is missing.
    """
    require("fastexcel", "data", "read xlsx annotations")
    import fastexcel

    where = tree.root / file.path
    try:
        book = fastexcel.read_excel(tree.read(file))
        sheet = book.load_sheet(0, dtypes="string")
        names = [column.name for column in sheet.available_columns()]
        kinds = {name: "float" if name in numbers else "string" for name in names}
        table = pa.table(book.load_sheet(0, dtypes=kinds).to_arrow())
    except fastexcel.FastExcelError as error:
        raise ValueError(f"{where}: got no readable workbook ({error}), expected xlsx") from error
    _require_columns(table, columns, where)
    return table


def to_numbers(column: pa.ChunkedArray, source: object, name: str) -> pa.ChunkedArray:
    """Turn a column of text into float64; an empty cell is null.

    Args:
        column: Strings as ``read_csv`` gives them.
        source: The file, for the error.
        name: The column, for the error.

    Raises:
        ValueError: A cell is no finite number; names the file and the line.
    """
    text = pc.utf8_trim_whitespace(column)
    text = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    is_number = pc.match_substring_regex(text, r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")
    if not pc.all(pc.fill_null(is_number, True)).as_py():
        row = pc.index(is_number, False).as_py()
        raise ValueError(
            f"{source}, line {row + 2}: got {column[row].as_py()!r} as `{name}`, expected a "
            "number. Correct the annotation file."
        )
    return pc.cast(text, pa.float64())


def require_unique(ids: pa.ChunkedArray | pa.Array, source: object) -> None:
    """Raise where a clip id occurs twice.

    Args:
        ids: Clip ids.
        source: File or corpus, for the error.

    Raises:
        ValueError: Names the first repeated id.
    """
    if pc.count_distinct(ids).as_py() == len(ids):
        return
    counts = pc.value_counts(ids)
    twice = counts.filter(pc.greater(counts.field("counts"), 1))[0].as_py()
    raise ValueError(
        f"{source}: clip {twice['values']!r} stands {twice['counts']} times, expected once. "
        "Remove the repeated rows."
    )


def require_inside(paths: pa.ChunkedArray, source: object) -> None:
    """Raise where a column of paths holds one that leaves the data folder.

    Args:
        paths: Relative paths as written in an annotation file.
        source: The file, for the error.

    Raises:
        ValueError: A path is absolute or climbs out by ``..``; names the file and the line.
    """
    bad = pc.match_substring_regex(paths, LEAVES)
    if pc.any(bad).as_py():
        row = pc.index(bad, True).as_py()
        raise ValueError(
            f"{source}, line {row + 2}: path leaves the data folder: got {paths[row].as_py()!r}, "
            "expected a relative path. Do not trust this file; get it again from its source."
        )


def stems(paths: pa.ChunkedArray) -> pa.Array:
    """Give file names without folders and suffix: what a regular expression does ten times slower.

    Args:
        paths: Paths with ``/``; folders and suffix may be absent. Null stays null.

    Example:
        >>> stems(pa.chunked_array([["G1/G1_02/a_001.mp4", "b_002"]])).to_pylist()
        ['a_001', 'b_002']
    """
    parts = pc.split_pattern(paths.combine_chunks(), "/", max_splits=1, reverse=True)
    names = parts.flatten().take(pc.subtract(parts.offsets[1:], 1))
    return pc.list_element(pc.split_pattern(names, ".", max_splits=1, reverse=True), 0)


def _require_columns(table: pa.Table, columns: Sequence[str], where: object) -> None:
    missing = [name for name in columns if name not in table.column_names]
    if missing:
        raise ValueError(
            f"{where}: missing column: got {table.column_names}, expected {list(columns)}. "
            "Use the annotation file as released."
        )
