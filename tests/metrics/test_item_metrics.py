"""Metrics over words, numbers, rankings and soft labels: the ways clips reach them by evaluate."""

import doctest
import json
import math
import warnings
from concurrent.futures import ThreadPoolExecutor

import evaluate
import numpy as np
import pytest
import torch

from affecthub import load_metric
from affecthub.metrics.answers import confusion
from affecthub.metrics.answers import label_in_text as answers
from affecthub.metrics.confidence import calibration
from affecthub.metrics.confidence import scores as stated_confidence
from affecthub.metrics.confidence.scores import confidence
from affecthub.metrics.emotion_classification import scores as classification
from affecthub.metrics.emotion_classification.scores import emotion_classification
from affecthub.metrics.goemotions import divergence
from affecthub.metrics.goemotions import scores as multilabel
from affecthub.metrics.goemotions.scores import goemotions
from affecthub.metrics.sentiment import scores as polarity_scores
from affecthub.metrics.sentiment.scores import sentiment

# Predictions, references and optional columns of every kind that a metric takes.
CLIPS = {
    "sentiment": (
        ["positive", -0.4, None, "消极", "2.5", math.nan],
        [1.2, -1, 0, "negative", 3, -0.2],
        {},
    ),
    "emotion_classification": (
        ["happy", ["sad", "angry"], {"sad": 0.2, "joy": 0.8}, None, [0.1, 0.2, 0.7], "he is sad"],
        ["joy", "angry", "sad", "sad", "angry", "sad"],
        {"dialogue_ids": ["a", "a", "b", "b", None, "a"]},
    ),
    "goemotions": (
        [["joy"], "['anger', 'fear']", None, {"love": 0.9}, {"grief"}, [0.5] * 28],
        [["joy", "love"], ["fear"], {"joy": 1 / 3}, "love", ("grief",), ["unsure"]],
        {},
    ),
    "confidence": (
        [0.9, "80%", None, 1.2, "sure", 0.4],
        [True, 0, 1, None, False, 1.0],
        {"tiers": ["low", "high", "low", None, "high", "high"]},
    ),
}
FUNCTIONS = {
    "sentiment": sentiment,
    "emotion_classification": emotion_classification,
    "goemotions": goemotions,
    "confidence": confidence,
}
OPTIONS = {
    "sentiment": {"invalid": "wrong"},
    "emotion_classification": {"labels": ["sad", "joy", "angry"], "top_k": 2},
    "goemotions": {"binarize": "majority"},
    "confidence": {"n_bins": 5, "n_resamples": 10},
}
# The name of the optional column, and of one of its values.
SINGULAR = {"dialogue_ids": "dialogue_id", "tiers": "tier"}


@pytest.fixture(autouse=True)
def _cache_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(evaluate.config, "HF_METRICS_CACHE", str(tmp_path / "metrics"))


@pytest.fixture(params=list(CLIPS))
def name(request):
    return request.param


def expected(name):
    """What the pure function gives; its JSON, so that NaN compares."""
    predictions, references, columns = CLIPS[name]
    return json.dumps(FUNCTIONS[name](predictions, references, **columns, **OPTIONS[name]))


@pytest.mark.parametrize(
    "module",
    [
        answers,
        calibration,
        classification,
        confusion,
        divergence,
        multilabel,
        polarity_scores,
        stated_confidence,
    ],
)
def test_examples_of_the_functions_run(module):
    result = doctest.testmod(module)
    assert result.attempted and not result.failed


def test_compute_gives_what_the_function_gives(name):
    predictions, references, columns = CLIPS[name]
    module = load_metric(name)
    for _ in range(2):
        scores = module.compute(
            predictions=predictions, references=references, **columns, **OPTIONS[name]
        )
        assert json.dumps(scores) == expected(name)
    assert next(iter(scores)) == name and 0 < scores[name] < 1
    json.dumps(scores, allow_nan=False)


@pytest.mark.parametrize("keep_in_memory", [False, True])
def test_clips_may_be_added_one_by_one_and_in_batches(name, keep_in_memory):
    predictions, references, columns = CLIPS[name]
    module = load_metric(name, keep_in_memory=keep_in_memory)
    for clip in range(2):
        extra = {SINGULAR[column]: values[clip] for column, values in columns.items()}
        module.add(prediction=predictions[clip], reference=references[clip], **extra)
    module.add_batch(
        predictions=predictions[2:],
        references=references[2:],
        **{column: values[2:] for column, values in columns.items()},
    )
    assert json.dumps(module.compute(**OPTIONS[name])) == expected(name)


def test_optional_columns_may_be_left_out(name):
    predictions, references, _ = CLIPS[name]
    module = load_metric(name)
    module.add_batch(predictions=predictions, references=references)
    scores = module.compute(**OPTIONS[name])
    assert scores["n_clips"] == len(references)
    assert scores.get("tier_difference") is None
    assert scores.get("baselines", {}).get("persistence") is None


@pytest.mark.parametrize("as_numbers", [np.array, torch.tensor])
def test_arrays_and_tensors_are_read(name, as_numbers):
    numbers = {
        "sentiment": as_numbers([0.5, -1.0, 2.0]),
        "emotion_classification": as_numbers([0, 1, 1]),
        "goemotions": as_numbers([[0.0] * 28, [1.0] * 28, [1.0] * 28]),
        "confidence": as_numbers([0, 1, 1]),
    }[name]
    options = {"labels": ["sad", "joy"]} if name == "emotion_classification" else {}
    scores = load_metric(name).compute(predictions=numbers, references=numbers, **options)
    assert scores["n_clips"] == 3
    # Confidence is the mean of 0, 1 and 1; elsewhere prediction and reference are equal.
    assert scores[name] == pytest.approx(2 / 3 if name == "confidence" else 1)


def test_empty_input_is_nan_with_a_warning(name):
    module = load_metric(name)
    with pytest.warns(UserWarning, match=f"{name} is nan"):
        scores = module.compute(predictions=[], references=[])
    assert math.isnan(scores[name]) and scores["n_clips"] == 0


# An option value that is none, a reference that cannot be used, and what the errors say.
WRONG = {
    "sentiment": ({"style": "loose"}, "unknown style", [[]], "is no sentiment"),
    "emotion_classification": ({"labels": "meldd"}, "unknown label set", [None], "is no label"),
    "goemotions": ({"binarize": "most"}, "unknown binarize", [3], "is no label set"),
    "confidence": ({"n_bins": 0}, "out of range", ["yes"], "does not say whether"),
}


def test_wrong_calls_are_named_and_leave_nothing_behind(name):
    option, option_message, reference, reference_message = WRONG[name]
    predictions, references, columns = CLIPS[name]
    module = load_metric(name)
    module.add_batch(predictions=predictions[:3], references=references[:3])
    with pytest.raises(ValueError, match=option_message):
        module.compute(**option)
    with pytest.raises(TypeError, match=rf"`(references|correct)\[0\]` {reference_message}"):
        module.add_batch(predictions=predictions[:1], references=reference)
    with pytest.raises(ValueError, match="got 2 predictions for 3 references"):
        module.add_batch(predictions=predictions[:2], references=references[:3])
    with pytest.raises(TypeError, match="`clips` is no column"):
        module.add_batch(predictions=predictions, references=references, clips=[1])
    with pytest.raises(TypeError, match="`predictions` is not a list of clips: got 'sad'"):
        module.add_batch(predictions="sad", references=references)
    with pytest.raises(ValueError, match="one of `predictions` and `references` is missing"):
        module.compute(predictions=predictions)
    # The three clips added first are still there, and nothing else is.
    assert module.compute(**OPTIONS[name])["n_clips"] == 3
    with pytest.raises(ValueError, match="nothing to score"):
        module.compute()


def test_an_error_in_scoring_does_not_break_the_next_evaluation():
    module = load_metric("emotion_classification")
    with pytest.raises(ValueError, match="is not in the label set: got 'calm'"):
        module.compute(predictions=["sad"], references=["calm"], labels="emos")
    scores = module.compute(predictions=["sad"], references=["sad"], labels="emos")
    assert (scores["emotion_classification"], scores["n_clips"]) == (1, 1)


def test_metrics_combine():
    combined = evaluate.combine([load_metric("sentiment"), load_metric("emotion_classification")])
    combined.add(prediction="negative", reference="negative")
    combined.add_batch(predictions=["neutral"], references=["negative"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scores = combined.compute()
    # Neutral counts as negative; as a label of a set without it, it is wrong.
    assert (scores["sentiment"], scores["emotion_classification"]) == (1, 0.5)
    assert scores["sentiment_n_clips"] == scores["emotion_classification_n_clips"] == 2


@pytest.mark.parametrize("name", ["emotion_classification", "confidence"])
def test_processes_share_one_evaluation(name, tmp_path):
    # Two modules with files of their own, as two processes have them; each waits for the other.
    predictions, references, columns = CLIPS[name]
    options = {"num_process": 2, "experiment_id": "shared", "cache_dir": str(tmp_path)}

    def share(rank):
        module = load_metric(name, process_id=rank, **options)
        part = slice(3 * rank, 3 * rank + 3)
        module.add_batch(
            predictions=predictions[part],
            references=references[part],
            **{column: values[part] for column, values in columns.items()},
        )
        return module.compute(**OPTIONS[name])

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(share, range(2), timeout=300)
    assert json.dumps(first) == expected(name) and second is None
