"""Which clips MER2024 tests with: half of each test set also stands in MER-Caption+.

The digests are made anew from MER2025's label file, which ends with the two test sets in order::

    python -m affecthub.datasets_scripts.families.mer2024_clips track1_train_disdim.csv
"""

import csv
import sys
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.families.digests import Digests, read_digests, write_digests

FILE = Path(__file__).parent / "mer2024_test.json"
# Clips of MER2023 that stand before them in the label file, and the size of each test set.
N_BEFORE = 5030
SIZES = {"test_semi": 1169, "test_noise": 1170}


def mer2024_test_sets(ids: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Say which of MER2024's test sets each clip belongs to.

    Args:
        ids: Clip names.

    Returns:
        "test_semi", "test_noise", or null.
    """
    found = pa.nulls(len(ids), pa.string())
    for name, members in _sets().items():
        found = pc.if_else(members.mask(ids), name, found)
    return found


def in_mer2024_test(ids: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Say which clips MER2024 tests with."""
    return pc.is_valid(mer2024_test_sets(ids))


@cache
def _sets() -> dict[str, Digests]:
    return read_digests(FILE)


def write_test_sets(labels: Path, out: Path = FILE) -> None:
    """Make the file of digests from MER2025's ``track1_train_disdim.csv``."""
    with open(labels, newline="", encoding="utf-8-sig") as stream:
        names = [row["name"] for row in csv.DictReader(stream)][N_BEFORE:]
    if len(names) != sum(SIZES.values()):
        raise ValueError(
            f"{labels}: got {len(names)} clips after the first {N_BEFORE}, expected "
            f"{sum(SIZES.values())}. Use the file as released."
        )
    first = SIZES["test_semi"]
    sets = {"test_semi": names[:first], "test_noise": names[first:]}
    note = "Digests of the names of MER2024's test clips, by families/mer2024_clips.py."
    write_digests(out, sets, note)


if __name__ == "__main__":
    write_test_sets(Path(sys.argv[1]))
