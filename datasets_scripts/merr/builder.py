"""MERR coarse (28,618 clips) and fine (4,487): pseudo-labels and texts of MER2023's pool."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from datasets import List, Value

from affecthub.datasets_scripts.builder import CorpusBuilder
from affecthub.datasets_scripts.families.mer import (
    MerMedia,
    join,
    require_rows,
    with_transcripts,
)
from affecthub.datasets_scripts.families.mer_overlaps import overlap_features, with_overlaps
from affecthub.datasets_scripts.merr.annotations import read_json, read_lines
from affecthub.datasets_scripts.reading.layout import Layout, Tree
from affecthub.datasets_scripts.reading.references import set_column
from affecthub.datasets_scripts.verifying.report import Check

# Configuration -> its files without suffix, the key of its description, its clips.
# Source: Emotion-LLaMA repository at 05c0424 for the form; paper, section 3.1, for the sizes.
CAPTIONS = {"coarse": "caption", "fine": "smp_reason_caption"}
SIZES = {"coarse": 28618, "fine": 4487}


class MerrBuilder(MerMedia, CorpusBuilder):
    """MERR rows: a label from combined action units, and what models made of all the cues.

    Source: Emotion-LLaMA paper, section 3.1.
    """

    CORPUS = "merr"
    LAYOUTS = (
        Layout(
            "annotations",
            "MERR_coarse_grained.txt and .json, MERR_fine_grained.txt and .json, or some; "
            "transcription_en_all.csv",
            lambda tree: bool(tree.find(r"(^|/)MERR_(coarse|fine)_grained\.(txt|json)$")),
        ),
    )

    def default_config(self, tree: Tree) -> str:
        """The first whose files are there."""
        there = (config for config in CAPTIONS if tree.find(rf"(^|/)MERR_{config}_grained\."))
        return next(there, super().default_config(tree))

    def extra_features(self) -> dict[str, Any]:
        """The columns that only this corpus has."""
        own = {
            "valence": Value("float32"),
            "visual_cues": List(Value("string")),
            "audio_cue": Value("string"),
            "peak_action_units": List(Value("string")),
            "peak_frame": Value("int32"),
            "n_frames": Value("int32"),
        }
        return {**own, **overlap_features(), **super().extra_features()}

    def read_annotations(self, tree: Tree) -> pa.Table:
        """Join txt and json by clip; of two labels that of the txt stays."""
        config = self.config.name
        name = f"MERR_{config}_grained"
        lines, content = tree.named(f"{name}.txt"), tree.named(f"{name}.json")
        labels = read_lines(tree, lines) if lines is not None else None
        texts = read_json(tree, content, CAPTIONS[config]) if content is not None else None
        self._compare(labels, texts)
        rows = require_rows(join([labels, texts]), tree, config, f"{name}.txt or {name}.json")
        trees = [tree, *self.roots.values()]
        return with_overlaps(_with_text(with_transcripts(rows, trees)), trees)

    def _compare(self, labels: pa.Table | None, texts: pa.Table | None) -> None:
        """Report clips that txt and json label differently, or that only one of them has."""
        if labels is None or texts is None:
            return
        where = pc.index_in(labels["id"], value_set=texts["id"].combine_chunks())
        if where.null_count or len(labels) != len(texts):
            self.problems.append(
                f"txt and json have {len(labels)} and {len(texts)} clips, "
                f"{len(labels) - where.null_count} of them in both; all are kept"
            )
        if "emotion" in texts.column_names:
            other = texts["emotion"].take(where)
            differ = pc.fill_null(pc.not_equal(labels["emotion"], other), False)
            if pc.any(differ).as_py():
                first = labels["id"][pc.index(differ, True).as_py()].as_py()
                self.problems.append(
                    f"txt and json disagree on the label of {pc.sum(differ).as_py()} clips, first "
                    f"{first}; the txt is used"
                )

    def checks(self, rows: pa.Table) -> list[Check]:
        """Compare the number of clips, and of those with a description."""
        size = SIZES[self.config.name]
        counts = {"rows": rows.num_rows, "description": pc.count(rows["description"]).as_py()}
        return [Check.compare(name, size, n) for name, n in counts.items()]


def _with_text(rows: pa.Table) -> pa.Table:
    """Put the json's transcript where the language of its letters belongs."""
    if "transcript" not in rows.column_names:
        return rows
    words = rows["transcript"]
    is_chinese = pc.match_substring_regex(words, r"\p{Han}")
    sides = {"text": is_chinese, "text_en": pc.invert(is_chinese)}
    for name, chosen in sides.items():
        own = pc.if_else(chosen, words, pa.scalar(None, pa.string()))
        known = rows[name] if name in rows.column_names else own
        rows = set_column(rows, name, pc.coalesce(known, own))
    return rows.drop_columns("transcript")
