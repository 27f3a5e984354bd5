"""OV-MERD (332 clips) and OV-MERD+ (532): any number of emotion words for a clip."""

from typing import Any

import pyarrow as pa

from affecthub.datasets_scripts.builder import CorpusBuilder
from affecthub.datasets_scripts.families.mer import (
    MerMedia,
    flags,
    in_ov_merd,
    join,
    parse_words,
    read_columns,
    require_rows,
    with_transcripts,
)
from affecthub.datasets_scripts.families.mer2023_clips import in_mer2023
from affecthub.datasets_scripts.reading.layout import Layout, Tree
from affecthub.datasets_scripts.reading.references import set_column
from affecthub.datasets_scripts.verifying.report import Check

COLUMNS = {"openset": "open_vocabulary", "reason": "description"}
# Files of each configuration, the first believed. OV-MERD came out under three names.
FILES = {
    "ov_merd_plus": ("ovlabel.csv",),
    "ov_merd": (
        "track2_train_ovmerd.csv",
        "check-openset.csv",
        "final-openset-english.csv",
        "track3_train_ovmerd.csv",
    ),
}
SIZES = {"ov_merd_plus": 532, "ov_merd": 332}


class OvMerdBuilder(MerMedia, CorpusBuilder):
    """OV-MERD rows; ``open_vocabulary`` and ``description`` are English, as released.

    Source: OV-MER paper; AffectGPT paper, appendix J, for OV-MERD+.
    """

    CORPUS = "ov_merd"
    LAYOUTS = (
        Layout(
            "processed",
            "ovlabel.csv, subtitle_eng.csv, video/, audio/, openface_face/",
            lambda tree: tree.named("ovlabel.csv") is not None,
        ),
        Layout(
            "tables",
            "track2_train_ovmerd.csv, track3_train_ovmerd.csv, subtitle_chieng.csv and clips of "
            "MER2025; or check-openset.csv of MER2024",
            lambda tree: any(map(tree.named, FILES["ov_merd"])),
        ),
    )

    def default_config(self, tree: Tree) -> str:
        """The first whose files are there: MER2025 has 332 clips, MER-UniBench 532."""
        there = (name for name, files in FILES.items() if any(map(tree.named, files)))
        return next(there, super().default_config(tree))

    def extra_features(self) -> dict[str, Any]:
        """The columns that only this corpus has."""
        return {**flags("in_ov_merd", "in_mer2023_train"), **super().extra_features()}

    def read_annotations(self, tree: Tree) -> pa.Table:
        """Join words, descriptions and transcripts by clip, and flag clips that train others."""
        names = FILES[self.config.name]
        found = join(read_columns(tree, tree.named(name), COLUMNS) for name in names)
        rows = require_rows(found, tree, self.config.name, " or ".join(names))
        rows = parse_words(rows, "open_vocabulary", self.problems)
        trees = [tree, *self.roots.values()]
        rows = with_transcripts(rows, trees)
        rows = set_column(rows, "in_ov_merd", in_ov_merd(rows["id"]))
        return set_column(rows, "in_mer2023_train", in_mer2023(rows["id"], ["train"]))

    def checks(self, rows: pa.Table) -> list[Check]:
        """Compare the number of clips."""
        return [Check.compare("rows", SIZES[self.config.name], rows.num_rows)]
