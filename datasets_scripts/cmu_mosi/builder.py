"""CMU-MOSI from the tree that CMU gave out, the MMSA form, label npz, or the SDK's csd."""

from affecthub.datasets_scripts.cmu_mosi.folds import FOLDS
from affecthub.datasets_scripts.cmu_mosi.paper import FIGURES, SEGMENT_FIGURES, SEGMENTS
from affecthub.datasets_scripts.families.clip_ids import ClipIds
from affecthub.datasets_scripts.families.cmu import CSD_LAYOUT, CmuBuilder
from affecthub.datasets_scripts.families.mmsa import MMSA_LAYOUT, NPZ_LAYOUT
from affecthub.datasets_scripts.protocols.rules import SplitRule
from affecthub.datasets_scripts.reading.layout import Layout, Tree

# "1_DELIM_ANYHOW IT WAS REALLY GOOD": clip and text.
LINE = r"^(?P<clip>\d+)_(?:DELIM_)?(?P<text>.*)$"


def _has_segments(tree: Tree) -> bool:
    return bool(tree.find(r"(^|/)(Transcript|Video)/Segmented/"))


class CmuMosiBuilder(CmuBuilder):
    """CMU-MOSI rows."""

    CORPUS = "cmu_mosi"
    LAYOUTS = (
        Layout(
            "cmu",
            "Raw/{Audio,Transcript,Video}/.../Segmented and a label file",
            _has_segments,
        ),
        MMSA_LAYOUT,
        NPZ_LAYOUT,
        CSD_LAYOUT,
    )
    IDS = ClipIds(r"[\w-]+", r"\d+", "03bSnISJMiM_1")
    LANGUAGE = "en"
    RANGE = (-3.0, 3.0)
    FIGURES = FIGURES

    TRANSCRIPTS = (".annotprocessed", LINE)
    COLUMNS = ("sentiment",)
    SEGMENTS, SEGMENT_FIGURES = SEGMENTS, SEGMENT_FIGURES

    def folds(self, tree: Tree) -> SplitRule | None:
        """The videos of the released split."""
        return FOLDS
