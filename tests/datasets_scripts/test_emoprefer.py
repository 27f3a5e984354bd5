"""EmoPrefer in generated folders: pairs, ties, several pairs of a clip, and forms not known."""

import doctest
from pathlib import Path

import pytest
from corpus_trees import emoprefer, mer2025, mer_caption
from corpus_trees.mer import text, write_csv

from affecthub.datasets_scripts import verify
from affecthub.datasets_scripts.emoprefer import pairs
from affecthub.datasets_scripts.emoprefer.pairs import PREFERENCES

HEADER = ["name", "a1", "a2", "preference"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return emoprefer.make(tmp_path_factory.mktemp("emoprefer"))


def test_doctests():
    result = doctest.testmod(pairs)
    assert result.attempted and not result.failed


def test_pairs(folder, load):
    corpus = load("emoprefer", data_dir=folder)
    assert corpus.num_rows == {"train": 4, "unlabeled": 0}
    rows = corpus["train"]
    assert rows["id"][:] == rows["clip_id"][:] == list(emoprefer.PAIRS)
    for row in rows:
        clip = row["id"]
        first, second = emoprefer.texts(clip)
        assert (row["a1"], row["a2"]) == (first, second)
        preference = PREFERENCES[row["preference"]]
        assert preference == emoprefer.PAIRS[clip]
        expected = {"a1": (first, second), "a2": (second, first), "same": (None, None)}
        assert (row["description"], row["description_rejected"]) == expected[preference]
        assert (row["text"], row["text_en"]) == tuple(value or None for value in text(clip))
        assert Path(row["video"]["path"]).name == f"{clip}.mp4" and row["media_issue"] is None
        assert Path(row["audio"]["path"]).name == f"{clip}.wav" and row["face"] is not None
    assert rows["in_ov_merd"][:] == [False, False, True, False]
    assert verify("emoprefer", folder).problems == []


def test_the_second_version_is_another_set(folder, load):
    rows = load("emoprefer", "emoprefer_v2", data_dir=folder, split="train")
    assert rows["id"][:] == list(emoprefer.V2)
    first, second = emoprefer.V2
    assert rows["description"][:] == [emoprefer.texts(first, 1)[1], emoprefer.texts(second, 1)[0]]


def test_several_pairs_of_a_clip_share_its_media(tmp_path, load):
    root = emoprefer.make(tmp_path / "c")
    clip, other = emoprefer.V2
    judged = [(clip, 0, "a2"), (other, 1, "a1"), (clip, 2, "a1"), (clip, 0, "a1")]
    rows = [[name, *emoprefer.texts(name, i), preference] for name, i, preference in judged]
    write_csv(root / "track3_emopreferv2.csv", HEADER, [*rows, rows[0]])
    rows = load("emoprefer", "emoprefer_v2", data_dir=root, split="train")
    # The same pair under another judgement is a row of its own; the same row again is none.
    assert rows["id"][:] == [clip, other, f"{clip}_pair2", f"{clip}_pair3"]
    assert rows["clip_id"][:] == [clip, other, clip, clip]
    assert rows["description"][:] == [
        emoprefer.texts(name, i)[preference == "a2"] for name, i, preference in judged
    ]
    assert rows[0]["video"] == rows[2]["video"] and rows[0]["text"] == rows[2]["text"] is not None
    assert set(rows["media_issue"]) == {None}
    assert verify("emoprefer", root, "emoprefer_v2").problems == [
        "track3_emopreferv2.csv: 1 rows repeat another in every column; they count once"
    ]


def test_candidates_have_no_preference(folder, load):
    corpus = load("emoprefer", "candidates", data_dir=folder)
    assert corpus.num_rows == {"train": 0, "unlabeled": 2}
    for row in corpus["unlabeled"]:
        assert (row["a1"], row["a2"]) == emoprefer.texts(row["id"])
        assert row["preference"] is row["description"] is row["description_rejected"] is None


def test_the_repository_takes_clips_of_mer2025(tmp_path, load):
    root = emoprefer.write_pairs(tmp_path / "dataset", "preference")
    write_csv(root / "preference_emoprefer_reverse.csv", HEADER, [["x", "b", "a", "a2"]])
    media = mer_caption.write_tables(mer2025.make(tmp_path / "MER2025"))
    rows = load("emoprefer", data_dir=root, roots={"mer2025": media}, split="train")
    assert rows["id"][:] == list(emoprefer.PAIRS)
    assert rows[0]["video"]["path"].endswith("samplenew3_00000301.mp4")
    assert rows[0]["media_issue"] is None
    assert rows["in_mer2025_candidates"][:] == [True, False, False, True]
    assert rows["in_mer_caption_plus"][:] == [True, True, True, False]


@pytest.mark.parametrize(
    ("header", "row", "message"),
    [
        (HEADER, ["c", "x", "y", "a3"], "row 1: got 'a3' as `preference`, expected one of a1, a2"),
        (HEADER, ["c", "x", " ", "a1"], "row 1: got ' ' as `a2`, expected a description"),
        (HEADER, ["", "x", "y", "a1"], "row 1: got '' as `name`"),
        (HEADER[:3], ["c", "x", "y"], "missing column: got none called 'preference'"),
        (["name", "d1", "d2", "label"], ["c", "x", "y", "1"], "missing column"),
    ],
)
def test_other_forms_are_refused_by_file_and_row(tmp_path, load, header, row, message):
    write_csv(tmp_path / "c" / "track3_emoprefer.csv", header, [row])
    with pytest.raises(ValueError, match=rf"track3_emoprefer\.csv.*{message}"):
        load("emoprefer", data_dir=tmp_path / "c")


def test_blank_and_capital_preferences(tmp_path, load):
    rows = [["c", "x", "y", " A1 "], ["d", "x", "y", ""]]
    write_csv(tmp_path / "c" / "track3_emoprefer.csv", HEADER, rows)
    found = load("emoprefer", data_dir=tmp_path / "c", split="train")
    assert found["preference"][:] == [0, None] and found["description"][:] == ["x", None]


def test_a_configuration_whose_file_is_missing(tmp_path, load):
    root = emoprefer.write_candidates(tmp_path / "c")
    with pytest.raises(ValueError, match=r"'emoprefer', expected track3_emoprefer\.csv or pref"):
        load("emoprefer", "emoprefer", data_dir=root)
    assert load("emoprefer", data_dir=root).num_rows["unlabeled"] == 2  # what is there
