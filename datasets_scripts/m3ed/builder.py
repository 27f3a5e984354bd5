"""M3ED from ``annotation.json``, with the speech of each utterance."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from datasets import List, Value

from affecthub.datasets_scripts.builder import CorpusBuilder
from affecthub.datasets_scripts.m3ed import paper
from affecthub.datasets_scripts.m3ed.annotation import parse_annotation
from affecthub.datasets_scripts.reading.layout import Layout, Tree
from affecthub.datasets_scripts.reading.turns import number_turns
from affecthub.datasets_scripts.verifying.report import Check
from affecthub.labels import label_set

ANNOTATION = "annotation.json"
_TEXTS = ("id", "letter", "name", "age", "sex", "text", "emotion", "series", "dialogue_id")
_VOTES = pa.list_(pa.struct([("annotator", pa.string()), ("emotions", pa.list_(pa.string()))]))
_TYPES: dict[str, pa.DataType] = {
    **{name: pa.string() for name in _TEXTS},
    "start_s": pa.float64(),
    "end_s": pa.float64(),
    "labels_all": pa.list_(pa.string()),
    "votes": _VOTES,
}


def _has_annotation(tree: Tree) -> bool:
    return tree.named(ANNOTATION) is not None


class M3edBuilder(CorpusBuilder):
    """M3ED rows, one for each utterance. The release has speech and no films.

    Source: Zhao et al. (2022), M3ED: Multi-modal Multi-scene Multi-label Emotional Dialogue
    Database; the released lists of series for the split.
    """

    CORPUS = "m3ed"
    MODALITIES = ("audio",)
    LAYOUTS = (
        Layout(
            "release",
            "annotation.json, and modality_speech/A_anjia_1_1.wav and so on beside it or not",
            _has_annotation,
        ),
    )

    def extra_features(self) -> dict[str, Any]:
        """The columns that only this corpus has."""
        words = List(Value("string"))
        return {
            "labels_all": words,
            "votes": List({"annotator": Value("string"), "emotions": words}),
            "series": Value("string"),
            "speaker_name": Value("string"),
            "speaker_age": Value("string"),
            "speaker_sex": Value("string"),
        }

    def read_annotations(self, tree: Tree) -> pa.Table:
        """Read all series, in the order of the file."""
        file = tree.named(ANNOTATION)
        assert file is not None, "the layout was recognised by it"
        where = tree.root / file.path
        read = parse_annotation(tree.read(file), where)
        if not read.rows:
            raise ValueError(f"{where}: got no utterance, expected some. Get the file again.")
        if read.timeless:
            self.problems.append(
                f"{file.path}: the times of {len(read.timeless)} utterances cannot be read, first "
                f"{read.timeless[0]}; they are null"
            )
        rows = pa.table(
            {
                name: pa.array([row[name] for row in read.rows], kind)
                for name, kind in _TYPES.items()
            }
        )
        self._report(rows, file.path)
        dialogue = rows["dialogue_id"].combine_chunks()
        duration = pc.round(pc.subtract(rows["end_s"], rows["start_s"]), 3)
        # People are told apart by series and name; without a name, only within their dialogue.
        nameless = pc.binary_join_element_wise(rows["dialogue_id"], rows["letter"], "/")
        named = pc.binary_join_element_wise(rows["series"], rows["name"], "/")
        columns = {name: rows[name] for name in ("id", "text", "emotion", "start_s", "end_s")}
        columns |= {name: rows[name] for name in ("labels_all", "votes", "series")}
        return pa.table(
            {
                **columns,
                "language": pa.repeat("zh", rows.num_rows),
                "dialogue_id": dialogue,
                "turn_index": number_turns(dialogue, np.arange(rows.num_rows)),
                "duration_s": pc.if_else(pc.less(duration, 0), None, duration),
                "group_id": rows["series"],
                "speaker_id": pc.coalesce(named, nameless),
                "speaker_name": rows["name"],
                "speaker_age": pc.utf8_lower(rows["age"]),
                "speaker_sex": pc.utf8_lower(rows["sex"]),
                "_audio_key": pc.binary_join_element_wise(rows["letter"], rows["id"], "_"),
            }
        )

    def _report(self, rows: pa.Table, source: str) -> None:
        """Report series that the released lists do not have, and labels of no class."""
        split = self.rule("official")
        known = {series for members in split.splits.values() for series in members}
        if strange := sorted(set(rows["series"].to_pylist()) - known):
            self.problems.append(
                f"{source}: series {', '.join(strange[:5])} are in no split of the release"
            )
        labels = {label for row in rows["labels_all"].to_pylist() for label in row or ()}
        if strange := sorted(labels - set(label_set("m3ed"))):
            shown = ", ".join(label[:30] for label in strange[:5])
            self.problems.append(f"{source}: labels {shown} of final_mul_emo are of no class")

    def checks(self, rows: pa.Table) -> list[Check]:
        """Compare with the paper: series, dialogues, turns and utterances of each split."""
        return paper.checks(rows)
