"""MER2025 from its Hugging Face folder as unpacked, or from the processed form of MERTools."""

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.families.mer_challenge import (
    NPZ,
    MerChallengeBuilder,
    count_equal,
)
from affecthub.datasets_scripts.families.mer_track1 import TRACK1
from affecthub.datasets_scripts.mer2025 import paper
from affecthub.datasets_scripts.reading.layout import Layout
from affecthub.datasets_scripts.verifying.report import Check

POOL = "track_all_candidates.csv"


class Mer2025Builder(MerChallengeBuilder):
    """MER2025 rows; ``test_set`` says which older test set has a clip.

    Source: MER2025 README of MERTools at 89120b7; released label files for sizes and overlaps.
    """

    CORPUS = "mer2025"
    TRAIN, TEST, POOL = TRACK1, "track1_test_dis.csv", POOL
    SIZES = paper.SIZES
    LAYOUTS = (
        Layout(
            "challenge",
            "track1_train_disdim.csv, track_all_candidates.csv, subtitle_chieng.csv, video/, "
            "audio/, openface_face/",
            lambda tree: tree.named(TRACK1) is not None or tree.named(POOL) is not None,
        ),
        Layout(
            "processed",
            f"{NPZ}, track1_subtitle_chieng.csv, video/, audio/, openface_face/",
            lambda tree: tree.named(NPZ) is not None and not tree.find(r"(^|/)track1_train\.csv$"),
        ),
    )

    def checks(self, rows: pa.Table) -> list[Check]:
        """Compare sizes, labels, and what older test sets and MER-Caption+ have."""
        results = super().checks(rows)
        described = rows["in_mer_caption_plus"]
        if self.config.name == "candidates":
            if not described.null_count:
                n = pc.sum(described).as_py() or 0
                stated = paper.N_CANDIDATES_IN_MER_CAPTION_PLUS
                results.append(Check.compare("clips in MER-Caption+", stated, n))
            return results
        train = rows.filter(pc.equal(rows["split_official"], "train"))
        for code, label in enumerate(self.emotions()):
            n = count_equal(train["emotion"], code)
            results.append(Check.compare(label, paper.LABELS[label], n))
        results.append(
            Check.compare("clips with valence", paper.N_RATED, pc.count(train["valence"]).as_py())
        )
        for name, n in paper.TEST_SETS.items():
            own = train.filter(pc.fill_null(pc.equal(train["test_set"], name), False))
            results.append(Check.compare(f"test set {name}", n, own.num_rows))
            if not described.null_count and name in paper.IN_MER_CAPTION_PLUS:
                n_described = pc.sum(own["in_mer_caption_plus"]).as_py() or 0
                stated = paper.IN_MER_CAPTION_PLUS[name]
                figure = f"test set {name}, clips in MER-Caption+"
                results.append(Check.compare(figure, stated, n_described))
        return results
