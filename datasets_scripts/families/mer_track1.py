"""Track 1 of MER2025: one csv that holds all of MER2023 and both test sets of MER2024."""

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.families.mer2024_clips import mer2024_test_sets
from affecthub.datasets_scripts.families.mer_labels import read_label_csv
from affecthub.datasets_scripts.reading.layout import Tree
from affecthub.datasets_scripts.reading.references import set_column

TRACK1 = "track1_train_disdim.csv"


def mer2024_labels(tree: Tree) -> pa.Table | None:
    """Read the labels of MER2024's test sets from MER2025's track 1.

    Args:
        tree: The folder.

    Returns:
        As ``read_label_csv``, ``split_official`` being the test set; None without the file.

    Raises:
        ValueError: The csv is unreadable, or has an unknown label.
    """
    file = tree.named(TRACK1)
    if file is None:
        return None
    rows = read_label_csv(tree, file, "train")
    rows = set_column(rows, "split_official", pa.chunked_array([mer2024_test_sets(rows["id"])]))
    return rows.filter(pc.is_valid(rows["split_official"]))
