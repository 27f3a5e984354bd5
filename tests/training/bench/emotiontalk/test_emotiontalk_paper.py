"""The paper's cells, and what its printed figures can be."""

import pytest
import yaml

from affecthub.training.bench.emotiontalk.paper import (
    FUSED,
    PAPER,
    fits_one_run,
    paper_table,
    paper_tables,
)

COLUMNS = {
    3: {
        "own_four": "unimodal_four",
        "multimodal_four": "multimodal_four",
        "own_seven": "unimodal_all",
        "multimodal_seven": "multimodal_all",
        "mean": "mean",
    },
    4: {"multimodal_four": "four", "multimodal_seven": "all", "mean": "mean"},
}
GROUPS = {"audio": "speech", "text": "text", "vision": "visual"}
ALGORITHMS = {"graph_mfn": "GMFN", "mult": "MuT"}


@pytest.fixture(scope="module")
def printed(reference_data):
    text = (reference_data / "bench_reference" / "paper_tables.yaml").read_text("utf-8")
    return yaml.safe_load(text)


def test_every_cell_of_table_3(printed):
    rows = printed["table3"]["rows"]
    assert sum(map(len, rows.values())) == len(paper_table(3).rows) == 26
    for row in paper_table(3).rows:
        (said,) = [each for each in rows[GROUPS[row.group]] if each["model"] == row.name]
        for ours, theirs in COLUMNS[3].items():
            assert list(row.cells[ours].values()) == [said[theirs]["acc"], said[theirs]["f1"]]


def test_every_cell_of_table_4(printed):
    rows = {each["model"].lower(): each for each in printed["table4"]["rows"]}
    assert len(rows) == len(paper_table(4).rows) == 10
    for row in paper_table(4).rows:
        said = rows[ALGORITHMS.get(row.name, row.name).lower()]
        assert said["level"] == row.group
        for ours, theirs in COLUMNS[4].items():
            assert list(row.cells[ours].values()) == [said[theirs]["acc"], said[theirs]["f1"]]


def test_every_cell_of_table_5(printed):
    rows = printed["table5"]["rows"]
    assert len(rows) == len(paper_table(5).rows)
    for row in paper_table(5).rows:
        (said,) = [e for e in rows if (e["target"], e["decoder"]) == (row.group, row.name)]
        figures = [value for key, value in said.items() if key not in ("target", "decoder")]
        assert list(row.cells["test"].values()) == figures


def test_every_cell_of_table_12(printed):
    for row, said in zip(paper_table(12).rows, printed["table12"]["rows"], strict=True):
        speech = said["speech"].replace("W2v", "Wav2vec")
        assert row.name == f"{speech} + {said['text']} + {said['visual']}"
        assert [cell["acc"] for cell in row.cells.values()] == [
            said[key] for key in ("four", "all", "continuous", "mean")
        ]


@pytest.mark.parametrize("number", [13, 14])
def test_every_cell_of_tables_13_and_14(printed, number):
    rows = printed[f"table{number}"]["rows"]
    for row, said in zip(paper_table(number).rows, rows, strict=True):
        assert (GROUPS[row.group], row.name) == (said["modality"], said["model"].lower())
        assert list(row.cells["own_four"].values()) == [said["ua"], said["wa"], said["f1"]]


def test_encoders_are_those_that_features_are_made_of():
    from affecthub.training.features.encoders.table import published

    table = paper_table(3)
    for row in table.rows:
        assert published(row.name).modality == row.group
    named = {name for row in paper_table(12).rows for name in row.name.split(" + ")}
    assert {*named, *FUSED.values()} <= {row.name for row in table.rows}


def test_an_accuracy_of_one_run_is_a_number_of_clips():
    assert fits_one_run(57.83, 1404)
    assert not fits_one_run(82.42, 1560)
    assert fits_one_run(100.0, 7) and fits_one_run(0.0, 7)


def test_unknown_tables_are_told():
    assert sorted(paper_tables()) == [3, 4, 5, 12, 13, 14]
    with pytest.raises(ValueError, match="unknown table of the EmotionTalk paper: got 8, expected"):
        paper_table(8)
    assert "2505.23018" in PAPER
