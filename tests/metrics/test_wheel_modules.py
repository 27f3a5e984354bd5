"""set_f and hit_rate as modules: what a list of labels may be, and what the result tells."""

import json
import math
import warnings

import evaluate
import numpy as np
import pytest

from affecthub import metrics
from affecthub.metrics.answers.files import read_pairs

# Clips of each metric with more than one answer right, so that order and duplicates could matter.
PREDICTIONS = [["happy", "sad"], "['angry']", None, ["surprised", "calm"], "afraid, worried"]
REFERENCES = {
    "set_f": [["joyful"], ["furious", "sad"], ["happy"], ["shocked"], "scared"],
    "hit_rate": ["joy", "anger", "sadness", "surprise", "fear"],
}


@pytest.fixture(autouse=True)
def _cache_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(evaluate.config, "HF_METRICS_CACHE", str(tmp_path / "metrics"))


@pytest.fixture(params=list(REFERENCES))
def name(request):
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


def test_result_says_how_it_was_made(name):
    scores = score(name, PREDICTIONS, REFERENCES[name])
    assert 0 < scores[name] < 1
    assert scores["lexicon"]["name"] == "affecthub" and scores["lexicon"]["version"]
    assert scores["n_clips"] == len(PREDICTIONS)
    assert list(scores["n_scored"].values()) == [w["n_scored"] for w in scores["per_wheel"]]
    json.dumps(scores, allow_nan=False)


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


@pytest.mark.parametrize("keep_in_memory", [False, True])
def test_clips_are_written_and_read_in_parts(name, toy_file, keep_in_memory, monkeypatch):
    for file in ("stored", "metric"):
        monkeypatch.setattr(f"affecthub.metrics.modules.{file}.BATCH", 2)
    module = metrics.load_metric(name, keep_in_memory=keep_in_memory)
    module.add_batch(predictions=["glad"] * 5, references=["glad", "grim", "glad", "glad", "glad"])
    module.add_batch(predictions=[None], references=["tense"])
    scores = module.compute(lexicon=toy_file)
    # Four of six clips are right, with one label on each side: precision, recall, F and hits.
    assert (scores[name], scores["n_clips"]) == (pytest.approx(4 / 6), 6)


def test_metrics_combine(toy_file):
    combined = evaluate.combine([metrics.load_metric(name) for name in ("set_f", "hit_rate")])
    combined.add(prediction="glad", reference="glad")
    combined.add_batch(predictions=[["grim"]], references=["tense"])
    scores = combined.compute(lexicon=toy_file)
    assert (scores["set_f"], scores["hit_rate"]) == (0.5, 0.5)
    assert scores["set_f_n_scored"] == scores["hit_rate_n_scored"] == {"only": 2}


def test_the_released_predictions_score_as_recorded(reference_data):
    folder = reference_data / "ov_store"
    pairs = read_pairs(folder / "predict-openset.csv", folder / "check-openset.csv")
    lexicon = str(reference_data / "emotion_wheel" / "mer2025")
    scores = score("set_f", *pairs, lexicon=lexicon)
    assert scores["set_f"] == pytest.approx(0.5537059069585599, abs=1e-12)
