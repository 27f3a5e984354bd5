"""MER-UniBench on the Hub: tasks by the names of the sets, no media, references by licence."""

import datasets
import pytest
import yaml
from corpus_trees import mer_unibench

import affecthub
from affecthub.entries import entry_of
from affecthub.hub_cards.cards import check_metadata, empty_sections, split_card
from affecthub.hub_cards.datasets import stage_benchmark
from affecthub.unibench import MEAN_TASK, SETS


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    return mer_unibench.make(tmp_path_factory.mktemp("unibench") / "sets")


@pytest.fixture(scope="module")
def staged(sets, tmp_path_factory):
    return stage_benchmark(tmp_path_factory.mktemp("staged") / "out", sets, partial=True)


def test_tasks_are_the_nine_sets_and_their_mean(staged):
    told = yaml.safe_load((staged.folder / "eval.yaml").read_text())
    assert [task["id"] for task in told["tasks"]] == [*(item.name for item in SETS), MEAN_TASK]
    head, _ = split_card((staged.folder / "README.md").read_text())
    files = {
        (config["config_name"], each["split"])
        for config in head["configs"]
        for each in config["data_files"]
    }
    assert {(task["config"], task["split"]) for task in told["tasks"]} == files
    assert set(told) == {"name", "description", "evaluation_framework", "tasks"}


def test_the_card_keeps_to_the_rules(staged):
    text = (staged.folder / "README.md").read_text()
    head, body = split_card(text)
    assert check_metadata(head, "dataset") == [] and empty_sections(text) == []
    for item in SETS:
        assert f"| `{item.name}` |" in body
    assert "affecthub bench mer-unibench" in body and "article 5(1)(f)" in body
    assert staged.repo_type == "dataset" and staged.gated is False


def test_rows_are_those_of_the_corpus_and_only_free_references_are_shown(staged, sets, tmp_path):
    rows = datasets.load_dataset(str(staged.folder), cache_dir=tmp_path / "c")
    ours = affecthub.Corpus("mer_unibench", sets).sides()
    assert list(rows) == [item.name for item in SETS]
    for item in SETS:
        mine, theirs = rows[item.name], ours[item.name]
        assert mine["id"][:] == theirs["id"].to_pylist()
        assert mine["candidates"][:] == [names or [] for names in theirs["candidates"].to_pylist()]
        assert set(mine["task"]) == {item.task} and set(mine["metric"]) == {item.primary}
        shown = item.name == "meld"  # the one set whose annotations are free
        labels = theirs["emotion"].to_pylist()
        assert mine["reference"][:] == (labels if shown else [None] * len(mine))
        for row in mine:
            assert all(word in row["question"] for word in row["candidates"])
            if item.task == "sentiment":
                assert tuple(row["scale"]) == entry_of(item.name).sentiment
    every = datasets.load_dataset(str(staged.folder), "all", split="test", cache_dir=tmp_path / "c")
    assert len(every) == sum(map(len, rows.values()))


def test_no_transcript_and_no_medium_is_in_it(staged, sets, tmp_path):
    rows = affecthub.Corpus("mer_unibench", sets).annotations()
    texts = {text for text in rows["text"].to_pylist() if text and len(text) > 12}
    held = datasets.load_dataset(
        str(staged.folder), "all", split="test", cache_dir=tmp_path / "c"
    ).to_list()
    assert texts and not any(text in str(row) for text in texts for row in held)
    assert {path.suffix for path in staged.folder.rglob("*.*")} == {".md", ".yaml", ".parquet"}


def test_sets_that_are_not_whole_are_refused(sets, tmp_path):
    with pytest.raises(ValueError, match=r"meld with 4 of 2,610 clips.*expected all nine sets"):
        stage_benchmark(tmp_path / "out", sets)
    assert not (tmp_path / "out").exists()
