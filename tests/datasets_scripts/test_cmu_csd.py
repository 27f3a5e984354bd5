"""CMU-MOSEI and CMU-MOSI from the SDK's csd: joined by interval, folds read, no link followed."""

import h5py
import numpy as np
import pytest
from corpus_trees import cmu_mosei, cmu_mosi, sentiment
from corpus_trees.cmu_mosei import CLIPS
from corpus_trees.media import put

from affecthub import Corpus
from affecthub.datasets_scripts import verify
from affecthub.datasets_scripts.cmu_mosi.folds import FOLDS

EMOTIONS = ("happy", "sad", "anger", "surprise", "disgust", "fear")


def rows_of(name, root, **options):
    rows = Corpus(name, root, **options).annotations()
    return {row["id"]: row for row in rows.to_pylist()}


def test_segments_without_transcripts_keep_their_position(tmp_path):
    rows = rows_of("cmu_mosei", cmu_mosei.write_csd(tmp_path))
    assert sorted(rows) == sorted(f"{video}[{i}]" for video in cmu_mosei.MODES for i in (0, 1))
    # Clips 0 and 3 of a video are its segments 0 and 1.
    for i, clip in enumerate(CLIPS):
        row = rows[f"{clip.video}[{i % 2}]"]
        assert (row["video_id"], row["clip_id"]) == (clip.video, None)
        assert row["group_id"] == clip.video
        assert row["sentiment"] == pytest.approx(float(clip.label))
        found = [row[f"intensity_{name}"] for name in EMOTIONS]
        assert found == pytest.approx(cmu_mosei.intensities(i))
        start, end = cmu_mosei.times(i)
        assert (row["start_s"], row["end_s"]) == pytest.approx((start + 0.004, end - 0.003))
    split = {"train": "train", "valid": "validation", "test": "test"}
    assert {row["video_id"]: row["split_official"] for row in rows.values()} == {
        video: split[mode] for video, mode in cmu_mosei.MODES.items()
    }


def test_words_are_joined_by_interval(tmp_path):
    sentiment.write_csd(tmp_path / "CMU_MOSEI_Labels.csd", "All Labels", LABELS)
    spoken = ([[b"well"], [b"sp"], [b"good"], [b"bad"]], [(0, 1), (1, 2), (2, 3.2), (3.2, 5)])
    sentiment.write_csd(tmp_path / "CMU_MOSEI_TimestampedWords.csd", "words", {"208322": spoken})
    cmu_mosei.write_folds(tmp_path)
    rows = rows_of("cmu_mosei", tmp_path)
    # The middle of "good", 2.6 s, lies in the first segment, that of "bad", 4.1 s, in the second.
    assert [row["text"] for row in rows.values()] == ["well good", "bad", None]


LABELS = {"208322": ([[1.0] * 7, [0.0] * 7, [-1.0] * 7], [(0, 3), (3, 5), (5, 6)])}


def test_intervals_find_the_clip_and_its_media(tmp_path):
    root = cmu_mosei.write_cmu(cmu_mosei.write_csd(tmp_path))
    rows = rows_of("cmu_mosei", root)
    assert sorted(rows) == sorted(clip.id for clip in CLIPS)
    for i, clip in enumerate(CLIPS):
        row = rows[clip.id]
        assert row["clip_id"] == clip.clip and row["text"] == clip.text
        assert row["sentiment"] == pytest.approx(float(clip.label))
        assert row["intensity_fear"] == pytest.approx(cmu_mosei.intensities(i)[5])
        assert row["media_issue"] is None
    assert Corpus("cmu_mosei", root).problems == []


def test_a_segment_that_no_line_covers_keeps_its_name(tmp_path):
    root = cmu_mosei.write_cmu(tmp_path)
    videos = cmu_mosei.segments()
    videos["208322"][1][1] = (90.0, 95.0)
    sentiment.write_csd(root / "CMU_MOSEI_Labels.csd", "All Labels", videos)
    cmu_mosei.write_folds(root)
    rows = rows_of("cmu_mosei", root)
    assert "208322_0" in rows and "208322_3" not in rows
    assert rows["208322[1]"]["clip_id"] is None
    assert rows["208322[1]"]["media_issue"] == "audio file missing; video file missing"
    assert Corpus("cmu_mosei", root).problems == [
        "CMU_MOSEI_Labels.csd: 1 of 12 segments have no line of a transcript at their time, first "
        "208322[1]; they keep that name"
    ]


def test_beside_a_label_file_the_sequence_adds_its_emotions(tmp_path):
    root = cmu_mosei.write_cmu(cmu_mosei.make(tmp_path))
    videos = cmu_mosei.segments()
    videos["208322"][0][0] = (3.0, *videos["208322"][0][0][1:])  # another score than label.csv
    sentiment.write_csd(root / "CMU_MOSEI_Labels.csd", "All Labels", videos)
    rows = rows_of("cmu_mosei", root)
    assert list(rows) == [clip.id for clip in CLIPS]
    for i, clip in enumerate(CLIPS):
        assert rows[clip.id]["sentiment"] == pytest.approx(float(clip.label))
        assert rows[clip.id]["intensity_happy"] == pytest.approx(cmu_mosei.intensities(i)[0])


def test_folds_are_read_and_not_run(tmp_path):
    root = cmu_mosei.write_csd(tmp_path)  # its folds import what is not there
    assert verify("cmu_mosei", root).splits == {"train": 6, "validation": 2, "test": 4}
    (root / "cmu_mosei_std_folds.py").unlink()
    with pytest.raises(ValueError, match=r"labels without folds, expected cmu_mosei_std_folds\.py"):
        rows_of("cmu_mosei", root)
    own = put(tmp_path / "mine.json", b'{"column": "video_id", "splits": {"test": ["208322"]}}')
    sides = Corpus("cmu_mosei", root, protocol=str(own)).sides()
    assert sides["test"]["id"].to_pylist() == ["208322[0]", "208322[1]"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("standard_train_fold = [", "no lists of videos"),
        ("standard_train_fold = open('x').read()", "no lists of videos"),
        ("standard_train_fold = ['a']\nstandard_test_fold = ['b']", "got test, train, expected"),
        (
            "standard_train_fold = ['a']\nstandard_valid_fold = ['b']\nstandard_test_fold = ['a']",
            "without a video in two",
        ),
    ],
)
def test_folds_that_are_none(tmp_path, content, message):
    root = cmu_mosei.write_csd(tmp_path)
    (root / "cmu_mosei_std_folds.py").write_text(content)
    with pytest.raises(ValueError, match=rf"cmu_mosei_std_folds\.py: .*{message}"):
        rows_of("cmu_mosei", root)


def test_mosi_knows_its_folds(tmp_path):
    root = cmu_mosi.write_csd(tmp_path)
    rows = rows_of("cmu_mosi", root)
    assert rows["c5xsKMxpXnc[1]"]["split_official"] == "validation"
    assert rows["c5xsKMxpXnc[1]"]["start_s"] == 6.0
    clips = [clip for clip in cmu_mosi.CLIPS if clip.video == "c5xsKMxpXnc"]
    assert rows["c5xsKMxpXnc[1]"]["sentiment"] == pytest.approx(float(clips[1].label))
    assert rows["08412[0]"]["split_official"] is None  # no video of the corpus
    checks = {check.name: check for check in verify("cmu_mosi", root).checks}
    assert checks["segments"].expected == 2199 and "rows" not in checks


def test_folds_of_mosi_are_the_released_ones(reference_data):
    rows = Corpus("cmu_mosi", reference_data / "merbench_labels" / "cmumosi").annotations()
    assert FOLDS.assign(rows).to_pylist() == rows["split_official"].to_pylist()


def test_the_other_corpus_is_refused(tmp_path):
    cmu_mosei.write_csd(tmp_path)
    with pytest.raises(ValueError, match=r"CMU_MOSEI_Labels\.csd: got float64 of shape \(2, 7\)"):
        rows_of("cmu_mosi", tmp_path)


# Files that are no sequence, or point out of themselves.


def no_data(file):
    del file["All Labels/data"]


def no_interval(file):
    del file["All Labels/data/208322/intervals"]


def fewer_intervals(file):
    del file["All Labels/data/208322/intervals"]
    file["All Labels/data/208322/intervals"] = np.zeros((1, 2))


def text_for_numbers(file):
    del file["All Labels/data/208322/features"]
    file["All Labels/data/208322/features"] = [[b"a"] * 7] * 2


def no_number(file):
    file["All Labels/data/208322/intervals"][0, 0] = np.nan


def external_link(file):
    del file["All Labels/data/208322/features"]
    file["All Labels/data/208322/features"] = h5py.ExternalLink("/etc/x.h5", "/a")


def soft_link(file):
    del file["All Labels/data/208322"]
    file["All Labels/data/208322"] = h5py.SoftLink("/All Labels/data/-3g5yACwYnA")


def external_storage(file):
    group = file["All Labels/data/208322"]
    del group["intervals"]
    group.create_dataset("intervals", (2, 2), "f8", external=[("/etc/passwd", 0, 32)])


def virtual(file):
    group = file["All Labels/data/208322"]
    del group["intervals"]
    layout = h5py.VirtualLayout((2, 2), "f8")
    layout[:] = h5py.VirtualSource("/etc/other.h5", "a", (2, 2))
    group.create_virtual_dataset("intervals", layout)


def huge(file):
    group = file["All Labels/data/208322"]
    del group["features"]
    group.create_dataset("features", (10**9, 7), "f8", chunks=(1000, 7), compression="gzip")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (no_data, "expected one group with `data` in it"),
        (no_interval, "video '208322' without arrays"),
        (fewer_intervals, "2 features and 1 intervals of video '208322'"),
        (text_for_numbers, "expected numbers of shape"),
        (no_number, "an interval of video '208322' that is no number"),
        (external_link, "a link out of the file at .*208322/features.*Do not trust"),
        (soft_link, "a link out of the file at .*/208322"),
        (external_storage, "an array of video '208322' that lies elsewhere"),
        (virtual, "an array of video '208322' that lies elsewhere"),
        (huge, "over 50,000,000 values"),
    ],
)
def test_what_is_no_sequence_is_refused(tmp_path, change, message):
    root = cmu_mosei.write_csd(tmp_path)
    with h5py.File(root / "CMU_MOSEI_Labels.csd", "r+") as file:
        change(file)
    with pytest.raises(ValueError, match=rf"CMU_MOSEI_Labels\.csd: got .*{message}"):
        rows_of("cmu_mosei", root)


def test_scores_out_of_range_are_null_and_reported(tmp_path):
    root = cmu_mosei.write_csd(tmp_path)
    with h5py.File(root / "CMU_MOSEI_Labels.csd", "r+") as file:
        file["All Labels/data/208322/features"][0, 0] = 4
        file["All Labels/data/208322/features"][1, 6] = np.nan
    row, other = (rows_of("cmu_mosei", root)[f"208322[{i}]"] for i in (0, 1))
    assert row["sentiment"] is None and other["intensity_fear"] is None
    assert len(Corpus("cmu_mosei", root).problems) == 3  # both, and that one has no score


@pytest.mark.slow
def test_h5py_is_asked_for_only_where_there_is_a_csd(tmp_path, run_python):
    root = cmu_mosei.make(tmp_path / "mosei")
    code = f"""
        import sys
        sys.modules["h5py"] = None
        from affecthub import Corpus
        print(Corpus("cmu_mosei", {str(root)!r}).annotations().num_rows)
    """
    assert run_python(code).splitlines()[-1] == "12"
