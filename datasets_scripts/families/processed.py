"""Corpora as MERBench and MER-UniBench hand them out: an npz of labels, a csv of transcripts."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.reading.layout import File, Tree
from affecthub.datasets_scripts.reading.once import once_each
from affecthub.datasets_scripts.reading.tables import read_csv, require_unique, text_or_null
from affecthub.npz import read_npz

TRANSCRIPTS = r"(^|/)transcription-engchi-polish\.csv$"


def read_labels(
    tree: Tree, file: File, arrays: Mapping[str, str | None], names: Sequence[str]
) -> pa.Table:
    """Read an npz of emotion labels: a dict per array, from clip to ``{"emo": 0, "val": -10}``.

    Args:
        tree: The data folder.
        file: The npz.
        arrays: Its arrays to our split names; None where the release has no splits.
        names: Label of each integer.

    Returns:
        ``id`` as written, ``split_official`` and ``emotion`` (label name).

    Raises:
        ValueError: The npz is unreadable, has other arrays, a clip twice, or a label that is none
            of ``names``.
    """
    where = tree.root / file.path
    clips: list[tuple[str, str | None, object]] = []
    for name, part in read_npz(where, tree.read(file)).items():
        if name not in arrays or not isinstance(part, dict):
            raise ValueError(
                f"{where}: got array {name!r} ({type(part).__name__}), expected dicts "
                f"{', '.join(arrays)}. Use the label file of this corpus."
            )
        clips += [(clip, arrays[name], label) for clip, label in part.items()]
    try:
        ids = pa.array([clip for clip, _, _ in clips], pa.string())
        codes = np.array([label["emo"] for _, _, label in clips], dtype=np.int64)  # type: ignore[index]
    except (KeyError, TypeError, ValueError, OverflowError, pa.ArrowException) as error:
        raise ValueError(f"{where}: clip without a name or an integer `emo` ({error})") from error
    if len(codes) and not (0 <= codes.min() and codes.max() < len(names)):
        raise ValueError(
            f"{where}: got labels {codes.min()} to {codes.max()}, expected 0 to {len(names) - 1}"
        )
    require_unique(ids, where)
    emotion = pa.array(np.array(names, dtype=object)[codes], pa.string())
    splits = pa.array([split for _, split, _ in clips], pa.string())
    return pa.table({"id": ids, "split_official": splits, "emotion": emotion})


def english_text(tree: Tree, ids: pa.ChunkedArray) -> pa.ChunkedArray:
    """The English transcript of each clip; null where there is none, or no csv.

    Raises:
        ValueError: The csv lacks a column.
    """
    files = tree.find(TRANSCRIPTS)
    if not files:
        return pa.chunked_array([pa.nulls(len(ids), pa.string())])
    table = read_csv(tree, files[0], ["name", "english"])
    table = once_each(tree, files[0], table, "name", values=["english"], ids=ids)
    text = table["english"].take(pc.index_in(ids, value_set=table["name"].combine_chunks()))
    return text_or_null(text)
