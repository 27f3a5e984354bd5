"""CH-SIMS from the MMSA form, the package of 2020, or label npz."""

from affecthub.datasets_scripts.ch_sims.metadata import read_metadata
from affecthub.datasets_scripts.ch_sims.paper import FIGURES
from affecthub.datasets_scripts.families.clip_ids import ClipIds
from affecthub.datasets_scripts.families.mmsa import (
    MMSA_LAYOUT,
    MODALITY_LABELS,
    NPZ_LAYOUT,
    MmsaBuilder,
)
from affecthub.datasets_scripts.families.sentiment_labels import Part
from affecthub.datasets_scripts.reading.layout import Layout, Tree


def _has_metadata(tree: Tree) -> bool:
    return bool(tree.find(r"(^|/)label_M\.csv$"))


class ChSimsBuilder(MmsaBuilder):
    """CH-SIMS rows; beside ``sentiment`` stands what text, sound and picture alone convey."""

    CORPUS = "ch_sims"
    LAYOUTS = (
        MMSA_LAYOUT,
        Layout(
            "metadata",
            "metadata/{sentiment/label_{M,T,A,V},train_index,val_index,test_index}.csv and Raw",
            _has_metadata,
        ),
        NPZ_LAYOUT,
    )
    IDS = ClipIds(r"video_\d{4}", r"\d{4}", "video_0001_0001", ((r".*", 4),))
    LANGUAGE = "zh"
    RANGE = (-1.0, 1.0)
    FURTHER = MODALITY_LABELS
    FIGURES = FIGURES

    def labels(self, tree: Tree) -> list[Part]:
        """Read the label files; the package of 2020 comes after a label csv, which is newer."""
        parts = super().labels(tree)
        package, problems = read_metadata(tree, self.IDS)
        self.problems += problems
        n_csv = sum(part.source.lower().endswith(".csv") for part in parts)
        return [*parts[:n_csv], *package, *parts[n_csv:]]
