"""MELD: rows of the csv in every layout, ids with their split, clips that are flagged."""

import shutil

import pytest
from corpus_trees import meld as tree
from corpus_trees.media import clip_video, clip_wav, put, write_video

import affecthub
from affecthub.datasets_scripts.families.speakers import group_of
from affecthub.datasets_scripts.meld.builder import MeldBuilder
from affecthub.datasets_scripts.meld.weights import README_WEIGHTS, class_weights
from affecthub.labels import label_set
from affecthub.media import load_frames, load_waveform


def by_id(corpus):
    return {row["id"]: row for split in corpus.values() for row in split}


@pytest.mark.parametrize("layout", tree.LAYOUTS)
def test_every_layout_gives_the_same_rows(tmp_path, load, layout):
    root = tree.LAYOUTS[layout](tmp_path / "corpus")
    corpus = load("meld", data_dir=root)
    assert corpus.num_rows == {"train": 6, "validation": 3, "test": 4}
    rows = by_id(corpus)
    assert list(rows) == tree.IDS
    for clip, row in rows.items():
        assert row["media_issue"] is None, clip
        split, name = clip.split("_", 1)
        path = row["video"]["path"]
        assert path.endswith(f"{name}.mp4")
        assert row["audio"] == row["video"]  # the sound is in the film
        # Two clips of one number, in different splits, are told apart.
        assert split in path or (split, layout) == ("dev", "subvideo")
    assert load_waveform(rows["dev_dia0_utt0"]["audio"]).size
    assert load_frames(rows["test_dia0_utt0"]["video"], 2).shape == (2, 112, 112, 3)


def test_what_a_row_says(tmp_path, load):
    corpus = load("meld", data_dir=tree.write_csv(tmp_path / "corpus"))
    rows, features = by_id(corpus), corpus["train"].features
    row = rows["train_dia0_utt1"]
    assert (row["text"], row["speaker_id"], row["group_id"]) == ("What?", "Monica", "Monica")
    assert features["emotion"].int2str(row["emotion"]) == "surprise"
    assert (row["sentiment"], row["dialogue_id"], row["turn_index"]) == (-1, "train_dia0", 1)
    assert (row["season"], row["episode"], row["language"]) == (4, 7, "en")
    # "00:01:01,5" to "00:01:02,25": a fraction of the second is decimal, however short.
    assert (row["start_s"], row["end_s"], row["duration_s"]) == (61.5, 62.25, 0.75)
    assert rows["train_dia0_utt3"]["text"] == "That’s right, “Or”!\nGo on."
    assert rows["train_dia0_utt3"]["sentiment"] == 0 and rows["train_dia1_utt0"]["sentiment"] == 1
    assert (
        rows["train_dia0_utt0"]["media_issue"] == "no audio in the folder; no video in the folder"
    )
    assert [row["split_official"] for row in rows.values()] == (
        ["train"] * 6 + ["validation"] * 3 + ["test"] * 4
    )


def test_rows_are_those_of_the_csv_whatever_is_on_the_disk(tmp_path, load):
    root = tree.renamed(tmp_path / "corpus")
    (root / "dev" / "dia0_utt0.mp4").unlink()
    put(root / "test" / "dia9_utt9.mp4", clip_video(0))  # nobody annotated it
    put(root / "test" / "._dia0_utt0.mp4", b"resource fork")
    put(root / "train" / "dia0_utt1.mp4", clip_video(0)[:200])
    put(root / "train" / "dia1_utt0.mp4", b"")
    corpus = load("meld", data_dir=root)
    rows = by_id(corpus)
    assert list(rows) == tree.IDS
    assert rows["dev_dia0_utt0"]["media_issue"] == "audio file missing; video file missing"
    broken = rows["train_dia0_utt1"]
    assert broken["video"] is None and broken["audio"] is None
    assert broken["media_issue"].startswith("audio: cannot be read")
    assert "video: cannot be read" in broken["media_issue"]
    assert rows["train_dia1_utt0"]["media_issue"] == "audio file empty; video file empty"
    report = affecthub.verify("meld", root)
    assert report.problems == [] and not report.ok
    media = [fault.partition(" (")[0] for fault in report.faults if fault[:5] in ("audio", "video")]
    assert media == [
        f"{kind}: {what}"
        for kind in ("audio", "video")
        for what in ("2 clips missing", "1 clips broken")
    ]


def test_the_clip_without_a_prefix_is_taken(tmp_path, load):
    root = tree.raw(tmp_path / "corpus")
    folder = root / "MELD.Raw" / "output_repeated_splits_test"
    put(folder / "final_videos_testdia0_utt0.mp4", clip_video(3))
    shutil.move(folder / "dia0_utt1.mp4", folder / "final_videos_testdia0_utt1.mp4")
    rows = by_id(load("meld", data_dir=root))
    assert rows["test_dia0_utt0"]["video"]["path"].endswith("/dia0_utt0.mp4")
    assert rows["test_dia0_utt1"]["video"]["path"].endswith("/final_videos_testdia0_utt1.mp4")


def test_a_clip_of_minutes_is_flagged_and_kept(tmp_path, load):
    root = tree.renamed(tmp_path / "corpus")
    # One second by the csv, 12 s and 60.04 s by their frames at 25 a second.
    write_video(root / "test" / "dia0_utt0.mp4", n_frames=300)
    write_video(root / "test" / "dia0_utt1.mp4", n_frames=1501)
    for clip in ("dia0_utt0", "dia0_utt1"):
        put(root / "test" / f"{clip}.wav", clip_wav(0))
    rows = by_id(load("meld", data_dir=root))
    for clip, length in (("test_dia0_utt0", 12), ("test_dia0_utt1", 60)):
        row = rows[clip]
        assert row["media_issue"] == (
            f"video is {length} s long for one utterance, by the csv 1.0 s"
        )
        assert row["video"] is not None and row["audio"]["path"].endswith(".wav")
    assert rows["test_dia0_utt2"]["media_issue"] is None
    assert sum(affecthub.verify("meld", root).media["issues"].values()) == 2
    unchecked = by_id(load("meld", data_dir=root, check_media=False))
    assert unchecked["test_dia0_utt0"]["media_issue"] is None


def test_a_clip_as_long_as_the_csv_says_is_flagged_over_a_minute(tmp_path, load):
    """Two clips of the release are minutes long by the csv as well: a slip in their times."""
    root = tree.renamed(tmp_path / "corpus")
    file = root / "test_sent_emo.csv"
    text = file.read_text(encoding="utf-8")
    times = '"0:04:00,000","0:04:01,000"'
    assert times in text
    file.write_text(text.replace(times, '"0:04:00,000","0:05:05,000"'), encoding="utf-8")
    write_video(root / "test" / "dia0_utt0.mp4", n_frames=1625)  # 65 s
    put(root / "test" / "dia0_utt0.wav", clip_wav(0))
    row = by_id(load("meld", data_dir=root))["test_dia0_utt0"]
    assert row["duration_s"] == 65.0
    assert row["media_issue"] == "video is 65 s long for one utterance, by the csv 65.0 s"


def test_packed_tars_are_no_corpus(tmp_path, load):
    message = r"still packed: got dev\.tar\.gz, test\.tar\.gz, train\.tar\.gz, .*tar -xzf"
    with pytest.raises(ValueError, match=message):
        load("meld", data_dir=tree.packed(tmp_path / "a"))
    only = put(tmp_path / "b" / "MELD.Raw.tar.gz", b"\x1f\x8b").parent
    with pytest.raises(ValueError, match=r"still packed: got MELD\.Raw\.tar\.gz"):
        load("meld", data_dir=only)
    # Tars that were untarred and left there do no harm.
    root = tree.raw(tmp_path / "c")
    put(root / "MELD.Raw" / "train.tar.gz", b"\x1f\x8b")
    assert load("meld", data_dir=root)["train"].num_rows == 6


def test_a_split_without_its_csv_is_reported(tmp_path, load):
    root = tree.write_csv(tmp_path / "corpus", ("train",))
    corpus = load("meld", data_dir=root)
    assert corpus.num_rows == {"train": 6, "validation": 0, "test": 0}
    assert affecthub.verify("meld", root).problems == [
        "dev_sent_emo.csv is not there: validation has no rows",
        "test_sent_emo.csv is not there: test has no rows",
    ]


def test_speakers_are_on_one_side(tmp_path, load):
    corpus = load("meld", data_dir=tree.raw(tmp_path / "corpus"), protocol="speaker_independent")
    # What Ross and Rachel say together is on no side.
    assert "train_dia1_utt1" not in by_id(corpus) and len(by_id(corpus)) == 12
    for name, groups in MeldBuilder.rule("speaker_independent").splits.items():
        assert {row["group_id"] for row in corpus[name]} <= set(groups)
    assert all(split.num_rows for split in corpus.values())


@pytest.mark.parametrize(
    ("speaker", "group"),
    [
        ("Ross", "Ross"),
        ("Joey/Drake", "Joey"),
        ("Ursula", "Phoebe"),
        ("Phoebe Sr.", "Phoebe Sr"),
        ("Mrs. Green", "Mrs. Green"),
        ("Sandy", "Sandy"),
        ("All", None),
        ("Her-Friends", None),
        ("Joey and Ross", None),
        ("", None),
        ("/", None),
    ],
)
def test_who_is_behind_a_name(speaker, group):
    assert group_of(speaker) == group


def test_class_weights_are_by_name():
    labels = ["neutral"] * 6 + ["joy"] * 3 + [None] + ["fear"]
    weights = class_weights(labels, ["fear", "joy", "neutral"])
    assert weights == {"fear": 6.0, "joy": 2.0, "neutral": 1.0}
    # The order of the label integers is not that in which the README prints its numbers.
    assert [README_WEIGHTS[name] for name in label_set("meld")] == [1, 3, 15, 6, 3, 15, 4]
    assert list(README_WEIGHTS.values()) == [4, 15, 15, 3, 1, 6, 3]
    with pytest.raises(ValueError, match="labels without a clip: got sadness"):
        class_weights(["joy"], ["joy", "sadness"])
    with pytest.raises(ValueError, match="labels without a weight: got happy"):
        class_weights(["joy", "happy"], ["joy"])
    with pytest.raises(ValueError, match="labels without a clip"):
        class_weights([])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (",0,1,4,7,", ",zero,1,4,7,", r"line 3: got 'zero' as `Dialogue_ID`"),
        (",0,1,4,7,", ",0,1,-4,7,", r"line 3: got '-4' as `Season`"),
        (",0,1,4,7,", ",0,0,4,7,", r"'train_dia0_utt0' stands 2 times"),
        (",surprise,", ",suprise,", r"unknown label .* clip train_dia0_utt1: got 'suprise'"),
        ("Utterance_ID", "Utt", r"missing column"),
    ],
)
def test_cells_that_cannot_be_used(tmp_path, load, old, new, message):
    root = tree.write_csv(tmp_path / "corpus")
    file = root / "train_sent_emo.csv"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        load("meld", data_dir=root)


def test_a_csv_without_rows(tmp_path, load):
    root = tree.write_csv(tmp_path / "corpus")
    head = (root / "dev_sent_emo.csv").read_text(encoding="utf-8").partition("\n")[0]
    (root / "dev_sent_emo.csv").write_text(head + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"dev_sent_emo\.csv: got a header without rows"):
        load("meld", data_dir=root)


def test_cells_that_become_null_are_reported(tmp_path, load):
    root = tree.write_csv(tmp_path / "corpus")
    file = root / "train_sent_emo.csv"
    text = file.read_text(encoding="utf-8")
    text = text.replace("00:01:01,5", "soon", 1).replace("surprise,negative", "surprise,bad", 1)
    file.write_text(text.replace(",Phoebe,sadness", ",,", 1), encoding="utf-8")
    rows = by_id(load("meld", data_dir=root))
    row = rows["train_dia0_utt1"]
    assert (row["start_s"], row["end_s"], row["duration_s"]) == (None, 62.25, None)
    assert row["sentiment"] is None and row["emotion"] is not None
    row = rows["train_dia0_utt0"]
    assert row["emotion"] is row["speaker_id"] is row["group_id"] is None
    assert affecthub.verify("meld", root).problems == [
        "train_sent_emo.csv: `StartTime` of 1 rows cannot be read, first line 3: 'soon'",
        "train_sent_emo.csv: `Sentiment` of 1 rows cannot be read, first line 3: 'bad'",
    ]
