"""MER-Caption (coarse) and MER-Caption+ (filtered): what models wrote of MER's unlabelled clips."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.builder import CorpusBuilder
from affecthub.datasets_scripts.families.mer import (
    CLIP,
    MerMedia,
    flags,
    in_ov_merd,
    is_member,
    join,
    parse_words,
    read_columns,
    require_rows,
    with_transcripts,
)
from affecthub.datasets_scripts.families.mer2023_clips import in_mer2023
from affecthub.datasets_scripts.families.mer2024_clips import in_mer2024_test, mer2024_test_sets
from affecthub.datasets_scripts.reading.layout import Layout, Tree
from affecthub.datasets_scripts.reading.references import set_column
from affecthub.datasets_scripts.verifying.report import Check

COLUMNS = {"openset": "open_vocabulary", "reason": "description"}
# MER-Caption+ came out with MER2025 as track2_train_mercaptionplus.csv (words) and
# track3_train_mercaptionplus.csv (descriptions). The coarse set has no released name.
FILES = {
    "mer_caption_plus": r"(^|/)[^/]*mer[-_]?caption[-_]?plus[^/]*\.csv$",
    "mer_caption": r"(^|/)[^/]*mer[-_]?caption(?![-_]?plus)[^/]*\.csv$",
}
# Source: AffectGPT paper, Table 1.
SIZES = {"mer_caption_plus": 31327, "mer_caption": 115595}
# Clips with which MER2024 tests, of 1,169 and 1,170: counted by MER2025's label file.
IN_TESTS = {"mer_caption_plus": {"test_semi": 576, "test_noise": 586}}
OV_MERD_PLUS = "ovlabel.csv"


class MerCaptionBuilder(MerMedia, CorpusBuilder):
    """MER-Caption rows; ``open_vocabulary`` and ``description`` are English, as released.

    Source: AffectGPT paper, section 2.
    """

    CORPUS = "mer_caption"
    LAYOUTS = (
        Layout(
            "release",
            "track2_train_mercaptionplus.csv, track3_train_mercaptionplus.csv, "
            "subtitle_chieng.csv, video/, audio/, openface_face/",
            lambda tree: any(tree.find(pattern) for pattern in FILES.values()),
        ),
    )

    def default_config(self, tree: Tree) -> str:
        """The first whose files are there."""
        return next(
            (name for name in FILES if tree.find(FILES[name])), super().default_config(tree)
        )

    def extra_features(self) -> dict[str, Any]:
        """The columns that only this corpus has."""
        overlap = flags("in_ov_merd", "in_ov_merd_plus", "in_mer2023", "in_mer2024_test")
        return {**overlap, **super().extra_features()}

    def read_annotations(self, tree: Tree) -> pa.Table:
        """Join words, descriptions and transcripts by clip, and flag clips of test sets."""
        config = self.config.name
        files = tree.find(FILES[config])
        found = join(read_columns(tree, file, COLUMNS) for file in files)
        expected = f"a csv whose name has {config.replace('_', '')!r}, with `openset` or `reason`"
        rows = require_rows(found, tree, config, expected)
        rows = parse_words(rows, "open_vocabulary", self.problems)
        trees = [tree, *self.roots.values()]
        rows = with_transcripts(rows, trees)
        ids = rows["id"]
        rows = set_column(rows, "in_ov_merd", in_ov_merd(ids))
        plus = join(read_columns(t, t.named(OV_MERD_PLUS), COLUMNS, ids=ids) for t in trees)
        known = None if plus is None else plus["id"].combine_chunks()
        rows = set_column(rows, "in_ov_merd_plus", is_member(ids, known, CLIP))
        rows = set_column(rows, "in_mer2023", in_mer2023(ids))
        return set_column(rows, "in_mer2024_test", in_mer2024_test(ids))

    def checks(self, rows: pa.Table) -> list[Check]:
        """Compare the number of clips, of those with words or a description, and of test clips."""
        size = SIZES[self.config.name]
        counts = {
            "rows": rows.num_rows,
            **{name: pc.count(rows[name]).as_py() for name in COLUMNS.values()},
        }
        absent = "no file of these is there"
        checks = [
            Check.compare(name, size, n, note="" if n else absent) for name, n in counts.items()
        ]
        if self.config.name in IN_TESTS:
            tested = mer2024_test_sets(rows["id"])
            for name, n in IN_TESTS[self.config.name].items():
                found = pc.sum(pc.equal(tested, name)).as_py() or 0
                checks.append(Check.compare(f"clips of MER2024's {name}", n, found))
        return checks
