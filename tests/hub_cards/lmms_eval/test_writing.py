"""The folder of tasks, by the command that writes it."""

import json

import pytest
import yaml
from shell import affecthub

from affecthub.hub_cards.lmms_eval.exports import Export
from affecthub.hub_cards.lmms_eval.writing import write_tasks
from affecthub.unibench import SETS


class Loader(yaml.SafeLoader):
    """YAML with lmms-eval's tag as the name that it holds."""


Loader.add_constructor("!function", lambda loader, node: loader.construct_scalar(node))


def read(path):
    return yaml.load(path.read_text(encoding="utf-8"), Loader)


def write(out, export, *options):
    """What the command prints."""
    command = ("bench", "lmms-eval", out, "--mer-unibench", export, *options)
    return affecthub(*command).stdout


@pytest.fixture
def nine(write_export, clip):
    return write_export("nine", {each.name: [{**clip, "set": each.name}] for each in SETS})


def test_nine_sets_and_their_mean(nine, tmp_path):
    out = tmp_path / "tasks"
    printed = affecthub(
        "bench", "lmms-eval", str(out), "--mer-unibench", str(nine), "--media", "v"
    ).stdout
    assert "mer_unibench_ov_merd" in printed and "--include_path" in printed
    group = read(out / "mer_unibench.yaml")
    assert group["task"] == [f"mer_unibench_{each.name}" for each in SETS]
    assert group["aggregate_metric_list"] == [
        {"metric": "score", "aggregation": "mean", "weight_by_size": False}
    ]
    for each in SETS:
        task = read(out / f"mer_unibench_{each.name}.yaml")
        (file,) = task["dataset_kwargs"]["data_files"]["test"]
        assert file == str(nine / "data" / each.name / "00000.parquet")
        assert task["lmms_eval_specific_kwargs"]["default"]["media"] == "v"
        assert task["metric_list"][0]["metric"] == "score"
        assert task["process_results"].endswith("answers.unibench_answer")


def test_every_function_that_is_named_is_there(nine, tmp_path, write_export):
    from importlib import import_module

    rows = [{"id": "a", "corpus": "emos", "emotion": 1, "tier": "high", "text": "Hm"}]
    static = write_export("static", {"test": rows}, "speaker_independent")
    fine = write_export("fine", {"test": [{**rows[0], "probs": [0.5]}]}, "speaker_independent")
    done = write_tasks(tmp_path / "tasks", mer_unibench=nine, emos=[static, fine])
    assert done.names[-2:] == ("emos_basic7", "emos_goemotions") and done.missing == ()
    named, scores = set(), {}
    for file in done.folder.glob("*.yaml"):
        task = read(file)
        named |= {value for value in task.values() if str(value).startswith("affecthub.")}
        for metric in task.get("metric_list", ()):
            named.add(metric["aggregation"])
            scores[metric["metric"]] = metric["higher_is_better"]
    assert len(named) > 20
    for name in named:
        module, _, function = name.rpartition(".")
        assert callable(getattr(import_module(module), function)), name
    lower = {name for name, higher in scores.items() if not higher}
    assert lower == {"unanswered", "invalid_rate", "ece", "jsd"}


def test_sets_that_are_not_there_are_told_of(write_export, clip, tmp_path):
    one = write_export("one", {"meld": [clip]})
    told = affecthub(
        "bench", "lmms-eval", str(tmp_path / "a"), "--mer-unibench", str(one), "--json"
    ).stdout
    told = json.loads(told)
    assert told["tasks"] == ["mer_unibench_meld", "mer_unibench_partial"]
    assert len(told["missing"]) == 8 and "cmu_mosi" in told["missing"]
    printed = affecthub(
        "bench", "lmms-eval", str(tmp_path / "b"), "--mer-unibench", str(one)
    ).stdout
    assert "left out: mer2023, mer2024, iemocap" in printed


def test_mistakes_are_named(write_export, clip, nine, tmp_path):
    out = tmp_path / "tasks"

    def refused(match, **given):
        with pytest.raises((ValueError, FileNotFoundError), match=match):
            write_tasks(out, **given)
        assert not out.exists()

    refused("got neither MER-UniBench nor EmoS")
    refused("no export in .*: got no README.md", mer_unibench=tmp_path / "nowhere")
    refused("is the export of another corpus: got mer_unibench, expected emos", emos=[nine])
    refused("'tv!', expected letters", mer_unibench=nine, media="tv!")
    other = write_export("other", {"train": [clip]})
    refused("holds none of the nine sets", mer_unibench=other)
    emos = write_export("emos", {"test": [{"id": "a", "corpus": "emos"}]}, "source_independent")
    refused(r"no test clips under speaker_independent.*source_independent \(test\)", emos=[emos])
    refused("two exports for emos_basic7", emos=[emos, emos], protocol="source_independent")
    bare = write_export("bare", {"test": [{"id": "a"}]})
    refused("it has no column `corpus`", emos=[bare])
    (nine / "data" / "meld" / "00000.parquet").unlink()
    refused("lacks data/meld/.*Export the corpus again", mer_unibench=nine)
    (nine / "README.md").write_text("# Nothing\n")
    refused("names no Parquet files", mer_unibench=nine)
    out.mkdir()
    (out / "mine.txt").touch()
    with pytest.raises(ValueError, match="holds files"):
        write_tasks(out, mer_unibench=other)


def test_an_export_offers_its_protocols(nine):
    export = Export.read(nine, "mer_unibench")
    assert export.offers().startswith("official (mer2023, mer2024")
    assert export.files("official", "train") == [] and export.files("none", "meld") == []
    assert "candidates" in export.columns(export.files("official", "meld")[0])
