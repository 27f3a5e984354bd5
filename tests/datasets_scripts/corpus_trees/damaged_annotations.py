"""Ways in which an annotation file can be damaged, and what a reader may then make of it.

Every function takes a file's bytes and a seeded generator, and gives a ``Damage`` or None where the
file has nothing to damage in that way.
"""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

import numpy as np

# What may come of it, besides a refusal that names the file.
#   same: rows do not change, and the file is not refused
#   alike: rows do not change
#   cells: at most `n_rows` rows change, none goes or comes
#   cut: at most `n_rows` rows go, or lose what the file says of them
#   broken: nothing without a reported problem
#   any: whatever the file now says, each clip once
Kind = Literal["same", "alike", "cells", "cut", "broken", "any"]


@dataclass(frozen=True)
class Damage:
    """A damaged file."""

    data: bytes
    kind: Kind
    n_rows: int = 0


Mutation = Callable[[bytes, Random], Damage | None]

HUGE = "x" * 3_000_000
STRANGE = ("", " ", "NaN", "inf", "-inf", "1e400", "-1", "9" * 400, "zzz", "../../x", "/etc/x")
STRANGE += (
    "C:\\x",
    "a\0b",
    "😀",
    "\u202eabc",
    "\u0085",
    "[",
    "['a",
    '"',
    "{}",
    "null",
    "١٢٣",
    HUGE,
)
VALUES: tuple[Any, ...] = (None, True, -1, 10**400, float("nan"), float("inf"), [], {}, [[]])


# Any file.


def empty(data: bytes, rng: Random) -> Damage:
    """Nothing left."""
    return Damage(b"", "broken")


def blank(data: bytes, rng: Random) -> Damage:
    """Zeros of the same length, as a full disk or a broken download leaves them."""
    return Damage(bytes(len(data)), "broken")


def truncated(data: bytes, rng: Random) -> Damage:
    """The end is missing."""
    return Damage(data[: rng.randrange(len(data))], "any")


def hole(data: bytes, rng: Random) -> Damage:
    """A piece in the middle is missing, or zero."""
    start = rng.randrange(len(data))
    end = min(len(data), start + rng.randrange(1, 40))
    return Damage(data[:start] + rng.choice((b"", bytes(end - start))) + data[end:], "any")


def flipped(data: bytes, rng: Random) -> Damage:
    """Some bytes are others."""
    changed = bytearray(data)
    for _ in range(rng.randrange(1, 8)):
        changed[rng.randrange(len(data))] = rng.randrange(256)
    return Damage(bytes(changed), "any")


def page(data: bytes, rng: Random) -> Damage:
    """The web page that says the download is not allowed."""
    return Damage(b"<!DOCTYPE html>\n<html><body>Sign in, please</body></html>\n", "broken")


# Text.


def bom(data: bytes, rng: Random) -> Damage:
    """A byte order mark, as spreadsheets write it."""
    return Damage(b"\xef\xbb\xbf" + data.removeprefix(b"\xef\xbb\xbf"), "same")


def other_encoding(data: bytes, rng: Random) -> Damage | None:
    """Saved again by a program with another idea of text."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    changed = text.encode(rng.choice(("gb18030", "utf-16", "utf-16-le", "big5")), "replace")
    return None if changed == text.encode() else Damage(changed, "any")


def bad_byte(data: bytes, rng: Random) -> Damage:
    """A byte that no text has."""
    at = rng.randrange(len(data))
    return Damage(data[:at] + b"\xff" + data[at:], "any")


# Lines.


def cut_lines(data: bytes, rng: Random) -> Damage | None:
    """Some lines are missing."""
    lines = data.splitlines(keepends=True)
    if len(lines) < 3:
        return None
    gone = set(rng.sample(range(1, len(lines)), rng.randrange(1, min(4, len(lines)))))
    return Damage(b"".join(line for i, line in enumerate(lines) if i not in gone), "any")


def doubled_line(data: bytes, rng: Random) -> Damage | None:
    """A line stands twice."""
    lines = data.splitlines(keepends=True)
    at = rng.randrange(len(lines))
    return Damage(b"".join([*lines[: at + 1], *lines[at:]]), "any")


def strange_word(data: bytes, rng: Random) -> Damage | None:
    """A word of a line is another."""
    lines = data.decode("utf-8", "replace").splitlines(keepends=True)
    at = rng.randrange(len(lines))
    words = lines[at].split(" ")
    words[rng.randrange(len(words))] = rng.choice(STRANGE)
    lines[at] = " ".join(words)
    return Damage("".join(lines).encode(), "any")


# Tables.


def _table(data: bytes) -> tuple[list[str], list[list[str]]] | None:
    try:
        header, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    except (UnicodeDecodeError, ValueError, csv.Error):
        return None
    return (header, rows) if rows and all(len(row) == len(header) for row in rows) else None


def _csv(header: list[str], rows: list[list[str]], **dialect: Any) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, **{"lineterminator": "\n", **dialect})
    writer.writerows([header, *rows])
    return stream.getvalue().encode("utf-8", "surrogatepass")


def _on_table(change: Callable[[list[str], list[list[str]], Random], Damage | None]) -> Mutation:
    """Make a mutation of a change to a csv's header and rows."""

    def mutation(data: bytes, rng: Random) -> Damage | None:
        table = _table(data)
        return change(*table, rng) if table else None

    mutation.__name__ = change.__name__
    return mutation


def strange_cell(header: list[str], rows: list[list[str]], rng: Random) -> Damage:
    """One cell holds something else."""
    row = rng.choice(rows)
    row[rng.randrange(len(row))] = rng.choice(STRANGE)
    return Damage(_csv(header, rows), "cells", 1)


def strange_start(header: list[str], rows: list[list[str]], rng: Random) -> Damage:
    """One cell begins with what leads out of a folder, or out of the text."""
    row, column = rng.choice(rows), rng.randrange(len(header))
    row[column] = rng.choice(("../", "/", "\\\\", "C:", "\0", " ", "'", '"')) + row[column]
    return Damage(_csv(header, rows), "cells", 1)


def cut_rows(header: list[str], rows: list[list[str]], rng: Random) -> Damage:
    """Some rows are missing."""
    gone = set(rng.sample(range(len(rows)), rng.randrange(1, min(4, len(rows) + 1))))
    kept = [row for i, row in enumerate(rows) if i not in gone]
    return Damage(_csv(header, kept), "cut", len(gone))


def doubled_row(header: list[str], rows: list[list[str]], rng: Random) -> Damage:
    """A row stands twice."""
    return Damage(_csv(header, [*rows, rng.choice(rows)]), "alike")


def shuffled_rows(header: list[str], rows: list[list[str]], rng: Random) -> Damage:
    """Rows in another order."""
    return Damage(_csv(header, rng.sample(rows, len(rows))), "alike")


def quoted(header: list[str], rows: list[list[str]], rng: Random) -> Damage:
    """Every cell in quotes, lines as Windows ends them."""
    return Damage(_csv(header, rows, quoting=csv.QUOTE_ALL, lineterminator="\r\n"), "same")


def swapped_columns(header: list[str], rows: list[list[str]], rng: Random) -> Damage:
    """Columns in another order, each with its name."""
    order = rng.sample(range(len(header)), len(header))
    return Damage(_csv([header[i] for i in order], [[r[i] for i in order] for r in rows]), "same")


def swapped_names(header: list[str], rows: list[list[str]], rng: Random) -> Damage | None:
    """Two columns under each other's name."""
    if len(header) < 2:
        return None
    i, j = rng.sample(range(len(header)), 2)
    header[i], header[j] = header[j], header[i]
    return Damage(_csv(header, rows), "any")


def doubled_name(header: list[str], rows: list[list[str]], rng: Random) -> Damage:
    """Two columns of one name."""
    header[rng.randrange(len(header))] = rng.choice(header)
    return Damage(_csv(header, rows), "any")


def dropped_column(header: list[str], rows: list[list[str]], rng: Random) -> Damage:
    """A column is missing."""
    i = rng.randrange(len(header))
    rows = [row[:i] + row[i + 1 :] for row in rows]
    return Damage(_csv(header[:i] + header[i + 1 :], rows), "cells", len(rows))


def ragged(header: list[str], rows: list[list[str]], rng: Random) -> Damage:
    """A row has a cell too many, or too few."""
    row = rng.choice(rows)
    row[:] = rng.choice((row[:-1], [*row, "x"]))
    return Damage(_csv(header, rows), "cells", 1)


def header_only(header: list[str], rows: list[list[str]], rng: Random) -> Damage:
    """No rows."""
    return Damage(_csv(header, []), "broken")


def no_header(header: list[str], rows: list[list[str]], rng: Random) -> Damage:
    """The first line is missing."""
    return Damage(_csv(rows[0], rows[1:]), "any")


def other_delimiter(header: list[str], rows: list[list[str]], rng: Random) -> Damage | None:
    """Saved with the separator of another country."""
    if len(header) < 2:
        return None
    return Damage(_csv(header, rows, delimiter=rng.choice(";\t|")), "broken")


def open_quote(header: list[str], rows: list[list[str]], rng: Random) -> Damage:
    """A quotation mark that nothing closes."""
    lines = _csv(header, rows).splitlines(keepends=True)
    at = rng.randrange(1, len(lines))
    cells = lines[at].split(b",")
    i = rng.randrange(len(cells))
    cells[i] = b'"' + cells[i]
    lines[at] = b",".join(cells)
    return Damage(b"".join(lines), "cells", 1)


# JSON.


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List the way to every value inside a JSON value."""
    if not isinstance(value, dict | list):
        return [path]
    items = value.items() if isinstance(value, dict) else enumerate(value)
    return [path] * bool(path) + [p for key, item in items for p in _places(item, (*path, key))]


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:  # an answer of a language model, in a fence
        return None


def _change_json(value: Any, rng: Random) -> Any:
    """Replace, remove or double one value inside a JSON value."""
    places = _places(value)
    if not places or places == [()]:
        return rng.choice(VALUES)
    *way, key = rng.choice(places)
    parent = value
    for step in way:
        parent = parent[step]
    change = rng.choice(("value", "value", "text", "gone", "double"))
    if change == "gone":
        del parent[key]
    elif change == "double" and isinstance(parent, list):
        parent.append(parent[key])
    else:
        parent[key] = rng.choice(VALUES if change == "value" else STRANGE)
    return value


def strange_json(data: bytes, rng: Random) -> Damage | None:
    """One value is another, is gone, or stands twice."""
    value = _json(data)
    return value and Damage(json.dumps(_change_json(value, rng)).encode(), "any")


def strange_json_line(data: bytes, rng: Random) -> Damage:
    """One value of one line is another, or is gone."""
    lines = data.splitlines()
    at = rng.randrange(len(lines))
    lines[at] = json.dumps(_change_json(json.loads(lines[at]), rng)).encode()
    return Damage(b"\n".join(lines), "cells", 1)


def doubled_key(data: bytes, rng: Random) -> Damage | None:
    """An object begins with another value for one of its keys."""
    value = _json(data)
    if not isinstance(value, dict) or not value:
        return None
    key = rng.choice(list(value))
    return Damage(b"{" + json.dumps({key: None}).encode()[1:-1] + b"," + data.lstrip()[1:], "any")


# Label arrays and workbooks.


def strange_array(data: bytes, rng: Random) -> Damage:
    """One value of a pickled label file is another, or is gone."""
    with np.load(io.BytesIO(data), allow_pickle=True) as archive:  # our own files
        arrays = {name: archive[name] for name in archive.files}
    name = rng.choice(list(arrays))
    value = arrays[name].item() if arrays[name].ndim == 0 else arrays[name].tolist()
    stream = io.BytesIO()
    np.savez_compressed(stream, **{**arrays, name: np.array(_change_json(value, rng), object)})
    return Damage(stream.getvalue(), "any")


class Attack:
    """What a pickle does when it is trusted."""

    def __reduce__(self) -> tuple[Any, ...]:
        return print, ("a label file was run as a program",)


def program(data: bytes, rng: Random) -> Damage:
    """A pickle that is a program."""
    stream = io.BytesIO()
    np.savez(stream, **{"train_corpus": np.array(Attack(), object)})
    return Damage(stream.getvalue(), "broken")


def strange_sheet(data: bytes, rng: Random) -> Damage | None:
    """A cell of a workbook is another; a row is gone or stands twice; a column is gone."""
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data))
    sheet = book.worksheets[0]
    if sheet.max_row < 2:
        return None
    row, column = rng.randrange(1, sheet.max_row + 1), rng.randrange(1, sheet.max_column + 1)
    change = rng.choice(("cell", "cell", "cell", "row", "column", "double"))
    if change == "cell":
        texts = [text for text in STRANGE if text.isprintable() and len(text) < 1000]
        sheet.cell(row, column).value = rng.choice((None, 7.5, True, *texts))
    elif change == "row":
        sheet.delete_rows(row)
    elif change == "column":
        sheet.delete_cols(column)
    else:
        sheet.append([cell.value for cell in sheet[row]])
    stream = io.BytesIO()
    book.save(stream)
    return Damage(stream.getvalue(), "any")


BYTES: tuple[Mutation, ...] = (empty, blank, truncated, hole, flipped, page)
TEXT: tuple[Mutation, ...] = (*BYTES, bom, other_encoding, bad_byte)
TABLE = (strange_cell, strange_start, cut_rows, doubled_row, shuffled_rows, quoted)
TABLE += (swapped_columns, swapped_names, doubled_name, dropped_column, ragged, header_only)
TABLE += (no_header, other_delimiter, open_quote)
# Cells are damaged most often, because there is most to get wrong.
MUTATIONS: dict[str, tuple[Mutation, ...]] = {
    ".csv": (*TEXT, *map(_on_table, (strange_cell, strange_cell, strange_cell, *TABLE))),
    ".jsonl": (*TEXT, cut_lines, doubled_line, *[strange_json_line] * 10),
    ".json": (*TEXT, doubled_key, *[strange_json] * 12),
    ".txt": (*TEXT, cut_lines, doubled_line, *[strange_word] * 10),
    ".npz": (*BYTES, program, *[strange_array] * 8),
    ".xlsx": (*BYTES, *[strange_sheet] * 8),
}


def damage(data: bytes, suffix: str, rng: Random) -> tuple[str, Damage]:
    """Damage a file in one way that changes it; give the way's name and the file."""
    while True:
        mutation = rng.choice(MUTATIONS[suffix])
        damaged = mutation(data, rng)
        if damaged is not None and damaged.data != data:
            return mutation.__name__, damaged
