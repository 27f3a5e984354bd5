"""Annotation files to Arrow: csv cells read as text, columns, ids and paths checked."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from affecthub.datasets_scripts.reading.decoding import decode, mend_controls
from affecthub.datasets_scripts.reading.layout import LEAVES, File, Tree
from affecthub.datasets_scripts.reading.separators import (
    NAMES,
    describe_ragged,
    separator_of,
    with_points,
)
from affecthub.errors import require


def read_csv(tree: Tree, file: File, columns: Sequence[str]) -> pa.Table:
    """Read a csv, every value as released (a string; an empty cell is the empty string).

    Args:
        tree: The data folder; ``tree.read_as`` takes what about the file was unusual.
        file: Commas between columns, in UTF-8, with or without BOM, any line ending; quoted fields
            may span lines. Another separator or encoding is read where it is certain, and control
            characters that stand for quotation marks are mended (``reading.decoding``).
        columns: Columns that must be there.

    Returns:
        Table with all columns of the file.

    Raises:
        ValueError: The file has no rows, is of no encoding that is certain, has ragged rows, or
            lacks a column.
    """
    where = tree.root / file.path
    data = tree.read(file)
    text, encoding = decode(data, where)
    if encoding != "utf-8":
        data = text.encode("utf-8")
    data, n_mended = mend_controls(data)
    separator = separator_of(data, columns)
    table = parse_csv(data, where, columns, separator)
    how = []
    if encoding != "utf-8":
        how.append(f"text of {encoding}")
    if separator != ",":
        how.append(f"{NAMES[separator]} between columns")
    if separator == ";":
        table, written = with_points(table)
        how += [f"decimal commas in {', '.join(written)}"] if written else []
    if n_mended:
        how.append(f"{n_mended} control characters as the quotation marks and dashes they were")
    if how:
        tree.read_as[file.path] = ", ".join(how)
    return table


def parse_csv(data: bytes, where: object, columns: Sequence[str], delimiter: str = ",") -> pa.Table:
    """As ``read_csv``, of bytes, with columns between any one character.

    Args:
        data: UTF-8, with or without BOM.
        where: The file, for the error.
        columns: Columns that must be there.
        delimiter: What stands between two cells.

    Raises:
        ValueError: As ``read_csv``.
    """
    try:
        table = csv.read_csv(
            pa.BufferReader(data),
            # One block: a cell may be of any size, and columns come in one piece.
            read_options=csv.ReadOptions(block_size=len(data) + 1),
            parse_options=csv.ParseOptions(
                delimiter=delimiter,
                # A line can only break inside quotes; where there are none, lines are split faster.
                newlines_in_values=b'"' in data,
            ),
            convert_options=csv.ConvertOptions(
                default_column_type=pa.string(), strings_can_be_null=False
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
        why = describe_ragged(data, delimiter) or error
        raise ValueError(
            f"{where}: got no readable csv ({why}), expected UTF-8 rows of as many cells as the "
            "header. Quote cells that hold the separator, or get the file again."
        ) from error
    require_columns(table, columns, where)
    _require_rows(table, where)
    _require_closed(data, table.num_rows, where, delimiter)
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
        ValueError: The file is no workbook, has no rows, or lacks a column.
        ImportError: ``fastexcel`` is missing.
    """
    require("fastexcel", "data", "read xlsx annotations")
    import fastexcel

    where = tree.root / file.path
    try:
        book = fastexcel.read_excel(tree.read(file))
        sheet = book.load_sheet(0, dtypes="string")
        names = [column.name for column in sheet.available_columns()]
        kinds: Any = {name: "float" if name in numbers else "string" for name in names}
        table = pa.table(book.load_sheet(0, dtypes=kinds).to_arrow())
    except fastexcel.FastExcelError as error:
        raise ValueError(f"{where}: got no readable workbook ({error}), expected xlsx") from error
    require_columns(table, columns, where)
    _require_rows(table, where)
    return table


def text_or_null(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of text with null for empty cells."""
    empty = pc.equal(pc.utf8_trim_whitespace(column), "")
    return pc.if_else(empty, pa.scalar(None, pa.string()), column)


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
    numbers = pc.cast(pc.if_else(is_number, text, pa.scalar(None, pa.string())), pa.float64())
    is_number = pc.and_(is_number, pc.fill_null(pc.is_finite(numbers), False))  # not 1e400
    if pc.any(pc.invert(is_number)).as_py():
        row = pc.index(is_number, False).as_py()
        raise ValueError(
            f"{source}, line {row + 2}: got {column[row].as_py()!r} as `{name}`, expected a "
            "number. Correct the annotation file."
        )
    return numbers


def require_unique(ids: pa.ChunkedArray | pa.Array, source: object) -> None:
    """Raise where a clip has no id, or an id occurs twice.

    Args:
        ids: Clip ids.
        source: File or corpus, for the error.

    Raises:
        ValueError: Names the first row without an id, or the first repeated id.
    """
    require_named(ids, source)
    if len(ids.unique()) == len(ids):
        return
    counts = pc.value_counts(ids)
    twice = counts.filter(pc.greater(counts.field("counts"), 1))[0].as_py()
    raise ValueError(
        f"{source}: clip {twice['values']!r} stands {twice['counts']} times, expected once. "
        "Remove the repeated rows."
    )


def require_named(ids: pa.ChunkedArray | pa.Array, source: object) -> None:
    """Raise where a clip has no id.

    Raises:
        ValueError: Names the first row without one.
    """
    named = pc.fill_null(pc.not_equal(ids, ""), False)
    if pc.any(pc.invert(named)).as_py():
        row = pc.index(named, False).as_py()
        raise ValueError(
            f"{source}: row {row + 1} of {len(ids)}: got a clip without an id, expected one. "
            "Use the annotation file as released."
        )


def require_inside(paths: pa.ChunkedArray, source: object) -> None:
    """Raise where a column of paths holds one that leaves the data folder.

    Args:
        paths: Relative paths as written in an annotation file.
        source: The file, for the error.

    Raises:
        ValueError: A path is absolute or climbs out by ``..``; names the file and the line.
    """
    if _stay_inside(paths):
        return
    bad = pc.match_substring_regex(paths, LEAVES)
    if pc.any(bad).as_py():
        row = pc.index(bad, True).as_py()
        raise ValueError(
            f"{source}, line {row + 2}: path leaves the data folder: got {paths[row].as_py()!r}, "
            "expected a relative path. Do not trust this file; get it again from its source."
        )


def stems(paths: pa.ChunkedArray) -> pa.Array:
    """File names without folders and suffix: what a regular expression does ten times slower.

    Args:
        paths: Paths with ``/``; folders and suffix may be absent. Null stays null.

    Example:
        >>> stems(pa.chunked_array([["G1/G1_02/a_001.mp4", "b_002"]])).to_pylist()
        ['a_001', 'b_002']
    """
    names = paths.combine_chunks().cast(pa.string())
    if not len(names):
        return names
    edges, text = _bytes_of(names)
    starts, ends = edges[:-1], edges[1:]
    starts = np.maximum(starts, _last_before(ends, "/", text) + 1)
    dots = _last_before(ends, ".", text)
    ends = np.where(dots >= starts, dots, ends)
    # The stems, and between them what is left out, are one string array over the same bytes.
    cuts = np.stack([starts, ends], axis=1).ravel().astype(np.int32)
    spans = pa.StringArray.from_buffers(len(cuts) - 1, pa.py_buffer(cuts), names.buffers()[2])
    is_null = names.is_null().to_numpy(zero_copy_only=False)
    return spans.take(pa.array(np.arange(0, len(cuts), 2), mask=is_null))


def _stay_inside(paths: pa.ChunkedArray) -> bool:
    """Whether no path can leave its folder, told from all bytes at once.

    Paths that fail this may still be harmless. Nearly all columns pass, and are spared a regular
    expression for each path.
    """
    if any(pc.any(pc.starts_with(paths, start)).as_py() for start in ("/", "..")):
        return False
    chunks = [_bytes_of(chunk)[1] for chunk in paths.cast(pa.string()).chunks if len(chunk)]
    return not any(
        ((text == ord(":")) | (text == ord("\\"))).any()
        or ((text[:-1] == ord(".")) & (text[1:] == ord("."))).any()
        for text in chunks
    )


def _bytes_of(strings: pa.StringArray) -> tuple[np.ndarray, np.ndarray]:
    """The edges of some strings in the UTF-8 bytes of their array, and these bytes."""
    _, edges, text = strings.buffers()
    own = np.frombuffer(edges, np.int32)[strings.offset : strings.offset + len(strings) + 1]
    return own, np.frombuffer(text or b"", np.uint8)


def _last_before(ends: np.ndarray, mark: str, text: np.ndarray) -> np.ndarray:
    """Where ``mark`` last stands before each of the ascending ``ends``; -1 if nowhere."""
    found = np.flatnonzero(text == ord(mark))
    found = np.concatenate([[-1], found])
    return found[np.searchsorted(found, ends) - 1]


def require_columns(table: pa.Table, columns: Sequence[str], where: object) -> None:
    """Raise where a table lacks a column, or has one twice.

    Args:
        table: What was read.
        columns: Columns that must be there.
        where: The file, for the error.

    Raises:
        ValueError: Names the file and the columns.
    """
    try:
        names = table.column_names
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{where}: got a column name that is not UTF-8 ({error}), expected UTF-8 rows"
        ) from error
    twice = [name for name in dict.fromkeys(names) if name and names.count(name) > 1]
    if twice:
        raise ValueError(
            f"{where}: got column {twice[0]!r} {names.count(twice[0])} times, expected once. "
            "Use the annotation file as released."
        )
    missing = [name for name in columns if name not in names]
    if missing:
        raise missing_columns(missing, names, where)


def missing_columns(missing: Sequence[str], names: Sequence[str], where: object) -> ValueError:
    """Build the error for columns that a file lacks: those alone, and what is nearest to each.

    Args:
        missing: Names of the columns.
        names: Names of those that are there.
        where: The file.

    Returns:
        A ``ValueError`` to raise.

    Example:
        >>> print(missing_columns(["Emotion"], ["emotion", "text"], "a.csv"))  # doctest: +ELLIPSIS
        a.csv: missing column: got none called 'Emotion', expected it. Is it 'emotion'? Rename ...
    """
    near = [match for name in missing for match in _nearest(name, names)]
    hint = f" Is it {' or '.join(map(repr, near))}? Rename it, or use" if near else " Use"
    it = "it" if len(missing) == 1 else "them"
    return ValueError(
        f"{where}: missing column{'s' * (len(missing) > 1)}: got none called "
        f"{', '.join(map(repr, missing))}, expected {it}.{hint} the annotation file as released."
    )


def _nearest(name: str, names: Sequence[str]) -> list[str]:
    """What is there under nearly that name: in other letters, or with a letter amiss."""
    plain = {re.sub(r"[\W_]+", "", other).lower(): other for other in names}
    close = get_close_matches(re.sub(r"[\W_]+", "", name).lower(), plain, n=1, cutoff=0.65)
    return [plain[match] for match in close]


@cache
def _cell(delimiter: str) -> re.Pattern[bytes]:
    """A cell of a well-formed csv with what ends it; the last one may end the file."""
    end = re.escape(delimiter.encode()) + rb"\r\n"
    return re.compile(rb'(?:"[^"]*+(?:""[^"]*+)*+"|[^"%b][^%b]*+)?+(?:[%b]|\Z)' % (end, end, end))


def _require_closed(data: bytes, n_rows: int, where: object, delimiter: str) -> None:
    """Raise where a quotation mark swallows the lines after it: a reader takes them for its text.

    Nothing is swallowed without such a mark, or where every line is a row.
    """
    n_lines = data.count(b"\n") or data.count(b"\r")
    if b'"' not in data or n_lines <= n_rows + 1:
        return
    end = 0
    for cell in _cell(delimiter).finditer(data):
        if cell.start() != end:
            break
        end = cell.end()
    if end < len(data):
        line = data.count(b"\n", 0, end) + 1
        raise ValueError(
            f"{where}, line {line}: got a quotation mark that is not closed at the end of its "
            "cell, expected it closed. Correct the line, or get the file again."
        )


def _require_rows(table: pa.Table, where: object) -> None:
    if not table.num_rows:
        raise ValueError(f"{where}: got a header without rows, expected some. Get the file again.")
