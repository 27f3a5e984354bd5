"""The released lexicon tables (one csv, six workbooks) as one lexicon document.

Only the csv and xlsx files are read. The 2026 release also holds ``wheel_mapping.npz``, a pickle:
it is never opened. Its presence tells the two editions apart, and so does the content of the csv.
"""

import csv
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from affecthub.cache import content_key
from affecthub.errors import require
from affecthub.metrics.parsing import normalise, pieces

FORMS = "format.csv"
SYNONYMS = "synonym.xlsx"
WHEELS = tuple(f"wheel{number}.xlsx" for number in range(1, 6))
TABLES = (FORMS, SYNONYMS, *WHEELS)
# Characters of the hash that are a lexicon's version.
VERSION_LENGTH = 12
EDITION_2026 = "wheel_mapping.npz"
# The sha256 of the csv as released in 2026.
FORMS_2026 = "82234299875465ecf6c196ace42ffbe745baaeea72b5e39de955af36929982a4"

# The synonyms were written by eight runs of a language model, each with its own row order.
_RUNS = range(1, 9)
_LEVELS = ("level1", "level2", "level3")


def tables_key(folder: Path) -> str:
    """The hash of a folder's tables and edition, in hexadecimal.

    Raises:
        FileNotFoundError: A table is missing; all missing ones are named.
    """
    missing = [table for table in TABLES if not (folder / table).is_file()]
    if missing:
        raise FileNotFoundError(
            f"lexicon tables missing in {folder}: got no {', '.join(missing)}, expected "
            f"{', '.join(TABLES)}. Copy the whole released folder."
        )
    hashes = [content_key((folder / table).read_bytes()) for table in TABLES]
    return key_of(hashes, is_2026=_is_2026(folder))


def key_of(hashes: Iterable[str], *, is_2026: bool) -> str:
    """The hash of tables by the hash of each, in the order of `TABLES`, and their edition."""
    digest = hashlib.sha256()
    for one in hashes:
        digest.update(bytes.fromhex(one))
    digest.update(b"2026" if is_2026 else b"2025")
    return digest.hexdigest()


def _is_2026(folder: Path) -> bool:
    """Say whether the tables are of the 2026 edition."""
    if (folder / EDITION_2026).exists():
        return True
    return content_key((folder / FORMS).read_bytes()) == FORMS_2026


def read_tables(folder: Path) -> dict[str, Any]:
    """Read a folder of released tables into the JSON form of a lexicon.

    The 2025 edition gives NaN where a score is undefined, the 2026 edition 0.

    Args:
        folder: Holds ``format.csv``, ``synonym.xlsx`` and ``wheel1.xlsx`` to ``wheel5.xlsx``.

    Returns:
        The document that `Lexicon.from_document` takes, without its version.

    Raises:
        ValueError: A file is not what its name says, lacks a sheet or a column, or a row is wrong.
        ImportError: openpyxl is not installed.
    """
    wheels = [_read_wheel(folder / table) for table in WHEELS]
    wheel_words = {
        word
        for wheel in wheels
        for core, groups in wheel["sectors"].items()
        for word in (core, *groups, *(outer for outers in groups.values() for outer in outers))
    }
    words: dict[str, dict[str, list[str]]] = {}
    for name, forms in _read_forms(folder / FORMS):
        words[name] = {"forms": [name, *forms], "wheel_words": []}
    for word, synonyms in _read_synonyms(folder / SYNONYMS, wheel_words):
        for name in (word, *synonyms):
            targets = words.setdefault(name, {"forms": [], "wheel_words": []})["wheel_words"]
            if word not in targets:
                targets.append(word)
    return {
        "name": folder.resolve().name,
        "wheels": wheels,
        "words": words,
        "style": "released",
        "zero_division": 0 if _is_2026(folder) else "nan",
    }


def _read_forms(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield each name with its inflections."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        _require_columns(path, rows.fieldnames or (), ("name", "format"))
        for row in rows:
            yield _clean(row["name"]), _words(row["format"])


def _read_synonyms(path: Path, wheel_words: set[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each wheel word of each run with that run's synonyms."""
    header, rows = _read_sheet(path)
    columns = [(f"word_run{run}", f"synonym_run{run}") for run in _RUNS]
    _require_columns(path, header, [name for pair in columns for name in pair])
    for number, row in rows:
        for word_column, synonym_column in columns:
            word = _clean(row[word_column])
            if word not in wheel_words:
                raise ValueError(
                    f"{path}, row {number}: got {word!r} in column {word_column}, expected a word "
                    f"of one of the {len(WHEELS)} wheels."
                )
            yield word, _words(row[synonym_column])


def _read_wheel(path: Path) -> dict[str, Any]:
    """Read one wheel; a blank in the two inner columns repeats the cell above (merged cells)."""
    header, rows = _read_sheet(path)
    _require_columns(path, header, _LEVELS)
    sectors: dict[str, dict[str, list[str]]] = {}
    core = group = ""
    for number, row in rows:
        opened, grouped, outer = (_clean(row[level]) for level in _LEVELS)
        core = opened or core
        group = grouped or ("" if opened else group)
        if not (core and group and outer):
            raise ValueError(
                f"{path}, row {number}: got level1 {core!r}, level2 {group!r}, level3 {outer!r}, "
                "expected a word in each. Fill the first row of every sector."
            )
        sectors.setdefault(core, {}).setdefault(group, []).append(outer)
    return {"name": path.stem, "source": path.name, "sectors": sectors}


def _read_sheet(path: Path) -> tuple[list[str], list[tuple[int, dict[str, Any]]]]:
    """The header of Sheet1 and its rows that are not blank, with their numbers."""
    openpyxl = require("openpyxl", "metrics", "read released lexicon tables")
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, KeyError, openpyxl.utils.exceptions.InvalidFileException) as error:
        raise ValueError(f"{path} is not a workbook: {error}. Copy the file again.") from error
    try:
        if "Sheet1" not in book.sheetnames:
            raise ValueError(
                f"{path} has no sheet 'Sheet1': got {', '.join(book.sheetnames)}, expected the "
                "sheet name of the release."
            )
        cells = list(book["Sheet1"].iter_rows(values_only=True))
    finally:
        book.close()
    header = [str(cell) for cell in cells[0]] if cells else []
    # openpyxl leaves out the blank cells at the end of a row.
    rows = [dict(zip_longest(header, row[: len(header)])) for row in cells[1:]]
    return header, [(number, row) for number, row in enumerate(rows, start=2) if any(row.values())]


def _require_columns(path: Path, found: Sequence[str], expected: Sequence[str]) -> None:
    """Raise a ValueError that lists the found columns where an expected one is missing."""
    missing = [column for column in expected if column not in found]
    if missing:
        raise ValueError(
            f"{path} lacks columns: got {', '.join(found) or 'none'}, expected "
            f"{', '.join(missing)} too."
        )


def _clean(cell: object) -> str:
    return normalise(str(cell or ""), "released")


def _words(cell: object) -> list[str]:
    """Split a cell that holds a list of words."""
    return [word for word in map(_clean, pieces(str(cell or ""), "released")) if word]
