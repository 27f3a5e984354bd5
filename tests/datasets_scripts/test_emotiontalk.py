"""EmotionTalk from every layout people have, and one clear error for each way it can be wrong."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import affecthub
from affecthub.datasets_scripts import load_dataset, verify
from affecthub.datasets_scripts.emotiontalk import votes
from affecthub.datasets_scripts.emotiontalk.builder import ACTORS
from affecthub.datasets_scripts.emotiontalk.clips import parse_clip
from affecthub.datasets_scripts.emotiontalk.transcript import clean_transcripts
from affecthub.media import load_frames, load_waveform

SPLITS = {"train": 5, "validation": 2, "test": 4}


def everything(trees: Any, root: Path) -> Path:
    """Folders, tables and npz together."""
    for write in (trees.write_tables, trees.write_npz, trees.write_json, trees.write_media):
        write(root)
    return root


def release_clone(trees: Any, root: Path) -> Path:
    """The label files where a clone of the project's repository has them."""
    trees.write_npz(trees.write_tables(root / "EmotionTalk" / "dataset" / "mm-process"))
    return root


def all_rows(corpus: Any) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for split in corpus.values() for row in split}


LAYOUTS: dict[str, Callable[[Any, Path], Path]] = {
    "csv": lambda t, root: t.write_tables(root),
    "npz": lambda t, root: t.write_npz(root),
    "csv and npz": lambda t, root: t.write_npz(t.write_tables(root)),
    "release clone": lambda t, root: release_clone(t, root),
    "json": lambda t, root: t.write_json(root),
    "json and media": lambda t, root: t.write_media(t.write_json(root)),
    "media and csv": lambda t, root: t.write_media(t.write_tables(root)),
    "deep and lower case": lambda t, root: lower_case(t.write_media(t.write_json(root)), "data/v1"),
    "tars": lambda t, root: t.pack_tars(t.write_media(t.write_json(root))),
    "tars and csv": lambda t, root: t.write_tables(t.pack_tars(t.write_media(t.write_json(root)))),
    "tars without media": lambda t, root: t.pack_tars(t.write_json(root)),
    "everything": everything,
}


def lower_case(root: Path, below: str) -> Path:
    folders = [path for path in root.iterdir() if path.is_dir()]
    (root / below).mkdir(parents=True)
    for folder in folders:
        shutil.move(folder, root / below / folder.name.lower())
    return root


WITH_JSON = {
    "json",
    "json and media",
    "deep and lower case",
    "tars",
    "tars and csv",
    "tars without media",
    "everything",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_labels(tmp_path, trees, load, layout):
    root = LAYOUTS[layout](trees, tmp_path / "corpus")
    corpus = load("emotiontalk", data_dir=root)
    assert {name: split.num_rows for name, split in corpus.items()} == SPLITS
    rows, features = all_rows(corpus), corpus["train"].features
    for i, clip in enumerate(trees.IDS):
        row = rows[clip]
        for modality, column in (
            ("mm", "emotion"),
            ("audio", "emotion_audio"),
            ("video", "emotion_video"),
            ("transcription", "emotion_text"),
        ):
            assert features[column].int2str(row[column]) == trees.label(i, modality), column
        assert row["corpus"] == "emotiontalk" and row["language"] == "zh"
        if layout != "npz":
            assert row["text"] == f"第{i}句话。"
            assert row["text_raw"] == f"[over/]第{i}句[/over]话[laughing]。"
        if layout not in ("csv", "media and csv"):
            assert row["sentiment"] == pytest.approx(-2 + 0.4 * i, abs=1e-6)
        else:
            assert row["sentiment"] is None
        has_json = layout in WITH_JSON
        assert row["duration_s"] == (2.5 if has_json else None)


@pytest.mark.parametrize("layout", ["json and media", "tars", "media and csv", "everything"])
def test_media_of_every_layout_decode(tmp_path, trees, load, layout):
    root = LAYOUTS[layout](trees, tmp_path / "corpus")
    row = load("emotiontalk", data_dir=root, split="validation")[0]
    assert row["media_issue"] is None
    assert load_waveform(row["audio"]).shape == (1600,)  # 0.1 s
    assert load_frames(row["video"], 3).shape == (3, 48, 64, 3)
    in_row = row["audio"]["bytes"] is not None
    assert in_row == (layout == "tars")
    assert Path(row["audio"]["path"]).name == row["id"] + ".wav"
    # Nothing was unpacked beside the tars.
    assert not in_row or all(path.suffix == ".tar" for path in root.iterdir())


def test_what_a_clip_id_tells(tmp_path, trees, load):
    rows = all_rows(load("emotiontalk", data_dir=trees.write_tables(tmp_path / "corpus")))
    row = rows["G00009_42_14_024"]
    assert (row["speaker_id"], row["dialogue_id"], row["actor_group"]) == (
        "14",
        "G00009_42",
        "G00009",
    )
    assert row["group_id"] == "05+06+07+08+09+10+11+12+14"
    assert (
        rows["G00003_56_13_002"]["group_id"]
        == rows["G00012_45_13_004"]["group_id"]
        == "01+02+13+15"
    )
    # Dialogue G00009_42 has utterances 001 (actor 14), 002 (actor 12) and 024 (actor 14).
    turns = [
        rows[clip]["turn_index"]
        for clip in ("G00009_42_14_001", "G00009_42_12_002", "G00009_42_14_024")
    ]
    assert turns == [0, 1, 2]
    assert row["split_official"] == "train" and row["media_issue"].startswith(
        "no audio in the folder"
    )


def test_nineteen_actors_in_five_groups():
    assert len({actor for pair in ACTORS.values() for actor in pair}) == 19
    assert not {"03", "04"} & {actor for pair in ACTORS.values() for actor in pair}


def test_released_order_is_kept(tmp_path, trees, load):
    corpus = load("emotiontalk", data_dir=trees.write_tables(tmp_path / "corpus"))
    assert corpus["train"]["id"][:] == list(trees.IDS[:5])


def test_protocols(tmp_path, trees, load):
    root = trees.write_tables(tmp_path / "corpus")
    official = load("emotiontalk", data_dir=root)
    independent = load("emotiontalk", data_dir=root, protocol="speaker_independent")
    assert set(official["validation"]["speaker_id"]) & set(official["test"]["speaker_id"]) == {
        "02",
        "13",
    }
    assert {name: split.num_rows for name, split in independent.items()} == {
        "train": 5,
        "validation": 4,
        "test": 2,
    }
    sides = [set(split["speaker_id"]) for split in independent.values()]
    assert not sides[0] & sides[1] and not sides[0] & sides[2] and not sides[1] & sides[2]
    # The row still says where the release put it.
    assert set(independent["validation"]["split_official"]) == {"validation", "test"}


@pytest.mark.parametrize("layout", ["csv", "json"])
def test_four_classes(tmp_path, trees, load, layout):
    root = LAYOUTS[layout](trees, tmp_path / "corpus")
    rows = all_rows(load("emotiontalk", "four", data_dir=root))
    expected = {
        clip for i, clip in enumerate(trees.IDS) if trees.label(i, "mm") in trees.LABELS[:4]
    }
    assert set(rows) == expected and 0 < len(expected) < len(trees.IDS)
    corpus = load("emotiontalk", "four", data_dir=root)
    assert corpus["train"].features["emotion"].names == ["neutral", "happy", "sad", "angry"]
    assert len(corpus["train"].features["emotion_text"].names) == 7


def test_votes_times_and_captions(tmp_path, trees, load):
    rows = all_rows(load("emotiontalk", data_dir=trees.write_json(tmp_path / "corpus")))
    row = rows[trees.IDS[0]]
    assert (row["start_s"], row["end_s"], row["duration_s"]) == (10.0, 12.5, 2.5)
    assert (row["emo_cap"], row["spe_cap"], row["style_cap"]) == ("平静", "低沉", "缓慢")
    assert row["captions"] == ["第一", "第二"]
    # Clip 0: `data` is a list, so annotators are numbered; "fear" is the card's spelling.
    assert [vote["annotator"] for vote in row["votes"]] == ["1", "2"]
    assert row["votes"][1] == {
        "annotator": "2",
        "emotion": "fearful",
        "confidence": 0.5,
        "sentiment": -1.0,
    }
    assert row["votes"][0]["confidence"] == pytest.approx(0.7)  # written as "0.7"
    assert row["votes_text"][0]["sentiment"] is None  # only the multimodal votes have one
    # Clip 1: a dict keyed by annotator.
    assert [vote["annotator"] for vote in rows[trees.IDS[1]]["votes_audio"]] == ["a1", "a2"]


def test_missing_and_empty_media(tmp_path, trees, load):
    root = trees.write_media(trees.write_tables(tmp_path / "corpus"))
    gone, empty = trees.IDS[0], trees.IDS[1]
    next(root.rglob(f"{gone}.wav")).unlink()
    next(root.rglob(f"{empty}.mp4")).write_bytes(b"")
    rows = all_rows(load("emotiontalk", data_dir=root))
    assert rows[gone]["audio"] is None and rows[gone]["media_issue"] == "audio file missing"
    assert rows[gone]["video"] is not None
    assert rows[empty]["video"] is None and rows[empty]["media_issue"] == "video file empty"
    with pytest.raises(FileNotFoundError, match=rf"2 of 11 clips lack media, first {gone}"):
        load("emotiontalk", data_dir=root, on_missing_media="error")


def test_on_missing_media_error_is_silent_where_all_is_there(tmp_path, trees, load):
    root = trees.write_media(trees.write_tables(tmp_path / "corpus"))
    assert load("emotiontalk", data_dir=root, on_missing_media="error", split="train").num_rows == 5


def test_a_cut_tar_loads_what_it_has(tmp_path, trees, load):
    root = trees.pack_tars(trees.write_media(trees.write_json(tmp_path / "corpus")))
    tar = root / "Audio.tar"
    tar.write_bytes(tar.read_bytes()[:-60_000])
    rows = all_rows(load("emotiontalk", data_dir=root))
    assert len(rows) == 11
    assert any(row["media_issue"] == "audio file missing" for row in rows.values())
    assert verify("emotiontalk", root).problems == ["Audio.tar: the tar is cut short"]


def test_a_changed_file_is_never_served_from_the_cache(tmp_path, trees, load):
    root = trees.write_tables(tmp_path / "corpus")
    assert load("emotiontalk", data_dir=root, split="train")[0]["emotion"] == 0
    path = root / "mm.csv"
    path.write_text(path.read_text().replace("024.mp4,neutral", "024.mp4,fearful"))
    assert load("emotiontalk", data_dir=root, split="train")[0]["emotion"] == 6
    trees.write_media(root)
    assert load("emotiontalk", data_dir=root, split="train")[0]["audio"] is not None


def test_an_empty_transcript_is_null_and_one_of_markup_is_empty(tmp_path, trees, load):
    root = trees.write_tables(tmp_path / "corpus")
    path = root / "transcription.csv"
    text = path.read_text(encoding="utf-8")
    raw = "[over/]第{}句[/over]话[laughing]。"
    text = text.replace(raw.format(0), "").replace(raw.format(1), "[laughing]")
    path.write_text(text, encoding="utf-8")
    rows = all_rows(load("emotiontalk", data_dir=root))
    first, second = rows[trees.IDS[0]], rows[trees.IDS[1]]
    assert (first["text"], first["text_raw"]) == (None, None)
    assert (second["text"], second["text_raw"]) == ("", "[laughing]")


# Verification.


def test_verify_opens_every_media_file(tmp_path, trees):
    import soundfile

    root = everything(trees, tmp_path / "corpus")
    silent, broken, gone = trees.IDS[:3]
    soundfile.write(next(root.rglob(f"{silent}.wav")), np.zeros(100), 44100)
    next(root.rglob(f"{broken}.mp4")).write_bytes(b"not a film")
    next(root.rglob(f"{gone}.wav")).unlink()
    report = verify("emotiontalk", root).to_dict()
    assert report["rows"] == 11 and report["splits"] == SPLITS and report["layout"] == "folders"
    assert report["media"]["audio"] == {"found": 10, "missing": 1, "broken": 0}
    assert report["media"]["video"] == {"found": 11, "missing": 0, "broken": 1}
    assert report["media"]["issues"] == {
        "audio file missing": 1,
        "silent audio": 1,
        "video: cannot be read": 1,
    }
    assert broken in report["media"]["examples"]["video: cannot be read"]
    assert report["shared_speakers"] == ["02", "13"] and report["problems"] == []
    assert json.loads(json.dumps(report)) == report


def test_verify_lists_labels_on_which_csv_and_npz_disagree(tmp_path, trees, load, caplog):
    root = trees.write_npz(trees.write_tables(tmp_path / "corpus"))
    path = root / "audio.csv"
    path.write_text(path.read_text().replace("024.wav,neutral", "024.wav,fearful"))
    report = verify("emotiontalk", root)
    assert not report.ok
    assert report.problems == [
        "csv and npz disagree on `emotion_audio` of 1 clips, first G00009_42_14_024; "
        "the csv is used"
    ]
    assert load("emotiontalk", data_dir=root, split="train")[0]["emotion_audio"] == 6
    assert "disagree on `emotion_audio`" in caplog.text
    titles = [title for title, _, _ in report.sections()]
    assert titles[-1] == "Problems" and "Clips" in titles


def test_verify_in_tars(tmp_path, trees):
    root = trees.pack_tars(trees.write_media(trees.write_json(tmp_path / "corpus")))
    report = verify("emotiontalk", root)
    assert report.problems == [] and report.layout == "tars"
    assert report.media["audio"] == {"found": 11, "missing": 0, "broken": 0}


# Bad input: each error names the file or clip, what was found and what was expected.


def change_csv(name: str, old: str, new: str) -> Callable[[Any, Path], Path]:
    def write(trees: Any, root: Path) -> Path:
        path = trees.write_tables(root) / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return root

    return write


def replace_csv(name: str, data: bytes) -> Callable[[Any, Path], Path]:
    def write(trees: Any, root: Path) -> Path:
        (trees.write_tables(root) / name).write_bytes(data)
        return root

    return write


def change_json(change: Callable[[dict], Any]) -> Callable[[Any, Path], Path]:
    def write(trees: Any, root: Path) -> Path:
        path = trees.write_json(root) / "Audio/json" / f"{trees.clip_path(trees.IDS[0])}.json"
        content = change(json.loads(path.read_text(encoding="utf-8")))
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return root

    return write


def bad_npz(content: Any) -> Callable[[Any, Path], Path]:
    def write(trees: Any, root: Path) -> Path:
        np.savez(trees.write_tables(root) / "mm_label.npz", train_corpus=content)
        return root

    return write


FIRST = "G00009/G00009_42/G00009_42_14/G00009_42_14_024"
BAD = {
    "missing column": (
        change_csv("mm.csv", "file_name,emotion", "file,emotion"),
        r"mm\.csv: missing column: got none called 'file_name'.* Is it 'file'\?",
    ),
    "unknown label": (
        change_csv("mm.csv", "neutral", "neutrall"),
        r"mm\.csv, line 2: unknown label in `emotion` of clip G00009_42_14_024: got 'neutrall', "
        "expected one of neutral, happy.* Did you mean 'neutral'",
    ),
    "path up": (
        change_csv("video.csv", FIRST, f"../../{FIRST}"),
        r"video\.csv, line 2: path leaves the data folder: got '\.\./",
    ),
    "absolute path": (
        change_csv("transcription.csv", FIRST, f"/etc/{FIRST}"),
        r"transcription\.csv, line 2: path leaves",
    ),
    "no clip": (
        change_csv("mm.csv", FIRST, "G9/x"),
        r"mm\.csv, line 2: got file_name 'G9/x.mp4', expected a clip such as",
    ),
    "unknown group": (
        change_csv("mm.csv", FIRST, "G00099_42_14_024"),
        "'G00099_42_14_024': got an unknown group",
    ),
    "empty csv": (replace_csv("mm.csv", b""), r"mm\.csv: got no readable csv"),
    "not UTF-8": (
        replace_csv("transcription.csv", "name,emotion,chinese\na,b,행복".encode("euc-kr")),
        r"transcription\.csv: got text that is not UTF-8",
    ),
    "ragged csv": (
        change_csv("mm.csv", "neutral", "neutral,extra"),
        r"mm\.csv: got no readable csv",
    ),
    "broken json": (change_json(lambda c: "{"), r"G00009_42_14_024\.json: got no JSON"),
    "json list": (
        change_json(lambda c: [c]),
        r"024\.json: got list for the file, expected an object",
    ),
    "json path up": (
        change_json(lambda c: {**c, "file_name": "../../x.wav"}),
        r"024\.json: path leaves the data folder",
    ),
    "json vote": (change_json(lambda c: {**c, "data": "angry"}), r"024\.json: got str in `data`"),
    "json number": (
        change_json(lambda c: {**c, "paragraphs": {"startTime": "soon"}}),
        r"024\.json: got 'soon' for starttime, expected a number",
    ),
    "npz of lists": (
        bad_npz(["a"]),
        r"mm_label\.npz: got ndarray as 'train_corpus', expected a dict",
    ),
    "npz labels": (
        bad_npz({"G00009_42_14_024": {"emo": 9, "val": 0}}),
        r"mm_label\.npz: got labels 9 to 9, expected 0 to 6",
    ),
    "npz fields": (
        bad_npz({"G00009_42_14_024": {"emotion": 1}}),
        r"mm_label\.npz: clip without `emo` and `val`",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_annotation_files(tmp_path, trees, load, case):
    write, message = BAD[case]
    root = write(trees, tmp_path / "corpus")
    with pytest.raises(ValueError, match=message):
        load("emotiontalk", data_dir=root)


def test_wrong_folder_and_missing_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none.*expected a folder of emotiontalk.*BAAI"):
        load_dataset("emotiontalk", data_dir=tmp_path / "none")
    (tmp_path / "Ses01F_impro01.txt").write_text("")
    with pytest.raises(ValueError, match="is no emotiontalk folder.*This looks like iemocap"):
        load_dataset("emotiontalk", data_dir=tmp_path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "emotiontlak"}, "unknown corpus.*Did you mean 'emotiontalk'"),
        ({"config": "fuor"}, "unknown config of emotiontalk.*Did you mean 'four'"),
        ({"protocol": "oficial"}, "unknown protocol of emotiontalk.*Did you mean 'official'"),
        ({"split": "tset"}, "unknown split of emotiontalk.*Did you mean 'test'"),
        ({"split": ["train", "dev[:3]"]}, "unknown split of emotiontalk: got 'dev'"),
        ({"on_missing_media": "skip"}, "unknown `on_missing_media`: got 'skip'"),
        ({"streaming": True, "num_proc": 2}, "`num_proc` with `streaming`"),
    ],
)
def test_unknown_names(tmp_path, trees, load, arguments, message):
    arguments = {"name": "emotiontalk", "data_dir": trees.write_tables(tmp_path / "c"), **arguments}
    with pytest.raises(ValueError, match=message):
        load(**arguments)


# Pieces.


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("[over/]还给他点[/over]饭。", "还给他点饭。"),
        ("[over/我敲您][/over]的门", "我敲您的门"),  # the words were never closed out of the tag
        ("干嘛[over/呀[/over]？", "干嘛呀？"),
        ("[over/]没问题/over]。", "没问题。"),
        ("然后[interrupted]/over]。", "然后。"),
        ("就觉得[over[/over]]挺好的[[/over]over]。", "就觉得挺好的。"),
        ("[Sobbing]我[/over/]不[coughing]去[over]", "我不去"),
        ("它game over了", "它game over了"),  # a word of the speech, without a bracket
        ("sorry\u3000sorry  的 ", "sorry sorry 的"),
        ("", ""),
        (None, None),
    ],
)
def test_markup_is_removed_and_words_are_not(raw, clean):
    assert clean_transcripts(pa.array([raw], pa.string())).to_pylist() == [clean]


def test_a_json_with_nothing_in_it():
    clip = parse_clip(b"{}", "x.json")
    assert clip["votes"] == [] and clip["captions"] == []
    assert clip["emotion"] is None and clip["duration_s"] is None


def test_a_single_unwrapped_vote():
    votes = parse_clip(b'{"data": {"emotion": "Happy", "Confidence_degree": ""}}', "x.json")[
        "votes"
    ]
    assert votes == [{"annotator": "1", "emotion": "happy", "confidence": None, "sentiment": None}]


def test_votes_are_replayed_against_the_released_labels():
    """Two clips. Angry at 0.7 four times and sad at 0.9: printed rule sad, summed rule angry.

    The second is angry by all five. Of the 10 votes 9 are angry and 1 is sad; agreeing pairs are
    (6 + 0) / 10 and 10 / 10, so P = 0.8, Pe = 0.81 + 0.01 = 0.82, kappa = -0.02 / 0.18 = -0.111.
    """

    def vote(emotion, confidence, sentiment):
        return {
            "annotator": "1",
            "emotion": emotion,
            "confidence": confidence,
            "sentiment": sentiment,
        }

    torn = [vote("angry", 0.7, -1.0)] * 4 + [vote("sad", 0.9, -2.0)]
    agreed = [vote("angry", 0.5, -1.0)] * 5
    angry = votes.LABELS.index("angry")
    kind = pa.list_(
        pa.struct(
            [
                ("annotator", pa.string()),
                ("emotion", pa.string()),
                ("confidence", pa.float32()),
                ("sentiment", pa.float32()),
            ]
        )
    )
    empty = pa.array([None, None], kind)
    rows = pa.table(
        {
            "votes": pa.array([torn, agreed], kind),
            "emotion": pa.array([angry, angry], pa.int64()),
            "sentiment": pa.array([-1.2, -0.4], pa.float32()),
            "duration_s": [3.0, 5.8],
            **{f"votes_{name}": empty for name in ("audio", "video", "text")},
            **{f"emotion_{name}": pa.nulls(2, pa.int64()) for name in ("audio", "video", "text")},
        }
    )
    found = {check.name: check.found for check in votes.checks(rows)}
    assert found == {
        "Fleiss' kappa, multimodal": -0.111,
        "labels by eq. 1 and 2 as printed, multimodal, %": 50.0,
        "labels by summed confidences, multimodal, %": 100.0,
        "sentiment is the mean of its votes, %": 50.0,
        "hours of audio": 0.0,
        "seconds of an utterance": 4.4,
    }


def test_verify_replays_the_votes_of_the_json_files(trees, tmp_path):
    report = affecthub.verify("emotiontalk", trees.write_json(tmp_path / "corpus"))
    names = [check.name for check in report.checks]
    for name in ("audio", "text", "video", "multimodal"):
        assert f"Fleiss' kappa, {name}" in names
