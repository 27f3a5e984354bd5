"""Track 1 of MER2025: one csv that holds all of MER2023 and both test sets of MER2024."""

import hashlib
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.families.mer_clips import OV_MERD
from affecthub.datasets_scripts.families.mer_labels import mer2023_labels, read_label_csv
from affecthub.datasets_scripts.reading.layout import Tree
from affecthub.datasets_scripts.reading.references import set_column

TRACK1 = "track1_train_disdim.csv"
# What the released file holds, in its order. No column tells where one set ends: the sizes are
# those of the challenges, and MER2023's own label file has the same clips in the same blocks.
BLOCKS = {
    "mer2023_train": 3373,
    "mer2023_test_multi": 411,
    "mer2023_test_noise": 412,
    "mer2023_test_semi": 834,
    "mer2024_test_semi": 1169,
    "mer2024_test_noise": 1170,
}
# SHA-256 of the released file's clip names in their order, joined by line feeds. A file that was
# cut or sorted has other blocks, or none.
NAMES_SHA256 = "ffb3fedd39109e3c13658d1a2bbb6913a4810596594d2abe0f17f0dfeb87524f"
_NULL = pa.scalar(None, pa.string())


def read_track1(tree: Tree) -> pa.Table | None:
    """Read the labels of track 1, and say which older set each clip comes from.

    Args:
        tree: The folder.

    Returns:
        As ``read_label_csv``, and ``origin``: a key of ``BLOCKS`` for a file in its released order.
        For any other what a name tells: ``mer2024_test`` (of which of the two is unknown),
        ``mer2023_test_semi``, ``mer2023_train`` (clips of OV-MERD), or null. None without the file.

    Raises:
        ValueError: The csv is unreadable, or has a clip twice.
    """
    file = tree.named(TRACK1)
    if file is None:
        return None
    rows = read_label_csv(tree, file, "train")
    ids = rows["id"]
    if is_released_order(ids):
        blocks = pa.array(np.repeat(list(BLOCKS), list(BLOCKS.values())), pa.string())
        return set_column(rows, "origin", blocks)
    # In this file the names that MER2024 gave are those of its test sets, and `samplenew` those of
    # MER2023's third one.
    origin = pc.if_else(pc.starts_with(ids, "samplenew3_"), "mer2024_test", _NULL)
    origin = pc.if_else(pc.starts_with(ids, "samplenew_"), "mer2023_test_semi", origin)
    is_ov_merd = pc.is_in(ids, value_set=pa.array(OV_MERD))
    return set_column(rows, "origin", pc.if_else(is_ov_merd, "mer2023_train", origin))


def is_released_order(ids: pa.ChunkedArray) -> bool:
    """Say whether these are the clip names of the released file, in its order."""
    if len(ids) != sum(BLOCKS.values()):
        return False
    return hashlib.sha256("\n".join(ids.to_pylist()).encode()).hexdigest() == NAMES_SHA256


def part_of(challenge: str, tree: Tree) -> pa.Table | None:
    """The labels of an older challenge, from a track 1 in its released order.

    Args:
        challenge: "mer2023" for all of its sets, "mer2024" for its two test sets.
        tree: The folder.

    Returns:
        As ``read_label_csv``, ``split_official`` being the challenge's own; None where the folder
        has no such file.
    """
    rows = read_track1(tree)
    if rows is None or not is_released_order(rows["id"]):
        return None
    own = rows.filter(pc.starts_with(rows["origin"], f"{challenge}_"))
    splits = pc.replace_substring(own["origin"], f"{challenge}_", "")
    return set_column(own, "split_official", splits).drop_columns("origin")


def origin_of(ids: pa.ChunkedArray, trees: Iterable[Tree]) -> pa.ChunkedArray:
    """Say which older set clips come from, as far as label files of some folders tell.

    Args:
        ids: Clip names.
        trees: Where track 1 of MER2025 and MER2023's own label files are looked for.

    Returns:
        A key of ``BLOCKS``, ``mer2024_test``, or null.
    """
    origin = pa.chunked_array([pa.nulls(len(ids), pa.string())])
    for tree in trees:
        track1, mer2023 = read_track1(tree), mer2023_labels(tree, [])
        if track1 is not None:
            where = pc.index_in(ids, value_set=track1["id"].combine_chunks())
            origin = pc.coalesce(origin, track1["origin"].take(where))
        if mer2023 is not None:
            where = pc.index_in(ids, value_set=mer2023["id"].combine_chunks())
            split = mer2023["split_official"].take(where)
            origin = pc.coalesce(origin, pc.binary_join_element_wise("mer2023", split, "_"))
    return origin
