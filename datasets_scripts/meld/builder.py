"""MELD from its csv files, with the clips of the untarred release or of its renamed copies."""

import re
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from datasets import Value

from affecthub.datasets_scripts.builder import CorpusBuilder
from affecthub.datasets_scripts.families.processed import TRANSCRIPTS, english_text, read_labels
from affecthub.datasets_scripts.families.speakers import groups_of
from affecthub.datasets_scripts.meld import paper
from affecthub.datasets_scripts.meld.lengths import length_issues
from affecthub.datasets_scripts.reading.known_labels import require_labels
from affecthub.datasets_scripts.reading.layout import File, Layout, Tree
from affecthub.datasets_scripts.reading.references import join_issues, set_column
from affecthub.datasets_scripts.reading.tables import read_csv, text_or_null
from affecthub.datasets_scripts.verifying.report import Check
from affecthub.unibench import INTEGER_LABELS

# Split as the release names it, in file names and in our ids -> our name.
SPLITS = {"train": "train", "dev": "validation", "test": "test"}
# Folder, or beginning of a file name -> split, in the release and in what others made of it.
SIDES = {
    "train": "train",
    "train_splits": "train",
    "dev": "dev",
    "val": "dev",
    "dev_splits_complete": "dev",
    "test": "test",
    "output_repeated_splits_test": "test",
}
SIGNS = {"negative": -1, "neutral": 0, "positive": 1}
# The processed copy, and its arrays.
LABEL_NPZ = "label.npz"
ARRAYS = {"train_corpus": "train", "val_corpus": "validation", "test_corpus": "test"}
CLIP = re.compile(r"(?:(train|dev|val|test)_)?(?:final_videos_test)?(dia\d+_utt\d+)", re.IGNORECASE)
PACKED = re.compile(r"(^|/)((train|dev|test)|MELD\.Raw)\.(tar(\.gz)?|tgz)$", re.IGNORECASE)
COLUMNS = (
    *("Utterance", "Speaker", "Emotion", "Sentiment", "Dialogue_ID", "Utterance_ID"),
    *("Season", "Episode", "StartTime", "EndTime"),
)
_TIME = r"^(?P<h>\d{1,2}):(?P<m>\d{2}):(?P<s>\d{2}[,.]\d{1,6})$"


def _has_csv(tree: Tree) -> bool:
    return any(tree.named(f"{split}_sent_emo.csv") for split in SPLITS)


def _has_clips(tree: Tree) -> bool:
    return _has_csv(tree) and bool(tree.find(r"dia\d+_utt\d+\.\w+$"))


def _is_processed(tree: Tree) -> bool:
    named = tree.named(LABEL_NPZ)
    return named is not None and bool(tree.find(TRANSCRIPTS))


def _packed(tree: Tree) -> list[str]:
    """List the tars of the release, packed or plain."""
    return sorted(filter(PACKED.search, [*tree.packed, *(file.path for file in tree.files)]))


def _is_packed(tree: Tree) -> bool:
    return bool(_packed(tree))


class MeldBuilder(CorpusBuilder):
    """MELD rows: those of the csv, whatever clips are on the disk.

    Source: Poria et al. (2019), MELD: A Multimodal Multi-Party Dataset for Emotion Recognition in
    Conversations; the released csv for names and order.
    """

    CORPUS = "meld"
    SOUND_IN_VIDEO = True
    BROKEN_AS_RELEASED = frozenset({"train_dia125_utt3", "dev_dia110_utt7"})
    LAYOUTS = (
        Layout(
            "clips",
            "{train,dev,test}_sent_emo.csv, and train_splits/, dev_splits_complete/, "
            "output_repeated_splits_test/ (or train/, dev/, test/) of dia0_utt0.mp4, or "
            "train_dia0_utt0.mp4 anywhere",
            _has_clips,
        ),
        Layout("csv", "{train,dev,test}_sent_emo.csv alone", _has_csv),
        Layout(
            "processed",
            "label.npz and transcription-engchi-polish.csv of MER-UniBench, with subvideo/ and "
            "subaudio/; names no speakers",
            _is_processed,
        ),
        Layout("packed", "train.tar.gz, dev.tar.gz, test.tar.gz, once untarred", _is_packed),
    )

    def extra_features(self) -> dict[str, Any]:
        """The columns that only this corpus has."""
        return {"season": Value("int32"), "episode": Value("int32")}

    def read_annotations(self, tree: Tree) -> pa.Table:
        """Read the three csv; a split without one has no rows, and that is reported.

        The processed copy has neither speakers nor times; they are null.
        """
        if self.layout.name == "processed":
            return _read_processed(tree)
        _require_untarred(tree)
        parts = []
        for split in SPLITS:
            name = f"{split}_sent_emo.csv"
            file = tree.named(name)
            if file is None:
                self.problems.append(f"{name} is not there: {SPLITS[split]} has no rows")
            else:
                parts.append(self._read_split(tree, file, split))
        return pa.concat_tables(parts)

    def _read_split(self, tree: Tree, file: File, split: str) -> pa.Table:
        table = read_csv(tree, file, COLUMNS)
        where = tree.root / file.path
        n = table.num_rows
        number = {name: _integers(table[name], where, name) for name in COLUMNS[4:8]}
        dialogue, utterance = (_join("", number[name]) for name in ("Dialogue_ID", "Utterance_ID"))
        dialogue = pc.binary_join_element_wise(pa.scalar(f"{split}_dia"), dialogue, "")
        start, end = (self._seconds(table[name], file, name) for name in ("StartTime", "EndTime"))
        duration = pc.round(pc.subtract(end, start), 3)  # the release counts milliseconds
        speaker = pc.utf8_trim_whitespace(table["Speaker"])
        ids = pc.binary_join_element_wise(dialogue, utterance, "_utt")
        emotion = pc.utf8_lower(pc.utf8_trim_whitespace(table["Emotion"]))
        require_labels(table["Emotion"], self.emotions(), where, "Emotion", ids, read=emotion)
        return pa.table(
            {
                "id": ids,
                "split_official": pa.repeat(SPLITS[split], n),
                "text": table["Utterance"],
                "language": pa.repeat("en", n),
                "speaker_id": text_or_null(speaker),
                "dialogue_id": dialogue,
                "turn_index": number["Utterance_ID"],
                "group_id": groups_of(speaker),
                "start_s": start,
                "end_s": end,
                "duration_s": pc.if_else(pc.less(duration, 0), None, duration),
                "emotion": text_or_null(emotion),
                "sentiment": self._signs(table["Sentiment"], file),
                "season": number["Season"],
                "episode": number["Episode"],
            }
        )

    def _seconds(self, column: pa.ChunkedArray, file: File, name: str) -> pa.ChunkedArray:
        """Turn "00:01:02,5" into 62.5; null where that cannot be done, which is reported."""
        parts = pc.extract_regex(pc.utf8_trim_whitespace(column), _TIME)
        seconds = pc.replace_substring(pc.struct_field(parts, "s"), ",", ".").cast(pa.float64())
        for field, factor in (("m", 60.0), ("h", 3600.0)):
            whole = pc.struct_field(parts, field).cast(pa.float64())
            seconds = pc.add(seconds, pc.multiply(whole, factor))
        self._report_nulls(seconds, column, file, name)
        return pc.round(seconds, 6)

    def _signs(self, column: pa.ChunkedArray, file: File) -> pa.ChunkedArray:
        """Turn words into -1, 0 and 1; null where a word has no sign, which is reported."""
        words = pc.utf8_lower(pc.utf8_trim_whitespace(column))
        where = pc.index_in(words, value_set=pa.array(SIGNS, pa.string()))
        signs = pa.array(SIGNS.values(), pa.float32()).take(where.combine_chunks())
        self._report_nulls(signs, column, file, "Sentiment")
        return signs

    def _report_nulls(self, column: Any, raw: pa.ChunkedArray, file: File, name: str) -> None:
        if column.null_count:
            row = pc.index(pc.is_null(column), True).as_py()
            self.problems.append(
                f"{file.path}: `{name}` of {column.null_count} rows cannot be read, first line "
                f"{row + 2}: {raw[row].as_py()!r}"
            )

    def media_key(self, file: File, root: str) -> str | None:
        """The clip of a file by its name and, where that lacks the split, by its folder.

        Of a clip that is there twice, with ``final_videos_test`` before its name and without, the
        shorter path is taken.
        """
        match = CLIP.fullmatch(file.stem)
        if match is None:
            return None
        side = next(self._sides(match[1], file), None)
        return side and f"{side}_{_canonical(match[2])}"

    def _sides(self, prefix: str | None, file: File) -> Iterator[str]:
        """Yield what tells the split, the surest first."""
        assert self.tree is not None, "media are looked for where the folder is listed"
        folders = [*self.tree.root.parts[-1:], *file.path.split("/")[:-1]]
        for name in (prefix, *reversed(folders)):
            if name and name.lower() in SIDES:
                yield SIDES[name.lower()]

    def read_clips(self, rows: pa.Table) -> pa.Table:
        """Note clips that are far longer than an utterance; their media stay."""
        if not self.config.check_media:
            return rows
        issues = pa.chunked_array([pa.array(length_issues(rows), pa.string())])
        return set_column(rows, "media_issue", join_issues(rows["media_issue"], issues))

    def checks(self, rows: pa.Table) -> list[Check]:
        """Compare with what is known of the release: rows, labels, dialogues, speakers."""
        return [*super().checks(rows), *paper.checks(rows)]


def _read_processed(tree: Tree) -> pa.Table:
    file = tree.named(LABEL_NPZ)
    assert file is not None, "the layout was recognised by it"
    rows = read_labels(tree, file, ARRAYS, INTEGER_LABELS["meld"])
    where = tree.root / file.path
    parts = pc.extract_regex(rows["id"], r"^(?P<side>train|val|test)_dia(?P<d>\d+)_utt(?P<u>\d+)$")
    if parts.null_count:
        row = pc.index(pc.is_null(parts), True).as_py()
        raise ValueError(
            f"{where}: got clip {rows['id'][row].as_py()!r}, expected one such as val_dia0_utt0. "
            "Pass the folder of this corpus."
        )
    side = pc.replace_substring(pc.struct_field(parts, "side"), "val", "dev")
    dialogue = pc.binary_join_element_wise(side, "_dia", pc.struct_field(parts, "d"), "")
    utterance = pc.struct_field(parts, "u")
    added = {
        "text": english_text(tree, rows["id"]),
        "language": pa.repeat("en", rows.num_rows),
        "dialogue_id": dialogue,
        "turn_index": utterance.cast(pa.int32()),
        "duration_s": pa.nulls(rows.num_rows, pa.float64()),
        "id": pc.binary_join_element_wise(dialogue, utterance, "_utt"),
    }
    for name, column in added.items():
        rows = set_column(rows, name, column)
    return rows


def _require_untarred(tree: Tree) -> None:
    """Raise where the clips of the release are still in its tars."""
    packed = _packed(tree)
    if packed and not tree.has_media():
        raise ValueError(
            f"{tree.root}: MELD is still packed: got {', '.join(packed)}, expected the folders in "
            "them. Untar each where it lies (tar -xzf train.tar.gz), or move the csv files to a "
            "folder of their own to use them without clips."
        )


def _integers(column: pa.ChunkedArray, where: object, name: str) -> pa.ChunkedArray:
    """Turn a column of digits into int32.

    Raises:
        ValueError: A cell is no whole number of up to nine digits; names the file and the line.
    """
    text = pc.utf8_trim_whitespace(column)
    good = pc.match_substring_regex(text, r"^[0-9]{1,9}$")
    if pc.any(pc.invert(good)).as_py():
        row = pc.index(good, False).as_py()
        raise ValueError(
            f"{where}, line {row + 2}: got {column[row].as_py()!r} as `{name}`, expected a whole "
            "number. Correct the annotation file."
        )
    return text.cast(pa.int32())


def _join(before: str, numbers: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(before, numbers.cast(pa.string()), "")


def _canonical(clip: str) -> str:
    """Write a clip as in our ids: lower case, numbers without zeros in front."""
    return re.sub(r"\d+", lambda digits: str(int(digits[0])), clip.lower())
