"""MER2025: whose clips track 1 has, in generated folders and in the released files."""

from collections import Counter

import pytest
from corpus_trees import mer2023, mer2024, mer2025, mer_caption, ov_merd
from corpus_trees.mer import LABELS, text, write_csv, write_npz

from affecthub.datasets_scripts import verify
from affecthub.labels import to_basic7


@pytest.fixture(autouse=True)
def sets(mer_sets):
    """The clips of the generated MER2023 and MER2024 are those of their sets."""


def by_id(corpus):
    return {row["id"]: row for split in corpus.values() for row in split}


def of_test_set(clip: str) -> str:
    """The test set that has a clip of the generated track 1."""
    if clip in mer2025.TESTS_2024:
        return "mer2024_test_" + ("semi" if clip in mer2024.CLIPS["test1"] else "noise")
    name = next(name for name, clips in mer2023.CLIPS.items() if clip in clips)
    if name != "train":
        return f"mer2023_{mer2023.OURS[name]}"
    return "ov_merd" if clip in ov_merd.OV_MERD else "none"


@pytest.mark.parametrize("layout", ["make", "processed"])
def test_labels_media_and_transcripts(tmp_path, load, layout):
    root = getattr(mer2025, layout)(tmp_path / "c")
    corpus = load("mer2025", data_dir=root)
    assert corpus.num_rows == {"train": len(mer2025.TRACK1), "test": 0, "unlabeled": 0}
    assert corpus["train"]["id"][:] == mer2025.TRACK1
    names = corpus["train"].features["emotion_basic7"].names
    for row in corpus["train"]:
        clip = row["id"]
        assert LABELS[row["emotion"]] == mer2025.label(clip)
        basic = row["emotion_basic7"]
        assert (None if basic is None else names[basic]) == to_basic7(mer2025.label(clip))
        has_valence = layout == "make"
        assert (
            row["valence"] == row["sentiment"] == (mer2025.valence(clip) if has_valence else None)
        )
        assert (row["text"], row["text_en"]) == tuple(value or None for value in text(clip))
        assert row["media_issue"] is None and row["speaker_id"] is None
        assert (row["face"] is not None) == (layout == "make")
    hidden = "test: all 4 clips are labelled 'neutral', which stands for hidden labels; they are "
    hidden += "left out (configuration 'candidates' lists them)"
    assert verify("mer2025", root).problems == ([] if layout == "make" else [hidden])


def test_candidates_have_no_labels(tmp_path, load):
    root = mer_caption.write_tables(mer2025.make(tmp_path / "c"))
    pool = load("mer2025", "candidates", data_dir=root)
    assert pool.num_rows == {"train": 0, "test": 0, "unlabeled": 4}
    rows = pool["unlabeled"]
    assert rows["id"][:] == mer2025.CANDIDATES
    assert set(rows["emotion"]) == {None} and set(rows["test_set"]) == {"mer2025"}
    assert rows["in_mer_caption_plus"][:] == [True, False, False, False]
    assert set(rows["in_mer2025_candidates"]) == {True}


def test_published_test_labels_are_a_test_set(tmp_path, load):
    root = mer2025.write_test_labels(mer2025.make(tmp_path / "c"))
    for options in ({}, {"protocol": "without_test_clips"}):
        corpus = load("mer2025", data_dir=root, **options)
        rows = corpus["mer2025" if options else "test"]
        assert rows["id"][:] == mer2025.TEST and set(rows["test_set"]) == {"mer2025"}
        assert [LABELS[code] for code in rows["emotion"]] == ["happy", "sad"]
    assert set(corpus["train"]["test_set"]) <= {"none"}


def test_whose_clips_these_are(tmp_path, load):
    root = mer2025.make(tmp_path / "c")
    rows = by_id(load("mer2025", data_dir=root))
    assert {clip: row["test_set"] for clip, row in rows.items()} == {
        clip: of_test_set(clip) for clip in mer2025.TRACK1
    }
    assert {clip for clip, row in rows.items() if row["in_mer2023"]} == set(mer2023.ALL)
    assert {clip for clip, row in rows.items() if row["in_mer2024_test"]} == set(mer2025.TESTS_2024)
    clean = load("mer2025", data_dir=root, protocol="without_test_clips")
    assert clean["train"]["id"][:] == ["sample_00000001", "sample_00000010"]
    assert clean["test"]["id"][:] == mer2023.CLIPS["test1"] + mer2024.CLIPS["test1"]
    others = mer2023.CLIPS["test2"] + mer2023.CLIPS["test3"] + mer2024.CLIPS["test2"]
    assert clean["test_others"]["id"][:] == others
    assert clean["ov_merd"]["id"][:] == ov_merd.OV_MERD


def test_the_order_of_the_file_tells_nothing(tmp_path, load):
    root = mer2025.write_track1(tmp_path / "c")
    path = root / "track1_train_disdim.csv"
    header, *lines = path.read_text().splitlines()
    path.write_text("\n".join([header, *sorted(lines)[::-1]]) + "\n")
    rows = by_id(load("mer2025", data_dir=root))
    assert {clip: row["test_set"] for clip, row in rows.items()} == {
        clip: of_test_set(clip) for clip in mer2025.TRACK1
    }


def test_clips_of_ov_merd_plus_are_not_trained_on(tmp_path, load):
    root = ov_merd.write_plus(mer2025.write_track1(tmp_path / "c"))
    clean = load("mer2025", data_dir=root, protocol="without_test_clips")
    # sample_00000001 is in MER2023's training set, and in OV-MERD+ outside of OV-MERD.
    assert clean["train"]["id"][:] == ["sample_00000010"]
    assert clean["ov_merd"]["id"][:] == [*ov_merd.OV_MERD, "sample_00000001"]


def test_a_folder_without_track1_says_which_files_it_needs(tmp_path, load):
    root = mer2025.write_candidates(tmp_path / "c")
    with pytest.raises(ValueError, match=r"'track1', expected track1_train_disdim\.csv or track1_"):
        load("mer2025", data_dir=root)
    with pytest.raises(ValueError, match=r"is no mer2024 folder.*This looks like mer2025"):
        load("mer2024", data_dir=mer2025.write_track1(tmp_path / "d"))


def test_an_unknown_label_is_refused(tmp_path, load):
    path = tmp_path / "c" / "track1_train_disdim.csv"
    write_csv(path, ["name", "discrete", "valence"], [["sample_00000001", "glad", 1]])
    with pytest.raises(ValueError, match="track1_train_disdim.csv, line 2: .*'glad'"):
        load("mer2025", data_dir=path.parent)


def test_mer2024_takes_the_labels_of_its_tests(tmp_path, load):
    root = mer2024.challenge(tmp_path / "mer2024")
    mer2024.write_transcripts(root)
    roots = {"mer2025": mer2025.write_track1(tmp_path / "mer2025")}
    assert load("mer2024", data_dir=root).num_rows["test_semi"] == 0
    corpus = load("mer2024", data_dir=root, roots=roots)
    assert corpus.num_rows == {"train": 4, "test_semi": 3, "test_noise": 2, "unlabeled": 0}
    for clip, row in by_id(corpus).items():
        assert LABELS[row["emotion"]] == mer2024.label(clip) and row["media_issue"] is None
    pool = load("mer2024", "unlabeled", data_dir=root, roots=roots, split="unlabeled")
    assert pool["id"][:] == mer2024.CLIPS["pool"]
    # They end the doubt about placeholders, and contradictions are told.
    labels = mer2024.write_label_npz(tmp_path / "npz", "neutral")
    mer2024.write_transcripts(labels)
    assert None not in load("mer2024", data_dir=labels, roots=roots)["test_semi"]["emotion"][:]
    parts = {"train": {}, "test1": {c: {"emo": "sad"} for c in mer2024.CLIPS["test1"][:1]}}
    write_npz(labels / "label-6way.npz", **parts)
    assert verify("mer2024", labels, roots=roots).problems == [
        "csv and MER2025's track 1 disagree on `emotion` of 1 clips, first samplenew3_00000101; "
        "the csv is used"
    ]


# The released files; their sets are those of the package.


@pytest.fixture
def packaged(monkeypatch):
    """Undo ``sets``: the sets are those that the package knows."""
    monkeypatch.undo()


def test_released_track1(packaged, reference_data, load):
    folder = reference_data / "mer2025"
    report = verify("mer2025", folder)
    assert report.problems == [] and all(check.ok for check in report.checks)
    assert report.splits == {"train": 7369, "test": 0, "unlabeled": 0}
    clean = load("mer2025", data_dir=folder, protocol="without_test_clips", check_media=False)
    assert clean.num_rows == {
        "train": 3041,
        "test": 411 + 1169,
        "test_others": 412 + 834 + 1170,
        "ov_merd": 332,
        "mer2025": 0,
    }
    flags = clean["test"]["in_mer_caption_plus"][:]
    described = Counter(zip(clean["test"]["test_set"], flags, strict=True))
    assert described["mer2024_test_semi", True] == 576
    assert described["mer2023_test_multi", True] == 0


def test_released_candidates(packaged, reference_data):
    report = verify("mer2025", reference_data / "mer2025", "candidates")
    assert report.splits == {"train": 0, "test": 0, "unlabeled": 20000}
    found = {check.name: check.found for check in report.checks}
    assert found == {"rows": 20000, "clips in MER-Caption+": 5476}


def test_released_track1_repeats_mer2023(packaged, reference_data, load):
    options = {"split": "train", "check_media": False}
    rows = load("mer2025", data_dir=reference_data / "mer2025", **options)
    mer = load("mer2023", data_dir=reference_data / "merbench_labels/mer2023-dataset")
    test_sets = dict(zip(rows["id"], rows["test_set"], strict=True))
    labels = dict(zip(rows["id"], rows["emotion"], strict=True))
    for split, part in mer.items():
        assert {test_sets[clip] for clip in part["id"]} == (
            {"none", "ov_merd"} if split == "train" else {f"mer2023_{split}"}
        )
        assert [labels[clip] for clip in part["id"]] == part["emotion"][:]


def test_released_labels_of_mer2024(packaged, reference_data, tmp_path, load):
    rows = [["sample_00000000", "neutral", "0"]]
    write_csv(tmp_path / "c" / "label-disdim.csv", ["name", "discrete", "valence"], rows)
    roots = {"mer2025": reference_data / "mer2025"}
    corpus = load("mer2024", data_dir=tmp_path / "c", roots=roots, check_media=False)
    assert corpus.num_rows == {"train": 1, "test_semi": 1169, "test_noise": 1170, "unlabeled": 0}
    counts = Counter(LABELS[code] for code in corpus["test_semi"]["emotion"])
    assert counts == {
        "sad": 317,
        "happy": 246,
        "neutral": 201,
        "angry": 163,
        "worried": 159,
        "surprise": 83,
    }
