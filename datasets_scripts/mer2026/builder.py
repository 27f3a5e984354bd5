"""MER2026 from its Hugging Face folder as unpacked, or from the processed form of MERTools."""

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.families.mer import parse_words, read_columns
from affecthub.datasets_scripts.families.mer_challenge import NPZ, MerChallengeBuilder
from affecthub.datasets_scripts.families.mer_track1 import TRACK1
from affecthub.datasets_scripts.reading.layout import Layout, Tree
from affecthub.datasets_scripts.reading.references import set_column
from affecthub.datasets_scripts.verifying.report import Check

TRAIN, POOL = "track1_train.csv", "track1_track2_candidate.csv"
HUMAN = "track2_train_human.csv"
# Source: MER2026 README of MERTools at 1052cb8. The csv could not be counted here.
SIZES = {"track1": 9395, "human_ov": 1532, "candidates": 20000}
# Source: an analysis published by a participant.
N_HUMAN_IN_MER_CAPTION_PLUS = 548


class Mer2026Builder(MerChallengeBuilder):
    """MER2026 rows: labels in ``track1``, words in ``human_ov``, neither in ``candidates``.

    Source: MER2026 README and baselines of MERTools at 1052cb8.
    """

    CORPUS = "mer2026"
    TRAIN, TEST, POOL = TRAIN, "track1_test.csv", POOL
    SIZES = SIZES
    LAYOUTS = (
        Layout(
            "challenge",
            "track1_train.csv, track2_train_human.csv, track1_track2_candidate.csv, "
            "subtitle_chieng.csv, video/, audio/, openface_face/",
            lambda tree: any(map(tree.named, (TRAIN, HUMAN, POOL))),
        ),
        Layout(
            "processed",
            f"{NPZ}, track1_subtitle_chieng.csv, video/, audio/, openface_face/",
            lambda tree: tree.named(NPZ) is not None and tree.named(TRACK1) is None,
        ),
    )

    def default_config(self, tree: Tree) -> str:
        """Human-OV where only that is there of what has labels."""
        has_labels = tree.named(TRAIN) is not None or tree.named(NPZ) is not None
        only_words = tree.named(HUMAN) is not None and not has_labels
        return "human_ov" if only_words else super().default_config(tree)

    def emotions(self) -> tuple[str, ...]:
        """The six labels; Human-OV has words in their place."""
        return () if self.config.name == "human_ov" else super().emotions()

    def read_config(self, tree: Tree) -> tuple[pa.Table | None, str]:
        """As the base; in ``human_ov`` the clips with the words that people chose."""
        if self.config.name != "human_ov":
            return super().read_config(tree)
        rows = read_columns(tree, tree.named(HUMAN), {"openset": "open_vocabulary"})
        if rows is not None:
            rows = parse_words(rows, "open_vocabulary", self.problems)
            sides = pa.chunked_array([pa.repeat("train", len(rows))])
            rows = set_column(rows, "split_official", sides)
        return rows, HUMAN

    def checks(self, rows: pa.Table) -> list[Check]:
        """Compare sizes, and how many clips of Human-OV are in MER-Caption+."""
        results = super().checks(rows)
        described = rows["in_mer_caption_plus"]
        if self.config.name == "human_ov" and not described.null_count:
            n = pc.sum(described).as_py() or 0
            results.append(Check.compare("clips in MER-Caption+", N_HUMAN_IN_MER_CAPTION_PLUS, n))
        return results
