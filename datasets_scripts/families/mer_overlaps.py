"""Which clips of a MER corpus other corpora test or train with, one column for each of them."""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.families.mer import (
    CLIP,
    flags,
    in_mer2023,
    in_ov_merd,
    is_member,
    join,
    read_columns,
)
from affecthub.datasets_scripts.families.mer_labels import MER2023_CSV
from affecthub.datasets_scripts.families.mer_track1 import BLOCKS, origin_of, read_track1
from affecthub.datasets_scripts.reading.layout import Tree
from affecthub.datasets_scripts.reading.references import set_column
from affecthub.datasets_scripts.reading.tables import read_csv

OVERLAPS = (
    "in_ov_merd",
    "in_ov_merd_plus",
    "in_mer2023",
    "in_mer2024_test",
    "in_mer2025_candidates",
    "in_mer_caption_plus",
)
# The names of all clips that MER2024 added, and so of its test sets and of MER-Caption+; those of
# MER2025's candidates.
_MER2024 = r"^samplenew3_\d{8}$"
_MER2025 = r"^samplenew[34]_\d{8}$"
_N_MER2024_TEST = BLOCKS["mer2024_test_semi"] + BLOCKS["mer2024_test_noise"]
_WORDS = {"openset": "words", "reason": "words"}
_CANDIDATES = "track_all_candidates.csv"
_PLUS = ("track2_train_mercaptionplus.csv", "track3_train_mercaptionplus.csv")
_NULL = pa.scalar(None, pa.bool_())


def overlap_features() -> dict[str, Any]:
    """The features of the columns that ``with_overlaps`` adds."""
    return flags(*OVERLAPS)


def with_overlaps(rows: pa.Table, trees: Iterable[Tree], key: str = "id") -> pa.Table:
    """Add a column for each corpus that may have the same clips: ``OVERLAPS``.

    Args:
        rows: Table with clip names.
        trees: Where the label files of the other corpora are looked for.
        key: The column of clip names.

    Returns:
        The rows with the columns, which are null where no file tells.
    """
    trees, ids = list(trees), rows[key]
    plus = join(read_columns(tree, tree.named("ovlabel.csv"), _WORDS) for tree in trees)
    plus_ids = None if plus is None else plus["id"].combine_chunks()
    is_2023 = pc.starts_with(origin_of(ids, trees), "mer2023_")
    in_2023 = in_mer2023(ids, trees, list(MER2023_CSV), r"sample(new)?_\d{8}")
    columns = {
        "in_ov_merd": in_ov_merd(ids),
        "in_ov_merd_plus": is_member(ids, plus_ids, CLIP),
        "in_mer2023": pc.coalesce(is_2023, in_2023),
        "in_mer2024_test": in_mer2024_test(ids, trees),
        "in_mer2025_candidates": in_mer2025_candidates(ids, trees),
        "in_mer_caption_plus": in_mer_caption_plus(ids, trees),
    }
    for name, column in columns.items():
        rows = set_column(rows, name, column)
    return rows


def in_mer2024_test(ids: pa.ChunkedArray, trees: Iterable[Tree]) -> pa.ChunkedArray:
    """Say which clips are in a test set of MER2024, by track 1 of MER2025.

    Args:
        ids: Clip names.
        trees: Where that file is looked for. One that was cut knows what it has.
    """
    found = [rows["id"] for rows in map(read_track1, trees) if rows is not None]
    chunks = [chunk for names in found for chunk in names.chunks]
    names = pa.chunked_array(chunks, pa.string()).unique()
    tests = names.filter(pc.match_substring_regex(names, _MER2024))
    return _is_in(ids, tests, _MER2024, complete=len(tests) == _N_MER2024_TEST)


def in_mer2025_candidates(ids: pa.ChunkedArray, trees: Iterable[Tree]) -> pa.ChunkedArray:
    """Say which clips are among those that hide the tests of MER2025, by its released csv.

    Args:
        ids: Clip names.
        trees: Where the csv is looked for.
    """
    files = [(tree, file) for tree in trees if (file := tree.named(_CANDIDATES)) is not None]
    chunks = [read_csv(tree, file, ["name"])["name"].combine_chunks() for tree, file in files]
    names = pa.chunked_array(chunks, pa.string()).combine_chunks()
    return _is_in(ids, names, _MER2025, complete=bool(files))


def in_mer_caption_plus(ids: pa.ChunkedArray, trees: Iterable[Tree]) -> pa.ChunkedArray:
    """Say which clips MER-Caption+ describes, by its released csv.

    Args:
        ids: Clip names.
        trees: Where the csv is looked for.
    """
    files = [(tree, tree.named(name)) for tree in trees for name in _PLUS]
    plus = join(read_columns(tree, file, _WORDS) for tree, file in files)
    names = pa.array([], pa.string()) if plus is None else plus["id"].combine_chunks()
    return _is_in(ids, names, _MER2024, complete=plus is not None)


def test_sets(rows: pa.Table, trees: Iterable[Tree]) -> pa.ChunkedArray:
    """The test set that has each clip.

    Args:
        rows: Table with ``id`` and the columns of ``with_overlaps``.
        trees: Where the label files are looked for.

    Returns:
        A test set of ``mer_track1.BLOCKS``, ``mer2024_test`` where it is unknown of which of the
        two, ``ov_merd``, ``mer2025`` (clips among which its tests are hidden), ``none`` for clips
        of no test set, null where no file tells. The 200 clips by which OV-MERD+ is larger than
        OV-MERD are known by its label file only; without it they pass as clips of no test set.
    """
    origin = origin_of(rows["id"], trees)
    no_set = pa.scalar(None, pa.string())
    of_ov_merd = pc.or_kleene(rows["in_ov_merd"], rows["in_ov_merd_plus"])
    hidden = rows["in_mer2025_candidates"]
    taken = pc.or_kleene(pc.or_kleene(rows["in_mer2023"], rows["in_mer2024_test"]), hidden)
    free = pc.or_kleene(pc.equal(origin, "mer2023_train"), pc.invert(taken))
    return pc.coalesce(
        pc.if_else(pc.match_substring(origin, "_test"), origin, no_set),
        pc.if_else(of_ov_merd, "ov_merd", no_set),
        pc.if_else(hidden, "mer2025", no_set),
        pc.if_else(free, "none", no_set),
    )


def _is_in(ids: pa.ChunkedArray, names: pa.Array, form: str, *, complete: bool) -> pa.ChunkedArray:
    """Whether ids are among names of a form; unknown where the names are not all there."""
    otherwise = False
    if not complete:
        otherwise = pc.if_else(pc.match_substring_regex(ids, form), _NULL, False)
    return pc.if_else(pc.is_in(ids, value_set=names), True, otherwise)
