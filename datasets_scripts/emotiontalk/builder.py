"""EmotionTalk from its label files, its extracted folders or its tars, alone or together."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from datasets import ClassLabel, List, Value

from affecthub.datasets_scripts.builder import CorpusBuilder
from affecthub.datasets_scripts.emotiontalk import paper, votes
from affecthub.datasets_scripts.emotiontalk.clips import parse_clip
from affecthub.datasets_scripts.emotiontalk.label_files import ID, read_label_csv, read_label_npz
from affecthub.datasets_scripts.emotiontalk.transcript import clean_transcripts
from affecthub.datasets_scripts.protocols.rules import connected_groups
from affecthub.datasets_scripts.reading.layout import Layout, Tree
from affecthub.datasets_scripts.reading.references import file_refs, read_ref
from affecthub.datasets_scripts.reading.turns import number_turns
from affecthub.datasets_scripts.verifying.report import Check
from affecthub.labels import label_set

# Recording group -> its two actors. The 19 actors are numbered 01, 02 and 05 to 21.
ACTORS = {
    "G00001": ("01", "02"),
    "G00002": ("07", "08"),
    "G00003": ("02", "13"),
    "G00004": ("05", "09"),
    "G00005": ("06", "10"),
    "G00006": ("07", "12"),
    "G00007": ("11", "14"),
    "G00008": ("07", "11"),
    "G00009": ("12", "14"),
    "G00010": ("05", "08"),
    "G00011": ("06", "09"),
    "G00012": ("13", "15"),
    "G00013": ("16", "17"),
    "G00014": ("18", "19"),
    "G00015": ("20", "21"),
}
# Where the parts of an id lie: G00001_02_01_002 is group, session, speaker, utterance.
GROUP, DIALOGUE, SPEAKER, UTTERANCE = (0, 6), (0, 9), (10, 12), (13, 16)
# Column of our rows -> label csv, label npz, folder (or tar) of its JSON files.
SOURCES = {
    "emotion": ("mm.csv", "mm_label.npz", "multimodal"),
    "emotion_audio": ("audio.csv", "audio_label.npz", "audio"),
    "emotion_video": ("video.csv", "video_label.npz", "video"),
    "emotion_text": ("transcription.csv", "txt_label.npz", "text"),
}


def _has_tables(tree: Tree) -> bool:
    return any(tree.named(name) for csv, npz, _ in SOURCES.values() for name in (csv, npz))


def _has_clips(tree: Tree) -> bool:
    return bool(tree.find(rf"{ID}\.json$") or (_has_tables(tree) and tree.find(rf"{ID}\.\w+$")))


class EmotionTalkBuilder(CorpusBuilder):
    """EmotionTalk rows; ``emotion`` is the multimodal label, beside it one for each modality.

    Source: EmotionTalk paper, section 3 and appendix A; released label files for ids and order.
    """

    CORPUS = "emotiontalk"
    ARCHIVES = True
    LAYOUTS = (
        Layout(
            "tars",
            "Audio.tar, Text.tar, Video.tar, Multimodal.tar, or some of them",
            lambda tree: bool(tree.find(r"(^|/)(audio|text|video|multimodal)\.tar$")),
        ),
        Layout(
            "folders",
            "<Modality>/{json,wav,mp4}/G00001/G00001_02/G00001_02_01/G00001_02_01_002.*",
            _has_clips,
        ),
        Layout("tables", "mm.csv, audio.csv, video.csv, transcription.csv, *.npz", _has_tables),
    )

    def emotions(self) -> tuple[str, ...]:
        """All seven labels, or in ``four`` those of the released four-class files."""
        labels = label_set("emotiontalk")
        return labels[:4] if self.config.name == "four" else labels

    def extra_features(self) -> dict[str, Any]:
        """The columns that only this corpus has."""
        labels = ClassLabel(names=list(label_set("emotiontalk")))
        vote = {
            "annotator": Value("string"),
            "emotion": Value("string"),
            "confidence": Value("float32"),
            "sentiment": Value("float32"),
        }
        return {
            "text_raw": Value("string"),
            "actor_group": Value("string"),
            **{column: labels for column in SOURCES if column != "emotion"},
            **{_votes(column): List(vote) for column in SOURCES},
            "emo_cap": Value("string"),
            "spe_cap": Value("string"),
            "style_cap": Value("string"),
            "captions": List(Value("string")),
        }

    def read_annotations(self, tree: Tree) -> pa.Table:
        """Join the label files by clip id, in released order, and point at each clip's JSON."""
        parts: list[pa.Table] = []
        for column, (csv, npz, _) in SOURCES.items():
            # As released all files list the same clips, so ids need checking once.
            checked = parts[0]["id"] if parts else None
            for part in (
                read_label_csv(tree, csv, column, checked),
                read_label_npz(tree, npz, column, checked),
            ):
                if part is not None:
                    parts.append(part)
        json_files = tree.find(rf"{ID}\.json$")
        ids = [part["id"] for part in parts]
        ids.append(pa.chunked_array([[file.stem for file in json_files]], pa.string()))
        rows = _from_ids(_union(ids))
        for part in parts:
            rows = self._join(rows, part)
        for column, (_, _, folder) in SOURCES.items():
            own = {f.stem: f for f in json_files if _folder(f.path) == folder}
            where = pc.index_in(rows["id"], value_set=pa.array(own, pa.string()))
            refs = file_refs(tree, list(own.values())).take(where)
            rows = rows.append_column(f"_json_{column}", refs)
        return rows

    def _join(self, rows: pa.Table, part: pa.Table) -> pa.Table:
        """Add a part's columns to the rows; where both know a value the first stays."""
        if not part["id"].equals(rows["id"]):
            where = pc.index_in(rows["id"], value_set=part["id"].combine_chunks())
            part = part.take(where)
        for name in part.column_names:
            if name == "id":
                continue
            column = part[name]
            if name not in rows.column_names:
                rows = rows.append_column(name, column)
                continue
            known = rows[name]
            differ = pc.fill_null(pc.not_equal(known, column), False)
            if pc.any(differ).as_py():
                first = rows["id"][pc.index(differ, True).as_py()].as_py()
                self.problems.append(
                    f"csv and npz disagree on `{name}` of {pc.sum(differ).as_py()} clips, "
                    f"first {first}; the csv is used"
                )
            position = rows.column_names.index(name)
            rows = rows.set_column(position, name, pc.coalesce(known, column))
        return rows

    def read_clips(self, rows: pa.Table) -> pa.Table:
        """Fill votes, times, captions and what the label files lack from the clips' JSON."""
        added: dict[str, Any] = {}
        for column in SOURCES:
            refs = rows[f"_json_{column}"].to_pylist()
            if not any(refs):
                continue
            clips = [parse_clip(read_ref(ref), ref["path"]) if ref else {} for ref in refs]
            added[column] = _values(clips, "emotion")
            added[_votes(column)] = [clip.get("votes") for clip in clips]
            if column == "emotion":
                added["sentiment"] = _values(clips, "sentiment")
            if column in ("emotion_text", "emotion_audio"):
                added.setdefault("text_raw", _values(clips, "content"))
            if column == "emotion_audio":
                for name in ("start_s", "end_s", "duration_s", "captions"):
                    added[name] = _values(clips, name)
                for name in ("emo_cap", "spe_cap", "style_cap"):
                    added[name] = _values(clips, name)
        for name, values in added.items():
            kind = self.info.features.arrow_schema.field(name).type
            kind = pa.string() if pa.types.is_int64(kind) else kind  # labels still by name
            rows = _fill(rows, name, pa.array(values, kind))
        if "text_raw" in rows.column_names:
            rows = rows.append_column("text", clean_transcripts(rows["text_raw"]))
        if self.config.name == "four" and "emotion" in rows.column_names:
            rows = rows.filter(pc.is_in(rows["emotion"], value_set=pa.array(self.emotions())))
        return rows

    def checks(self, rows: pa.Table) -> list[Check]:
        """Compare with the paper's figures; the four-class configuration has none of its own."""
        if self.config.name != "seven":
            return []
        return [*super().checks(rows), *paper.checks(rows), *votes.checks(rows)]

    def facts(self, rows: pa.Table) -> dict[str, Any]:
        """The agreement of the modalities' labels, in percent of the clips."""
        return {"agreement": paper.agreement(rows)}


def _union(columns: list[pa.ChunkedArray]) -> pa.Array:
    """Every id once, in order of appearance; columns that repeat the first cost nothing."""
    first, *others = [column for column in columns if len(column)] or columns
    new = [column for column in others if not column.equals(first)]
    return pa.concat_arrays([chunk for ids in (first, *new) for chunk in ids.chunks]).unique()


def _from_ids(ids: pa.Array) -> pa.Table:
    """The columns that a clip's id tells."""
    group, dialogue, speaker, utterance = (
        pc.utf8_slice_codeunits(ids, *span) for span in (GROUP, DIALOGUE, SPEAKER, UTTERANCE)
    )
    groups = group.dictionary_encode()
    unknown = [name for name in groups.dictionary.to_pylist() if name not in ACTORS]
    if unknown:
        clip = ids[pc.index(group, unknown[0]).as_py()].as_py()
        raise ValueError(f"clip {clip!r}: got an unknown group, expected G00001 to G00015")
    component = connected_groups(ACTORS.values())
    group_ids = [component[ACTORS[name][0]] for name in groups.dictionary.to_pylist()]
    return pa.table(
        {
            "id": ids,
            "language": pa.repeat("zh", len(ids)),
            "speaker_id": speaker,
            "dialogue_id": dialogue,
            "turn_index": number_turns(dialogue, utterance.cast(pa.int32()).to_numpy()),
            "group_id": pa.array(group_ids, pa.string()).take(groups.indices),
            "actor_group": group,
        }
    )


def _fill(rows: pa.Table, name: str, column: pa.Array) -> pa.Table:
    """Add a column, or fill the nulls of the one that is there."""
    if name not in rows.column_names:
        return rows.append_column(name, column)
    filled = pc.coalesce(rows[name], column.cast(rows[name].type))
    return rows.set_column(rows.column_names.index(name), name, filled)


def _values(clips: list[dict[str, Any]], key: str) -> list[Any]:
    return [clip.get(key) for clip in clips]


def _votes(column: str) -> str:
    """Name the column of votes that belongs to a label column."""
    return column.replace("emotion", "votes")


def _folder(path: str) -> str:
    """Name the modality that a JSON file belongs to, by the last folder or tar so called."""
    folders = {folder for _, _, folder in SOURCES.values()}
    parts = [part.lower().removesuffix(".tar") for part in path.split("/")[:-1]]
    return next((part for part in reversed(parts) if part in folders), "")
