"""MER2023 from its challenge archives as unpacked, or from the processed form of MERBench."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from datasets import Value

from affecthub.datasets_scripts.builder import CorpusBuilder
from affecthub.datasets_scripts.families.mer import MerMedia, require_rows, with_transcripts
from affecthub.datasets_scripts.families.mer_labels import (
    MER2023_CSV,
    MER2024_FILES,
    NPZ,
    mer2023_labels,
)
from affecthub.datasets_scripts.reading.layout import Layout, Tree
from affecthub.datasets_scripts.verifying.report import Check

# Clips per split, and the labels of the first test set, in the released label file.
SIZES = {"train": 3373, "test_multi": 411, "test_noise": 412, "test_semi": 834}
TEST_MULTI = {"neutral": 88, "angry": 105, "happy": 93, "sad": 50, "worried": 57, "surprise": 18}
N_WITHOUT_TEXT = 217


def _has_csv(tree: Tree) -> bool:
    return not tree.find(MER2024_FILES) and any(map(tree.named, MER2023_CSV.values()))


def _has_npz(tree: Tree) -> bool:
    return not tree.find(MER2024_FILES) and tree.named(NPZ) is not None


class Mer2023Builder(MerMedia, CorpusBuilder):
    """MER2023 rows: one of six emotions, and valence outside the third test set.

    Source: MER2023 paper; released label file for sizes.
    """

    CORPUS = "mer2023"
    LAYOUTS = (
        Layout(
            "challenge",
            "train-label.csv, test1-label.csv, ... in any folders, clips as <name>.avi or .mp4",
            _has_csv,
        ),
        Layout(
            "processed",
            "label-6way.npz, transcription-engchi-polish.csv, video/, audio/, openface_face/",
            _has_npz,
        ),
    )

    def extra_features(self) -> dict[str, Any]:
        """The columns that only this corpus has."""
        return {"valence": Value("float32"), **super().extra_features()}

    def read_annotations(self, tree: Tree) -> pa.Table:
        """Join labels and transcripts by clip."""
        labels = mer2023_labels(tree, self.problems)
        files = f"{', '.join(MER2023_CSV.values())} or {NPZ}"
        rows = require_rows(labels, tree, self.config.name, files)
        later = pc.starts_with(rows["id"], "samplenew3_")
        if pc.any(later).as_py():
            first = rows["id"][pc.index(later, True).as_py()].as_py()
            raise ValueError(
                f"{tree.root}: got {pc.sum(later).as_py()} clips that came after MER2023, first "
                f"{first!r}, expected names such as sample_00000000. This looks like mer2024."
            )
        return with_transcripts(rows, [tree])

    def checks(self, rows: pa.Table) -> list[Check]:
        """Compare sizes, the labels of the first test set and missing transcripts."""
        sides = rows["split_official"]
        results = super().checks(rows)
        for split, n in SIZES.items():
            results.append(Check.compare(split, n, pc.sum(pc.equal(sides, split)).as_py() or 0))
        own = rows.filter(pc.equal(sides, "test_multi"))["emotion"]
        for code, label in enumerate(self.emotions()):
            n = pc.sum(pc.equal(own, code)).as_py() or 0
            results.append(Check.compare(f"test_multi, {label}", TEST_MULTI[label], n))
        if rows["text"].null_count < rows.num_rows:
            without = rows["text"].null_count
            results.append(Check.compare("clips without transcript", N_WITHOUT_TEXT, without))
        return results
