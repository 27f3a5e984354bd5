"""The released annotation files of MER2023, OV-MERD and EMER: counts and overlaps."""

import pyarrow as pa
import pytest

from affecthub.datasets_scripts import verify
from affecthub.datasets_scripts.families import mer2023_clips
from affecthub.datasets_scripts.families.mer2023_clips import in_mer2023, older_set
from affecthub.datasets_scripts.families.mer_clips import OV_MERD
from affecthub.labels import label_set
from affecthub.npz import read_npz

FOLDER = "merbench_labels/mer2023-dataset"


@pytest.fixture(scope="module")
def mer2023(reference_data):
    return verify("mer2023", reference_data / FOLDER).to_dict()


def test_mer2023_counts(mer2023):
    assert mer2023["rows"] == 5030 and mer2023["layout"] == "processed"
    assert mer2023["splits"] == {
        "train": 3373,
        "test_multi": 411,
        "test_noise": 412,
        "test_semi": 834,
    }
    assert mer2023["label_counts"]["test_multi"] == {
        "neutral": 88,
        "angry": 105,
        "happy": 93,
        "sad": 50,
        "worried": 57,
        "surprise": 18,
    }
    assert mer2023["problems"] == [] and all(check["ok"] for check in mer2023["checks"])


def test_mer2023_texts_and_valence(reference_data, load):
    corpus = load("mer2023", data_dir=reference_data / FOLDER)
    empty = {name: split["text"][:].count(None) for name, split in corpus.items()}
    assert empty == {"train": 163, "test_multi": 18, "test_noise": 21, "test_semi": 15}
    assert sum(empty.values()) == 217
    rated = [
        value for name, split in corpus.items() for value in split["valence"] if name[-4:] != "semi"
    ]
    assert None not in rated and (min(rated), max(rated)) == (-5.0, 4.25)
    assert set(corpus["test_semi"]["valence"]) == {None}
    ids = corpus["test_semi"]["id"][:]
    assert sum(clip.startswith("samplenew_") for clip in ids) == 797
    assert sum(clip.startswith("sample_") for clip in ids) == 37
    released = read_npz(reference_data / FOLDER / "label-6way.npz")["test1_corpus"]
    names = label_set("mer2023")
    assert {clip: entry["emo"] for clip, entry in released.items()} == {
        row["id"]: names[row["emotion"]] for row in corpus["test_multi"]
    }


def test_ov_merd(reference_data, load):
    roots = {"mer2023": reference_data / FOLDER}
    folder = reference_data / "ov_store"
    rows = load("ov_merd", "ov_merd", data_dir=folder, roots=roots, split="test")
    assert rows.num_rows == 332 and rows["id"][:] == list(OV_MERD)
    assert set(rows["in_mer2023_train"]) == set(rows["in_ov_merd"]) == {True}
    lists = rows["open_vocabulary"][:]
    lengths = [len(labels) for labels in lists]
    assert (min(lengths), max(lengths)) == (1, 9) and round(sum(lengths) / 332, 2) == 3.38
    assert len({label for labels in lists for label in labels}) == 248
    assert None not in rows["text_en"][:3] and verify("ov_merd", folder, "ov_merd").ok


def test_our_reading_of_label_lists_is_that_of_the_scores(reference_data, load):
    import csv

    from affecthub.metrics.parsing import parse_labels

    path = reference_data / "ov_store" / "check-openset.csv"
    with open(path, newline="", encoding="utf-8") as stream:
        released = {row["name"]: row["openset"] for row in csv.DictReader(stream)}
    rows = load("ov_merd", "ov_merd", data_dir=path.parent, split="test")
    ours = {row["id"]: row["open_vocabulary"] for row in rows}
    assert ours == {clip: parse_labels(cell, "released") for clip, cell in released.items()}


def test_all_of_emer_trains_mer2023(reference_data, load):
    train = set(read_npz(reference_data / FOLDER / "label-6way.npz")["train_corpus"])
    v2 = load("emer", data_dir=reference_data / "emer", split="test")
    v1 = load("emer", "v1", data_dir=reference_data / "emer", split="test")
    assert v2.num_rows == 332 and v1.num_rows == 100
    assert set(v2["id"]) <= train and set(v1["id"]) <= train
    assert v2["id"][:] == list(OV_MERD)
    assert sum(v2["in_other_version"]) == sum(v1["in_other_version"]) == 39
    for name in ("description", "description_en"):
        assert None not in v2[name][:] and None not in v1[name][:]
    counts = {name: v1["emotion"][:].count(i) for i, name in enumerate(label_set("mer2023"))}
    assert counts == {
        "neutral": 0,
        "angry": 36,
        "happy": 32,
        "sad": 11,
        "worried": 17,
        "surprise": 4,
    }
    assert v1["text"][:].count(None) == 7
    for config in ("v1", "v2"):
        report = verify("emer", reference_data / "emer", config)
        assert report.ok and all(check.ok for check in report.checks)


def test_emer_v1_labels_are_those_of_mer2023(reference_data, load):
    released = read_npz(reference_data / FOLDER / "label-6way.npz")["train_corpus"]
    v1 = load("emer", "v1", data_dir=reference_data / "emer", split="test")
    names = label_set("mer2023")
    assert [names[code] for code in v1["emotion"]] == [released[clip]["emo"] for clip in v1["id"]]


def test_sets_of_mer2023_are_known_by_name(reference_data):
    labels = read_npz(reference_data / FOLDER / "label-6way.npz")
    splits = {"train": "train", "test1": "test_multi", "test2": "test_noise", "test3": "test_semi"}
    for part, split in splits.items():
        names = pa.array(labels[f"{part}_corpus"])
        assert set(older_set(names).to_pylist()) == {f"mer2023_{split}"}
        assert set(in_mer2023(names, ["train"]).to_pylist()) == {split == "train"}
    others = pa.array(["sample_99999999", "samplenew3_00000001", ""])
    assert older_set(others).to_pylist() == [None] * 3


def test_the_file_of_sets_is_made_of_the_label_files(reference_data, tmp_path):
    out = tmp_path / "sets.json"
    mer2023_clips.write_sets(reference_data / FOLDER, out)
    assert out.read_text() == mer2023_clips.FILE.read_text()
    with pytest.raises(ValueError, match=r"got \{'train': 0.*expected \{'train': 3373"):
        mer2023_clips.write_sets(tmp_path, out)
