"""A user's own folder: what is told, what is found, and what is refused with a way out."""

import csv
import io
import json
import logging
import pickle
from pathlib import Path

import datasets
import pytest
from corpus_trees import folder as tree
from corpus_trees.media import clip_video, clip_wav, put

import affecthub
from affecthub.entries import entries

EMOTIONS = ("happy", "sad", "angry")


def table(*rows: tuple, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return stream.getvalue().encode(encoding)


def ten_clips(root: Path, header=("filename", "transcript", "emotion", "speaker")) -> Path:
    """Ten films of five speakers, and a csv beside them."""
    rows = [header]
    for i in range(10):
        put(root / "clips" / f"c{i}.mp4", clip_video(i))
        rows.append((f"c{i}.mp4", f"Line {i}.", EMOTIONS[i % 3], f"s{i % 5}"))
    put(root / "labels.csv", table(*rows))
    return root


GREETINGS = (("文件", "文本", "情绪"), ("c0", "今天真高兴", "高兴"), ("c1", "我很难过", "悲伤"))


def two_clips(root: Path, data: bytes | None = None, name: str = "labels.csv") -> Path:
    for i in range(2):
        put(root / f"c{i}.wav", clip_wav(i))
    if data is not None:
        put(root / name, data)
    return root


def opened(root: Path, **options):
    return entries()["folder"].builder_class()(data_dir=root, **options)


def values(rows, column):
    feature = rows.features[column]
    return (
        [v if v is None else feature.int2str(v) for v in rows[column]]
        if isinstance(feature, datasets.ClassLabel)
        else list(rows[column])
    )


def test_ten_films_and_a_csv_load_with_one_line(tmp_path, load, caplog):
    root = ten_clips(tmp_path / "d")
    rows = load("folder", data_dir=root)
    assert {name: len(part) for name, part in rows.items()} == {"train": 10}
    rows = rows["train"]
    assert rows["id"][:2] == ["c0", "c1"]
    assert rows["text"][0] == "Line 0." and rows["speaker_id"][:2] == ["s0", "s1"]
    assert rows["group_id"][:] == rows["speaker_id"][:]
    assert rows.features["emotion"].names == ["angry", "happy", "sad"]
    assert values(rows, "emotion")[:3] == ["happy", "sad", "angry"]
    assert values(rows, "emotion_basic7")[:3] == ["joy", "sadness", "anger"]
    assert rows["media_issue"][:] == [None] * 10
    # The sound of a clip without a sound file is that of its film.
    assert rows[3]["video"]["path"] == rows[3]["audio"]["path"] == str(root / "clips" / "c3.mp4")
    # What was guessed is stated: in the log, and in what the rows carry.
    for stated in (caplog.text, rows.info.description):
        assert "file 'filename', text 'transcript', label 'emotion', speaker 'speaker'" in stated
        assert "labels: those found, sorted: angry, happy, sad" in stated


def test_everything_told_is_not_guessed(tmp_path, load, caplog):
    root = ten_clips(tmp_path / "d", ("which", "what", "emo?", "who"))
    with pytest.raises(ValueError, match=r"columns \['which'.*columns=\{'file': \.\.\.\}"):
        load("folder", data_dir=root, columns={"label": "emo?"})
    columns = {"file": "which", "text": "what", "label": "emo?", "speaker": "who"}
    options = {"columns": columns, "labels": ["sad", "happy", "angry", "calm"], "language": "en"}
    rows = load("folder", data_dir=root, table="labels.csv", **options)["train"]
    assert rows.features["emotion"].names == ["sad", "happy", "angry", "calm"]
    assert values(rows, "emotion")[:3] == ["happy", "sad", "angry"]
    assert set(rows["language"]) == {"en"}
    assert "was read so" not in caplog.text


def test_a_yaml_says_the_same_and_arguments_win(tmp_path, load):
    root = ten_clips(tmp_path / "d", ("clip name", "what", "emo?", "who"))
    told = "columns: {file: clip name, label: what, speaker: who}\nlanguage: en\n"
    put(root / "affecthub.yaml", told.encode())
    rows = load("folder", data_dir=root, columns={"label": "emo?", "speaker": None})["train"]
    assert values(rows, "emotion")[:2] == ["happy", "sad"] and set(rows["language"]) == {"en"}
    assert set(rows["speaker_id"]) == {None} and rows["who"][0] == "s0"
    other = put(
        tmp_path / "other.yaml", b"columns: {file: clip name, label: 'emo?'}\nlanguage: zh\n"
    )
    rows = load("folder", data_dir=root, settings=other)["train"]
    assert set(rows["language"]) == {"zh"}
    # What the YAML says is a part of the cache key.
    put(other, b"columns: {file: clip name, label: 'emo?'}\nlanguage: fr\n")
    assert set(load("folder", data_dir=root, settings=other)["train"]["language"]) == {"fr"}
    put(root / "affecthub.yaml", told.replace("language: en", "language: de").encode())
    assert set(load("folder", data_dir=root)["train"]["language"]) == {"de"}


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ("colums: {file: a}", r"unknown option in .*affecthub\.yaml: got 'colums'.*'columns'"),
        ("columns: {flie: a}", r"unknown role in `columns` .*got 'flie'.*Did you mean 'file'"),
        ("columns: {label: no}", r"`columns`: got .*quote 'no'"),
        ("columns: [a]", r"`columns`: got \['a'\], expected role: column"),
        ("labels: [yes, no]", r"`labels`: got \[True, False\], expected a list .*quote"),
        ("labels: [a, a]", "expected a list of different labels"),
        ("labels: calm", "expected a list of different labels"),
        ("language: [en]", "`language`: got"),
        ("split_seed: a", "`split_seed`: got 'a', expected a whole number"),
        ("split_fractions: {train: x}", "expected split: share"),
        ("just words", "got str, expected options by name"),
        ("a: [", "got no readable YAML"),
        ("table: nothing.csv", "not in .*which are labels.csv"),
        ("table: ../labels.csv", "leaves the folder"),
        ("columns: {label: emo}", r"unknown column of .* for 'label': got 'emo'.*'emotion'"),
    ],
)
def test_a_wrong_yaml_is_refused_by_name(tmp_path, told, message):
    root = ten_clips(tmp_path)
    put(root / "affecthub.yaml", told.encode())
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        opened(root)


def test_unknown_options_and_yamls(tmp_path):
    root = ten_clips(tmp_path)
    with pytest.raises(ValueError, match="unknown option of folder: got 'colums'.*'columns'"):
        opened(root, colums={})
    with pytest.raises(ValueError, match="unknown option of demo: got 'columns'"):
        entries()["demo"].builder_class()(data_dir=root, columns={})
    with pytest.raises(FileNotFoundError, match=r"`settings`: got .*nothing\.yaml"):
        opened(root, settings=str(tmp_path / "nothing.yaml"))
    with pytest.raises(FileNotFoundError, match="data_dir: got"):
        opened(tmp_path / "nowhere")


@pytest.mark.parametrize("kind", ["csv", "tsv", "json", "jsonl", "xlsx"])
def test_every_format_gives_the_same_rows(tmp_path, load, kind):
    root = tmp_path / kind
    if kind == "tsv":
        rows = [tree.COLUMNS, *(tuple(row.values()) for row in tree.ROWS)]
        put(root / "labels.tsv", table(*rows, delimiter="\t"))
        tree.write_media(root)
    else:
        {"csv": tree.make, "json": tree.write_json, "jsonl": tree.write_jsonl}.get(
            kind, tree.write_xlsx
        )(root)
    rows = load("folder", data_dir=root)
    assert {name: len(part) for name, part in rows.items()} == {
        "train": 6,
        "validation": 3,
        "test": 3,
    }
    first = rows["train"][0]
    assert first["id"] == "000" and first["text"] == "第0句。" and first["age"] == 20
    assert first["open_vocabulary"] == ["warm", "soft"] and first["note"] is None
    assert rows["train"].features["emotion"].names == ["开心", "calm", "angry"]
    assert values(rows["train"], "emotion_basic7")[0] == "joy"
    assert first["audio"]["path"] == str(root / "audio" / "clips" / "片段_00.wav")
    assert first["video"]["path"] == str(root / "clips" / "片段_00.mp4")
    assert affecthub.verify("folder", root).ok


@pytest.mark.parametrize(
    ("encoding", "how"),
    [("utf-8", ""), ("utf-8-sig", ""), ("utf-16", "as utf-16"), ("gbk", "as gbk")],
)
def test_encodings_that_are_certain(tmp_path, encoding, how):
    data = table(*GREETINGS, encoding=encoding)
    builder = opened(two_clips(tmp_path, data))
    assert builder.emotions() == ("悲伤", "高兴")
    assert how in builder.read_as()["table"]
    assert builder.rows()["text"].to_pylist() == ["今天真高兴", "我很难过"]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("행복 슬픔", "euc-kr"),
        ("うれしい", "shift-jis"),
        ("高興", "big5"),
    ],
)
def test_other_encodings_are_asked_for(tmp_path, text, encoding):
    root = two_clips(
        tmp_path, table(("file", "text"), ("c0", text), ("c1", "x"), encoding=encoding)
    )
    with pytest.raises(ValueError, match=r"labels\.csv: got text that is not UTF-8.*='gbk'"):
        opened(root)
    assert opened(root, encoding=encoding).rows()["text"][0].as_py() == text
    with pytest.raises(ValueError, match="`encoding`: got 'klingon'"):
        opened(root, encoding="klingon")


def test_ids_are_text_and_numbers_numbers(tmp_path, load):
    for i in (1, 2):
        put(tmp_path / "d" / f"{i:03d}.wav", clip_wav(i))
    header = ("id", "count", "share", "code", "big", "empty", "sentiment", "video_start_s", "_x")
    rows = (
        ("001", "1", ".5", "07", "9" * 30, "", "-1", "a", "b"),
        ("002", "", "2e1", "x", "1", "", "", "", ""),
    )
    put(tmp_path / "d" / "labels.csv", table(header, *rows))
    rows = load("folder", data_dir=tmp_path / "d", split="train")
    assert rows["id"][:] == ["001", "002"]
    assert rows["count"][:] == [1, None] and rows["share"][:] == [0.5, 20.0]
    assert rows["code"][:] == ["07", "x"] and rows["big"][:] == ["9" * 30, "1"]
    assert rows["empty"][:] == [None, None] and rows["sentiment"][:] == [-1, None]
    assert rows["table_video_start_s"][:] == ["a", None] and rows["table__x"][:] == ["b", None]
    assert "'_x' is 'table__x'" in rows.info.description
    # Sound alone: no clip is told that it has no film.
    assert rows["media_issue"][:] == [None, None] and rows["video"][:] == [None, None]


def test_a_cell_finds_its_file_however_it_is_written(tmp_path):
    for name in ("a/x.wav", "a/y.wav", "b/y.wav", "深/片段.wav", "v1.5.wav"):
        put(tmp_path / name, clip_wav(0))
    cells = ("x", "./a/y", "b\\y.wav", "片段.wav", "v1.5", "nothing.wav")
    put(tmp_path / "labels.csv", table(("file",), *((cell,) for cell in cells)))
    rows = opened(tmp_path).rows()
    paths = [
        ref and Path(ref["path"]).relative_to(tmp_path).as_posix()
        for ref in rows["audio"].to_pylist()
    ]
    assert paths == ["a/x.wav", "a/y.wav", "b/y.wav", "深/片段.wav", "v1.5.wav", None]
    # Names of files are ids, with their folders where two have one name.
    assert rows["id"].to_pylist() == ["x", "a/y", "b/y", "片段", "v1.5", "nothing"]
    assert rows["media_issue"].to_pylist() == [*[None] * 5, "audio file missing"]
    put(tmp_path / "labels.csv", table(("file",), ("y",), ("x",)))
    with pytest.raises(ValueError, match=r"clip y: got 'y', which may be a/y or b/y"):
        opened(tmp_path)


@pytest.mark.parametrize("path", ["../c0.wav", "/etc/c0.wav", "C:\\c0.wav", "a/../../c0.wav"])
def test_a_path_out_of_the_folder_is_refused(tmp_path, path):
    root = two_clips(tmp_path, table(("file",), ("c1.wav",), (path,)))
    with pytest.raises(ValueError, match=r"labels\.csv, line 3: path leaves the data folder"):
        opened(root)


def test_what_is_wrong_is_named(tmp_path):
    data = table(("file", "emotion", "split"), ("c0", "Sad", "train"), ("zz", "sad", ""))
    report = affecthub.verify("folder", two_clips(tmp_path, data))
    assert report.problems == [
        "1 clips without a split are in none",
        "labels differ only by case: Sad, sad",
        "1 audio files have no row, first c1.wav",
    ]
    assert report.media["issues"] == {"audio file missing": 1}
    assert report.to_dict()["read_as"]["columns"].startswith("by its name, file 'file'")
    assert report.sections()[0][0] == "Read as"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "got no readable csv"),
        (b"file,emotion\n", "got a header without rows"),
        (b"file,file\nc0,c1\n", "got column 'file' 2 times"),
        (b"file;emotion\nc0;sad;x\n", "line 2: 3 cells between semicolons"),
        (b"who,what\na,b\n", "none is known to name the clips' files or ids"),
        (b"file\nc0\nc0.wav\n", "2 rows have the file 'c0'"),
        (b"id,file\n1,c0\n1,c1\n", "clip '1' stands 2 times"),
        (b"id,file\n,c0\n1,c1\n", "got a clip without an id"),
        (b"file,split\nc0,train\nc1,tarin\n", r"looks like the split, but got 'tarin'"),
    ],
)
def test_bad_tables_are_refused(tmp_path, data, message):
    with pytest.raises(ValueError, match=message):
        opened(two_clips(tmp_path, data)).rows()


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.json", b"[1, 2]", "got list, expected a list of objects"),
        ("a.json", b"[]", "expected a list of objects"),
        ("a.json", b"{", "got no readable JSON"),
        ("a.jsonl", b'{"file": "c0"}\n{"file"\n', "got no readable jsonl"),
        ("a.xlsx", b"PK", "got no readable workbook"),
        ("a.tsv", b"file,emotion\nc0\n", "line 2: 1 cells between commas"),
    ],
)
def test_bad_files_of_other_formats_are_refused(tmp_path, name, data, message):
    with pytest.raises(ValueError, match=message):
        opened(two_clips(tmp_path, data, name))


@pytest.mark.parametrize(("name", "mark"), [("a.csv", ";"), ("a.csv", "\t"), ("a.tsv", ",")])
def test_another_separator_is_read_and_told(tmp_path, name, mark):
    data = mark.join(("file", "emotion")) + "\n" + mark.join(("c0", "sad")) + "\n"
    root = two_clips(tmp_path, data.encode(), name)
    assert opened(root).rows()["emotion"].to_pylist() == ["sad"]
    names = {";": "semicolons", "\t": "tabs", ",": "commas"}
    assert affecthub.verify("folder", root).read_as[name] == f"{names[mark]} between columns"


def test_a_json_may_name_clips_by_key_or_stand_in_an_object(tmp_path):
    by_key = {"c0": {"emotion": "sad"}, "c1": {"emotion": None}}
    builder = opened(two_clips(tmp_path, json.dumps(by_key).encode(), "a.json"))
    assert builder.rows()["id"].to_pylist() == ["c0", "c1"]
    assert builder.rows()["emotion"].to_pylist() == ["sad", None]
    inside = {"version": 1, "clips": [{"file": "c0.wav"}, {"file": "c1.wav", "n": 1.5}]}
    builder = opened(two_clips(tmp_path, json.dumps(inside).encode(), "a.json"))
    assert builder.rows()["n"].to_pylist() == [None, 1.5]


def test_of_several_tables_the_plain_one_is_taken_or_asked_for(tmp_path):
    root = two_clips(tmp_path, table(("file", "emotion"), ("c0", "sad"), ("c1", "calm")))
    put(root / "features" / "c0.csv", table(("f",), ("0.5",)))
    put(root / "notes.csv", table(("note",), ("x",)))
    assert opened(root).read_as()["table"] == "labels.csv, 2 rows"  # by its name
    (root / "labels.csv").rename(root / "mine.csv")
    with pytest.raises(ValueError, match=r"got 2 tables \(mine.csv, notes.csv\).*table='mine.csv'"):
        opened(root)
    assert opened(root, table="mine.csv").emotions() == ("calm", "sad")
    assert opened(root, table=root / "mine.csv").emotions() == ("calm", "sad")


def test_a_table_for_each_split(tmp_path, load):
    root = two_clips(tmp_path / "d", table(("file", "emotion"), ("c0", "sad")), "train.csv")
    put(root / "Dev.csv", table(("emotion", "file"), ("calm", "c1")))
    rows = load("folder", data_dir=root)
    assert {name: part["id"][:] for name, part in rows.items()} == {
        "train": ["c0"],
        "validation": ["c1"],
    }
    put(root / "Dev.csv", table(("label", "file"), ("calm", "c1")))
    with pytest.raises(ValueError, match=r"Dev\.csv: got columns|train\.csv: got columns"):
        opened(root)
    put(root / "Dev.csv", table(("file", "emotion"), ("c1", "calm")))
    options = {"table": ["train.csv", "Dev.csv"]}
    assert set(load("folder", data_dir=root, **options)) == {"train", "validation"}


def test_names_that_only_look_like_roles(tmp_path):
    """`mode` without splits, `label` as a strength, and a `name` that names no file."""
    header = ("id", "mode", "label", "name")
    data = table(header, ("c0", "fast", "0.25", "Ann"), ("c1", "slow", "-1", "Bob"))
    builder = opened(two_clips(tmp_path, data))
    rows = builder.rows()
    assert rows["sentiment"].to_pylist() == [0.25, -1.0] and builder.emotions() == ()
    assert rows["mode"].to_pylist() == ["fast", "slow"] and rows["name"].to_pylist() == [
        "Ann",
        "Bob",
    ]
    assert rows["media_issue"].to_pylist() == [None, None]
    columns = {"split": "mode"}
    assert list(opened(tmp_path, columns=columns).rule_of("official").splits) == ["fast", "slow"]


def test_labels_that_were_not_told_are_refused(tmp_path, load):
    root = ten_clips(tmp_path / "d")
    with pytest.raises(ValueError, match="column `emotion` of clip c2: got 'angry'"):
        load("folder", data_dir=root, labels=["happy", "sad"])


def test_numbers_as_labels_are_in_their_order(tmp_path):
    data = table(("file", "label"), ("c0", "10"), ("c1", "9"))
    assert opened(two_clips(tmp_path, data)).emotions() == ("9", "10")


def test_clips_that_share_a_film_are_spans_of_it(tmp_path, load):
    put(tmp_path / "d" / "film.mp4", clip_video(0))
    header = ("id", "video", "start", "end", "dialogue")
    rows = (("b", "film.mp4", "0.4", "0.7", "d"), ("a", "film", "0", "0.4", "d"))
    put(tmp_path / "d" / "t.csv", table(header, *rows))
    rows = load("folder", data_dir=tmp_path / "d", split="train")
    assert rows["video_start_s"][:] == [0.4, 0.0] and rows["video_end_s"][:] == [0.7, 0.4]
    assert rows["turn_index"][:] == [1, 0] and rows["duration_s"][1] == 0.4
    assert rows["media_issue"][:] == [None, None]
    out = affecthub.export("folder", tmp_path / "out", tmp_path / "d")
    cut = datasets.load_dataset(str(out), cache_dir=tmp_path / "c")["train"]
    assert len(cut) == 2 and all(row["video"]["bytes"] and row["audio"]["bytes"] for row in cut)


def test_a_film_of_two_clips_without_times_is_a_problem(tmp_path):
    put(tmp_path / "film.mp4", clip_video(0))
    put(tmp_path / "t.csv", table(("id", "video"), ("a", "film"), ("b", "film")))
    assert (
        "1 video files are each of several clips"
        in affecthub.verify("folder", tmp_path).problems[0]
    )


def test_class_folders_without_a_table(tmp_path, load):
    for path in ("train/happy/x.wav", "train/sad/y.wav", "test/sad/x.wav"):
        put(tmp_path / "d" / path, clip_wav(0))
    rows = load("folder", data_dir=tmp_path / "d")
    assert {name: values(part, "emotion") for name, part in rows.items()} == {
        "train": ["happy", "sad"],
        "test": ["sad"],
    }
    ids = [clip for part in rows.values() for clip in part["id"]]
    assert ids == ["happy/x", "sad/y", "sad/x"]
    assert "labels from: the folder a file lies in" in rows["train"].info.description
    flat = two_clips(tmp_path / "flat")
    assert opened(flat).emotions() == () and opened(flat).rows()["id"].to_pylist() == ["c0", "c1"]
    with pytest.raises(ValueError, match="is no folder folder: found 0 files"):
        opened(put(tmp_path / "empty" / "x.md", b"").parent)


def test_speaker_independent_splits_are_made_when_asked(tmp_path, load):
    root = ten_clips(tmp_path / "d")
    rows = load("folder", data_dir=root, protocol="speaker_independent")
    speakers = {name: set(part["speaker_id"]) for name, part in rows.items()}
    assert list(speakers) == ["train", "validation", "test"]
    assert sum(map(len, speakers.values())) == 5 and all(speakers.values())
    assert opened(root).rule_of("speaker_independent") == opened(root).rule_of(
        "speaker_independent"
    )
    options = {"split_fractions": {"train": 0.6, "test": 0.4}, "split_seed": 3}
    rows = load("folder", data_dir=root, protocol="speaker_independent", **options)
    assert {name: len(part) for name, part in rows.items()} == {"train": 6, "test": 4}


def test_without_speakers_the_column_to_name_is_asked_for(tmp_path, load):
    root = ten_clips(tmp_path / "d", ("filename", "transcript", "emotion", "who"))
    with pytest.raises(ValueError, match=r"no column that names speakers.*columns=\{'speaker'"):
        load("folder", data_dir=root, protocol="speaker_independent")
    assert affecthub.verify("folder", root).ok
    told = {"columns": {"speaker": "who"}}
    assert load("folder", data_dir=root, protocol="speaker_independent", **told)["test"].num_rows
    report = affecthub.verify("folder", root, **told)
    assert report.ok and report.speakers == 5
    with pytest.raises(ValueError, match="got one speaker, 'happy'"):
        one = put(
            tmp_path / "one" / "t.csv", table(("file", "who"), ("a", "happy"), ("b", "happy"))
        )
        load("folder", data_dir=one.parent, protocol="speaker_independent", **told)


def test_a_split_of_ones_own(tmp_path, load):
    root = ten_clips(tmp_path / "d", ("filename", "transcript", "emotion", "who"))
    told = {"columns": {"speaker": "who"}}
    made = affecthub.Corpus("folder", root, **told).split(
        tmp_path / "mine.json", fractions={"train": 0.6, "test": 0.4}
    )
    rows = load("folder", data_dir=root, protocol=str(tmp_path / "mine.json"), **told)
    assert {name: len(part) for name, part in rows.items()} == made.rows


@pytest.mark.slow
@pytest.mark.parametrize("to", ["parquet", "webdataset", "chat-jsonl"])
def test_exports_take_options_and_state_what_was_read(tmp_path, to):
    root = ten_clips(tmp_path / "d", ("filename", "transcript", "emo?", "who"))
    out = affecthub.export(
        "folder", tmp_path / "out", root, to=to, columns={"label": "emo?", "speaker": "who"}
    )
    card = (out / "README.md").read_text(encoding="utf-8")
    assert "Read as: columns: as told, label 'emo?', speaker 'who'; by its name, file" in card
    rows = datasets.load_dataset(str(out), cache_dir=tmp_path / "c")
    assert sum(rows.num_rows.values()) == 10
    if to == "parquet":
        names = datasets.get_dataset_config_names(str(out))
        assert sorted(names) == ["official", "speaker_independent"]


def test_streaming_gives_the_same_and_builders_pickle_small(tmp_path, load):
    root = ten_clips(tmp_path / "d")
    stream = load("folder", data_dir=root, streaming=True)["train"]
    assert list(stream) == list(load("folder", data_dir=root)["train"])
    builder = opened(root)
    builder.rule_of("speaker_independent")
    state = pickle.loads(pickle.dumps(builder)).__dict__
    assert state["tree"] is None and "contents" not in state and "_speaker_rule" not in state
    assert state["SOUND_IN_VIDEO"] is True


def test_a_changed_table_is_never_served_from_the_cache(tmp_path, load):
    root = ten_clips(tmp_path / "d")
    assert load("folder", data_dir=root)["train"].features["emotion"].names[0] == "angry"
    text = (root / "labels.csv").read_text().replace("angry", "furious")
    (root / "labels.csv").write_text(text)
    names = load("folder", data_dir=root)["train"].features["emotion"].names
    assert names == ["furious", "happy", "sad"]
    names = load("folder", data_dir=root, labels=["sad", "happy", "furious"])["train"].features
    assert names["emotion"].names == ["sad", "happy", "furious"]


def test_told_once_and_logged_never(tmp_path, caplog):
    root = tree.make(tmp_path)
    with caplog.at_level(logging.WARNING):
        assert "as told, id '编号', file 'filename'" in opened(root).read_as()["columns"]


def test_the_command_line_takes_options(tmp_path):
    from typer.testing import CliRunner

    from affecthub.cli.main import app

    root = ten_clips(tmp_path / "d", ("filename", "transcript", "emo?", "who"))
    told = ["--set", "columns.label=emo?", "--set", "columns.speaker=who", "--set", "language=en"]
    run = CliRunner().invoke
    place = ["folder", "--data-dir", str(root), *told, "--json"]
    done = run(app, ["data", "verify", *place])
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["label_counts"]["total"] == {"angry": 3, "happy": 4, "sad": 3}
    assert report["read_as"]["columns"].startswith("as told, label 'emo?', speaker 'who'")
    shares = ["--fractions", "train=0.6,test=0.4", "--out", str(tmp_path / "mine.json")]
    assert run(app, ["data", "split", *place, *shares]).exit_code == 0
    sets = ["data", "leaks", f"folder={root}", "--protocol", str(tmp_path / "mine.json")]
    done = run(app, [*sets, *told, "--json"])
    leaks = {leak["kind"]: leak["n_shared"] for leak in json.loads(done.stdout)["leaks"]}
    assert leaks["speakers"] == leaks["groups"] == 0
    done = run(app, ["data", "verify", "folder", "--data-dir", str(root), "--set", "columns.emo"])
    assert done.exit_code != 0
