"""MER2026 in generated folders: labels, Human-OV, candidates, and clips of older test sets."""

import pytest
from corpus_trees import mer2025, mer2026, mer_caption
from corpus_trees.mer import LABELS, text, write_csv

from affecthub.datasets_scripts import verify


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return mer2026.make(tmp_path_factory.mktemp("mer2026"))


def by_id(corpus):
    return {row["id"]: row for split in corpus.values() for row in split}


def test_track1(folder, load):
    corpus = load("mer2026", data_dir=folder)
    assert corpus.num_rows == {"train": len(mer2026.TRACK1), "test": 0, "unlabeled": 0}
    for row in corpus["train"]:
        assert LABELS[row["emotion"]] == mer2026.label(row["id"])
        assert (row["text"], row["text_en"]) == tuple(value or None for value in text(row["id"]))
        assert row["audio"] == row["video"] and row["media_issue"] is None
        assert row["valence"] is None and row["face"] is not None
    assert verify("mer2026", folder).problems == []


def test_track1_of_the_processed_form(tmp_path, load):
    root = mer2026.processed(tmp_path / "c")
    rows = load("mer2026", data_dir=root, split="train")
    assert [LABELS[code] for code in rows["emotion"]] == [mer2026.label(c) for c in mer2026.TRACK1]
    assert verify("mer2026", root).problems == [
        "test: all 3 clips are labelled 'neutral', which stands for hidden labels; they are left "
        "out (configuration 'candidates' lists them)"
    ]


def test_human_ov(folder, load):
    rows = load("mer2026", "human_ov", data_dir=folder, split="train")
    assert rows["id"][:] == mer2026.HUMAN
    assert rows["open_vocabulary"][:] == [mer2026.words(clip) for clip in mer2026.HUMAN]
    assert rows.features["emotion"].names == [] and set(rows["emotion"]) == {None}
    assert rows["in_ov_merd"][:] == [True, False, False, False]
    assert rows["in_mer_caption_plus"][:] == [False, None, None, False]  # known by names alone


def test_candidates(folder, load):
    pool = load("mer2026", "candidates", data_dir=folder)
    assert pool["unlabeled"]["id"][:] == mer2026.CANDIDATES
    assert set(pool["unlabeled"]["test_set"]) == {"mer2026"}
    assert set(pool["unlabeled"]["emotion"]) == {None}


def test_clips_of_older_test_sets_are_marked(folder, tmp_path, load, mer_sets):
    # Without MER2025's candidates a name of their form may be of its tests: it is not trained on.
    rows = by_id(load("mer2026", data_dir=folder))
    assert {rows[clip]["test_set"] for clip in mer2025.TEST} == {None}
    root = mer2026.roots(tmp_path)["mer2025"]
    rows = by_id(load("mer2026", data_dir=folder, roots={"mer2025": root}))
    for clip in mer2025.TEST:
        assert rows[clip]["test_set"] == "mer2025" and rows[clip]["in_mer2025_candidates"] is True
    assert rows["sample_00000010"]["test_set"] == "none"
    assert rows["sample_00001001"]["test_set"] == "mer2023_test_multi"
    assert rows["samplenew3_00000101"]["test_set"] == "mer2024_test_semi"
    options = {"roots": {"mer2025": root}, "protocol": "without_test_clips"}
    clean = load("mer2026", data_dir=folder, **options)
    assert clean["train"]["id"][:] == ["sample_00000001", "sample_00000010"]
    assert clean["mer2025"]["id"][:] == mer2025.TEST
    mer_caption.write_tables(root)
    words = by_id(load("mer2026", "human_ov", data_dir=folder, roots={"mer2025": root}))
    assert [row["in_mer_caption_plus"] for row in words.values()] == [True, True, False, False]
    assert [row["test_set"] for row in words.values()] == [
        *("ov_merd", "mer2025", "mer2024_test_semi", "mer2025")
    ]


@pytest.mark.parametrize(
    ("config", "name", "header", "message"),
    [
        ("track1", "track1_train.csv", ["name", "emotion"], "missing column"),
        ("human_ov", "track2_train_human.csv", ["name", "labels"], "missing column"),
        ("candidates", "track1_track2_candidate.csv", ["clip"], "missing column"),
    ],
)
def test_files_of_another_form_are_refused_by_name(tmp_path, load, config, name, header, message):
    write_csv(tmp_path / "c" / name, header, [["sample_00000001"] * len(header)])
    with pytest.raises(ValueError, match=f"{name}.*{message}"):
        load("mer2026", config, data_dir=tmp_path / "c")


def test_a_configuration_whose_file_is_missing(tmp_path, load):
    root = mer2026.write_track1(tmp_path / "c")
    with pytest.raises(ValueError, match=r"'human_ov', expected track2_train_human\.csv"):
        load("mer2026", "human_ov", data_dir=root)


def test_words_alone_are_read_where_there_are_no_labels(tmp_path, load):
    root = mer2026.write_candidates(mer2026.write_human(tmp_path / "c"))
    assert load("mer2026", data_dir=root, split="train")["id"][:] == mer2026.HUMAN


def test_the_two_years_are_not_taken_for_each_other(tmp_path, load):
    with pytest.raises(ValueError, match="is no mer2025 folder.*This looks like mer2026"):
        load("mer2025", data_dir=mer2026.write_track1(tmp_path / "a"))
    with pytest.raises(ValueError, match="is no mer2026 folder.*This looks like mer2025"):
        load("mer2026", data_dir=mer2025.write_track1(tmp_path / "b"))


def test_a_name_that_is_gone_from_the_candidates_is_told(tmp_path):
    root = mer2026.write_candidates(tmp_path / "c")
    path = root / "track1_track2_candidate.csv"
    path.write_text(path.read_text().replace(mer2026.CANDIDATES[1], ""))
    assert verify("mer2026", root, "candidates").problems == [
        "track1_track2_candidate.csv: 1 blank lines between names, expected none"
    ]
