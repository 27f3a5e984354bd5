"""Modules whose items are votes, streams, groups or answers: how their items travel."""

import json
import math
from pathlib import Path

import evaluate
import numpy as np
import pytest
from metric_clips import CLIPS

from affecthub.metrics import load_metric

ROOT = Path(__file__).resolve().parents[2]

# Per module: predictions, references, options; scores strictly between 0 and 1.
CASES = {
    "set_overlap": (
        [["joyful", "sad"], "['angry']", None, "afraid, 难过"],
        [["happy"], ["furious", "sad"], "happy", ("scared",)],
        {},
    ),
    "turning_points": (
        [["joy", "fear", None], [], [{"start_s": 0, "end_s": 9, "label": "joy"}], ["fear"]],
        [
            ["joy", "fear", "joy"],
            None,
            [{"start_s": 1, "end_s": 2, "label": "joy"}],
            ["fear"],
        ],
        {"alignment": "given"},
    ),
    "label_agreement": (
        [["joy", "joy", None], ["joy", "fear", "fear"], ("fear", "fear", "fear"), [None] * 3],
        ["joy", None, "fear", "joy"],
        {},
    ),
    "mer_unibench": CLIPS["mer_unibench"],
}


@pytest.fixture(autouse=True)
def _cache_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(evaluate.config, "HF_METRICS_CACHE", str(tmp_path / "metrics"))


def score(name, order=slice(None)):
    predictions, references, options = CASES[name]
    return load_metric(name).compute(
        predictions=predictions[order], references=references[order], **options
    )


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("keep_in_memory", [False, True])
def test_items_arrive_as_they_were_added(name, keep_in_memory):
    predictions, references, options = CASES[name]
    whole = score(name)
    assert 0 < whole[name] < 1 and whole["n_clips"] == 4
    json.dumps(whole, allow_nan=False)
    module = load_metric(name, keep_in_memory=keep_in_memory)
    module.add(prediction=predictions[0], reference=references[0])
    module.add_batch(
        predictions=np.array([*predictions[1:], 0], dtype=object)[:-1], references=references[1:]
    )
    assert module.compute(**options) == whole
    # The next evaluation starts empty.
    again = module.compute(predictions=predictions[:2], references=references[:2], **options)
    assert again["n_clips"] == 2


@pytest.mark.parametrize("name", CASES)
def test_the_order_of_clips_is_irrelevant(name):
    forward, backward = score(name), score(name, slice(None, None, -1))
    assert forward[name] == pytest.approx(backward[name], abs=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_empty_input_is_nan_with_a_warning(name):
    with pytest.warns(UserWarning, match=f"{name} is nan"):
        scores = load_metric(name).compute(predictions=[], references=[])
    assert math.isnan(scores[name]) and scores["n_clips"] == 0


@pytest.mark.parametrize("name", CASES)
def test_wrong_calls_leave_nothing_behind(name):
    predictions, references, options = CASES[name]
    module = load_metric(name)
    right = {"predictions": predictions, "references": references, **options}
    unusable = [*predictions[:-1], {"set": 3}]
    wrong = [
        (ValueError, "got 3 predictions for 4 references", {"predictions": predictions[:3]}),
        (ValueError, "one of `predictions` and `references`", {"predictions": None}),
        ((TypeError, ValueError), r"predictions\[3\]", {"predictions": unusable}),
        (TypeError, "`predictions` is not a list of clips", {"predictions": "happy"}),
    ]
    for error, message, change in wrong:
        with pytest.raises(error, match=message):
            module.compute(**{**right, **change})
    with pytest.raises(ValueError, match="nothing to score"):
        module.compute(**options)
    assert module.compute(**right)["n_clips"] == 4


@pytest.mark.parametrize(
    ("name", "message", "options"),
    [
        ("set_overlap", "unknown ring", {"ring": "outer"}),
        ("turning_points", "unknown alignment", {"alignment": "time"}),
        ("label_agreement", "unknown level", {"level": "ratio"}),
        ("mer_unibench", "lexicon not found", {"lexicon": "gone"}),
    ],
)
def test_wrong_options_leave_nothing_behind(name, message, options):
    predictions, references, right = CASES[name]
    module = load_metric(name)
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        module.compute(predictions=predictions, references=references, **options)
    assert module.compute(predictions=predictions, references=references, **right)["n_clips"] == 4


def test_modules_combine():
    predictions, references, _ = CASES["set_overlap"]
    combined = evaluate.combine([load_metric("set_overlap"), load_metric("set_f")])
    combined.add(prediction=predictions[0], reference=references[0])
    combined.add_batch(predictions=predictions[1:], references=references[1:])
    scores = combined.compute()
    assert scores["set_overlap"] == score("set_overlap")["set_overlap"]
    assert 0 < scores["set_f"] < 1
