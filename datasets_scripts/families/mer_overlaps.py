"""Which clips of a MER corpus other corpora test or train with, one column for each of them."""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.families.mer import (
    CLIP,
    flags,
    in_ov_merd,
    is_member,
    join,
    read_columns,
)
from affecthub.datasets_scripts.families.mer2023_clips import in_mer2023, older_set
from affecthub.datasets_scripts.families.mer2024_clips import in_mer2024_test
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
# The names of MER2025's candidates, and of the clips of MER-Caption+.
_CANDIDATE = r"^samplenew[34]_\d{8}$"
_DESCRIBED = r"^samplenew3_\d{8}$"
_WORDS = {"openset": "words", "reason": "words"}
_CANDIDATES = "track_all_candidates.csv"
_PLUS = ("track2_train_mercaptionplus.csv", "track3_train_mercaptionplus.csv")


def overlap_features() -> dict[str, Any]:
    """The features of the columns that ``with_overlaps`` adds."""
    return flags(*OVERLAPS)


def with_overlaps(rows: pa.Table, trees: Iterable[Tree], key: str = "id") -> pa.Table:
    """Add a column for each corpus that may have the same clips: ``OVERLAPS``.

    Args:
        rows: Table with clip names.
        trees: Where the label files of OV-MERD+, MER2025 and MER-Caption+ are looked for.
        key: The column of clip names.

    Returns:
        The rows with the columns, which are null where only such a file would tell.
    """
    trees, ids = list(trees), rows[key]
    plus = join(read_columns(tree, tree.named("ovlabel.csv"), _WORDS) for tree in trees)
    columns = {
        "in_ov_merd": in_ov_merd(ids),
        "in_ov_merd_plus": is_member(ids, _names(plus), CLIP),
        "in_mer2023": in_mer2023(ids),
        "in_mer2024_test": in_mer2024_test(ids),
        "in_mer2025_candidates": in_mer2025_candidates(ids, trees),
        "in_mer_caption_plus": in_mer_caption_plus(ids, trees),
    }
    for name, column in columns.items():
        rows = set_column(rows, name, column)
    return rows


def in_mer2025_candidates(ids: pa.ChunkedArray, trees: Iterable[Tree]) -> pa.ChunkedArray:
    """Say which clips are among those that hide the tests of MER2025, by its released csv.

    Args:
        ids: Clip names.
        trees: Where the csv is looked for.
    """
    for tree in trees:
        if (file := tree.named(_CANDIDATES)) is not None:
            return _is_in(ids, read_csv(tree, file, ["name"])["name"].combine_chunks(), _CANDIDATE)
    return _is_in(ids, None, _CANDIDATE)


def in_mer_caption_plus(ids: pa.ChunkedArray, trees: Iterable[Tree]) -> pa.ChunkedArray:
    """Say which clips MER-Caption+ describes, by its released csv.

    Args:
        ids: Clip names.
        trees: Where the csv is looked for.
    """
    files = [(tree, tree.named(name)) for tree in trees for name in _PLUS]
    described = join(read_columns(tree, file, _WORDS) for tree, file in files)
    return _is_in(ids, _names(described), _DESCRIBED)


def test_sets(rows: pa.Table) -> pa.ChunkedArray:
    """The test set that has each clip.

    Args:
        rows: Table with ``id`` and the columns of ``with_overlaps``.

    Returns:
        A test set of ``older_set``, ``ov_merd``, ``mer2025`` (clips among which its tests are
        hidden), ``none`` for clips of no test set, null where the file of candidates would tell.
        The 200 clips by which OV-MERD+ is larger than OV-MERD are known by its label file only;
        without it they pass as clips of no test set.
    """
    older, no_set = older_set(rows["id"]), pa.scalar(None, pa.string())
    of_ov_merd = pc.or_kleene(rows["in_ov_merd"], rows["in_ov_merd_plus"])
    hidden = rows["in_mer2025_candidates"]
    return pc.coalesce(
        pc.if_else(pc.match_substring(older, "_test"), older, no_set),
        pc.if_else(of_ov_merd, "ov_merd", no_set),
        pc.if_else(hidden, "mer2025", "none"),
    )


def _names(rows: pa.Table | None) -> pa.Array | None:
    return None if rows is None else rows["id"].combine_chunks()


def _is_in(ids: pa.ChunkedArray, names: pa.Array | None, form: str) -> pa.ChunkedArray:
    """Whether ids are among names of a form; where the names are unknown, what the form tells."""
    if names is not None:
        return pc.is_in(ids, value_set=names)
    unknown = pa.scalar(None, pa.bool_())
    return pc.if_else(pc.match_substring_regex(ids, form), unknown, False)
