"""A table of any of the usual formats as columns of text: csv, tsv, json, jsonl, xlsx."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.reading.decoding import decode
from affecthub.datasets_scripts.reading.layout import File, Tree
from affecthub.datasets_scripts.reading.separators import NAMES, separator_of, with_points
from affecthub.datasets_scripts.reading.tables import parse_csv, read_xlsx, require_columns

TABLE_SUFFIXES = (".csv", ".tsv", ".json", ".jsonl", ".xlsx")


def read_table(tree: Tree, file: File, encoding: str | None = None) -> tuple[pa.Table, str]:
    """Read a table of any format, every value as text.

    Args:
        tree: The data folder; ``tree.read_as`` takes an unusual separator.
        file: A csv, tsv or xlsx (its first sheet) with a header; a json, which is a list of
            objects, an object of objects (then their key is the column ``key``), or an object
            around one such list; or a jsonl, an object a line.
        encoding: Of a text file; None takes what is certain, as ``decode`` says.

    Returns:
        Columns of text, an empty string where there is nothing, and the encoding that was read.
        Lists and objects inside a json stay written as JSON.

    Raises:
        ValueError: The file is unreadable, of another encoding, has no rows, or has a column twice.
        ImportError: ``fastexcel`` is missing.
    """
    where = tree.root / file.path
    if file.suffix == ".xlsx":
        table, encoding = read_xlsx(tree, file, ()), "xlsx"
    else:
        text, encoding = decode(tree.read(file), where, encoding)
        if file.suffix in (".json", ".jsonl"):
            table = _of_records(_records(text, where, lines=file.suffix == ".jsonl"), where)
        else:
            usual = "\t" if file.suffix == ".tsv" else ","
            data = text.encode("utf-8", "surrogatepass")
            separator = separator_of(data, (), usual)
            table = parse_csv(data, where, (), separator)
            how = [f"{NAMES[separator]} between columns"] if separator != usual else []
            if separator == ";":
                table, written = with_points(table)
                how += [f"decimal commas in {', '.join(written)}"] if written else []
            if how:
                tree.read_as[file.path] = ", ".join(how)
    names = [name or f"column_{i + 1}" for i, name in enumerate(table.column_names)]
    table = table.rename_columns(names)
    require_columns(table, (), where)
    columns = [pc.fill_null(column.cast(pa.string()), "") for column in table.columns]
    return pa.Table.from_arrays(columns, names), encoding


def _records(text: str, where: object, *, lines: bool) -> list[dict[str, Any]]:
    """The objects of a json or jsonl."""
    try:
        if lines:
            content = [json.loads(line) for line in text.split("\n") if line.strip()]
        else:
            content = json.loads(text)
    except (json.JSONDecodeError, RecursionError, ValueError) as error:
        kind = "jsonl" if lines else "JSON"
        raise ValueError(f"{where}: got no readable {kind} ({error})") from error
    if isinstance(content, dict):
        around = [value for value in content.values() if _is_records(value)]
        if content and all(isinstance(value, dict) for value in content.values()):
            content = [{"key": key, **value} for key, value in content.items()]
        elif len(around) == 1:
            content = around[0]
    if not _is_records(content):
        raise ValueError(
            f"{where}: got {type(content).__name__}, expected a list of objects, one a clip"
        )
    return list(content)


def _is_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(i, dict) for i in value)


def _of_records(records: Iterable[Mapping[str, Any]], where: object) -> pa.Table:
    """Put objects into columns, in the order in which keys first stand."""
    records = list(records)
    names = list(dict.fromkeys(name for record in records for name in record))
    if not names:
        raise ValueError(f"{where}: got objects without keys, expected some")
    try:
        columns = [
            pa.array([_text(record.get(name)) for record in records], pa.string()) for name in names
        ]
        return pa.Table.from_arrays(columns, names)
    except UnicodeEncodeError as error:  # half a character, as JSON can write it
        raise ValueError(f"{where}: got text that is no Unicode ({error})") from error


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
