"""MERR in generated folders: lines and json, labels, texts, and forms that are not known."""

import json
from pathlib import Path

import pytest
from corpus_trees import merr
from corpus_trees.media import put

from affecthub.datasets_scripts import verify
from affecthub.labels import label_set, to_basic7


def by_id(corpus):
    return {row["id"]: row for split in corpus.values() for row in split}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return merr.make(tmp_path_factory.mktemp("merr"))


@pytest.mark.parametrize("config", ["coarse", "fine"])
def test_both_sets(folder, load, config):
    clips = merr.COARSE if config == "coarse" else merr.FINE
    corpus = load("merr", config, data_dir=folder)
    assert corpus.num_rows == {"train": len(clips)} and corpus["train"]["id"][:] == clips
    names = corpus["train"].features["emotion_basic7"].names
    for i, row in enumerate(corpus["train"]):
        clip = row["id"]
        said = merr.entry(clip, fine=config == "fine")
        assert label_set("merr")[row["emotion"]] == merr.label(clip)
        basic = row["emotion_basic7"]
        assert (None if basic is None else names[basic]) == to_basic7(merr.label(clip))
        assert row["description"] == said["caption" if config == "coarse" else "smp_reason_caption"]
        assert row["visual_cues"] == said["visual_prior_list"]
        assert row["audio_cue"] == said["audio_prior_list"]
        assert row["peak_action_units"] == ["AU05_r"] and row["peak_frame"] == i
        assert row["text_en"] == merr.words(clip) and row["text"] is None
        assert row["audio"] == row["video"] and row["media_issue"] is None
        assert row["sentiment"] is None
        if config == "coarse":
            assert (row["n_frames"], row["valence"]) == (30 + i, None)
        else:
            assert (row["n_frames"], row["valence"]) == ((35, -1.25) if i < 3 else (None, None))
    assert verify("merr", folder, config).problems == []


def test_labels_without_a_basic_emotion():
    found = {label: to_basic7(label) for label in label_set("merr")}
    assert {label for label, basic in found.items() if basic is None} == {
        *("worried", "contempt", "doubt")
    }
    assert found["fear"] == "fear"


@pytest.mark.parametrize("writer", ["write_lines", "write_json"])
def test_one_of_txt_and_json_is_enough(tmp_path, load, writer):
    rows = by_id(load("merr", data_dir=getattr(merr, writer)(tmp_path / "c")))
    assert set(rows) == set(merr.COARSE)
    for clip, row in rows.items():
        assert label_set("merr")[row["emotion"]] == merr.label(clip)
        assert (row["description"] is None) == (writer == "write_lines")


def test_txt_and_json_that_disagree_are_reported(tmp_path, load):
    root = merr.write_json(merr.write_lines(tmp_path / "c"))
    path = root / "MERR_coarse_grained.txt"
    first, *others = path.read_text().split("\n")
    path.write_text("\n".join([first.replace("neutral", "doubt"), *others[:-1], "extra happy"]))
    assert verify("merr", root).problems == [
        "txt and json have 9 and 9 clips, 8 of them in both; all are kept",
        f"txt and json disagree on the label of 1 clips, first {merr.COARSE[0]}; the txt is used",
    ]
    rows = by_id(load("merr", data_dir=root))
    assert len(rows) == 10 and rows["extra"]["description"] is None
    assert label_set("merr")[rows[merr.COARSE[0]]["emotion"]] == "doubt"


def test_clips_of_test_sets_are_marked(folder, load, mer_sets):
    rows = by_id(load("merr", data_dir=folder))
    assert {clip for clip, row in rows.items() if row["in_ov_merd"]} == {"sample_00000007"}
    assert {clip for clip, row in rows.items() if row["in_mer2023"]} == {
        *("samplenew_00006611", "sample_00000007", "sample_00001001")
    }
    for flag in ("in_mer2024_test", "in_mer2025_candidates", "in_mer_caption_plus"):
        assert {row[flag] for row in rows.values()} == {False}, flag


def test_chinese_transcripts_of_the_json(tmp_path, load):
    content = {"sample_00000001": {"smp_reason_caption": "x", "text": "走开。"}}
    put(tmp_path / "c" / "MERR_fine_grained.json", json.dumps(content).encode())
    row = load("merr", "fine", data_dir=tmp_path / "c", split="train")[0]
    assert (row["text"], row["text_en"]) == ("走开。", None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sample_00000001 35 glad", r"line 1: got the label 'glad' of clip sample_00000001"),
        ("a happy\n\na b c d e", r"line 3: got 'a b c d e', expected `clip label` or"),
        ("a many happy", r"line 1: got 'a many happy', expected"),
        ("a 3 happy low", r"line 1: got 'low' as valence of clip a"),
        ("a happy\na sad", r"line 2: got clip a again with another label"),
        ("  \n", "got no line, expected"),
    ],
)
def test_lines_of_another_form_are_refused(tmp_path, load, text, message):
    put(tmp_path / "c" / "MERR_coarse_grained.txt", text.encode())
    with pytest.raises(ValueError, match=rf"MERR_coarse_grained\.txt.*{message}"):
        load("merr", data_dir=tmp_path / "c")


def test_repeats_of_clips_that_do_not_matter(tmp_path, load):
    root = merr.write_transcripts(merr.write_lines(tmp_path / "c"))
    path = root / "transcription_en_all.csv"
    path.write_text(path.read_text() + "another,One.\nanother,Two.\n")
    assert verify("merr", root).problems == []
    assert load("merr", data_dir=root, split="train")[0]["text_en"] == merr.words(merr.COARSE[0])


def test_equal_lines_count_once(tmp_path, load):
    put(tmp_path / "c" / "MERR_coarse_grained.txt", b"a 3 happy\nb 4 sad\na 3 happy\n")
    assert load("merr", data_dir=tmp_path / "c", split="train")["id"][:] == ["a", "b"]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"text": "x"}, "missing column: got none called 'caption'"),
        ({"caption": "x", "visual_prior_list": [1]}, r"clip a: got '\[1\]' as `visual_prior_list`"),
        ({"caption": "x", "peak_index": "1.5"}, "clip a: got '1.5' as `peak_index`"),
        ({"caption": "x", "pseu_emotion": "glad"}, "of clip a: got 'glad'"),
    ],
)
def test_json_of_another_form_is_refused(tmp_path, load, entry, message):
    put(tmp_path / "c" / "MERR_coarse_grained.json", json.dumps({"a": entry}).encode())
    with pytest.raises(ValueError, match=message):
        load("merr", data_dir=tmp_path / "c")


def test_a_configuration_whose_files_are_missing(tmp_path, load):
    root = merr.write_lines(tmp_path / "c")
    Path(root / "MERR_fine_grained.txt").unlink()
    with pytest.raises(ValueError, match=r"'fine', expected MERR_fine_grained\.txt or MERR_fine"):
        load("merr", "fine", data_dir=root)
    (root / "MERR_coarse_grained.txt").rename(root / "MERR_fine_grained.txt")
    assert load("merr", data_dir=root).num_rows == {"train": 9}  # the set whose file is there
