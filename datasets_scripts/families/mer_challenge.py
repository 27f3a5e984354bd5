"""MER2025 and MER2026: labels of track 1, and the pool that hides the clips of the tests."""

from collections.abc import Mapping
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc
from datasets import Value

from affecthub.datasets_scripts.builder import CorpusBuilder
from affecthub.datasets_scripts.families.mer import MerMedia, require_rows, with_transcripts
from affecthub.datasets_scripts.families.mer_labels import (
    merge_labels,
    placeholder,
    read_label_csv,
    read_label_npz,
)
from affecthub.datasets_scripts.families.mer_overlaps import (
    overlap_features,
    test_sets,
    with_overlaps,
)
from affecthub.datasets_scripts.reading.layout import Tree
from affecthub.datasets_scripts.reading.references import set_column
from affecthub.datasets_scripts.reading.tables import read_csv, require_unique
from affecthub.datasets_scripts.verifying.report import Check

# What MERTools' scripts write for track 1 of either challenge.
NPZ = "track1_label_6way.npz"
_PARTS = {"train_corpus": "train", "test1_corpus": "test"}
UNLABELED = "unlabeled"


class MerChallengeBuilder(MerMedia, CorpusBuilder):
    """Rows of track 1 in ``track1``, those of the pool in ``candidates``.

    Attributes:
        TRAIN: The label csv of track 1.
        TEST: That of its test set, which most people do not have.
        POOL: The csv of clip names that hides the tests.
        SIZES: Configuration to its number of clips.
    """

    CORPUS = ""
    TRAIN: ClassVar[str]
    TEST: ClassVar[str]
    POOL: ClassVar[str]
    SIZES: ClassVar[Mapping[str, int]]

    def extra_features(self) -> dict[str, Any]:
        """The columns that these corpora have."""
        own = {"valence": Value("float32"), "test_set": Value("string"), **overlap_features()}
        return {**own, **super().extra_features()}

    def read_annotations(self, tree: Tree) -> pa.Table:
        """Read the rows of the configuration, add transcripts and what other corpora have."""
        rows, files = self.read_config(tree)
        rows = require_rows(rows, tree, self.config.name, files)
        trees = [tree, *self.roots.values()]
        rows = with_overlaps(with_transcripts(rows, trees), trees)
        hidden = pc.is_in(rows["split_official"], value_set=pa.array(["test", UNLABELED]))
        test_set = pc.if_else(hidden, self.CORPUS, test_sets(rows))
        return set_column(rows, "test_set", test_set)

    def read_config(self, tree: Tree) -> tuple[pa.Table | None, str]:
        """The rows of the configuration, None without its files, and which files those are."""
        if self.config.name == "candidates":
            return self._pool(tree), self.POOL
        return self._track1(tree), f"{self.TRAIN} or {NPZ}"

    def _track1(self, tree: Tree) -> pa.Table | None:
        """Read the labels of both sides; a test set of placeholders is the pool, and left out."""
        found = [("train", tree.named(self.TRAIN)), ("test", tree.named(self.TEST))]
        csv = [read_label_csv(tree, file, split) for split, file in found if file is not None]
        npz = read_label_npz(tree, tree.named(NPZ), _PARTS)
        labels = merge_labels(csv, npz, self.problems)
        if labels is None:
            return None
        test = labels.filter(pc.equal(labels["split_official"], "test"))
        if (label := placeholder(test)) is not None:
            self.problems.append(
                f"test: all {len(test)} clips are labelled {label!r}, which stands for hidden "
                "labels; they are left out (configuration 'candidates' lists them)"
            )
            labels = labels.filter(pc.equal(labels["split_official"], "train"))
        return labels

    def _pool(self, tree: Tree) -> pa.Table | None:
        file = tree.named(self.POOL)
        if file is None:
            return None
        ids = read_csv(tree, file, ["name"])["name"]
        require_unique(ids, tree.root / file.path)
        # In a csv of one column a name that is gone leaves a blank line, which no reader minds.
        lines = tree.read(file).rstrip().split(b"\n")
        if n_blank := sum(not line.strip() for line in lines):
            self.problems.append(f"{file.path}: {n_blank} blank lines between names, expected none")
        return pa.table({"id": ids, "split_official": pa.repeat(UNLABELED, len(ids))})

    def checks(self, rows: pa.Table) -> list[Check]:
        """Compare the number of clips that are not of a hidden test set."""
        n = pc.sum(pc.not_equal(rows["split_official"], "test")).as_py() or 0
        return [Check.compare("rows", self.SIZES[self.config.name], n)]


def count_equal(column: pa.ChunkedArray, value: object) -> int:
    """The number of rows with a value."""
    return int(pc.sum(pc.equal(column, value)).as_py() or 0)
