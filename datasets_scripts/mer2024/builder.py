"""MER2024: the labelled clips, and the pool of unlabelled ones that hides the test sets."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from datasets import Value

from affecthub.datasets_scripts.builder import CorpusBuilder
from affecthub.datasets_scripts.families.mer import (
    CLIP,
    TRANSCRIPTS,
    MerMedia,
    read_columns,
    require_rows,
    with_transcripts,
)
from affecthub.datasets_scripts.families.mer_labels import (
    MER2024_FILES,
    NPZ,
    merge_labels,
    placeholder,
    read_label_csv,
    read_label_npz,
)
from affecthub.datasets_scripts.families.mer_track1 import mer2024_labels
from affecthub.datasets_scripts.reading.layout import VIDEO_SUFFIXES, Layout, Tree
from affecthub.datasets_scripts.reading.references import set_column
from affecthub.datasets_scripts.verifying.report import Check

TRAIN_CSV = "label-disdim.csv"
# Published after the challenge, under several names.
TEST_CSV = {
    "test_semi": r"(^|/)test(1|[-_]?semi)[-_](\w+[-_])?label\.csv$",
    "test_noise": r"(^|/)test(2|[-_]?noise)[-_](\w+[-_])?label\.csv$",
}
NPZ_PARTS = {"train_corpus": "train", "test1_corpus": "test_semi", "test2_corpus": "test_noise"}
# Source: `toolkit/preprocess/mer2024.py` of MERTools at 89120b7.
SIZES = {"train": 5030, "test_semi": 1169, "test_noise": 1170}
UNLABELED = "unlabeled"
_POOL = r"(^|/)video-unlabell?ed[^/]*/"


class Mer2024Builder(MerMedia, CorpusBuilder):
    """MER2024 rows: in ``labeled`` the clips a label file names, in ``unlabeled`` all others.

    Source: MER2024 paper.
    """

    CORPUS = "mer2024"
    LAYOUTS = (
        Layout(
            "challenge",
            "label-disdim.csv, video-labeled/, video-unlabeled-with-test2noise/",
            lambda tree: tree.named(TRAIN_CSV) is not None or bool(tree.find(_POOL)),
        ),
        Layout(
            "processed",
            "label-6way.npz, transcription_merge.csv, video/, audio/, openface_face/",
            lambda tree: bool(tree.find(MER2024_FILES)),
        ),
    )

    def extra_features(self) -> dict[str, Any]:
        """The columns that only this corpus has."""
        return {"valence": Value("float32"), **super().extra_features()}

    def read_annotations(self, tree: Tree) -> pa.Table:
        """Read labels, or list what has none; add transcripts."""
        labels = self._labels(tree)
        if self.config.name == UNLABELED:
            rows = _others(tree, labels)
        else:
            rows = labels and labels.filter(pc.not_equal(labels["split_official"], UNLABELED))
        files = f"{TRAIN_CSV} or {NPZ} (labeled), clips or a transcript file (unlabeled)"
        rows = require_rows(rows, tree, self.config.name, files)
        return with_transcripts(rows, [tree])

    def _labels(self, tree: Tree) -> pa.Table | None:
        """Read every label file, placeholders made null."""
        file = tree.named(TRAIN_CSV)
        csv = [read_label_csv(tree, file, "train")] if file is not None else []
        for split, pattern in TEST_CSV.items():
            csv += [self._reveal(read_label_csv(tree, f, split)) for f in tree.find(pattern)[:1]]
        npz = read_label_npz(tree, tree.named(NPZ), NPZ_PARTS)
        if npz is not None:
            sides = [npz.filter(pc.equal(npz["split_official"], split)) for split in SIZES]
            npz = pa.concat_tables([sides[0], *(self._reveal(side) for side in sides[1:])])
        return self._with_gold(merge_labels(csv, npz, self.problems), tree)

    def _with_gold(self, labels: pa.Table | None, tree: Tree) -> pa.Table | None:
        """Add the labels of test clips that MER2025's track 1 has, where no file here has any."""
        trees = [tree, *self.roots.values()]
        gold = next(filter(None, map(mer2024_labels, trees)), None)
        if gold is None or labels is None:
            return labels
        hidden = pc.and_(
            pc.is_null(labels["emotion"]),
            pc.is_in(labels["id"], value_set=gold["id"].combine_chunks()),
        )
        known = labels.filter(pc.invert(hidden))
        return merge_labels([known], gold, self.problems, "MER2025's track 1")

    def _reveal(self, test: pa.Table) -> pa.Table:
        """Take back the labels of a test set whose clips all have the same one.

        Such a set may also be the whole pool, called a test set; then its clips are no particular
        split.
        """
        label = placeholder(test)
        if label is None:
            return test
        split = test["split_official"][0].as_py()
        self.problems.append(
            f"{split}: all {len(test)} clips are labelled {label!r}, which stands "
            "for hidden labels; `emotion` is null there"
        )
        if len(test) > SIZES[split]:
            pool = pa.chunked_array([pa.repeat(UNLABELED, len(test))])
            test = set_column(test, "split_official", pool)
        return set_column(test, "emotion", pa.nulls(len(test), pa.string()))

    def checks(self, rows: pa.Table) -> list[Check]:
        """Compare the sizes of the labelled splits."""
        if self.config.name == UNLABELED:
            return []
        sides = rows["split_official"]
        return [
            Check.compare(split, n, pc.sum(pc.equal(sides, split)).as_py() or 0)
            for split, n in SIZES.items()
        ]


def _others(tree: Tree, labels: pa.Table | None) -> pa.Table | None:
    """List the clips of transcripts, videos and pools that no label file names."""
    parts = [
        read_columns(tree, tree.named(name), columns, ids=pa.array([], pa.string()))
        for name, columns in TRANSCRIPTS.items()
    ]
    ids = [part["id"].combine_chunks() for part in parts if part is not None]
    ids.append(
        pa.array([file.stem for file in tree.files if file.suffix in VIDEO_SUFFIXES], pa.string())
    )
    ids[-1] = ids[-1].filter(pc.match_substring_regex(ids[-1], f"^{CLIP}$"))
    labelled = pa.array([], pa.string())
    if labels is not None:
        pool = pc.equal(labels["split_official"], UNLABELED)
        ids.append(labels.filter(pool)["id"].combine_chunks())
        labelled = labels.filter(pc.invert(pool))["id"].combine_chunks()
    clips = pa.concat_arrays(ids).unique()
    clips = clips.filter(pc.invert(pc.is_in(clips, value_set=labelled)))
    if not len(clips):
        return None
    return pa.table({"id": clips, "split_official": pa.repeat(UNLABELED, len(clips))})
