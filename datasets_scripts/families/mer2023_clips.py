"""Which set of MER2023 has a clip: MER2025's track 1 and others have its clips without saying so.

The digests are made anew from MERBench's label file, or from MER2023's own::

    python -m affecthub.datasets_scripts.families.mer2023_clips folder-of-mer2023
"""

import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.families.digests import Digests, read_digests, write_digests
from affecthub.datasets_scripts.families.mer2024_clips import mer2024_test_sets
from affecthub.datasets_scripts.families.mer_labels import mer2023_labels
from affecthub.datasets_scripts.reading.layout import Tree

FILE = Path(__file__).parent / "mer2023_sets.json"
SIZES = {"train": 3373, "test_multi": 411, "test_noise": 412, "test_semi": 834}


def older_set(ids: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Say which labelled set of MER2023, or test set of MER2024, has a clip.

    Args:
        ids: Clip names.

    Returns:
        ``mer2023_`` and a key of ``SIZES``, ``mer2024_test_semi``, ``mer2024_test_noise``, or null.
    """
    found = pc.binary_join_element_wise("mer2024", mer2024_test_sets(ids), "_")
    for name, members in _sets().items():
        found = pc.if_else(members.mask(ids), f"mer2023_{name}", found)
    return found


def in_mer2023(ids: pa.ChunkedArray | pa.Array, splits: Iterable[str] = tuple(SIZES)) -> pa.Array:
    """Say which clips are in some sets of MER2023.

    Args:
        ids: Clip names.
        splits: Keys of ``SIZES``.
    """
    return pc.is_in(older_set(ids), value_set=pa.array([f"mer2023_{split}" for split in splits]))


@cache
def _sets() -> dict[str, Digests]:
    return read_digests(FILE)


def write_sets(folder: Path, out: Path = FILE) -> None:
    """Make the file of digests from the label files of MER2023.

    Raises:
        ValueError: They have other numbers of clips than the challenge.
    """
    labels = mer2023_labels(Tree.scan(folder), [])
    rows = [] if labels is None else labels.select(["id", "split_official"]).to_pylist()
    names = {split: [r["id"] for r in rows if r["split_official"] == split] for split in SIZES}
    sizes = {split: len(members) for split, members in names.items()}
    if sizes != SIZES:
        raise ValueError(f"{folder}: got {sizes} clips, expected {SIZES}. Use the released files.")
    note = "Digests of the names of MER2023's clips, by families/mer2023_clips.py."
    write_digests(out, names, note)


if __name__ == "__main__":
    write_sets(Path(sys.argv[1]))
