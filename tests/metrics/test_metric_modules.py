"""One contract for every metric: loading, documentation, inputs, invariants, processes."""

import doctest
import inspect
import json
import math
import os
import re
import subprocess
import sys
import warnings
from importlib import import_module
from pathlib import Path

import evaluate
import numpy as np
import pytest
import yaml

import affecthub
from affecthub import metrics
from affecthub.metrics.reading import read_pairs

ROOT = Path(__file__).resolve().parents[2]
METRICS = affecthub.list_metrics()

# Clips of each metric with more than one answer right, so that order and duplicates could matter.
PREDICTIONS = [["happy", "sad"], "['angry']", None, ["surprised", "calm"], "afraid, worried"]
REFERENCES = {
    "set_f": [["joyful"], ["furious", "sad"], ["happy"], ["shocked"], "scared"],
    "hit_rate": ["joy", "anger", "sadness", "surprise", "fear"],
}


@pytest.fixture(autouse=True)
def _cache_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(evaluate.config, "HF_METRICS_CACHE", str(tmp_path / "metrics"))


@pytest.fixture(params=METRICS)
def name(request):
    assert request.param in REFERENCES, f"add clips for {request.param} to this test"
    return request.param


@pytest.fixture
def toy_file(tmp_path):
    """A lexicon file with one wheel: glad, grim and tense."""
    words = {word: {"forms": [word], "wheel_words": [word]} for word in ("glad", "grim", "tense")}
    sectors = {word: {word: []} for word in words}
    document = {
        "name": "toy",
        "version": "1",
        "wheels": [{"name": "only", "source": "", "sectors": sectors}],
        "words": words,
    }
    path = tmp_path / "toy.json"
    path.write_text(json.dumps(document))
    return path


def score(name, predictions, references, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return metrics.load_metric(name).compute(
            predictions=predictions, references=references, **options
        )


def test_unknown_metric_lists_close_matches():
    with pytest.raises(ValueError, match="unknown metric: got 'setf'.*Did you mean 'set_f'"):
        metrics.load_metric("setf")


def test_doctests_of_the_room():
    result = doctest.testmod(metrics)
    assert result.attempted and not result.failed


def test_info_is_complete(name):
    module = metrics.load_metric(name, config_name="mine", experiment_id="first", seed=7)
    assert isinstance(module, evaluate.EvaluationModule)
    info = module.info
    assert (module.name, info.config_name, info.experiment_id) == (name, "mine", "first")
    assert module.seed == 7
    for text in (info.description, info.citation, info.inputs_description, info.license):
        assert text.strip()
    for heading in ("Args:", "Returns:", "Examples:"):
        assert heading in info.inputs_description
    assert "higher is better" in info.inputs_description
    parameters = inspect.signature(type(module)._compute).parameters.values()
    assert all(parameter.kind is not parameter.VAR_KEYWORD for parameter in parameters)
    documented = [p for p in inspect.signature(type(module).compute).parameters if p != "self"]
    assert all(f"    {parameter}:" in info.inputs_description for parameter in documented)


def test_examples_of_the_module_run(name):
    module = import_module(f"affecthub.metrics.{name}.{name}")
    examples = doctest.DocTestParser().get_doctest(
        module._KWARGS_DESCRIPTION, {}, f"{name} inputs", None, 0
    )
    result = doctest.DocTestRunner().run(examples)
    assert result.attempted and not result.failed


def card(name):
    _, header, body = (ROOT / "metrics" / name / "README.md").read_text().split("---\n", 2)
    return yaml.safe_load(header), body


def test_card_has_a_header_and_every_section(name):
    header, body = card(name)
    assert header["title"] and header["sdk"] == "gradio"
    assert header["tags"] == ["evaluate", "metric"]
    sections = dict(re.findall(r"^## (.+)\n+((?:(?!^## ).*\n?)+)", body, re.MULTILINE))
    expected = ["What it is", "How to use", "Inputs", "Outputs", "Values from papers", "Limits"]
    assert [section for section in expected if sections.get(section, "").strip()] == expected
    requirements = (ROOT / "metrics" / name / "requirements.txt").read_text()
    assert requirements == "affecthub[metrics]\n"


def test_examples_of_the_card_run(name):
    blocks = re.findall(r"```python\n(.*?)```", card(name)[1], re.DOTALL)
    examples = doctest.DocTestParser().get_doctest("".join(blocks), {}, f"{name} card", None, 0)
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(examples)
    assert result.attempted and not result.failed


def test_result_says_how_it_was_made(name):
    scores = score(name, PREDICTIONS, REFERENCES[name])
    assert 0 < scores[name] < 1
    assert scores["lexicon"]["name"] == "affecthub" and scores["lexicon"]["version"]
    assert scores["n_clips"] == len(PREDICTIONS)
    assert list(scores["n_scored"].values()) == [w["n_scored"] for w in scores["per_wheel"]]
    json.dumps(scores, allow_nan=False)


def test_order_of_clips_is_irrelevant(name):
    forward = score(name, PREDICTIONS, REFERENCES[name])
    backward = score(name, PREDICTIONS[::-1], REFERENCES[name][::-1])
    assert forward[name] == pytest.approx(backward[name], abs=1e-12)
    assert forward["n_scored"] == backward["n_scored"]


def test_duplicate_labels_are_irrelevant(name):
    doubled = [p + p if isinstance(p, list) else p and f"{p}, {p}" for p in PREDICTIONS]
    once = score(name, PREDICTIONS, REFERENCES[name])
    assert score(name, doubled, REFERENCES[name])["per_wheel"] == once["per_wheel"]


def test_a_perfect_prediction_scores_one(name):
    assert score(name, REFERENCES[name], REFERENCES[name])[name] == 1


def test_empty_input_is_nan_with_a_warning_or_what_was_asked_for(name):
    module = metrics.load_metric(name)
    with pytest.warns(UserWarning, match=f"{name} is nan"):
        scores = module.compute(predictions=[], references=[])
    assert math.isnan(scores[name]) and scores["n_clips"] == 0
    assert module.compute(predictions=[], references=[], zero_division=0.0)[name] == 0


def test_wrong_calls_are_named_and_leave_nothing_behind(name, toy_file, tmp_path):
    module = metrics.load_metric(name)
    wrong = [
        (ValueError, "got 1 predictions for 2 references", {"predictions": ["glad"]}),
        (TypeError, r"`predictions\[1\]`.*not text", {"predictions": ["glad", [3]]}),
        (ValueError, r"`predictions\[0\]` is cut off", {"predictions": ["[", "glad"]}),
        (ValueError, "unknown ring", {"ring": "outer"}),
        (FileNotFoundError, "lexicon not found", {"lexicon": str(tmp_path / "gone")}),
        (ValueError, "one of `predictions` and `references`", {"predictions": None}),
    ]
    right = {"predictions": ["glad", None], "references": ["glad", "grim"], "lexicon": toy_file}
    for error, message, change in wrong:
        with pytest.raises(error, match=message):
            module.compute(**{**right, **change})
    with pytest.raises(ValueError, match="nothing to score"):
        module.compute(lexicon=toy_file)
    scores = module.compute(**right)
    assert (scores[name], scores["n_clips"]) == (0.5, 2)


@pytest.mark.parametrize("keep_in_memory", [False, True])
def test_items_of_every_kind_arrive_as_they_were_added(name, toy_file, keep_in_memory):
    module = metrics.load_metric(name, keep_in_memory=keep_in_memory)
    module.add(prediction="glad", reference=["glad"])
    module.add(prediction=None, reference="grim")
    module.add_batch(
        predictions=[["tense"], "['grim', 'glad']", ""], references=["tense", ("grim",), ["glad"]]
    )
    module.add_batch(predictions=[np.array(["glad"])], references=[float("nan")])
    scores = module.compute(lexicon=toy_file)
    # Clips 0 and 2 agree fully, 1 and 4 predict nothing, 5 has no reference; clip 3 hits one of
    # its two predictions. Precision (1 + 0 + 1 + 1/2 + 0) / 5, recall and hit rate 3/5.
    assert scores["n_clips"] == 6 and scores["n_scored"] == {"only": 5}
    recall = scores.get("set_recall", scores.get("hit_rate"))
    assert recall == pytest.approx(0.6)
    assert scores.get("set_precision", 0.5) == 0.5
    # The next evaluation starts empty.
    again = module.compute(predictions=["glad"], references=["glad"], lexicon=toy_file)
    assert again["n_clips"] == 1


def test_metrics_combine(toy_file):
    combined = evaluate.combine([metrics.load_metric(name) for name in ("set_f", "hit_rate")])
    combined.add(prediction="glad", reference="glad")
    combined.add_batch(predictions=[["grim"]], references=["tense"])
    scores = combined.compute(lexicon=toy_file)
    assert (scores["set_f"], scores["hit_rate"]) == (0.5, 0.5)
    assert scores["set_f_n_scored"] == scores["hit_rate_n_scored"] == {"only": 2}


# What a fresh process runs: it reads one JSON line and prints one.
LOAD = """
import evaluate, json, sys
for name, predictions, references, lexicon in json.loads(sys.stdin.readline()):
    module = evaluate.load(f"metrics/{name}")
    scores = module.compute(predictions=predictions, references=references, lexicon=lexicon)
    print(json.dumps([module.name, scores]))
"""

SHARE = """
import json, sys
from affecthub import load_metric
rank, cache_dir, tasks = json.loads(sys.stdin.readline())
for name, predictions, references in tasks:
    module = load_metric(
        name, num_process=2, process_id=rank, experiment_id="shared", cache_dir=cache_dir
    )
    module.add_batch(predictions=predictions[rank::2], references=references[rank::2])
    print(json.dumps(module.compute()))
"""


def start(code, task, folder):
    """Start a fresh, offline process at the root of the checkout with a task to read."""
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={
            **os.environ,
            "HF_HUB_OFFLINE": "1",
            "HF_HOME": str(folder),
            "HF_MODULES_CACHE": str(folder / "modules"),
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    process.stdin.write(json.dumps(task) + "\n")
    process.stdin.flush()
    return process


def printed(process):
    """Wait for a process and read what it printed, line by line."""
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return [json.loads(line) for line in output.splitlines()]


@pytest.mark.slow
def test_loading_the_scripts_offline_gives_the_same_scores(tmp_path):
    tasks = [(name, PREDICTIONS, REFERENCES[name], None) for name in METRICS]
    results = printed(start(LOAD, tasks, tmp_path))
    assert results == [[name, score(name, *clips)] for name, *clips, _ in tasks]


@pytest.mark.slow
def test_two_processes_share_one_evaluation(tmp_path):
    tasks = [(name, PREDICTIONS, REFERENCES[name]) for name in METRICS]
    both = [start(SHARE, (rank, str(tmp_path), tasks), tmp_path) for rank in range(2)]
    first, second = map(printed, both)
    assert second == [None] * len(METRICS)
    # Process 0 reads its own clips before those of process 1.
    assert first == [
        score(name, predictions[0::2] + predictions[1::2], references[0::2] + references[1::2])
        for name, predictions, references in tasks
    ]


@pytest.mark.slow
def test_the_released_predictions_score_as_recorded_through_evaluate(reference_data, tmp_path):
    folder = reference_data / "ov_store"
    pairs = read_pairs(folder / "predict-openset.csv", folder / "check-openset.csv")
    lexicon = str(reference_data / "emotion_wheel" / "mer2025")
    ((_, scores),) = printed(start(LOAD, [("set_f", *pairs, lexicon)], tmp_path))
    assert scores["set_f"] == pytest.approx(0.5537059069585599, abs=1e-12)
