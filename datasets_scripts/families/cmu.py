"""What CMU-MOSI and CMU-MOSEI share: CMU's transcripts, and label sequences of its SDK."""

from collections.abc import Mapping
from typing import ClassVar

import pyarrow as pa

from affecthub.datasets_scripts.families.cmu_transcripts import read_transcripts
from affecthub.datasets_scripts.families.csd import Sequence, read_sequence
from affecthub.datasets_scripts.families.mmsa import LABEL_CSVS, LABEL_NPZ, MmsaBuilder, only
from affecthub.datasets_scripts.families.segments import segments_part, times_known
from affecthub.datasets_scripts.families.sentiment_labels import Part
from affecthub.datasets_scripts.protocols.rules import SplitRule
from affecthub.datasets_scripts.reading.layout import File, Layout, Tree
from affecthub.datasets_scripts.verifying.report import Check

LABELS_CSD = r"(^|/)[^/]*Labels\.csd$"
WORDS_CSD = r"(^|/)[^/]*TimestampedWords\.csd$"


def _has_labels_csd(tree: Tree) -> bool:
    return bool(tree.find(LABELS_CSD))


CSD_LAYOUT = Layout(
    "csd",
    "CMU_*_Labels.csd of the SDK, for MOSEI with its cmu_mosei_std_folds.py beside it",
    _has_labels_csd,
)


class CmuBuilder(MmsaBuilder):
    """Rows of MOSI or MOSEI. A label csv or npz says which clips there are; else a csd does.

    Attributes:
        TRANSCRIPTS: Suffix and line of CMU's transcripts, as ``read_transcripts``.
        COLUMNS: Our names of the columns of its label sequence.
        SEGMENTS: Segments of that sequence, as others count them.
        SEGMENT_FIGURES: As ``FIGURES``, of the sequence.
    """

    TRANSCRIPTS: ClassVar[tuple[str, str]]
    COLUMNS: ClassVar[tuple[str, ...]]
    SEGMENTS: ClassVar[int]
    SEGMENT_FIGURES: ClassVar[Mapping[str, tuple[int | None, int | None, int | None]]]

    def folds(self, tree: Tree) -> SplitRule | None:
        """Which videos are in which split, for label sequences; None where nothing says it."""
        return None

    def labels(self, tree: Tree) -> list[Part]:
        """Read the label files; without csv and npz, the label sequence."""
        parts = super().labels(tree)
        file = only(tree, LABELS_CSD)
        if parts or file is None:
            return parts
        rule = self.folds(tree)
        if rule is None and not self.config.protocol.endswith(".json"):
            raise ValueError(
                f"{tree.root / file.path}: got labels without folds, expected "
                "cmu_mosei_std_folds.py of the SDK beside them (it is read, not run), or label.csv "
                "or label.npz. Put one there, or pass a split file of your own over `video_id`."
            )
        part, problems = self._segments(tree, file)
        self.problems += problems
        sides = rule.assign(part.rows) if rule else pa.nulls(part.rows.num_rows, pa.string())
        return [Part(part.source, part.rows.append_column("split_official", sides))]

    def additions(self, tree: Tree, ids: pa.Array) -> list[Part]:
        """Add CMU's transcripts, and of a sequence what the label file does not have."""
        parts, problems = read_transcripts(tree, *self.TRANSCRIPTS)
        self.problems += problems
        added = [*super().additions(tree, ids), *parts]
        further = list(self.COLUMNS[1:])
        file = only(tree, LABELS_CSD)
        if self._from_csd or not further or file is None:
            return added
        part, problems = self._segments(tree, file)
        self.problems += problems
        return [*added, Part(part.source, part.rows.select(["id", *further]))]

    def _segments(self, tree: Tree, file: File) -> tuple[Part, list[str]]:
        """The label sequence as clips, with text of the words where no transcript has times."""
        parts, _ = read_transcripts(tree, *self.TRANSCRIPTS)
        lines = times_known(parts[0]) if parts else None
        words: Sequence | None = None
        if lines is None and (spoken := only(tree, WORDS_CSD)) is not None:
            words = read_sequence(tree, spoken, None)
        labels = read_sequence(tree, file, len(self.COLUMNS))
        return segments_part(labels, self.COLUMNS, lines, words)

    def most_clips(self) -> int | None:
        """A label sequence has more segments than the label file has clips."""
        return self.SEGMENTS if self._from_csd else super().most_clips()

    def figures(self) -> Mapping[str, tuple[int | None, int | None, int | None]]:
        """Those of the file that says which clips there are."""
        return self.SEGMENT_FIGURES if self._from_csd else super().figures()

    def checks(self, rows: pa.Table) -> list[Check]:
        """As the whole family, against the counts of the file that says which clips there are."""
        results = super().checks(rows)
        if not self._from_csd:
            return results
        segments = Check.compare("segments", self.SEGMENTS, rows.num_rows)
        return [segments, *(check for check in results if check.name != "rows")]

    @property
    def _from_csd(self) -> bool:
        """Whether a label sequence says which clips there are, because nothing else does."""
        assert self.tree is not None, "builders sent to workers have no tree"
        label_files = any(self.tree.find(pattern) for pattern in (*LABEL_CSVS, LABEL_NPZ))
        return not label_files and _has_labels_csd(self.tree)
