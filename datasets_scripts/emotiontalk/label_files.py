"""EmotionTalk's released label files, a csv and an npz for each modality, as tables by clip id."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.reading.known_labels import require_labels
from affecthub.datasets_scripts.reading.layout import Tree
from affecthub.datasets_scripts.reading.once import once_each
from affecthub.datasets_scripts.reading.references import set_column
from affecthub.datasets_scripts.reading.tables import (
    read_csv,
    require_inside,
    require_unique,
    stems,
)
from affecthub.labels import label_set
from affecthub.npz import read_npz

ID = r"G[0-9]{5}_[0-9]{2}_[0-9]{2}_[0-9]{3}"
NO_SENTIMENT = -10  # `val` in the npz of the single modalities


def read_label_csv(
    tree: Tree, name: str, column: str, checked: pa.ChunkedArray | None
) -> pa.Table | None:
    """Read one label csv: ids and labels, and the transcripts where it has them.

    Args:
        tree: The data folder.
        name: Name of the file; where there is none, the result is None.
        column: Our name for the labels in it.
        checked: Ids that were found good in another file; the same ids need no second look.

    Raises:
        ValueError: The file is unreadable, or a path leaves the folder or names no clip; names the
            file.
    """
    file = tree.named(name)
    if file is None:
        return None
    has_text = column == "emotion_text"
    key = "name" if has_text else "file_name"
    values = ["emotion", "chinese"] if has_text else ["emotion"]
    table = read_csv(tree, file, [key, *values])
    where = tree.root / file.path
    require_inside(table[key], where)
    ids = pa.chunked_array([stems(table[key])])
    if checked is None or not ids.equals(checked):
        row = _no_id(ids)
        if row is not None:
            raise ValueError(
                f"{where}, line {row + 2}: got {key} {table[key][row].as_py()!r}, expected a clip "
                "such as G00001/G00001_02/G00001_02_01/G00001_02_01_002.mp4"
            )
        table = once_each(tree, file, set_column(table, "id", ids), "id", values=values)
        ids = table["id"]
    require_labels(table["emotion"], label_set("emotiontalk"), where, "emotion", ids)
    columns = {"id": ids, column: table["emotion"]}
    if has_text:
        text = table["chinese"]
        columns["text_raw"] = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    return pa.table(columns)


def read_label_npz(
    tree: Tree, name: str, column: str, checked: pa.ChunkedArray | None
) -> pa.Table | None:
    """Read one label npz: ids and labels of all three splits, and sentiment where it has any.

    Arguments and errors are those of ``read_label_csv``.
    """
    file = tree.named(name)
    if file is None:
        return None
    where = tree.root / file.path
    names: list[Any] = []
    clips: list[Any] = []
    for split, part in read_npz(where, tree.read(file)).items():
        if not isinstance(part, dict):
            raise ValueError(f"{where}: got {type(part).__name__} as {split!r}, expected a dict")
        names += part
        clips += part.values()
    try:
        ids = pa.chunked_array([names], pa.string())
        codes = np.array([clip["emo"] for clip in clips], dtype=np.int64)
        values = np.array([clip["val"] for clip in clips], dtype=np.float32)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{where}: clip without `emo` and `val` numbers ({error})") from error
    if checked is None or not ids.equals(checked):
        row = _no_id(ids)
        if row is not None:
            raise ValueError(f"{where}: got clip {names[row]!r}, expected one as G00001_02_01_002")
        require_unique(ids, where)
    labels = np.array(label_set("emotiontalk"), dtype=object)
    if len(codes) and not (0 <= codes.min() and codes.max() < len(labels)):
        raise ValueError(f"{where}: got labels {codes.min()} to {codes.max()}, expected 0 to 6")
    if not np.isfinite(values).all():
        clip = names[int(np.argmin(np.isfinite(values)))]
        raise ValueError(f"{where}: got no finite `val` for clip {clip}, expected a number")
    columns = {"id": ids, column: pa.array(labels[codes], pa.string())}
    if column == "emotion":
        columns["sentiment"] = pa.array(values, mask=values == NO_SENTIMENT)
    return pa.table(columns)


def _no_id(ids: pa.ChunkedArray) -> int | None:
    """The first row that is no clip id, or None."""
    known = pc.match_substring_regex(ids, f"^{ID}$")
    return pc.index(known, False).as_py() if pc.any(pc.invert(known)).as_py() else None
