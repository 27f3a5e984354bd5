"""CMU-MOSI from the tree that CMU gave out, the MMSA form, or label npz."""

import pyarrow as pa

from affecthub.datasets_scripts.cmu_mosi.paper import FIGURES
from affecthub.datasets_scripts.families.clip_ids import ClipIds
from affecthub.datasets_scripts.families.cmu_transcripts import read_transcripts
from affecthub.datasets_scripts.families.mmsa import MMSA_LAYOUT, NPZ_LAYOUT, MmsaBuilder
from affecthub.datasets_scripts.families.sentiment_labels import Part
from affecthub.datasets_scripts.reading.layout import Layout, Tree

# "1_DELIM_ANYHOW IT WAS REALLY GOOD": clip and text.
LINE = r"^(?P<clip>\d+)_(?:DELIM_)?(?P<text>.*)$"


def _has_segments(tree: Tree) -> bool:
    return bool(tree.find(r"(^|/)(Transcript|Video)/Segmented/"))


class CmuMosiBuilder(MmsaBuilder):
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
    )
    IDS = ClipIds(r"[\w-]+", r"\d+", "03bSnISJMiM_1")
    LANGUAGE = "en"
    RANGE = (-3.0, 3.0)
    FIGURES = FIGURES

    def additions(self, tree: Tree, ids: pa.Array) -> list[Part]:
        """Add CMU's transcripts of segments."""
        parts, problems = read_transcripts(tree, ".annotprocessed", LINE)
        self.problems += problems
        return [*super().additions(tree, ids), *parts]
