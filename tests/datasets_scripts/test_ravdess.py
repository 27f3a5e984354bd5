"""RAVDESS: everything from the names, a row per performance whichever of its files are there."""

from collections import Counter

import pytest
from corpus_trees import ravdess
from corpus_trees.media import clip_wav, put

from affecthub import Corpus
from affecthub.datasets_scripts import verify
from affecthub.labels import to_basic7
from affecthub.media import load_waveform

LABELS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised")


def rows_of(root, config="speech"):
    rows = Corpus("ravdess", root, config).annotations()
    return {row["id"]: row for row in rows.to_pylist()}


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return ravdess.make(tmp_path_factory.mktemp("ravdess"))


@pytest.fixture(scope="module")
def design(tmp_path_factory):
    """Every name of the release, as empty files: what may be said of it without its media."""
    root = tmp_path_factory.mktemp("design")
    for actor in range(1, 25):
        for channel, emotions in (("01", range(1, 9)), ("02", range(1, 7))):
            if (channel, actor) == ("02", 18):
                continue
            for emotion in emotions:
                for level in ("01", "02")[: 1 if emotion == 1 else 2]:
                    for rest in ("01-01", "01-02", "02-01", "02-02"):
                        clip = f"{channel}-{emotion:02d}-{level}-{rest}-{actor:02d}"
                        for kind, suffix in (("01", "mp4"), ("02", "mp4"), ("03", "wav")):
                            put(root / f"Actor_{actor:02d}" / f"{kind}-{clip}.{suffix}", b"")
    return root


def test_names_say_everything(tree):
    row = rows_of(tree)["01-05-02-02-01-15"]
    assert (row["emotion"], row["emotion_basic7"]) == ("angry", "anger")
    assert (row["channel"], row["intensity"], row["repetition"]) == ("speech", "strong", 1)
    assert row["text"] == "Dogs are sitting by the door." and row["language"] == "en"
    assert row["speaker_id"] == row["group_id"] == "Actor_15" and row["actor_sex"] == "male"
    assert rows_of(tree)["01-01-01-01-01-18"]["actor_sex"] == "female"


def test_calm_is_no_basic_emotion(tree):
    row = rows_of(tree)["01-02-02-01-02-01"]
    assert row["emotion"] == "calm" and row["emotion_basic7"] is None
    basic = ["neutral", None, "joy", "sadness", "anger", "fear", "disgust", "surprise"]
    assert [to_basic7(label) for label in LABELS] == basic


def test_a_row_per_performance(tree, load):
    assert sorted(rows_of(tree)) == sorted(ravdess.SPEECH)
    assert sorted(rows_of(tree, "song")) == sorted(ravdess.SONG)
    assert sorted(rows_of(tree, "all")) == sorted((*ravdess.SPEECH, *ravdess.SONG))
    row = load("ravdess", data_dir=tree, split="train")[0]
    assert row["id"] == "01-01-01-01-01-01" and row["media_issue"] is None
    assert row["audio"]["path"].endswith("Actor_01/03-01-01-01-01-01-01.wav")
    assert row["video"]["path"].endswith("Actor_01/01-01-01-01-01-01-01.mp4")


def test_sound_of_a_film_but_not_of_a_silent_one(tmp_path, load):
    root = ravdess.write_films(tmp_path / "films")
    row = load("ravdess", data_dir=root, split="train")[0]
    assert row["audio"] == row["video"] and row["media_issue"] is None
    assert load_waveform(row["audio"]).size
    root = ravdess.write_films(tmp_path / "silent", sound=False)
    row = load("ravdess", data_dir=root, split="train")[0]
    assert row["video"]["path"].endswith("02-01-01-01-01-01-01.mp4")
    assert row["audio"] is None and row["media_issue"] == "audio file missing"


def test_silent_films_in_the_folder_of_whole_ones_are_left(tmp_path, load):
    # A shorter path goes first among files of one clip, but a silent film never before a whole one.
    root = ravdess.write_films(tmp_path / "films")
    for path in root.rglob("02-*.mp4"):
        put(root / path.name, path.read_bytes())
    rows = load("ravdess", data_dir=root, split="train")
    assert all("/01-" in row["video"]["path"] for row in rows)


def test_only_the_other_channel_is_there(tmp_path):
    put(tmp_path / "03-02-05-01-01-01-03.wav", clip_wav(0))
    with pytest.raises(ValueError, match=r"got files of song alone, expected.*03-01-05.*'song'"):
        rows_of(tmp_path)
    assert list(rows_of(tmp_path, "song")) == ["02-05-01-01-01-03"]


def test_numbers_that_no_clip_has_are_reported(tmp_path):
    for name in ("03-01-05-01-01-01-03", "03-01-09-01-01-01-03", "03-01-05-01-01-01-25"):
        put(tmp_path / f"{name}.wav", clip_wav(0))
    put(tmp_path / "notes.wav", clip_wav(0))
    corpus = Corpus("ravdess", tmp_path)
    assert list(rows_of(tmp_path)) == ["01-05-01-01-01-03"]
    assert corpus.problems == [
        "2 files have numbers that no clip has, first 03-01-05-01-01-01-25.wav; they are left out"
    ]


def test_an_incomplete_actor_is_told(tmp_path):
    put(tmp_path / "03-01-05-01-01-01-03.wav", clip_wav(0))
    checks = {check.name: check for check in verify("ravdess", tmp_path).checks}
    assert (checks["speech, clips of Actor_03"].expected, checks["speech, clips"].found) == (60, 1)


def test_the_whole_release_matches_what_is_published(design):
    for config, n in (("speech", 1440), ("song", 1012), ("all", 2452)):
        report = verify("ravdess", design, config)
        assert report.rows == n and report.problems == []
        assert [check.name for check in report.checks if not check.ok] == []
    labels = Counter(row["emotion"] for row in rows_of(design).values())
    assert labels == {label: 96 if label == "neutral" else 192 for label in LABELS}


def test_protocols_keep_actors_apart_and_sexes_alike(design):
    rows = rows_of(design).values()
    sex = {row["speaker_id"]: row["actor_sex"] for row in rows}
    sides = Corpus("ravdess", design, protocol="speaker_independent").sides()
    assert {name: part.num_rows for name, part in sides.items()} == {
        "train": 960,
        "validation": 240,
        "test": 240,
    }
    for part in sides.values():
        assert part["actor_sex"].to_pylist().count("male") == part.num_rows / 2
    tested = []
    for i in range(1, 6):
        rule = Corpus("ravdess", design).entry.builder_class().rule(f"fold_{i}")
        assert set(rule.splits["train"]) | set(rule.splits["test"]) == set(sex)
        tested += rule.splits["test"]
    assert sorted(tested) == sorted(sex)  # each actor is tested once
