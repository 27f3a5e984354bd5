"""The corpus as its users meet it: by name, once the package is installed."""

import pytest
from tree import make

import affecthub


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make(tmp_path_factory.mktemp("disk") / "moods")


def test_it_is_found_by_its_name():
    assert "moods" in affecthub.list_datasets()


def test_every_row_has_its_label_and_sound(folder):
    rows = affecthub.load_dataset("moods", data_dir=folder, split="all")
    named = affecthub.with_label_names(rows)
    assert named["emotion_name"][:4] == ["glad", "sad", "glad", "sad"]
    assert [len(affecthub.read_audio(row)) for row in rows] == [8000] * 8


def test_no_speaker_is_on_two_sides(folder):
    splits = affecthub.load_dataset("moods", data_dir=folder, protocol="speaker_independent")
    assert set(splits["train"]["speaker_id"]) == {"ann", "cem"}
    assert set(splits["test"]["speaker_id"]) == {"bob", "dee"}


def test_the_report_has_nothing_amiss(folder):
    report = affecthub.verify("moods", data_dir=folder)
    assert report.ok, report
