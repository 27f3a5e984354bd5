"""What CMU-MOSI, CMU-MOSEI, CH-SIMS and CH-SIMS v2 share: clips of videos, each with a score."""

from collections.abc import Mapping
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc
from datasets import Value

from affecthub.datasets_scripts.builder import CorpusBuilder
from affecthub.datasets_scripts.families.clip_ids import ClipIds
from affecthub.datasets_scripts.families.sentiment_labels import (
    Part,
    all_ids,
    join_parts,
    read_label_csv,
    read_label_npz,
    read_transcription,
)
from affecthub.datasets_scripts.families.source_videos import language_doubts, whose
from affecthub.datasets_scripts.reading.layout import File, Layout, Tree
from affecthub.datasets_scripts.reading.references import set_column
from affecthub.datasets_scripts.verifying.report import Check
from affecthub.entries import entry_of

SPLITS = ("train", "validation", "test")
LABEL_CSVS = (r"(^|/)label\.csv$", r"(^|/)meta\.csv$")
LABEL_NPZ = r"(^|/)label\.npz$"

# Columns of the label csv of the corpora that are labelled per modality, and ours.
MODALITY_LABELS = {
    "label_T": "sentiment_text",
    "label_A": "sentiment_audio",
    "label_V": "sentiment_video",
}


# Functions with a name, since builders that are sent to other processes carry their layout along.
def _has_label_csv(tree: Tree) -> bool:
    return any(tree.find(pattern) for pattern in LABEL_CSVS)


def _has_label_npz(tree: Tree) -> bool:
    return bool(tree.find(LABEL_NPZ))


MMSA_LAYOUT = Layout("mmsa", "label.csv (or meta.csv) and Raw/<video>/<clip>.mp4", _has_label_csv)
NPZ_LAYOUT = Layout("npz", "label.npz, transcription*.csv and <video>_<clip>.mp4", _has_label_npz)


class MmsaBuilder(CorpusBuilder):
    """Rows of one corpus of the family; ``sentiment`` is the score, ``group_id`` the source video.

    Attributes:
        IDS: How its clips are named.
        LANGUAGE: What is spoken.
        RANGE: Lowest and highest score.
        FURTHER: Columns of numbers that its label csv may have beside the score, and our names.
        FIGURES: What is known of the released files, for ``checks``: figure to a number for each
            of train, validation and test, None where it is not known.
    """

    CORPUS = ""
    SOUND_IN_VIDEO = True
    LAYOUTS: ClassVar[tuple[Layout, ...]] = (MMSA_LAYOUT, NPZ_LAYOUT)
    IDS: ClassVar[ClipIds]
    LANGUAGE: ClassVar[str]
    RANGE: ClassVar[tuple[float, float]]
    FURTHER: ClassVar[Mapping[str, str]] = {}
    FIGURES: ClassVar[Mapping[str, tuple[int | None, int | None, int | None]]]

    def labels(self, tree: Tree) -> list[Part]:
        """Read the files that say which clips there are, the most trusted first."""
        parts = []
        for pattern in LABEL_CSVS:
            if (file := only(tree, pattern)) is not None:
                parts.append(read_label_csv(tree, file, self.IDS, self.FURTHER))
        if (file := only(tree, LABEL_NPZ)) is not None:
            parts.append(read_label_npz(tree, file, self.IDS))
        return parts

    def additions(self, tree: Tree, ids: pa.Array) -> list[Part]:
        """Read the files that add text, times or further labels to the clips of these ids."""
        files = tree.find(r"(^|/)transcription[^/]*\.csv$")
        return [read_transcription(tree, file, self.LANGUAGE, ids) for file in files]

    def extra_features(self) -> dict[str, Any]:
        """The columns that the whole family has, and the further numbers of the corpus."""
        names = ("video_id", "clip_id", "annotation")
        numbers = {name: Value("float32") for name in self.FURTHER.values()}
        return {**{name: Value("string") for name in names}, **numbers}

    def read_annotations(self, tree: Tree) -> pa.Table:
        """Join the label files by clip; scores out of range become null and are reported."""
        labels = self.labels(tree)
        if not labels:
            raise ValueError(
                f"{tree.root}: got media and transcripts without labels, expected label.csv or "
                f"label.npz beside them. {entry_of(self.CORPUS).how_to_get}"
            )
        rows, problems = join_parts(labels, self.additions(tree, all_ids(labels)))
        self.problems += problems
        self._require_own(tree, rows, labels[0].source)
        for name in rows.column_names:
            if name.startswith("sentiment"):
                rows = self.keep_range(rows, name, *self.RANGE)
        unlabelled = pc.is_null(rows["sentiment"])
        if pc.any(unlabelled).as_py():
            clip = rows["id"][pc.index(unlabelled, True).as_py()].as_py()
            self.problems.append(f"{pc.sum(unlabelled).as_py()} clips have no score, first {clip}")
        rows = rows.append_column("group_id", rows["video_id"])
        return rows.append_column("language", pa.repeat(self.LANGUAGE, rows.num_rows))

    def _require_own(self, tree: Tree, rows: pa.Table, source: str) -> None:
        """Raise where the clips are those of a sibling, and report what speaks for one.

        Raises:
            ValueError: Most source videos are of another corpus of the family, or all clips are.
        """
        verdict = whose(self.CORPUS, rows)
        if verdict.refusal is not None:
            raise ValueError(
                f"{tree.root}: got clips of another corpus than {self.CORPUS}: {verdict.refusal}. "
                "Load it under that name, or pass the folder of this corpus."
            )
        self.problems += verdict.doubts
        if "text" in rows.column_names:
            self.problems += language_doubts(rows["text"], self.LANGUAGE)
        full = self.most_clips()
        if full is not None and rows.num_rows > full:
            self.problems.append(
                f"{source} has {rows.num_rows} clips, {self.CORPUS} has {full}; "
                "it may belong to another corpus"
            )

    def most_clips(self) -> int | None:
        """How many clips the label files may have; more are those of another corpus."""
        return entry_of(self.CORPUS).n_rows

    def figures(self) -> Mapping[str, tuple[int | None, int | None, int | None]]:
        """What is known of the released files."""
        return self.FIGURES

    def keep_range(self, rows: pa.Table, name: str, low: float, high: float) -> pa.Table:
        """Make values outside a range null, and report them."""
        column = rows[name]
        inside = pc.and_(pc.greater_equal(column, low), pc.less_equal(column, high))
        outside = pc.fill_null(pc.invert(inside), False)
        if not pc.any(outside).as_py():
            return rows
        row = pc.index(outside, True).as_py()
        self.problems.append(
            f"`{name}` of {pc.sum(outside).as_py()} clips is out of range, first "
            f"{rows['id'][row].as_py()}: got {column[row].as_py():g}, expected {low:g} to "
            f"{high:g}; it is null"
        )
        return set_column(rows, name, pc.if_else(outside, pa.scalar(None, column.type), column))

    def media_key(self, file: File, root: str) -> str | None:
        """``<video>_<clip>``; whole videos belong to no clip."""
        return self.IDS.of_path(file.path)

    def checks(self, rows: pa.Table) -> list[Check]:
        """Compare rows, videos and exact zeros of each split with the released files."""
        results = super().checks(rows)
        for i, split in enumerate(SPLITS):
            part = rows.filter(pc.equal(rows["split_official"], split))
            found = {
                "clips": part.num_rows,
                "videos": pc.count_distinct(part["video_id"]).as_py(),
                "clips that score 0": pc.sum(pc.equal(part["sentiment"], 0)).as_py() or 0,
            }
            results += [
                Check.compare(f"{figure}, {split}", numbers[i], found[figure])
                for figure, numbers in self.figures().items()
                if numbers[i] is not None
            ]
        if rows["annotation"].null_count < rows.num_rows:
            sign = pc.sign(rows["sentiment"]).cast(pa.int8())
            word = pc.index_in(
                rows["annotation"], value_set=pa.array(["Negative", "Neutral", "Positive"])
            )
            differ = pc.not_equal(pc.subtract(word, 1), sign)
            n_differ = pc.sum(differ).as_py() or 0
            results.append(Check.compare("annotations unlike the sign of the score", 0, n_differ))
        return results


def only(tree: Tree, pattern: str) -> File | None:
    """The one file that matches, or None.

    Raises:
        ValueError: Several do: a folder above several corpora, or two versions of one.
    """
    found = tree.find(pattern)
    if len(found) > 1:
        raise ValueError(
            f"{tree.root}: got {len(found)} label files "
            f"({', '.join(file.path for file in found[:4])}), expected one. "
            "Pass the folder of the one corpus."
        )
    return found[0] if found else None
