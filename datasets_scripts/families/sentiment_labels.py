"""Sentiment label files: MMSA's label csv, MERBench's label npz and transcription csv."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.families.clip_ids import ClipIds
from affecthub.datasets_scripts.reading.layout import File, Tree
from affecthub.datasets_scripts.reading.once import once_each
from affecthub.datasets_scripts.reading.references import set_column
from affecthub.datasets_scripts.reading.tables import (
    read_csv,
    text_or_null,
    to_numbers,
)
from affecthub.npz import read_npz

# Cell of the column `mode` in lower case, and array of the npz -> our split.
MODES = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("valid", "validation", "val", "dev", "development"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}
NPZ_SPLITS = {"train_corpus": "train", "val_corpus": "validation", "test_corpus": "test"}
# Labels travelled through float32 in some files and were printed with six digits in others.
SAME_LABEL = 1e-4


class Part(NamedTuple):
    """What one file says of the clips: the column ``id`` and any others of ours."""

    source: str
    rows: pa.Table


def read_label_csv(tree: Tree, file: File, ids: ClipIds, further: Mapping[str, str]) -> Part:
    """Read ``label.csv`` or ``meta.csv``: a row per clip with its text, labels and split.

    Args:
        tree: The data folder.
        file: The csv.
        ids: How clips are named.
        further: Columns of numbers that the file may have, and our names for them.

    Returns:
        Clip, text, split, ``sentiment``, ``annotation`` and what is there of ``further``. Empty
        cells are null.

    Raises:
        ValueError: A column is missing; an id, a number or a split cannot be read (with its line).
    """
    where = tree.root / file.path
    table = read_csv(tree, file, ["video_id", "clip_id", "text", "label", "mode"])
    mode = pc.utf8_trim_whitespace(table["mode"])
    split = pc.index_in(pc.utf8_lower(mode), value_set=pa.array(MODES, pa.string()))
    if split.null_count:
        row = pc.index(pc.is_null(split), True).as_py()
        raise ValueError(
            f"{where}, line {row + 2}: got {mode[row].as_py()!r} as `mode`, expected one of "
            f"{', '.join(MODES)}, in any case. Use the annotation file as released."
        )
    columns: dict[str, Any] = {
        **ids.join(table["video_id"], table["clip_id"], where),
        "split_official": pc.take(pa.array(MODES.values(), pa.string()), split),
        "text": text_or_null(table["text"]),
        "sentiment": to_numbers(table["label"], where, "label"),
    }
    if "annotation" in table.column_names:
        columns["annotation"] = text_or_null(table["annotation"])
    for released, ours in further.items():
        if released in table.column_names:
            columns[ours] = to_numbers(table[released], where, released)
    return Part(file.path, once_each(tree, file, pa.table(columns), "id"))


def read_label_npz(tree: Tree, file: File, ids: ClipIds) -> Part:
    """Read ``label.npz``: a dict per split, from clip to ``{"emo": 0, "val": sentiment}``.

    Raises:
        ValueError: No such npz, a clip without a number, or an id of another corpus.
    """
    where = tree.root / file.path
    clips: list[tuple[str, str, Any]] = []
    for name, part in read_npz(where, tree.read(file)).items():
        if name not in NPZ_SPLITS or not isinstance(part, dict):
            raise ValueError(
                f"{where}: got array {name!r} ({type(part).__name__}), expected dicts "
                f"{', '.join(NPZ_SPLITS)}. Use the label file as released."
            )
        clips += [(clip, NPZ_SPLITS[name], label) for clip, label in part.items()]
    try:
        names = pa.array([clip for clip, _, _ in clips], pa.string())
        values = np.array([label["val"] for _, _, label in clips], dtype=np.float64)
    except (KeyError, TypeError, ValueError, OverflowError, pa.ArrowException) as error:
        raise ValueError(
            f"{where}: clip without an id or a number `val` ({error}). "
            "Use the label file as released."
        ) from error
    columns = {
        **ids.split(names, where),
        "split_official": pa.array([split for _, split, _ in clips], pa.string()),
        "sentiment": pa.array(values),
    }
    return Part(file.path, pa.table(columns))


def read_transcription(tree: Tree, file: File, language: str, ids: pa.Array) -> Part:
    """Read a transcription csv: ``name`` and the clip's words in Chinese, in English, or both.

    Args:
        tree: The data folder.
        file: The csv.
        language: What is spoken, "en" or "zh". The other language is a translation; only the
            English one is kept.
        ids: The clips that matter, as ``once_each`` says.

    Raises:
        ValueError: A column is missing.
    """
    spoken = {"en": "english", "zh": "chinese"}[language]
    table = read_csv(tree, file, ["name", spoken])
    known = [name for name in (spoken, "english") if name in table.column_names]
    table = once_each(tree, file, table, "name", values=known, ids=ids)
    columns = {"id": table["name"], "text": text_or_null(table[spoken])}
    if language != "en" and "english" in table.column_names:
        columns["text_en"] = text_or_null(table["english"])
    return Part(file.path, pa.table(columns))


def join_parts(labels: list[Part], additions: list[Part]) -> tuple[pa.Table, list[str]]:
    """Put together what several files say of the same clips; the first that knows a value is used.

    Args:
        labels: Parts that decide which clips there are; at least one.
        additions: Parts that only add to those clips.

    Returns:
        A row per clip in the order of the label files, and what is wrong with them: labels or
        splits on which two files disagree, clips that only some of them have.
    """
    first, problems = labels[0], []
    ids = all_ids(labels)
    rows = pa.table({"id": ids})
    for part in labels[1:]:
        n_first, n_part = len(_ids(first)), len(_ids(part))
        n_others = pc.index_in(_ids(part), value_set=_ids(first)).null_count
        if n_others or n_part != n_first:
            problems.append(
                f"{first.source} has {n_first} clips, {part.source} has {n_part}, {n_others} of "
                "them others; the clips of both are used"
            )
    for i, part in enumerate((*labels, *additions)):
        where = pc.index_in(ids, value_set=_ids(part))
        for name in part.rows.column_names:
            if name == "id":
                continue
            column = part.rows[name].take(where)
            if name not in rows.column_names:
                rows = rows.append_column(name, column)
                continue
            if i < len(labels) and name in ("sentiment", "split_official"):
                problems += _disagreement(rows, name, column, part.source)
            rows = set_column(rows, name, pc.coalesce(rows[name], column))
    return rows, problems


def all_ids(parts: list[Part]) -> pa.Array:
    """The clips of any of the parts, once each."""
    return pa.concat_arrays([_ids(part) for part in parts]).unique()


def _ids(part: Part) -> pa.Array:
    return part.rows["id"].combine_chunks()


def _disagreement(rows: pa.Table, name: str, column: pa.ChunkedArray, source: str) -> list[str]:
    """Say on how many clips a file contradicts the files before it."""
    known = rows[name]
    if pa.types.is_floating(column.type):
        differ = pc.greater(pc.abs(pc.subtract(known, column)), SAME_LABEL)
    else:
        differ = pc.not_equal(known, column)
    differ = pc.fill_null(differ, False)
    if not pc.any(differ).as_py():
        return []
    clip = rows["id"][pc.index(differ, True).as_py()].as_py()
    return [
        f"{source} contradicts `{name}` of {pc.sum(differ).as_py()} clips, first {clip}; "
        "the file before it is used"
    ]
