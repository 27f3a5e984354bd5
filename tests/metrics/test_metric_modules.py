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
import pytest
import yaml
from metric_clips import CLIPS

import affecthub
from affecthub import metrics

ROOT = Path(__file__).resolve().parents[2]
METRICS = affecthub.list_metrics()


@pytest.fixture(autouse=True)
def _cache_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(evaluate.config, "HF_METRICS_CACHE", str(tmp_path / "metrics"))


for added in set(METRICS) - set(CLIPS):
    # A metric that stands here alone brings its clips along.
    CLIPS[added] = import_module(f"affecthub.metrics.{added}.{added}").CLIPS


@pytest.fixture(params=METRICS)
def name(request):
    return request.param


def score(name, order=slice(None)):
    predictions, references, options = CLIPS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return metrics.load_metric(name).compute(
            predictions=predictions[order], references=references[order], **options
        )


def same(scores):
    """Scores as text, so that NaN equals itself."""
    return json.dumps(scores, sort_keys=True)


def test_unknown_metric_lists_close_matches():
    with pytest.raises(ValueError, match="unknown metric: got 'setf'.*Did you mean 'set_f'"):
        metrics.load_metric("setf")


def test_info_is_complete(name):
    module = metrics.load_metric(name, experiment_id="first", seed=7)
    assert isinstance(module, evaluate.EvaluationModule)
    info = module.info
    assert (module.name, info.experiment_id, module.seed) == (name, "first", 7)
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
    result = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(examples)
    assert result.attempted and not result.failed


def card(name):
    _, header, body = (ROOT / "metrics" / name / "README.md").read_text().split("---\n", 2)
    return yaml.safe_load(header), body


def test_card_has_a_header_and_every_section(name):
    header, body = card(name)
    assert header["title"] and header["sdk"] == "gradio" and header["app_file"] == "app.py"
    assert header["tags"] == ["evaluate", "metric"]
    sections = dict(re.findall(r"^## (.+)\n+((?:(?!^## ).*\n?)+)", body, re.MULTILINE))
    expected = ["What it is", "How to use", "Inputs", "Outputs", "Values from papers", "Limits"]
    assert [section for section in expected if sections.get(section, "").strip()] == expected
    assert re.search(r"[Hh]igher\s+is\s+better", body)
    assert re.search(r"from -?\d to \d|\| -?\d to \d|in \[-?\d, \d\]", body)
    folder = ROOT / "metrics" / name
    assert (folder / "requirements.txt").read_text() == "affecthub[metrics]\n"
    assert f'launch("{name}")' in (folder / "app.py").read_text()


def test_examples_of_the_card_run(name, monkeypatch):
    # The examples need no Java, and with it a preset would start METEOR 1.5 for ten seconds.
    monkeypatch.setattr("affecthub.metrics.captions.java.shutil.which", lambda program: None)
    blocks = re.findall(r"```python\n(.*?)```", card(name)[1], re.DOTALL)
    examples = doctest.DocTestParser().get_doctest("".join(blocks), {}, f"{name} card", None, 0)
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    result = doctest.DocTestRunner(optionflags=flags).run(examples)
    assert result.attempted and not result.failed


def test_the_primary_score_comes_first_and_the_result_is_json(name):
    scores = score(name)
    assert next(iter(scores)) == name
    assert 0 < scores[name] < 1
    assert scores["n_clips"] == len(CLIPS[name][0])
    json.dumps(scores)


def test_order_of_clips_is_irrelevant(name):
    forward, backward = score(name), score(name, slice(None, None, -1))
    assert forward[name] == pytest.approx(backward[name], abs=1e-12)


def test_empty_input_is_nan_with_a_warning(name):
    module = metrics.load_metric(name)
    with pytest.warns(UserWarning, match=f"{name} is nan"):
        scores = module.compute(predictions=[], references=[])
    assert math.isnan(scores[name]) and scores["n_clips"] == 0


def test_wrong_calls_are_named_and_leave_nothing_behind(name):
    predictions, references, options = CLIPS[name]
    module = metrics.load_metric(name)
    with pytest.raises(ValueError, match=f"got 1 predictions for {len(references)} references"):
        module.compute(predictions=predictions[:1], references=references, **options)
    with pytest.raises(ValueError, match="one of `predictions` and `references` is missing"):
        module.compute(predictions=None, references=references, **options)
    with pytest.raises(ValueError, match="nothing to score"):
        module.compute(**options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        again = module.compute(predictions=predictions, references=references, **options)
    assert same(again) == same(score(name))


@pytest.mark.parametrize("keep_in_memory", [False, True])
@pytest.mark.filterwarnings("ignore")
def test_clips_may_be_added_one_by_one_and_in_batches(name, keep_in_memory):
    predictions, references, options = CLIPS[name]
    module = metrics.load_metric(name, keep_in_memory=keep_in_memory)
    module.add(prediction=predictions[0], reference=references[0])
    module.add_batch(predictions=predictions[1:], references=references[1:])
    assert same(module.compute(**options)) == same(score(name))


@pytest.mark.filterwarnings("ignore")
def test_every_metric_combines(name):
    predictions, references, options = CLIPS[name]
    combined = evaluate.combine([metrics.load_metric(name)])
    combined.add_batch(predictions=predictions, references=references)
    assert combined.compute(**options)[name] == score(name)[name]


# What a fresh process runs: it reads one JSON line and prints one for each metric.
LOAD = """
import evaluate, json, sys, warnings
warnings.simplefilter("ignore")
for name, predictions, references, options in json.loads(sys.stdin.readline()):
    module = evaluate.load(f"metrics/{name}")
    scores = module.compute(predictions=predictions, references=references, **options)
    print(json.dumps([module.name, scores], sort_keys=True))
"""

SHARE = """
import json, sys, warnings
from affecthub import load_metric
warnings.simplefilter("ignore")
rank, cache_dir, tasks = json.loads(sys.stdin.readline())
for name, predictions, references, options in tasks:
    module = load_metric(
        name, num_process=2, process_id=rank, experiment_id="shared", cache_dir=cache_dir
    )
    half = len(predictions) // 2
    part = slice(half) if rank == 0 else slice(half, None)
    module.add_batch(predictions=predictions[part], references=references[part])
    print(json.dumps(module.compute(**options), sort_keys=True))
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
    output, _ = process.communicate(timeout=240)
    assert process.returncode == 0
    return output.splitlines()


@pytest.fixture(scope="module")
def processes(tmp_path_factory):
    """Three fresh processes, most of whose time is spent on importing evaluate: side by side."""
    tasks = [(name, *CLIPS[name]) for name in METRICS]
    alone, shared = (tmp_path_factory.mktemp(folder) for folder in ("alone", "shared"))
    started = [
        start(LOAD, tasks, alone),
        *(start(SHARE, (rank, str(shared), tasks), shared) for rank in range(2)),
    ]
    return [printed(process) for process in started]


@pytest.mark.slow
def test_loading_the_scripts_offline_gives_the_same_scores(processes):
    assert processes[0] == [same([name, score(name)]) for name in METRICS]


@pytest.mark.slow
def test_two_processes_share_one_evaluation(processes):
    _, first, second = processes
    assert second == ["null"] * len(METRICS)
    # Process 0 reads its own clips before those of process 1.
    assert first == [same(score(name)) for name in METRICS]
