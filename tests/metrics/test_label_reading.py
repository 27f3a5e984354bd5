"""Label files of every kind are read, aligned by clip, and refused with the file's name."""

import json
import logging

import pytest

from affecthub.metrics.answers.files import align_labels, read_labels, read_pairs

BY_ID = {"a": "['happy', 'sad']", "b": "calm"}
CSV = "name,openset\na,\"['happy', 'sad']\"\nb,calm\n"


@pytest.mark.parametrize(
    ("file", "text", "labels"),
    [
        ("x.csv", CSV, BY_ID),
        ("x.csv", "\ufeff" + CSV, BY_ID),
        ("x.CSV", "id,words\na,\"['happy', 'sad']\"\nb,calm\n", BY_ID),
        ("x.csv", "labels\nhappy\ncalm\n", ["happy", "calm"]),
        ("x.csv", "id,labels\n", []),
        ("x.tsv", "id\tlabels\na\t['happy', 'sad']\nb\tcalm\n", BY_ID),
        ("x.json", json.dumps(BY_ID), BY_ID),
        ("x.json", '["happy", ["sad", "calm"], null]', ["happy", ["sad", "calm"], None]),
        ("x.json", '[{"id": 7, "labels": ["开心"]}]', {"7": ["开心"]}),
        ("x.json", "[]", []),
        (
            "x.jsonl",
            '{"id": "a", "prediction": "sad"}\n\n{"id": "b", "prediction": null}\n',
            {"a": "sad", "b": None},
        ),
        ("x.jsonl", '{"reference": "sad"}\n{"reference": "calm"}', ["sad", "calm"]),
        ("x.jsonl", '"sad"\n["calm"]\n', ["sad", ["calm"]]),
    ],
)
def test_what_files_hold(tmp_path, file, text, labels):
    path = tmp_path / file
    path.write_text(text, encoding="utf-8")
    assert read_labels(path) == labels


def test_a_column_can_be_named(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text("id,prediction,reference\na,happy,sad\n")
    assert read_labels(path, "prediction") == {"a": "happy"}
    assert read_labels(path, "reference") == {"a": "sad"}
    with pytest.raises(ValueError, match="no single label column: got columns id, prediction, ref"):
        read_labels(path)
    with pytest.raises(ValueError, match="got columns id, prediction, reference, expected labels"):
        read_labels(path, "labels")


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("x.csv", "", "x.csv is empty"),
        ("x.csv", "id,text,score\na,b,1\n", "no single label column: got columns id, text, score"),
        ("x.csv", "id,labels\na,happy\na,sad\n", "x.csv, row 2: got id 'a' twice"),
        ("x.csv", "id,labels\na,happy, sad\n", "line 2: got more cells than the 2 columns"),
        ("x.csv", 'id,labels\na,"happy', "x.csv cannot be read"),
        ("x.json", "{", "x.json cannot be read"),
        ("x.json", "3", "x.json holds no labels: got int"),
        ("x.json", '[{"id": "a", "labels": "b"}, "c"]', "row 2: got 'c', expected an object"),
        ("x.json", '[{"id": "a", "labels": "b"}, {"labels": "b"}]', "ids on some rows only"),
        ("x.jsonl", '"a"\n{', "x.jsonl, line 2 is not JSON"),
        ("x.txt", "happy", "unknown suffix of label file .*x.txt: got '.txt'"),
    ],
)
def test_broken_files_are_named(tmp_path, file, text, message):
    path = tmp_path / file
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        read_labels(path)


def test_a_missing_file_and_one_that_is_no_text(tmp_path):
    with pytest.raises(FileNotFoundError, match="label file not found: got .*gone.csv"):
        read_labels(tmp_path / "gone.csv")
    (tmp_path / "x.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="x.json cannot be read"):
        read_labels(tmp_path / "x.json")


def test_alignment_by_id_ignores_order_and_logs_the_rest(caplog):
    predictions = {"c": "calm", "b": "sad", "a": "happy"}
    with caplog.at_level(logging.WARNING):
        assert align_labels(predictions, {"a": "x", "b": "y"}) == (["happy", "sad"], ["x", "y"])
    assert "1 predictions have no reference" in caplog.text


def test_alignment_names_the_first_missing_clips():
    references = {f"clip{number}": "x" for number in range(9)}
    with pytest.raises(
        ValueError, match=r"missing for 8 of 9 clips: got none for clip1, .*clip5, \.\.\."
    ):
        align_labels({"clip0": "x"}, references)


def test_without_ids_on_both_sides_position_decides():
    assert align_labels(["p", "q"], {"a": "x", "b": "y"}) == (["p", "q"], ["x", "y"])
    with pytest.raises(ValueError, match="got 1 predictions for 2 references"):
        align_labels(["p"], {"a": "x", "b": "y"})


def test_two_files_that_do_not_fit_are_both_named(tmp_path):
    (tmp_path / "p.json").write_text('{"a": "happy"}')
    (tmp_path / "r.json").write_text('{"b": "happy"}')
    with pytest.raises(ValueError, match="p.json does not fit .*r.json: predictions missing"):
        read_pairs(tmp_path / "p.json", tmp_path / "r.json")


def test_the_released_files_align_by_name(reference_data):
    folder = reference_data / "ov_store"
    pairs = read_pairs(folder / "predict-openset.csv", folder / "check-openset.csv")
    assert [len(side) for side in pairs] == [332, 332]
    assert pairs[0][0] == "['confused', 'helpless']"
