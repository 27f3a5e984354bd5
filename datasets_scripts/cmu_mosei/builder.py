"""CMU-MOSEI from the tree that CMU gave out, the MMSA form, label npz, or the SDK's csd."""

import pyarrow as pa

from affecthub.datasets_scripts.cmu_mosei.paper import FIGURES, SEGMENT_FIGURES, SEGMENTS
from affecthub.datasets_scripts.cmu_mosei.ratings import INTENSITIES, read_ratings
from affecthub.datasets_scripts.families.clip_ids import ClipIds
from affecthub.datasets_scripts.families.cmu import CSD_LAYOUT, CmuBuilder
from affecthub.datasets_scripts.families.mmsa import MMSA_LAYOUT, NPZ_LAYOUT, only
from affecthub.datasets_scripts.families.segments import read_folds
from affecthub.datasets_scripts.families.sentiment_labels import Part
from affecthub.datasets_scripts.protocols.rules import SplitRule
from affecthub.datasets_scripts.reading.layout import Layout, Tree

# "-3g5yACwYnA___0___82.753___100.555___The key is...": video, clip, start, end, text.
SECONDS = r"-?\d{1,6}(?:\.\d+)?"
LINE = (
    r"^.+?___(?P<clip>\d+)"
    rf"___(?P<start>{SECONDS})___(?P<end>{SECONDS})___(?P<text>.*)$"
)


def _has_segments(tree: Tree) -> bool:
    return bool(tree.find(r"(^|/)(Transcript|Videos)/Segmented/"))


class CmuMoseiBuilder(CmuBuilder):
    """CMU-MOSEI rows, with six emotion intensities where the user has the ratings."""

    CORPUS = "cmu_mosei"
    LAYOUTS = (
        Layout(
            "cmu",
            "Raw/{Videos,Transcript}/Segmented/Combined and a label file",
            _has_segments,
        ),
        MMSA_LAYOUT,
        NPZ_LAYOUT,
        CSD_LAYOUT,
    )
    IDS = ClipIds(r"[\w-]+", r"\d+", "-3g5yACwYnA_0")
    LANGUAGE = "en"
    RANGE = (-3.0, 3.0)
    FURTHER = INTENSITIES
    FIGURES = FIGURES
    TRANSCRIPTS = (".txt", LINE)
    COLUMNS = ("sentiment", *INTENSITIES.values())
    SEGMENTS, SEGMENT_FIGURES = SEGMENTS, SEGMENT_FIGURES

    def folds(self, tree: Tree) -> SplitRule | None:
        """The SDK's standard folds, from its own file."""
        file = only(tree, r"(^|/)cmu_mosei_std_folds\.py$")
        return read_folds(tree, file) if file else None

    def additions(self, tree: Tree, ids: pa.Array) -> list[Part]:
        """Add CMU's transcripts of segments, and the mean of the raters' intensities."""
        return [*super().additions(tree, ids), *read_ratings(tree)]

    def read_annotations(self, tree: Tree) -> pa.Table:
        """Join the files by clip; intensities out of range become null and are reported."""
        rows = super().read_annotations(tree)
        for name in INTENSITIES.values():
            if name in rows.column_names:
                rows = self.keep_range(rows, name, 0, 3)
        return rows
