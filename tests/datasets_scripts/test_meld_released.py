"""MELD's released csv: counts, labels against other projects' label file, speakers, weights."""

import csv
from pathlib import Path

import pytest

import affecthub
from affecthub import Corpus
from affecthub.datasets_scripts import meld, verify
from affecthub.datasets_scripts.meld.weights import README_WEIGHTS, class_weights
from affecthub.npz import read_npz

# Index order of the label file of MERBench, which is not that of the release.
MERBENCH = ("anger", "joy", "sadness", "neutral", "disgust", "fear", "surprise")


@pytest.fixture(scope="module")
def report(reference_data):
    return verify("meld", reference_data / "meld").to_dict()


@pytest.fixture(scope="module")
def rows(reference_data):
    return {
        row["id"]: row for row in Corpus("meld", reference_data / "meld").annotations().to_pylist()
    }


def test_counts(report):
    assert report["rows"] == 13708 == 9989 + 1109 + 2610
    assert report["splits"] == {"train": 9989, "validation": 1109, "test": 2610}
    assert report["dialogues"] == 1038 + 114 + 280
    assert report["speakers"] == 304
    assert report["problems"] == [] and report["ok"]
    assert all(check["ok"] for check in report["checks"])
    assert {"Joey", "Ross", "Rachel", "Phoebe", "Monica", "Chandler"} <= set(
        report["shared_speakers"]
    )
    assert "speaker_independent" not in report["shared_groups"]


def test_labels_of_each_split(report):
    assert report["label_counts"]["train"] == {
        "neutral": 4710,
        "surprise": 1205,
        "fear": 268,
        "sadness": 683,
        "joy": 1743,
        "disgust": 271,
        "anger": 1109,
    }
    assert report["label_counts"]["validation"]["joy"] == 163
    assert report["label_counts"]["test"] == {
        "neutral": 1256,
        "surprise": 281,
        "fear": 50,
        "sadness": 208,
        "joy": 402,
        "disgust": 68,
        "anger": 345,
    }


def test_labels_are_those_of_merbench(reference_data, rows):
    released = read_npz(reference_data / "merbench_labels" / "meld" / "label.npz")
    theirs = {
        clip.replace("val_", "dev_"): MERBENCH[entry["emo"]]
        for part in released.values()
        for clip, entry in part.items()
    }
    assert theirs == {clip: row["emotion"] for clip, row in rows.items()}


def test_text_and_times(rows):
    row = rows["dev_dia0_utt0"]
    assert row["text"] == "Oh my God, he’s lost it. He’s totally lost it."
    # 00:20:57,256 to 00:21:00,049
    assert (row["start_s"], row["end_s"], row["duration_s"]) == (1257.256, 1260.049, 2.793)
    # 0:10:44,769: the hour may have one digit.
    assert rows["test_dia1_utt0"]["start_s"] == 644.769
    # 00:06:47,28: two digits are hundredths.
    assert rows["train_dia437_utt2"]["end_s"] == 407.28
    assert all(row["duration_s"] is not None for row in rows.values())
    lengths = sorted((row["duration_s"], clip) for clip, row in rows.items())
    assert lengths[0] == (0.0, "test_dia155_utt3")
    assert lengths[-3:] == [
        (41.04, "train_dia309_utt0"),
        (235.068, "test_dia220_utt0"),
        (304.94, "test_dia38_utt4"),
    ]


def test_sentiment_follows_the_word(rows):
    counts = {sign: sum(row["sentiment"] == sign for row in rows.values()) for sign in (-1, 0, 1)}
    # negative 2945 + 406 + 833, neutral 4710 + 470 + 1256, positive 2334 + 233 + 521
    assert counts == {-1: 4184, 0: 6436, 1: 3088}


def test_speaker_independent(reference_data, load):
    corpus = load("meld", data_dir=reference_data / "meld", protocol="speaker_independent")
    groups = {name: set(split["group_id"]) for name, split in corpus.items()}
    assert groups["test"] & {"Joey", "Ross", "Rachel", "Phoebe", "Monica", "Chandler"}
    card = (Path(meld.__file__).parent / "README.md").read_text(encoding="utf-8")
    sizes = " | ".join(f"{n:,}" for n in corpus.num_rows.values())
    assert f"| `speaker_independent` | {sizes} |" in card
    # All clips but the 69 of several people at once.
    assert sum(corpus.num_rows.values()) == 13708 - 69
    assert not groups["train"] & groups["test"] and not groups["train"] & groups["validation"]


def test_weights_of_the_training_labels(rows):
    train = [row["emotion"] for row in rows.values() if row["split_official"] == "train"]
    weights = class_weights(train)
    assert list(weights) == list(affecthub.labels.label_set("meld"))
    # 4710 / 1205, 268, 683, 1743, 271, 1109
    assert {name: round(weight, 2) for name, weight in weights.items()} == {
        "neutral": 1.0,
        "surprise": 3.91,
        "fear": 17.57,
        "sadness": 6.9,
        "joy": 2.7,
        "disgust": 17.38,
        "anger": 4.25,
    }
    # The README's numbers, read by name, are these roughly; read by position they are not.
    for name, weight in weights.items():
        assert 0.75 < README_WEIGHTS[name] / weight < 1.2


@pytest.mark.parametrize(
    ("encoding", "separator", "how"),
    [
        ("utf-16", "\t", "text of utf-16, tabs between columns"),
        ("cp1252", ";", "text of cp1252, semicolons between columns"),
        ("gbk", ",", "text of gbk"),
    ],
)
def test_csv_as_other_programs_save_them(reference_data, tmp_path, encoding, separator, how):
    """The forms that spreadsheets of other countries write give the same rows, and that is told."""
    path = tmp_path / "test_sent_emo.csv"
    with open(reference_data / "meld" / path.name, newline="", encoding="utf-8") as stream:
        rows = list(csv.reader(stream))
    with open(path, "w", newline="", encoding=encoding) as stream:
        csv.writer(stream, delimiter=separator).writerows(rows)
    saved = Corpus("meld", tmp_path)
    released = Corpus("meld", reference_data / "meld").sides()["test"]
    columns = ["id", "text", "emotion", "sentiment", "speaker_id", "start_s"]
    assert saved.sides()["test"].select(columns).equals(released.select(columns))
    assert saved.verify().read_as == {path.name: how}


def test_csv_of_before_november_2020(reference_data, tmp_path):
    """Its apostrophes stood as U+0092: Windows-1252 read as Latin-1."""
    path = tmp_path / "dev_sent_emo.csv"
    text = (reference_data / "meld" / path.name).read_text(encoding="utf-8")
    n = sum(char in "‘’“”–—…" for char in text)
    path.write_bytes(text.encode("cp1252").decode("latin-1").encode())
    rows, released = (
        Corpus("meld", folder).sides()["validation"]
        for folder in (tmp_path, reference_data / "meld")
    )
    assert n > 100 and rows["text"].equals(released["text"])
    told = Corpus("meld", tmp_path).verify().read_as[path.name]
    assert told == f"{n} control characters as the quotation marks and dashes they were"
