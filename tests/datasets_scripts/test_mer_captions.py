"""OV-MERD, MER-Caption and EMER: label lists, descriptions, and clips that stand elsewhere too."""

import csv
from pathlib import Path

import pyarrow as pa
import pytest
from corpus_trees import emer, mer2023, mer_caption, ov_merd
from corpus_trees.mer import LABELS, text, write_csv, write_films

from affecthub.datasets_scripts import verify
from affecthub.datasets_scripts.corpus import Corpus
from affecthub.datasets_scripts.families.digests import read_digests, write_digests
from affecthub.datasets_scripts.families.label_lists import read_label_lists
from affecthub.datasets_scripts.families.mer2024_clips import mer2024_test_sets
from affecthub.datasets_scripts.families.mer_clips import OV_MERD
from affecthub.datasets_scripts.reading.faces import read_faces


def by_id(corpus):
    return {row["id"]: row for split in corpus.values() for row in split}


def full_mer2023(root: Path) -> Path:
    """MER2023 with transcripts and films."""
    mer2023.write_transcripts(mer2023.make(root))
    return root


# Label lists.


@pytest.mark.parametrize(
    ("cell", "labels"),
    [
        ("['happy', 'at ease']", ["happy", "at ease"]),
        ("[\"don't care\", 'Sad']", ["don't care", "Sad"]),
        ("[happy, sad]", ["happy", "sad"]),
        ("happy,sad", ["happy", "sad"]),
        (" happy , , sad,", ["happy", "sad"]),
        ("[生气、不满，担忧]", ["生气", "不满", "担忧"]),
        ("happy", ["happy"]),
        ("[]", []),
        ("", None),
        (" NaN ", None),
        (None, None),
        ("['happy', 'sa", None),
        ("[", None),
    ],
)
def test_every_spelling_of_a_label_list(cell, labels):
    assert read_label_lists(pa.array([cell, "a"], pa.string())).to_pylist() == [labels, ["a"]]


def test_label_lists_of_no_clips_and_of_slices():
    assert read_label_lists(pa.chunked_array([], pa.string())).to_pylist() == []
    column = pa.chunked_array([["[a]", "b,c"], [None, "[d, e]"]])
    assert read_label_lists(column.slice(1)).to_pylist() == [["b", "c"], None, ["d", "e"]]


# OV-MERD.


@pytest.mark.parametrize("style", ["quoted", "bare", "plain"])
def test_ov_merd_plus(tmp_path, load, style):
    root = ov_merd.write_plus(ov_merd.make(tmp_path / "c"), style)
    corpus = load("ov_merd", data_dir=root)
    assert corpus.num_rows == {"test": 10}
    for clip, row in by_id(corpus).items():
        assert row["open_vocabulary"] == ov_merd.words(clip)
        assert row["text_en"] == (text(clip)[1] or None) and row["text"] is None
        assert row["in_ov_merd"] == (clip in ov_merd.OV_MERD)
        assert row["media_issue"] is None and read_faces(row["face"]).shape == (2, 8, 8, 3)
    assert verify("ov_merd", root).problems == []


def test_ov_merd_joins_words_and_descriptions_by_clip(tmp_path, load):
    rows = load("ov_merd", "ov_merd", data_dir=ov_merd.make(tmp_path / "c"), split="test")
    assert rows["id"][:] == ov_merd.OV_MERD
    for row in rows:
        assert row["description"] == f'He says: "well",\nthen smiles ({row["id"]}).'
        assert row["open_vocabulary"] == ov_merd.words(row["id"])


@pytest.mark.parametrize("name", ["check-openset.csv", "final-openset-english.csv"])
def test_ov_merd_of_mer2024(tmp_path, load, name):
    write_csv(tmp_path / "c/ov_store" / name, ["name", "openset"], [["sample_00000000", "['a']"]])
    rows = load("ov_merd", "ov_merd", data_dir=tmp_path / "c", split="test")
    assert rows["open_vocabulary"][:] == [["a"]] and rows["description"][:] == [None]


def test_what_is_known_of_mer2023(tmp_path, load, mer_sets):
    root = ov_merd.write_plus(tmp_path / "c")
    rows = by_id(load("ov_merd", data_dir=root))
    train = mer2023.CLIPS["train"]
    assert {clip: row["in_mer2023_train"] for clip, row in rows.items()} == {
        clip: clip in train for clip in ov_merd.ALL
    }
    roots = {"mer2023": full_mer2023(tmp_path / "mer2023")}
    clip = by_id(load("ov_merd", data_dir=root, roots=roots))["sample_00000007"]
    assert clip["text"] == text("sample_00000007")[0] and clip["video"]["path"].endswith(".avi")


def test_a_configuration_whose_files_are_missing(tmp_path, load, caplog):
    root = ov_merd.write_ov_merd(tmp_path / "c")
    with pytest.raises(ValueError, match=r"configuration 'ov_merd_plus', expected ovlabel\.csv"):
        load("ov_merd", "ov_merd_plus", data_dir=root)
    # Where none is asked for, the one whose files are there is read, and that is said.
    asked = load("ov_merd", "ov_merd", data_dir=root, split="test")
    assert load("ov_merd", data_dir=root, split="test")[:] == asked[:]
    assert "read as 'ov_merd', whose files alone are here" in caplog.text
    assert Corpus("ov_merd", root).config == "ov_merd"
    assert Corpus("ov_merd", root).verify().config == "ov_merd"


def test_the_default_configuration_is_that_whose_files_are_there(tmp_path):
    folders = {
        ("emer", "v1"): emer.write_v1(tmp_path / "v1"),
        ("emer", "v2"): emer.write_v1(emer.write_v2(tmp_path / "v2")),
        ("mer_caption", "mer_caption"): mer_caption.write_tables(
            tmp_path / "coarse", mer_caption.COARSE, ""
        ),
        ("mer_caption", "mer_caption_plus"): mer_caption.make(tmp_path / "both"),
        ("ov_merd", "ov_merd_plus"): ov_merd.write_ov_merd(ov_merd.write_plus(tmp_path / "plus")),
    }
    for (name, config), folder in folders.items():
        assert Corpus(name, folder).config == config


def test_a_list_that_is_cut_off_is_null_and_reported(tmp_path, load):
    root = ov_merd.write_plus(tmp_path / "c")
    path = root / "ovlabel.csv"
    path.write_text(path.read_text().replace("['happy']", "\"['happy', 'sa\"", 1))
    assert load("ov_merd", data_dir=root, split="test")[0]["open_vocabulary"] is None
    assert verify("ov_merd", root).problems == [
        "1 label lists have only one of their brackets, first that of sample_00000000; "
        "`open_vocabulary` is null there"
    ]


# MER-Caption.


@pytest.mark.parametrize("nested", [True, False])
def test_mer_caption_plus(tmp_path, load, nested):
    root = mer_caption.write_tables(mer_caption.write_subtitles(tmp_path / "c"))
    mer_caption.write_media(root, nested=nested)
    corpus = load("mer_caption", data_dir=root)
    assert corpus.num_rows == {"train": 10}
    assert corpus["train"]["id"][:] == mer_caption.PLUS
    for row in corpus["train"]:
        clip = row["id"]
        assert row["open_vocabulary"] == mer_caption.words(clip)
        assert row["description"] == f"In the text, {clip} worries."
        assert (row["text"], row["text_en"]) == tuple(value or None for value in text(clip))
        assert Path(row["video"]["path"]).name == f"{clip}.mp4" and row["media_issue"] is None
        assert Path(row["audio"]["path"]).name == f"{clip}.wav"
        assert read_faces(row["face"]).shape == (2, 8, 8, 3)
    assert verify("mer_caption", root).problems == []


def test_mer_caption_media_elsewhere(tmp_path, load):
    root = mer_caption.write_tables(tmp_path / "c")
    media = mer_caption.write_media(mer_caption.write_subtitles(tmp_path / "media"))
    rows = load("mer_caption", data_dir=root, roots={"media": media}, split="train")
    assert rows["media_issue"][:] == [None] * 10 and rows[0]["text"] is not None
    faces = {"media": media / "openface_face"}
    rows = load("mer_caption", data_dir=root, roots=faces, split="train")
    assert read_faces(rows[0]["face"]).shape == (2, 8, 8, 3) and rows[0]["video"] is None


def test_mer_caption_coarse(tmp_path, load):
    root = mer_caption.make(tmp_path / "c")
    coarse = load("mer_caption", "mer_caption", data_dir=root, split="train")
    assert coarse["id"][:] == mer_caption.COARSE
    for path in root.glob("*_mercaption.csv"):
        path.unlink()
    with pytest.raises(ValueError, match="configuration 'mer_caption', expected a csv whose name"):
        load("mer_caption", "mer_caption", data_dir=root)


def test_mer_caption_flags_clips_of_test_sets(tmp_path, load, mer_sets):
    root = mer_caption.write_tables(tmp_path / "c")
    flags = ("in_ov_merd", "in_ov_merd_plus", "in_mer2023")
    of_ov_merd, of_mer2023, of_mer2024 = mer_caption.PLUS[:3]

    def found() -> dict[str, tuple]:
        rows = by_id(load("mer_caption", data_dir=root))
        return {clip: tuple(row[flag] for flag in flags) for clip, row in rows.items()}

    alone = found()
    assert alone[of_ov_merd] == (True, True, True)
    assert alone[of_mer2023] == (False, None, True)
    assert alone[of_mer2024] == (False, None, False)
    # The file of OV-MERD+, where the user has it in the folder, ends the doubt.
    ov_merd.write_plus(root / "ovmerdplus-process")
    known = found()
    assert known[of_ov_merd] == (True, True, True)
    assert known[of_mer2023] == (False, False, True)
    assert known[of_mer2024] == (False, True, False)


def test_clips_with_which_mer2024_tests(tmp_path, load, reference_data):
    """By MER2025's label file, whose last 2,339 clips are the two test sets in order."""
    with open(reference_data / "mer2025" / "track1_train_disdim.csv", newline="") as stream:
        names = [row["name"] for row in csv.DictReader(stream)]
    sets = mer2024_test_sets(pa.array(names)).to_pylist()
    assert sets == [None] * 5030 + ["test_semi"] * 1169 + ["test_noise"] * 1170
    rows = load("mer_caption", data_dir=reference_data / "mer2025", split="train")
    flags = zip(rows["id"], rows["in_mer2024_test"], strict=True)
    marked = {clip for clip, is_tested in flags if is_tested}
    assert len(marked & set(names[5030:6199])) == 576
    assert len(marked & set(names[6199:])) == 586 and len(marked) == 576 + 586
    report = verify("mer_caption", reference_data / "mer2025")
    found = {check.name: check.found for check in report.checks if check.ok}
    assert found["clips of MER2024's test_semi"] == 576
    assert found["clips of MER2024's test_noise"] == 586
    # The 332 clips of OV-MERD that MER2025 offers are found without a word of configuration.
    assert load("ov_merd", data_dir=reference_data / "mer2025", split="test").num_rows == 332


def test_digests_tell_members_alone(tmp_path):
    write_digests(tmp_path / "d.json", {"a": ["x", "y"], "b": []}, "two sets")
    sets = read_digests(tmp_path / "d.json")
    assert "x" in sets["a"] and "z" not in sets["a"] and (len(sets["a"]), len(sets["b"])) == (2, 0)
    assert sets["a"].mask(pa.array(["y", None, "z"])).to_pylist() == [True, False, False]


def test_a_csv_without_words_or_descriptions(tmp_path, load):
    path = tmp_path / "c" / "track2_train_mercaptionplus.csv"
    write_csv(path, ["name", "emotions"], [["sample_00000000", "[a]"]])
    with pytest.raises(ValueError, match=r"mercaptionplus\.csv: missing column: got .*'emotions'"):
        load("mer_caption", data_dir=tmp_path / "c")


# EMER.


def test_emer_v1_joins_both_languages(tmp_path, load):
    root = emer.make(tmp_path / "c")
    rows = load("emer", "v1", data_dir=root, split="test")
    assert rows["id"][:] == emer.V1
    for row, (english, chinese) in zip(rows, emer.EMOTIONS, strict=True):
        assert LABELS[row["emotion"]] == english
        assert row["description"] == f"他说“好”，\n然后叹气，所以{chinese}。"
        assert row["description_en"] == f'He says "well", and sighs.\nSo he is {english}.'
        assert row["in_other_version"] == (row["id"] in emer.V2)
        assert row["media_issue"] is None
    assert rows["text"][:] == [None, "好。", "好。", "好。"]
    assert rows["text_en"][:] == [None, "Well.", "Well.", "Well."]


@pytest.mark.parametrize("gone", ["gt-eng.csv", "gt-chi.csv"])
def test_emer_v1_in_one_language(tmp_path, load, gone):
    root = emer.write_v1(tmp_path / "c")
    (root / "dataset-v1" / gone).unlink()
    rows = load("emer", "v1", data_dir=root, split="test")
    assert [LABELS[code] for code in rows["emotion"]] == [english for english, _ in emer.EMOTIONS]
    assert set(rows["description_en" if gone == "gt-eng.csv" else "description"]) == {None}


def test_emer_v1_labels_that_contradict_each_other(tmp_path, load):
    root = emer.write_v1(tmp_path / "c")
    path = root / "dataset-v1" / "gt-chi.csv"
    content = path.read_text(encoding="utf-8")
    path.write_text(content.replace(",生气,", ",中性,"), encoding="utf-8")
    assert verify("emer", root, "v1").problems == [
        "gt-chi.csv and gt-eng.csv disagree on `emotions` of 1 clips, first sample_00005648; "
        "the English is used"
    ]
    (root / "dataset-v1" / "gt-eng.csv").unlink()
    path.write_text(content.replace(",生气,", ",愤世,"), encoding="utf-8")
    with pytest.raises(ValueError, match="of clip sample_00005648: got '愤世', expected one of"):
        load("emer", "v1", data_dir=root)


def test_emer_v2(tmp_path, load):
    root = emer.make(tmp_path / "c")
    write_csv(
        root / "ov_store" / "check-openset.csv",
        ["name", "openset"],
        [["sample_00000007", "['warm', 'relieved']"], ["sample_99999999", "['other']"]],
    )
    write_csv(
        root / "final-openset-chinese.csv", ["name", "openset"], [["sample_00000007", "[温暖]"]]
    )
    rows = by_id(load("emer", data_dir=root))
    assert list(rows) == emer.V2
    row = rows["sample_00000007"]
    assert row["open_vocabulary_en"] == ["warm", "relieved"] and row["open_vocabulary"] == ["温暖"]
    assert row["description"] == "在视频中，sample_00000007\n笑了。"
    assert row["description_en"] == 'In the video, "sample_00000007"\nsmiles.'
    assert {clip for clip, row in rows.items() if row["in_other_version"]} == {
        "sample_00000007",
        "sample_00000021",
    }
    assert verify("emer", root).problems == []


def test_emer_v2_alone_does_not_know_v1(tmp_path, load):
    rows = load("emer", data_dir=emer.write_v2(tmp_path / "c"), split="test")
    assert set(rows["in_other_version"]) == {None}


def test_emer_takes_clips_and_transcripts_of_mer2023(tmp_path, load):
    roots = {"mer2023": full_mer2023(tmp_path / "mer2023")}
    rows = by_id(load("emer", data_dir=emer.write_v2(tmp_path / "c"), roots=roots))
    assert rows["sample_00000007"]["text_en"] == text("sample_00000007")[1]
    assert Path(rows["sample_00000007"]["video"]["path"]).name == "sample_00000007.avi"
    assert rows["sample_00000114"]["media_issue"].startswith("audio file missing")


def test_the_clips_of_ov_merd():
    assert len(set(OV_MERD)) == 332 and list(OV_MERD) == sorted(OV_MERD)


def test_of_repeated_clips_the_first_row_is_taken(tmp_path, load):
    root = emer.write_v2(tmp_path / "c")
    path = root / "dataset-v2" / "final-EMER-reason.csv"
    before = load("emer", data_dir=root, split="test")[:]
    path.write_text(path.read_text(encoding="utf-8") + "sample_00000007,又,again\n")
    assert load("emer", data_dir=root, split="test")[:] == before
    (problem,) = verify("emer", root).problems
    assert problem.startswith("dataset-v2/final-EMER-reason.csv: 1 clips stand several times")


def test_several_roots_offer_the_same_clip(tmp_path, load):
    root = emer.make(tmp_path / "c")
    write_films(tmp_path / "mer2023" / "train", emer.V2)
    rows = load("emer", data_dir=root, roots={"mer2023": tmp_path / "mer2023"}, split="test")
    assert all(str(root) in row["video"]["path"] for row in rows)
