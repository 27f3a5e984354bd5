"""IEMOCAP from ``IEMOCAP_full_release``: turns of EmoEvaluation, their words, sound and film."""

from collections import defaultdict
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from datasets import ClassLabel, List, Value

from affecthub.datasets_scripts.builder import CorpusBuilder
from affecthub.datasets_scripts.families.processed import english_text, read_labels
from affecthub.datasets_scripts.iemocap import paper
from affecthub.datasets_scripts.iemocap.evaluation import parse_dialogue
from affecthub.datasets_scripts.iemocap.transcriptions import Line, parse_transcription, words_of
from affecthub.datasets_scripts.reading.layout import File, Layout, Tree
from affecthub.datasets_scripts.reading.turns import number_turns
from affecthub.datasets_scripts.verifying.report import Check
from affecthub.labels import label_set, to_basic7

EVALUATIONS = r"(^|/)EmoEvaluation/Ses0[1-5][FM]_[^/]+\.txt$"
TRANSCRIPTIONS = r"(^|/)transcriptions/Ses0[1-5][FM]_[^/]+\.txt$"
CODES = label_set("iemocap")
# Configuration -> the processed copy's label file and its labels, in the order of its integers.
PROCESSED = {
    "four": ("label_4way.npz", ("happy", "sad", "neutral", "angry")),
    "six": ("label_6way.npz", ("happy", "sad", "neutral", "angry", "excited", "frustrated")),
}
TURN = r"^Ses0[1-5][FM]_(impro|script)\w*_[FM]\w{3}$"
# The four classes of the field: excitement counts as happiness.
FOUR = {"hap": "happy", "exc": "happy", "sad": "sad", "neu": "neutral", "ang": "angry"}
# Left, top, right and bottom edge of the half of the film that shows the speaker.
LEFT, RIGHT = (0.0, 0.0, 0.5, 1.0), (0.5, 0.0, 1.0, 1.0)

_RATER = [("annotator", pa.string()), ("is_self", pa.bool_())]
_SCALES = [("valence", pa.float32()), ("arousal", pa.float32()), ("dominance", pa.float32())]
_COMMENT = ("comment", pa.string())
# What a parsed turn holds, as Arrow.
_TURN_TYPES: dict[str, pa.DataType] = {
    "id": pa.string(),
    "emotion_code": pa.string(),
    "start_s": pa.float64(),
    "end_s": pa.float64(),
    **dict(_SCALES),
    "votes": pa.list_(pa.struct([*_RATER, ("emotions", pa.list_(pa.string())), _COMMENT])),
    "votes_vad": pa.list_(pa.struct([*_RATER, *_SCALES, _COMMENT])),
}


def _has_evaluations(tree: Tree) -> bool:
    return bool(tree.find(EVALUATIONS))


def _is_processed(tree: Tree) -> bool:
    return any(tree.named(name) is not None for name, _ in PROCESSED.values())


class IemocapBuilder(CorpusBuilder):
    """IEMOCAP rows, one for each evaluated turn.

    A turn's sound is a file of its own. Its film is that of the whole dialogue, which both actors
    share: ``video_start_s``, ``video_end_s`` and ``video_crop`` say what of it is the turn.

    Source: Busso et al. (2008), IEMOCAP: Interactive emotional dyadic motion capture database; the
    release's own files for names and forms.
    """

    CORPUS = "iemocap"
    LAYOUTS = (
        Layout(
            "release",
            "Session1..5/dialog/EmoEvaluation/Ses*.txt, with dialog/transcriptions, dialog/avi "
            "and sentences/wav beside it",
            _has_evaluations,
        ),
        Layout(
            "processed",
            "label_4way.npz (or label_6way.npz) of MER-UniBench, with subaudio/ and subvideo-tgt/ "
            "beside it: four (or six) classes alone, and no times",
            _is_processed,
        ),
    )

    def emotions(self) -> tuple[str, ...]:
        """Every code of the release, or in ``four`` and ``six`` the field's classes."""
        return PROCESSED[self.config.name][1] if self.config.name in PROCESSED else CODES

    def extra_features(self) -> dict[str, Any]:
        """The columns that only this corpus has."""
        rater = {"annotator": Value("string"), "is_self": Value("bool")}
        scales = {name: Value("float32") for name in ("valence", "arousal", "dominance")}
        return {
            "emotion_code": ClassLabel(names=list(CODES)),
            **scales,
            "votes": List({**rater, "emotions": List(Value("string")), "comment": Value("string")}),
            "votes_vad": List({**rater, **scales, "comment": Value("string")}),
            "scenario": Value("string"),
            "marker_wearer": Value("string"),
            "video_start_s": Value("float64"),
            "video_end_s": Value("float64"),
            "video_crop": List(Value("float32"), length=4),
        }

    def read_annotations(self, tree: Tree) -> pa.Table:
        """Read all dialogues; turns in order of the files, which are in order of the sessions."""
        if self.layout.name == "processed":
            return self._read_processed(tree)
        turns: list[dict[str, Any]] = []
        for file in tree.find(EVALUATIONS):
            dialogue = parse_dialogue(_text(tree, file), tree.root / file.path)
            turns += dialogue.turns
            if not dialogue.turns:
                self.problems.append(f"{file.path}: no turns in it")
            if dialogue.unread:
                self.problems.append(
                    f"{file.path}: {len(dialogue.unread)} lines are neither a turn nor a vote, "
                    f"first line {dialogue.unread[0]}; they are left out"
                )
        rows = pa.table(
            {
                name: pa.array([turn[name] for turn in turns], kind)
                for name, kind in _TURN_TYPES.items()
            }
        )
        _require_codes(rows)
        lines: dict[str, list[Line]] = defaultdict(list)
        for file in tree.find(TRANSCRIPTIONS):
            for turn, line in parse_transcription(_text(tree, file)):
                lines[turn].append(line)
        words = words_of([(turn["id"], turn["start_s"]) for turn in turns], lines)
        rows = rows.append_column("text", pa.array(words, pa.string()))
        if lines and (n_mute := rows["text"].null_count):
            self.problems.append(f"{n_mute} evaluated turns have no line in transcriptions")
        rows = _in_film(_from_ids(rows))
        return self._in_six(tree, rows) if self.config.name == "six" else self._in_classes(rows)

    def _read_processed(self, tree: Tree) -> pa.Table:
        """Read four or six classes of the processed copy; its turns are cut out already."""
        if self.config.name not in PROCESSED:
            raise ValueError(
                f"{tree.root}: got the processed copy, which has four classes only, or six, "
                "expected IEMOCAP_full_release for configuration 'full'. Pass that, or load 'four'."
            )
        rows, file = self._read_classes(tree)
        rows = rows.append_column("text", english_text(tree, rows["id"]))
        if self.config.name == "four":
            # "happy" may stand for excitement, which is no joy yet.
            is_happy = pc.equal(rows["emotion"], "happy")
            names = [to_basic7(label) for label in rows["emotion"].to_pylist()]
            basic7 = pa.array(names, pa.string())
            rows = rows.append_column("emotion_basic7", pc.if_else(is_happy, None, basic7))
        known = pc.match_substring_regex(rows["id"], TURN)
        if pc.any(pc.invert(known)).as_py():
            first = rows["id"][pc.index(known, False).as_py()].as_py()
            raise ValueError(
                f"{tree.root / file.path}: got clip {first!r}, expected a turn such as "
                "Ses01F_impro01_F000. Pass the folder of this corpus."
            )
        return _from_ids(rows)

    def _read_classes(self, tree: Tree) -> tuple[pa.Table, File]:
        """Read ``id`` and ``emotion`` from the label file of this configuration.

        Raises:
            ValueError: It is not there, or as ``read_labels``.
        """
        name, labels = PROCESSED[self.config.name]
        file = tree.named(name)
        if file is None:
            raise ValueError(
                f"{tree.root}: got no {name}, expected that of MERBench for configuration "
                f"{self.config.name!r}. Put it there: the six classes follow a rule that nobody "
                "can apply to the released votes."
            )
        rows = read_labels(tree, file, {"whole_corpus": None}, labels)
        return rows.drop_columns("split_official"), file

    def _in_six(self, tree: Tree, rows: pa.Table) -> pa.Table:
        """Add the class that the six-way label file has for each turn; leave out other turns."""
        labels, file = self._read_classes(tree)
        ids = labels["id"].combine_chunks()
        sessions = rows["group_id"].unique()
        own = ids.filter(pc.is_in(pc.utf8_slice_codeunits(ids, 0, 5), value_set=sessions))
        lost = own.filter(pc.is_null(pc.index_in(own, value_set=rows["id"].combine_chunks())))
        if len(lost):
            self.problems.append(
                f"{file.path}: {len(lost)} turns are not in EmoEvaluation, first {lost[0]}"
            )
        emotion = labels["emotion"].take(pc.index_in(rows["id"], value_set=ids))
        rows = rows.append_column("emotion", emotion)
        return rows.filter(pc.is_valid(rows["emotion"]))

    def _in_classes(self, rows: pa.Table) -> pa.Table:
        """Add ``emotion`` of this configuration and leave out turns that have none of it."""
        codes = rows["emotion_code"]
        # By the released code: an excited turn is of the class "happy", but that is no joy yet.
        basic7 = pa.array([to_basic7(code) for code in CODES], pa.string())
        rows = rows.append_column("emotion_basic7", basic7.take(_code_index(codes)))
        if self.config.name != "four":
            return rows.append_column("emotion", codes)
        classes = pa.array([FOUR.get(code) for code in CODES], pa.string())
        rows = rows.append_column("emotion", classes.take(_code_index(codes)))
        return rows.filter(pc.is_valid(rows["emotion"]))

    def checks(self, rows: pa.Table) -> list[Check]:
        """Compare with what is known of the release: turns, codes, sessions of the four classes."""
        return paper.checks(rows, self.config.name)


def _from_ids(rows: pa.Table) -> pa.Table:
    """Add what a turn's id tells.

    The letter after the session's number tells who wears the markers; the one in the last part
    tells who speaks.
    """
    ids = rows["id"].combine_chunks()
    session = pc.utf8_slice_codeunits(ids, 0, 5)
    wearer, speaker = pc.utf8_slice_codeunits(ids, 5, 6), pc.utf8_slice_codeunits(ids, -4, -3)
    dialogue = pc.utf8_slice_codeunits(ids, 0, -5)
    scenario = pc.utf8_slice_codeunits(ids, 7, 12)
    added = {
        "language": pa.repeat("en", len(ids)),
        "speaker_id": pc.binary_join_element_wise(session, speaker, ""),
        "dialogue_id": dialogue,
        "group_id": session,
        "scenario": pc.if_else(pc.equal(scenario, "impro"), "improvised", "scripted"),
        "marker_wearer": pc.binary_join_element_wise(session, wearer, ""),
    }
    for name, column in added.items():
        rows = rows.append_column(name, column)
    return rows


def _in_film(rows: pa.Table) -> pa.Table:
    """Add where a turn lies in its dialogue, and which part of the dialogue's film shows it.

    Who wears the markers is in the left half of the picture.
    """
    dialogue = rows["dialogue_id"].combine_chunks()
    wearer = pc.equal(rows["marker_wearer"], rows["speaker_id"])
    is_left = wearer.to_numpy()
    crop = np.where(is_left[:, None], LEFT, RIGHT).astype(np.float32)
    added = {
        "turn_index": number_turns(dialogue, rows["start_s"].to_numpy()),
        "duration_s": pc.round(pc.subtract(rows["end_s"], rows["start_s"]), 4),
        "video_start_s": rows["start_s"],
        "video_end_s": rows["end_s"],
        "video_crop": pa.FixedSizeListArray.from_arrays(crop.ravel(), 4),
        "_video_key": dialogue,
    }
    for name, column in added.items():
        rows = rows.append_column(name, column)
    return rows


def _require_codes(rows: pa.Table) -> None:
    """Raise where a turn has a code that the release does not use."""
    unknown = pc.is_null(_code_index(rows["emotion_code"]))
    if pc.any(unknown).as_py():
        row = pc.index(unknown, True).as_py()
        raise ValueError(
            f"turn {rows['id'][row]}: unknown emotion code: got "
            f"{rows['emotion_code'][row].as_py()!r}, expected one of {', '.join(CODES)}. "
            "Correct its EmoEvaluation file."
        )


def _code_index(codes: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.index_in(codes, value_set=pa.array(CODES, pa.string()))


def _text(tree: Tree, file: File) -> str:
    """A text file of the release; the few bytes that are not UTF-8 are Latin-1."""
    data = tree.read(file)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
