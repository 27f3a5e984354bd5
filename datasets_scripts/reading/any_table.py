"""A table of any of the usual formats as columns of text: csv, tsv, json, jsonl, xlsx."""

import json
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.reading.layout import File, Tree
from affecthub.datasets_scripts.reading.tables import parse_csv, read_xlsx, require_columns
from affecthub.labels import EMOTIONS

TABLE_SUFFIXES = (".csv", ".tsv", ".json", ".jsonl", ".xlsx")
# The most frequent characters of Chinese text, and those of its words for emotions.
_COMMON = frozenset(
    "的一是不了人我在有他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生自会那"
    "后能对着事其里所去行过家十用发天然作方成多日都三小没好看心"
) | {char for emotion in EMOTIONS for word in emotion.words for char in word if char > "\u2e80"}


def read_table(tree: Tree, file: File, encoding: str | None = None) -> tuple[pa.Table, str]:
    """Read a table of any format, every value as text.

    Args:
        tree: The data folder.
        file: A csv, tsv or xlsx (its first sheet) with a header; a json, which is a list of
            objects, an object of objects (then their key is the column ``key``), or an object
            around one such list; or a jsonl, an object a line.
        encoding: Of a text file. None takes UTF-8, with or without BOM, UTF-16 with BOM, and GBK
            where the text is certainly Chinese.

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
            delimiter = "\t" if file.suffix == ".tsv" else ","
            table = parse_csv(text.encode("utf-8", "surrogatepass"), where, (), delimiter)
    names = [name or f"column_{i + 1}" for i, name in enumerate(table.column_names)]
    table = table.rename_columns(names)
    require_columns(table, (), where)
    columns = [pc.fill_null(column.cast(pa.string()), "") for column in table.columns]
    return pa.Table.from_arrays(columns, names), encoding


def decode(data: bytes, where: object, encoding: str | None = None) -> tuple[str, str]:
    """Decode the bytes of a text file.

    Args:
        data: The bytes.
        where: The file, for the error.
        encoding: As ``read_table``.

    Returns:
        The text without BOM, and the encoding.

    Raises:
        ValueError: The encoding is unknown, or the bytes are not of it, or of none that is certain.

    Example:
        >>> decode("\ufeff高兴".encode("utf-16"), "a.csv")
        ('高兴', 'utf-16')
    """
    if encoding is None and data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    try:
        return data.decode(encoding or "utf-8-sig").removeprefix("\ufeff"), encoding or "utf-8"
    except LookupError:
        raise ValueError(
            f"`encoding`: got {encoding!r}, expected a name such as 'utf-8' or 'gbk'"
        ) from None
    except UnicodeError as error:
        if encoding is None and (text := _gbk(data)) is not None:
            return text, "gbk"
        raise ValueError(
            f"{where}: got text that is not {encoding or 'UTF-8'} ({error}), expected UTF-8. Save "
            "it as UTF-8, or say what it is, as in encoding='gbk'."
        ) from error


def _gbk(data: bytes) -> str | None:
    """The text of bytes that are certainly Chinese in GBK, else None.

    Bytes of other encodings often pass for GBK, but as characters that nobody writes.
    """
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return None
    foreign = [char for char in text if char > "\x7f"]
    known = sum(unicodedata.category(char) != "Lo" or _in_gb2312(char) for char in foreign)
    common = sum(char in _COMMON for char in foreign)
    return text if known >= 0.98 * len(foreign) and common >= 0.1 * len(foreign) else None


def _in_gb2312(char: str) -> bool:
    try:
        return bool(char.encode("gb2312"))
    except UnicodeEncodeError:
        return False


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
