"""CH-SIMS and CH-SIMS v2 from every layout people have, and what is particular to their ids."""

import pytest
from corpus_trees import ch_sims, ch_sims_v2, sentiment

from affecthub.datasets_scripts import verify

TREES = {"ch_sims": ch_sims, "ch_sims_v2": ch_sims_v2}
LAYOUTS = {
    "sims mmsa": ("ch_sims", ch_sims.make),
    "sims 2020": ("ch_sims", ch_sims.write_metadata),
    "sims 2020, ids padded": ("ch_sims", lambda root: ch_sims.write_metadata(root, padded=True)),
    "sims npz": ("ch_sims", ch_sims.write_npz),
    "sims all": (
        "ch_sims",
        lambda root: ch_sims.write_npz(ch_sims.write_metadata(ch_sims.make(root))),
    ),
    "sims v2 mmsa": ("ch_sims_v2", ch_sims_v2.make),
    "sims v2 npz": ("ch_sims_v2", ch_sims_v2.write_npz),
}


def all_rows(corpus):
    return {row["id"]: row for split in corpus.values() for row in split}


@pytest.mark.parametrize("case", LAYOUTS)
def test_every_layout_gives_the_same_rows(tmp_path, load, case):
    name, write = LAYOUTS[case]
    clips = TREES[name].CLIPS
    root = write(tmp_path / "corpus")
    assert verify(name, root).problems == []
    corpus = load(name, data_dir=root)
    modes = [clip.mode.replace("valid", "validation") for clip in clips]
    assert corpus.num_rows == {s: modes.count(s) for s in ("train", "validation", "test")}
    rows = all_rows(corpus)
    has_modalities = "npz" not in case
    for clip in clips:
        row = rows[clip.id]
        assert row["split_official"] == clip.mode.replace("valid", "validation")
        assert (row["video_id"], row["clip_id"]) == (clip.video, clip.clip)
        assert row["group_id"] == clip.video and row["speaker_id"] is None
        assert row["sentiment"] == pytest.approx(float(clip.label))
        for column, label in (
            ("text", clip.label_t),
            ("audio", clip.label_a),
            ("video", clip.label_v),
        ):
            expected = pytest.approx(float(label)) if has_modalities else None
            assert row[f"sentiment_{column}"] == expected
        assert row["text"] == clip.text and row["language"] == "zh"
        assert row["text_en"] == (None if case.endswith("mmsa") else clip.text_en)
        has_media = "2020" not in case
        assert (row["media_issue"] is None) == has_media
        if has_media:
            assert row["audio"]["path"] == row["video"]["path"]
            assert clip.clip in row["video"]["path"]


def test_clip_ids_that_became_numbers_get_their_zeros_back(tmp_path, load):
    path = sentiment.write_label_csv(tmp_path / "label.csv", ch_sims.CLIPS)
    path.write_text(path.read_text(encoding="utf-8").replace(",0001,", ",1,"), encoding="utf-8")
    assert set(all_rows(load("ch_sims", data_dir=tmp_path))) == {c.id for c in ch_sims.CLIPS}
    clips = [c for c in ch_sims_v2.CLIPS if "_" not in c.clip]
    numbers = [clip._replace(clip=str(int(clip.clip))) for clip in clips]
    root = tmp_path / "v2"
    sentiment.write_label_csv(root / "meta.csv", numbers)
    # Four digits in the first version's videos, five in the others.
    assert set(all_rows(load("ch_sims_v2", data_dir=root))) == {clip.id for clip in clips}


def test_the_mark_of_a_clip_id(tmp_path, load):
    marked = "aqgy4_0009_00026_0"
    for write in (ch_sims_v2.make, ch_sims_v2.write_npz):
        row = all_rows(load("ch_sims_v2", data_dir=write(tmp_path / write.__name__)))[marked]
        assert (row["video_id"], row["clip_id"]) == ("aqgy4_0009", "00026_0")
        assert row["media_issue"] is None
    root = ch_sims_v2.lose_mark(ch_sims_v2.make(tmp_path / "lost"))
    row = all_rows(load("ch_sims_v2", data_dir=root))[marked]
    assert row["video"]["path"].endswith("aqgy4_0009/000260.mp4") and row["media_issue"] is None


def test_label_csv_goes_before_meta_csv(tmp_path, load):
    first, *rest = ch_sims_v2.CLIPS
    root = ch_sims_v2.make(tmp_path / "v2")
    newer = [first._replace(label="1.0"), *rest]
    sentiment.write_label_csv(root / "ch-simsv2s" / "label.csv", newer)
    assert all_rows(load("ch_sims_v2", data_dir=root))[first.id]["sentiment"] == 1
    assert verify("ch_sims_v2", root).problems == [
        "ch-simsv2s/meta.csv contradicts `sentiment` of 1 clips, first aqgy4_0009_00001; "
        "the file before it is used"
    ]


def test_rows_of_the_first_version_are_marked(tmp_path, load):
    rows = all_rows(load("ch_sims_v2", data_dir=ch_sims_v2.make(tmp_path / "v2")))
    for clip in ch_sims_v2.CLIPS:
        assert rows[clip.id]["in_ch_sims"] == clip.video.startswith("video_0")
    assert {row["in_ch_sims"] for row in rows.values()} == {True, False}


@pytest.mark.parametrize("name", TREES)
def test_speaker_independent_cuts_no_video(tmp_path, load, name):
    root = TREES[name].make(tmp_path / "corpus")
    report = verify(name, root)
    assert "official" in report.shared_groups  # the released split does
    assert "speaker_independent" not in report.shared_groups
    corpus = load(name, data_dir=root, protocol="speaker_independent")
    videos = [set(split["video_id"]) for split in corpus.values()]
    assert all(videos) and not videos[0] & videos[1] and not (videos[0] | videos[1]) & videos[2]
    assert sum(split.num_rows for split in corpus.values()) == len(TREES[name].CLIPS)


def test_blank_modality_labels_are_null(tmp_path, load):
    clips = [clip._replace(label_t="", label_v=" ") for clip in ch_sims.CLIPS]
    sentiment.write_label_csv(tmp_path / "label.csv", clips)
    row = load("ch_sims", data_dir=tmp_path, split="train")[0]
    assert row["sentiment_text"] is None and row["sentiment_video"] is None
    assert row["sentiment_audio"] is not None


def test_scores_of_modalities_out_of_range_are_reported(tmp_path, load):
    first, *rest = ch_sims.CLIPS
    sentiment.write_label_csv(tmp_path / "label.csv", [first._replace(label_a="-1.2"), *rest])
    assert verify("ch_sims", tmp_path).problems == [
        f"`sentiment_audio` of 1 clips is out of range, first {first.id}: got -1.2, expected -1 "
        "to 1; it is null"
    ]
    assert load("ch_sims", data_dir=tmp_path, split="train")[0]["sentiment_audio"] is None


def test_the_second_version_is_not_the_first(tmp_path, load):
    root = ch_sims_v2.make(tmp_path / "v2")
    with pytest.raises(ValueError, match=r"meta\.csv, line 2: got video_id 'aqgy4_0009', expected"):
        load("ch_sims", data_dir=root)


# The package of 2020.


def metadata(root, name, old, new):
    path = ch_sims.write_metadata(root) / "metadata" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return root


BAD = {
    "a row twice": ("train_index.csv", "\n0\n", "\n1\n"),
    "no such row": ("test_index.csv", "\n2\n", "\n99\n"),
    "half a row": ("test_index.csv", "\n2\n", "\n2.5\n"),
    "below zero": ("test_index.csv", "\n2\n", "\n-1\n"),
    "a row missing": ("test_index.csv", "\n2\n", "\n"),
}


@pytest.mark.parametrize("case", BAD)
def test_indexes_must_fit_the_labels(tmp_path, load, case):
    root = metadata(tmp_path / "corpus", *BAD[case])
    n = len(ch_sims.CLIPS)
    with pytest.raises(ValueError, match=rf"label_M\.csv: expected each of 0 to {n - 1} once"):
        load("ch_sims", data_dir=root)


def test_all_indexes_must_be_there(tmp_path, load):
    root = ch_sims.write_metadata(tmp_path / "corpus")
    (root / "metadata" / "val_index.csv").unlink()
    with pytest.raises(ValueError, match=r"got no val_index\.csv, expected all"):
        load("ch_sims", data_dir=root)


def test_a_clip_that_a_modality_lacks_is_null_and_reported(tmp_path, load):
    first = ch_sims.CLIPS[0]
    root = metadata(
        tmp_path / "corpus", "sentiment/label_T.csv", f"{first.video},1,", "video_0001,99,"
    )
    rows = all_rows(load("ch_sims", data_dir=root))
    assert len(rows) == len(ch_sims.CLIPS)
    assert rows[first.id]["sentiment_text"] is None
    assert rows[first.id]["sentiment_audio"] is not None
    n = len(ch_sims.CLIPS)
    assert verify("ch_sims", root).problems == [
        f"metadata/sentiment/label_M.csv has {n} clips, metadata/sentiment/label_T.csv has {n}, "
        f"{n - 1} of them the same; what it lacks is null"
    ]
