"""CH-SIMS v2, supervised part, from the MMSA form or label npz."""

import re
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from datasets import Value

from affecthub.datasets_scripts.ch_sims_v2.paper import FIGURES, N_CH_SIMS
from affecthub.datasets_scripts.families.clip_ids import ClipIds
from affecthub.datasets_scripts.families.mmsa import MODALITY_LABELS, MmsaBuilder
from affecthub.datasets_scripts.reading.layout import File, Tree
from affecthub.datasets_scripts.verifying.report import Check

# Source videos of the first version; `video_xjzw` is new in the second.
FIRST_VERSION = r"video_\d{4}"


class ChSimsV2Builder(MmsaBuilder):
    """CH-SIMS v2 rows; ``in_ch_sims`` marks those that are rows of CH-SIMS."""

    CORPUS = "ch_sims_v2"
    # Clips are 0001 in the first version's videos, 00001 in the new ones; eight are like 00008_0.
    IDS = ClipIds(r"\w+", r"\d{4,5}(?:_\d)?", "aqgy4_0005_00001", ((FIRST_VERSION, 4), (r".*", 5)))
    LANGUAGE = "zh"
    RANGE = (-1.0, 1.0)
    FURTHER = MODALITY_LABELS
    FIGURES = FIGURES

    def extra_features(self) -> dict[str, Any]:
        """Add the mark of the first version's rows."""
        return {**super().extra_features(), "in_ch_sims": Value("bool")}

    def read_annotations(self, tree: Tree) -> pa.Table:
        """Join the label files and mark the first version's rows."""
        rows = super().read_annotations(tree)
        old = pc.match_substring_regex(rows["video_id"], f"^{FIRST_VERSION}$")
        return rows.append_column("in_ch_sims", old)

    def media_key(self, file: File, root: str) -> str | None:
        """The clip's id; a file `000260.mp4` is the clip `00026_0` with its mark lost."""
        path = re.sub(r"(^|/)(\d{5})(\d)(\.\w+)$", r"\1\2_\3\4", file.path)
        return self.IDS.of_path(path)

    def checks(self, rows: pa.Table) -> list[Check]:
        """Compare also what both versions share."""
        n_old = pc.sum(rows["in_ch_sims"]).as_py() or 0
        return [*super().checks(rows), Check.compare("clips of CH-SIMS", N_CH_SIMS, n_old)]
