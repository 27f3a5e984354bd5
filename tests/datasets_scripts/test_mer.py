"""MER2023 and MER2024 from every layout, and one clear error for each way they can be wrong."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
from corpus_trees import mer2023, mer2024
from corpus_trees.media import clip_wav, put
from corpus_trees.mer import LABELS, text, write_csv, write_npz

from affecthub.datasets_scripts import verify
from affecthub.datasets_scripts.reading.faces import read_faces
from affecthub.media import load_frames, load_waveform

SIZES_2023 = {"train": 6, "test_multi": 2, "test_noise": 2, "test_semi": 2}
SIZES_2024 = {"train": 4, "test_semi": 3, "test_noise": 2, "unlabeled": 0}


def by_id(corpus):
    return {row["id"]: row for split in corpus.values() for row in split}


def labelled(root: Path) -> Path:
    return mer2023.write_labels(root)


def nested(root: Path) -> Path:
    """The processed folder after an unpacking that added a level: video/video/x.mp4."""
    mer2023.processed(root)
    for name in ("video", "audio"):
        (root / name).rename(root / "moved")
        (root / name).mkdir()
        (root / "moved").rename(root / name / name)
    for path in list((root / "openface_face").iterdir()):
        put(root / "openface_face" / path.stem / path.name, path.read_bytes())
        path.unlink()
    return root


LAYOUTS_2023 = {
    "challenge": mer2023.make,
    "challenge, one folder": lambda root: mer2023.make(root, flat=True),
    "challenge, mp4": lambda root: mer2023.make(root, container="mp4"),
    "challenge, a level deeper": lambda root: mer2023.make(root / "MER2023").parent,
    "labels alone": labelled,
    "processed": mer2023.processed,
    "processed, a level deeper": nested,
    "csv and npz": lambda root: mer2023.write_label_npz(mer2023.make(root)).parent,
}


@pytest.mark.parametrize("layout", LAYOUTS_2023)
def test_mer2023_layouts_give_the_same_labels(tmp_path, load, layout):
    corpus = load("mer2023", data_dir=LAYOUTS_2023[layout](tmp_path / "corpus"))
    assert corpus.num_rows == SIZES_2023
    rows = by_id(corpus)
    for name, clips in mer2023.CLIPS.items():
        for clip in clips:
            row = rows[clip]
            assert LABELS[row["emotion"]] == mer2023.label(clip)
            assert row["valence"] == row["sentiment"] == mer2023.valence(clip)
            assert row["split_official"] == mer2023.OURS[name] and row["language"] == "zh"
            assert row["speaker_id"] is None and row["group_id"] is None
            zh, en = text(clip) if layout.startswith("processed") else ("", "")
            assert (row["text"], row["text_en"]) == (zh or None, en or None)
            has_media = layout != "labels alone"
            assert (row["video"] is not None) == (row["media_issue"] is None) == has_media
            if has_media:
                assert Path(row["video"]["path"]).stem == clip
            if layout.startswith("processed"):
                assert Path(row["audio"]["path"]).name == f"{clip}.wav"
                assert read_faces(row["face"]).shape == (2, 8, 8, 3)
    assert verify("mer2023", tmp_path / "corpus").problems == []


def test_mer2023_sound_comes_from_the_film_where_there_is_no_wav(tmp_path, load):
    row = load("mer2023", data_dir=mer2023.make(tmp_path / "c"), split="test_multi")[0]
    assert row["audio"] == row["video"] and row["video"]["path"].endswith(".avi")
    assert load_waveform(row["audio"]).std() > 0.01
    assert load_frames(row["video"], 2).shape == (2, 112, 112, 3)


def test_a_name_that_begins_like_another_is_another_clip(tmp_path, load):
    root = mer2023.write_labels(tmp_path / "c")
    put(root / "train" / "sample_000000011.wav", clip_wav(0))  # not sample_00000001
    put(root / "train" / "sample_00000001_noisy.wav", clip_wav(0))
    rows = by_id(load("mer2023", data_dir=root))
    assert all(row["audio"] is None for row in rows.values())
    assert rows["sample_00000001"]["media_issue"].startswith("audio file missing")


def test_arrays_of_features_are_no_faces(tmp_path, load):
    root = mer2023.processed(tmp_path / "c")
    clip = mer2023.ALL[0]
    (root / "openface_face" / f"{clip}.npy").unlink()
    folder = root / "features" / "clip-vit-large-patch14-UTT"
    folder.mkdir(parents=True)
    np.save(folder / f"{clip}.npy", np.zeros(768, np.float32))
    assert by_id(load("mer2023", data_dir=root))[clip]["face"] is None


def test_csv_and_npz_that_disagree_are_reported(tmp_path, load):
    root = mer2023.make(tmp_path / "c")
    mer2023.write_label_npz(root)
    path = root / "mer2023train" / "train-label.csv"
    path.write_text(path.read_text().replace("sample_00000000,neutral", "sample_00000000,sad"))
    assert verify("mer2023", root).problems == [
        "csv and npz disagree on `emotion` of 1 clips, first sample_00000000; the csv is used"
    ]
    row = by_id(load("mer2023", data_dir=root))["sample_00000000"]
    assert LABELS[row["emotion"]] == "sad"


def test_a_packed_folder_says_so(tmp_path, load):
    for name in ("mer2023train.zip", "test1.zip"):
        with zipfile.ZipFile(put(tmp_path / "c" / name, b""), "w") as archive:
            archive.writestr("train/sample_00000000.avi", b"x")
    with pytest.raises(
        ValueError, match=r"is no mer2023 folder.*\(mer2023train\.zip\): unpack them first"
    ):
        load("mer2023", data_dir=tmp_path / "c")
    mer2023.write_labels(tmp_path / "c")
    assert verify("mer2023", tmp_path / "c").problems == [
        "mer2023train.zip: packed, and no media beside it; unpack it"
    ]


def test_the_two_years_are_not_taken_for_each_other(tmp_path, load):
    with pytest.raises(ValueError, match="is no mer2023 folder.*This looks like mer2024"):
        load("mer2023", data_dir=mer2024.processed(tmp_path / "a"))
    with pytest.raises(ValueError, match="is no mer2024 folder.*This looks like mer2023"):
        load("mer2024", data_dir=mer2023.make(tmp_path / "b"))
    root = mer2024.write_transcripts(tmp_path / "c")
    mer2023.write_label_npz(root)
    with pytest.raises(ValueError, match=r"label-6way\.npz: got arrays \['test3_corpus'\]"):
        load("mer2024", data_dir=root)


LAYOUTS_2024 = {
    "challenge with published tests": mer2024.make,
    "processed": mer2024.processed,
    "csv and npz": lambda root: mer2024.write_label_npz(mer2024.make(root)),
}


def test_clips_of_mer2024_are_none_of_mer2023(tmp_path, load):
    """Both name their npz alike; without MER2024's transcripts only the clips tell them apart."""
    root = mer2024.write_label_npz(tmp_path / "c")
    with pytest.raises(ValueError, match="clips that came after MER2023.*looks like mer2024"):
        load("mer2023", data_dir=root)


@pytest.mark.parametrize("layout", LAYOUTS_2024)
def test_mer2024_layouts_give_the_same_labels(tmp_path, load, layout):
    root = LAYOUTS_2024[layout](tmp_path / "corpus")
    corpus = load("mer2024", data_dir=root)
    assert corpus.num_rows == SIZES_2024
    for clip, row in by_id(corpus).items():
        assert LABELS[row["emotion"]] == mer2024.label(clip)
        assert row["media_issue"] is None and row["video"] is not None
        assert (row["text"], row["text_en"]) == tuple(value or None for value in text(clip))
    has_valence = layout != "processed"
    assert corpus["train"]["valence"][:] == [0.5 * i if has_valence else None for i in range(4)]
    others = load("mer2024", "unlabeled", data_dir=root)
    assert others.num_rows == {**dict.fromkeys(SIZES_2024, 0), "unlabeled": 3}
    assert others["unlabeled"]["id"][:] == mer2024.CLIPS["pool"]
    assert set(others["unlabeled"]["emotion"]) == {None}
    assert verify("mer2024", root).problems == []


def test_without_test_labels_hidden_clips_are_unlabelled(tmp_path, load):
    root = mer2024.challenge(tmp_path / "c")
    assert load("mer2024", data_dir=root).num_rows["train"] == 4
    others = load("mer2024", "unlabeled", data_dir=root, split="unlabeled")
    assert others["id"][:] == mer2024.ALL[4:] and others["media_issue"][:] == [None] * 8


def test_placeholders_of_hidden_labels_are_null(tmp_path, load):
    root = mer2024.write_label_npz(mer2024.write_transcripts(tmp_path / "c"), "neutral")
    corpus = load("mer2024", data_dir=root)
    assert corpus.num_rows == SIZES_2024
    assert corpus["test_semi"]["emotion"][:] == [None] * 3
    assert corpus["test_noise"]["emotion"][:] == [None] * 2
    assert None not in corpus["train"]["emotion"][:]
    assert verify("mer2024", root).problems == [
        f"test_{name}: all {n} clips are labelled 'neutral', which stands for hidden labels; "
        "`emotion` is null there"
        for name, n in (("semi", 3), ("noise", 2))
    ]
    # Gold labels that came later win, and end the doubt.
    mer2024.write_test_labels(root)
    gold = load("mer2024", data_dir=root)
    assert None not in gold["test_semi"]["emotion"][:] + gold["test_noise"]["emotion"][:]


def test_a_pool_that_is_called_a_test_set_is_unlabelled(tmp_path, load):
    # The challenge's own tools write all clips of the pool as test1, each one "neutral".
    root = mer2024.write_transcripts(tmp_path / "c")
    pool = {f"samplenew3_{n:08d}": {"emo": "neutral"} for n in range(101, 1300)}
    train = {clip: {"emo": mer2024.label(clip)} for clip in mer2024.CLIPS["train"]}
    write_npz(root / "label-6way.npz", train=train, test1=pool)
    assert load("mer2024", data_dir=root).num_rows == {
        **SIZES_2024,
        "test_semi": 0,
        "test_noise": 0,
    }
    assert load("mer2024", "unlabeled", data_dir=root).num_rows["unlabeled"] == len(pool)


def test_films_that_hold_only_sound_keep_their_sound(tmp_path, load):
    import av

    root = mer2024.challenge(tmp_path / "c")
    path = root / "video-unlabeled-with-test2noise" / "samplenew3_00000301.mp4"
    with av.open(str(path), "w") as film:
        stream = film.add_stream("aac", rate=16000, layout="mono")
        frame = av.AudioFrame.from_ndarray(
            (0.1 * np.sin(np.arange(1024, dtype=np.float32)))[None], format="fltp", layout="mono"
        )
        frame.sample_rate = 16000
        film.mux(stream.encode(frame))
        film.mux(stream.encode(None))
    row = by_id(load("mer2024", "unlabeled", data_dir=root))["samplenew3_00000301"]
    assert row["video"] is None and row["audio"]["path"] == str(path)
    assert "video: has no video stream" in row["media_issue"]


def test_mer2024_without_labels_says_which_files_it_needs(tmp_path, load):
    root = mer2024.write_transcripts(tmp_path / "c")
    assert load("mer2024", "unlabeled", data_dir=root).num_rows["unlabeled"] == len(mer2024.ALL)
    with pytest.raises(ValueError, match="configuration 'labeled', expected label-disdim.csv or"):
        load("mer2024", data_dir=root)


# Bad input: each error names the file or clip, what was found and what was expected.

TRAIN = ("mer2023train/train-label.csv", ["name", "discrete", "valence"])
BAD = {
    "unknown label": (
        [["a", "sad", 1], ["b", "hapy", 1]],
        r"train-label\.csv, line 3: unknown label in `discrete` of clip b: got 'hapy', expected "
        r"one of neutral, .*\. Did you mean 'happy'\?",
    ),
    "no number": ([["a", "sad", "low"]], r"train-label\.csv, line 2: got 'low' as `valence`"),
    "no id": ([["", "sad", 1]], r"train-label\.csv: .*without an id"),
    "in two sets": ([[mer2023.ALL[-1], "sad", 1]], "stands 2 times"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_label_csv(tmp_path, load, case):
    rows, message = BAD[case]
    root = mer2023.write_labels(tmp_path / "c")
    write_csv(root / TRAIN[0], TRAIN[1], rows)
    with pytest.raises(ValueError, match=message):
        load("mer2023", data_dir=root)


def test_a_clip_that_is_repeated(tmp_path, load):
    """Rows that say the same count once; of others the first is taken, and that is said."""
    root = mer2023.write_labels(tmp_path / "c")
    write_csv(root / TRAIN[0], TRAIN[1], [["a", "sad", 1], ["b", "happy", 2], ["a", "sad", 1]])
    train = load("mer2023", data_dir=root, split="train")
    assert train["id"][:] == ["a", "b"] and train["valence"][:] == [1, 2]
    assert verify("mer2023", root).problems == []
    write_csv(root / TRAIN[0], TRAIN[1], [["a", "sad", 1], ["b", "happy", 2], ["a", "angry", 1]])
    train = load("mer2023", data_dir=root, split="train")
    assert [train.features["emotion"].names[i] for i in train["emotion"]] == ["sad", "happy"]
    assert verify("mer2023", root).problems == [
        "mer2023train/train-label.csv: 1 clips stand several times with different contents, first "
        "'a' (lines 2, 4); the first row of each is used"
    ]


def test_blank_cells_are_null(tmp_path, load):
    root = mer2023.write_labels(tmp_path / "c")
    write_csv(root / TRAIN[0], TRAIN[1], [["a", "", ""], ["b", "nan", "nan"]])
    train = load("mer2023", data_dir=root, split="train")
    assert train["emotion"][:] == train["valence"][:] == [None, None]


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"dev": {}}, r"got arrays \['dev_corpus'\], expected some of train_corpus"),
        ({"train": {"a": {"val": 1.0}}}, "array 'train_corpus': got KeyError"),
        ({"train": {"a": {"emo": 3}}}, "array 'train_corpus': got Arrow"),
        ({"train": {"a": 3}}, "array 'train_corpus': got TypeError"),
        ({"train": ["a"]}, "array 'train_corpus': got "),
        ({"train": {"a": {"emo": "sad"}}, "test1": {"a": {"emo": "sad"}}}, "'a' stands 2 times"),
    ],
)
def test_bad_label_npz(tmp_path, load, parts, message):
    write_npz(tmp_path / "c" / "label-6way.npz", **parts)
    with pytest.raises(ValueError, match=rf"label-6way\.npz.*{message}"):
        load("mer2023", data_dir=tmp_path / "c")
