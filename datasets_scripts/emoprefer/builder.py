"""EmoPrefer-Data (574 pairs), its second version (2,096), and the challenge's unlabelled pairs."""

from typing import Any

import pyarrow as pa
from datasets import ClassLabel, Value

from affecthub.datasets_scripts.builder import CorpusBuilder
from affecthub.datasets_scripts.emoprefer.pairs import PREFERENCES, read_pairs
from affecthub.datasets_scripts.families.mer import (
    MerMedia,
    fill,
    require_rows,
    with_transcripts,
)
from affecthub.datasets_scripts.families.mer_overlaps import overlap_features, with_overlaps
from affecthub.datasets_scripts.reading.layout import Layout, Tree
from affecthub.datasets_scripts.reading.references import set_column
from affecthub.datasets_scripts.verifying.report import Check

# Names in MER2026, then in the authors' repository. Its files of swapped pairs and of model names
# hold the same pairs again.
FILES = {
    "emoprefer": ("track3_emoprefer.csv", "preference_emoprefer.csv"),
    "emoprefer_v2": ("track3_emopreferv2.csv", "preference_emopreferv2.csv"),
    "candidates": ("track3_candidate.csv",),
}
# Source: MER2026 README of MERTools at 1052cb8. The csv could not be counted here.
SIZES = {"emoprefer": 574, "emoprefer_v2": 2096, "candidates": 10000}


class EmoPreferBuilder(MerMedia, CorpusBuilder):
    """A row for each pair; ``description`` is the text that people preferred.

    Source: EmoPrefer paper; baselines of MER2026's track 3 in MERTools at 1052cb8 for columns.
    """

    CORPUS = "emoprefer"
    LAYOUTS = (
        Layout(
            "challenge",
            "track3_emoprefer.csv, track3_emopreferv2.csv, track3_candidate.csv, "
            "subtitle_chieng.csv, video/, audio/, openface_face/",
            lambda tree: bool(tree.find(r"(^|/)track3_(emoprefer(v2)?|candidate)\.csv$")),
        ),
        Layout(
            "repository",
            "dataset/preference_emoprefer.csv, preference_emopreferv2.csv, clips of MER2025",
            lambda tree: bool(tree.find(r"(^|/)preference_emoprefer(v2)?\.csv$")),
        ),
    )

    def default_config(self, tree: Tree) -> str:
        """The first whose file is there."""
        there = (config for config, names in FILES.items() if any(map(tree.named, names)))
        return next(there, super().default_config(tree))

    def extra_features(self) -> dict[str, Any]:
        """The columns that only this corpus has."""
        own = {
            "clip_id": Value("string"),
            "a1": Value("string"),
            "a2": Value("string"),
            "preference": ClassLabel(names=list(PREFERENCES)),
            "description_rejected": Value("string"),
        }
        return {**own, **overlap_features(), **super().extra_features()}

    def read_annotations(self, tree: Tree) -> pa.Table:
        """Read the pairs of the configuration; add transcripts and what other corpora have."""
        config = self.config.name
        names = FILES[config]
        file = next(filter(None, map(tree.named, names)), None)
        pairs = None
        if file is not None:
            pairs = read_pairs(tree, file, self.problems, labelled=config != "candidates")
        pairs = require_rows(pairs, tree, config, " or ".join(names))
        trees = [tree, *self.roots.values()]
        clips = with_transcripts(pa.table({"id": pairs["clip_id"].unique()}), trees)
        pairs = with_overlaps(_of_clips(pairs, clips), trees, key="clip_id")
        for kind in self.MODALITIES:
            pairs = set_column(pairs, f"_{kind}_key", pairs["clip_id"])
        side = "unlabeled" if config == "candidates" else "train"
        return set_column(pairs, "split_official", pa.repeat(side, pairs.num_rows))

    def checks(self, rows: pa.Table) -> list[Check]:
        """Compare the number of pairs."""
        return [Check.compare("rows", SIZES[self.config.name], rows.num_rows)]


def _of_clips(pairs: pa.Table, clips: pa.Table) -> pa.Table:
    """Give each pair what is known of its clip."""
    rows = fill(set_column(pairs, "id", pairs["clip_id"]), clips)
    return set_column(rows, "id", pairs["id"])
