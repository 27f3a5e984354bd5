"""What the MER challenges and their descendants share: clip names, media folders, transcripts.

All of them cut clips from the same pool and name them ``sample_00000001`` (MER2023),
``samplenew_00000001`` (its third test set) or ``samplenew3_00000001`` (MER2024's unlabelled part),
so that one clip may stand in several corpora under one name.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from datasets import Value

from affecthub.datasets_scripts.families.label_lists import is_blank, read_label_lists
from affecthub.datasets_scripts.families.mer_clips import OV_MERD
from affecthub.datasets_scripts.reading.faces import FACE
from affecthub.datasets_scripts.reading.layout import File, Tree
from affecthub.datasets_scripts.reading.once import once_each
from affecthub.datasets_scripts.reading.references import set_column
from affecthub.datasets_scripts.reading.tables import read_csv

CLIP = r"sample(new\d*)?_\d{8}"
# Transcript files in the order in which they are asked, and what their columns are here. The
# spellings with `-` and `_` are those of two releases of one file.
_BOTH = {"chinese": "text", "english": "text_en"}
TRANSCRIPTS: Mapping[str, Mapping[str, str]] = {
    "subtitle_chieng.csv": _BOTH,
    "subtitle_eng.csv": {"sentence": "text_en"},
    "transcription-engchi-polish.csv": _BOTH,
    "transcription-merge.csv": _BOTH,
    "transcription_merge.csv": _BOTH,
    "label-transcription.csv": _BOTH,
    "track1_subtitle_chieng.csv": _BOTH,
    "transcription_en_all.csv": {"sentence": "text_en"},
}
_NULL = pa.scalar(None, pa.string())


class MerMedia:
    """Media of a MER corpus; stands before ``CorpusBuilder`` among a builder's bases.

    Media are named by clip, whatever folders they lie in: ``video/x.avi``, ``video/video/x.mp4``,
    ``audio/x.wav``, ``openface_face/x.npy``, ``openface_face/x/x.npy``. The challenges ship sound
    inside the video.
    """

    MODALITIES: tuple[str, ...] = ("audio", "video", "face")
    SOUND_IN_VIDEO: bool = True

    def extra_features(self) -> dict[str, Any]:
        """The columns that every MER corpus adds; a corpus puts its own in front."""
        return {"face": FACE}

    def media_key(self, file: File, root: str) -> str | None:
        """The whole stem; arrays in a folder that is not one of faces are features of others.

        Names are compared whole: ``sample_0000001`` is no beginning of ``sample_00000011``.
        """
        folder = file.path.rpartition("/")[0]
        is_face = not folder or "face" in folder.lower() or folder.endswith(file.stem)
        return file.stem if is_face or file.suffix != ".npy" else None


def with_transcripts(rows: pa.Table, trees: Iterable[Tree]) -> pa.Table:
    """Add ``language`` and what is known of ``text`` and ``text_en``.

    Args:
        rows: Table with ``id``.
        trees: Where transcript files are looked for. Of two that know a clip's text the first is
            believed.

    Returns:
        The rows with the columns; an empty transcript is null.

    Raises:
        ValueError: A transcript file is broken.
    """
    rows = set_column(rows, "language", pa.repeat("zh", rows.num_rows))
    for tree in trees:
        for name, columns in TRANSCRIPTS.items():
            part = read_columns(tree, tree.named(name), columns, ids=rows["id"])
            rows = fill(rows, part) if part is not None else rows
    return rows


def read_columns(
    tree: Tree,
    file: File | None,
    columns: Mapping[str, str],
    key: str = "name",
    ids: pa.ChunkedArray | pa.Array | None = None,
) -> pa.Table | None:
    """Read some columns of a csv of clips, each clip once.

    Args:
        tree: The folder.
        file: The csv; None gives None.
        columns: Their names to ours. One of them has to be there.
        key: Their name of the column of clip names.
        ids: The clips that matter, as ``once_each`` says; None where the csv tells which there are.

    Returns:
        ``id`` and those of our columns that the file has; blank cells are null.

    Raises:
        ValueError: The file is unreadable, or has none of the columns.
    """
    if file is None:
        return None
    where = tree.root / file.path
    table = read_csv(tree, file, [key])
    found = {
        ours: table[theirs] for theirs, ours in columns.items() if theirs in table.schema.names
    }
    if not found:
        raise ValueError(
            f"{where}: missing column: got {table.column_names}, expected {key} and one of "
            f"{', '.join(columns)}. Use the annotation file as released."
        )
    rows = pa.table({"id": table[key], **{name: blank_to_null(c) for name, c in found.items()}})
    return once_each(tree, file, rows, "id", ids=ids)


def join(parts: Iterable[pa.Table | None]) -> pa.Table | None:
    """Join tables by ``id``: a row for each clip of any of them, in order of appearance.

    Of two values for one clip and column the first that is not null stays. None where all are None.
    """
    tables = [part for part in parts if part is not None]
    if not tables:
        return None
    ids = pa.chunked_array([chunk for part in tables for chunk in part["id"].chunks], pa.string())
    rows = pa.table({"id": ids.unique()})
    for part in tables:
        rows = fill(rows, part)
    return rows


def fill(rows: pa.Table, part: pa.Table) -> pa.Table:
    """Fill rows with the values of another table by ``id``, where they have none."""
    where = pc.index_in(rows["id"], value_set=part["id"].combine_chunks())
    for name in part.column_names[1:]:
        column = part[name].take(where)
        if name in rows.column_names:
            column = pc.coalesce(rows[name], column)
        rows = set_column(rows, name, column)
    return rows


def parse_words(rows: pa.Table, column: str, problems: list[str]) -> pa.Table:
    """Turn a column of written label lists into lists, reporting those that are cut off."""
    if column not in rows.column_names:
        return rows
    lists = read_label_lists(rows[column])
    cut = pc.and_(pc.is_valid(rows[column]), lists.is_null())
    if pc.any(cut).as_py():
        first = rows["id"][pc.index(cut, True).as_py()].as_py()
        problems.append(
            f"{pc.sum(cut).as_py()} label lists have only one of their brackets, first that of "
            f"{first}; `{column}` is null there"
        )
    return set_column(rows, column, lists)


def blank_to_null(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Null for cells that hold nothing, or the ``nan`` that pandas writes for it."""
    return pc.if_else(is_blank(column), _NULL, column)


def require_rows(rows: pa.Table | None, tree: Tree, config: str, expected: str) -> pa.Table:
    """Raise where no annotation file of a configuration was found.

    Raises:
        ValueError: Names the folder, the configuration and the files it needs.
    """
    if rows is None:
        raise ValueError(
            f"{tree.root}: got no annotation file of configuration {config!r}, expected "
            f"{expected}. Add it, or choose the configuration whose files are here."
        )
    return rows


def is_member(ids: pa.ChunkedArray, members: pa.Array | None, form: str) -> pa.ChunkedArray:
    """Say which clips belong to a set that contains OV-MERD.

    Args:
        ids: Clip names.
        members: The set, null where it is not known.
        form: What the names of all members look like.
    """
    known = in_ov_merd(ids)
    if members is not None:
        return pc.or_(known, pc.is_in(ids, value_set=members))
    possible = pc.match_substring_regex(ids, f"^{form}$")
    unknown = pc.if_else(possible, pa.scalar(None, pa.bool_()), False)
    return pc.if_else(known, True, unknown)


def in_ov_merd(ids: pa.ChunkedArray) -> pa.ChunkedArray:
    """Say which clips are among the 332 of OV-MERD and EMER v2."""
    return pc.is_in(ids, value_set=pa.array(OV_MERD))


def flags(*names: str) -> dict[str, Any]:
    """The features of columns that say whether a clip stands elsewhere too."""
    return {name: Value("bool") for name in names}
