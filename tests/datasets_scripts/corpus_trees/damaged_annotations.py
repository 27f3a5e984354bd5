"""Ways in which an annotation file of each format can be damaged."""

import io
import json
from random import Random
from typing import Any

import numpy as np

from corpus_trees.damage import (
    BYTES,
    LINES,
    STRANGE,
    TEXT,
    Damage,
    Mutation,
    flipped,
    strange_word,
)
from corpus_trees.damaged_tables import TABLE

VALUES: tuple[Any, ...] = (None, True, -1, 10**400, float("nan"), float("inf"), [], {}, [[]])


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


MUTATIONS: dict[str, tuple[Mutation, ...]] = {
    ".csv": (*TEXT, *TABLE),
    ".jsonl": (*TEXT, *LINES, *[strange_json_line] * 10),
    ".json": (*TEXT, doubled_key, *[strange_json] * 12),
    ".txt": (*TEXT, *LINES, *[strange_word] * 10),
    ".npz": (*BYTES, program, *[strange_array] * 8),
    ".xlsx": (*BYTES, *[strange_sheet] * 8),
    ".csd": (*BYTES, flipped, flipped),
}


def damage(data: bytes, suffix: str, rng: Random) -> tuple[str, Damage]:
    """Damage a file in one way that changes it; give the way's name and the file."""
    while True:
        mutation = rng.choice(MUTATIONS[suffix])
        damaged = mutation(data, rng)
        if damaged is not None and damaged.data != data:
            return mutation.__name__, damaged
