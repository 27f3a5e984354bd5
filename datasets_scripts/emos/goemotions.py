"""GoEmotions probabilities: computed anew from the annotators' sets, beside the released ones.

The released probabilities come from sets whose misspelt labels were dropped, and one row of them
is another clip's. Here every set is read as meant; flags say where and why the two differ.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from affecthub.annotation.aggregation import soft_labels
from affecthub.annotation.agreement import union_sizes
from affecthub.datasets_scripts.emos.chinese import open_chinese
from affecthub.datasets_scripts.emos.label_sets import Sets, batch_clips, read_all_sets
from affecthub.datasets_scripts.emos.nested import names_where, sets_column
from affecthub.datasets_scripts.emos.release import (
    Release,
    Sheet,
    require_equal,
)
from affecthub.labels import GOEMOTIONS, GOEMOTIONS_WITH_UNSURE

PROBABILITIES = [f"goemotion_prob_{label}" for label in GOEMOTIONS_WITH_UNSURE]
UNION = "goemotion_union_size"
SAME = 1e-6  # the release prints thirds with 15 digits


def released_probabilities(release: Release) -> list[Sheet]:
    """Read the released GoEmotions tables of all batches, row by row the clips of the labels.

    Raises:
        FileNotFoundError: One is not there.
        ValueError: One is unreadable, lacks a column, or is not about the same clips.
    """
    sheets = []
    for clips in batch_clips(release):
        path, numbers = clips.batch.soft_labels, [*PROBABILITIES, UNION]
        sheets.append(release.workbook(path, clips.keys, numbers))
        for key in clips.keys:
            require_equal(clips.table[key], sheets[-1], key)
    return sheets


def matrix(sheet: Sheet) -> np.ndarray:
    """A table's probabilities as float64 of shape (clip, label).

    Raises:
        ValueError: A cell is empty or no number from 0 to 1.
    """
    return np.stack([sheet.share(name).to_numpy() for name in PROBABILITIES], axis=1)


def read_goemotions(release: Release, problems: list[str]) -> pa.Table:
    """The GoEmotions columns of all 9,403 clips, Chinese first, in the order of the release.

    Raises:
        FileNotFoundError: A file is not there.
        ValueError: A file is unreadable, or a cell cannot be used.
    """
    meta = open_chinese(release).meta.table
    sheets = released_probabilities(release)
    collides = np.zeros(sum(sheet.table.num_rows for sheet in sheets), dtype=bool)
    collides[: meta.num_rows] = colliding(meta["video_id"], meta["clip_id"])
    parts, start = [], 0
    for sets, sheet in zip(read_all_sets(release, problems), sheets, strict=True):
        end = start + sheet.table.num_rows
        parts.append(_columns(sets, sheet, collides[start:end], problems))
        start = end
    return pa.concat_tables(parts)


def _columns(sets: Sets, sheet: Sheet, collides: np.ndarray, problems: list[str]) -> pa.Table:
    """The columns of one batch."""
    released, shares = matrix(sheet), soft_labels(sets.meant)
    differs = (np.abs(shares - released) > SAME).any(axis=1)
    misspelt = (sets.meant != sets.spelt).any(axis=(1, 2))
    reasons = {
        "spelling": differs & misspelt,
        "id_collision": differs & ~misspelt & collides,
        "unexplained": differs & ~misspelt & ~collides,
    }
    if n := int(reasons["unexplained"].sum()):
        problems.append(
            f"{sheet.where}: probabilities of {n} clips are not those of the annotators"
        )
    flags = np.stack(list(reasons.values()), axis=1)
    plain = slice(len(GOEMOTIONS))  # "unsure" says nothing of the clip
    return pa.table(
        {
            "probs": _fixed(shares),
            "released_probs": _fixed(released),
            "sets": sets_column(sets.meant, sets.raw, sets.batch.annotators),
            "union_size": pa.array(union_sizes(sets.meant), pa.int32()),
            "labels_any": names_where(shares[:, plain] > 0, GOEMOTIONS),
            # Two of three; a third short by rounding is still a third.
            "labels_majority": names_where(shares[:, plain] > 0.5, GOEMOTIONS),
            "flags": names_where(flags, list(reasons)),
        }
    )


def colliding(videos: pa.ChunkedArray, clips: pa.ChunkedArray) -> np.ndarray:
    """Tell which clips share their video and their number with another once ids are numbers.

    ``int`` skips underscores: ``00001_0`` and ``00010`` of one video are both 10.

    Example:
        >>> colliding(pa.chunked_array([["v", "v", "w"]]), pa.chunked_array([["1_0", "010", "10"]]))
        array([ True,  True, False])
    """
    number = pc.utf8_ltrim(pc.replace_substring(clips, "_", ""), "0")
    keys = pc.binary_join_element_wise(videos, number, "/").combine_chunks().dictionary_encode()
    codes = keys.indices.to_numpy()
    return np.bincount(codes)[codes] > 1


def _fixed(values: np.ndarray) -> pa.FixedSizeListArray:
    flat = pa.array(values.astype(np.float32).ravel())
    return pa.FixedSizeListArray.from_arrays(flat, values.shape[1])
