"""Values of NumPy, pandas, pyarrow and torch are taken by every score as plain ones are."""

import json
import math
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch

import affecthub
from affecthub.metrics import scalar_scores
from affecthub.metrics.confidence.scores import confidence
from affecthub.metrics.emotion_classification.scores import emotion_classification
from affecthub.metrics.goemotions.scores import goemotions
from affecthub.metrics.hit_rate.scores import hit_rate
from affecthub.metrics.label_agreement.scores import label_agreement
from affecthub.metrics.mer_unibench.scores import mer_unibench
from affecthub.metrics.plain_values import is_missing, plain
from affecthub.metrics.sentiment.scores import sentiment
from affecthub.metrics.set_f.scores import set_f
from affecthub.metrics.set_overlap.scores import set_overlap
from affecthub.metrics.speaking_style_caption.scores import predicted_captions, reference_captions
from affecthub.metrics.turning_points.scores import turning_points


def utterances(number, text, *rows):
    """Utterances whose times and labels are of a library's kind."""
    keys = ("start_s", "end_s", "label")
    return [
        dict(zip(keys, (number(start), number(end), text(label)), strict=True))
        for start, end, label in rows
    ]


def calls(text, number, missing):
    """Each score on clips whose values are made by these functions, and `missing` for None."""
    labels, one = [text("happy"), text("sad")], text("joy")
    times = ((0, 2, "joy"), (2, 4, "fear"), (4, 5, "fear"))
    yield set_f, ([labels, missing], [[one], [text("sad")]]), {}
    yield hit_rate, ([labels, missing], [one, text("sad")]), {}
    yield set_overlap, ([labels, missing], [[one], [text("sad")]]), {"groups": [["happy", "joy"]]}
    yield (
        sentiment,
        ([number(0.5), text("负向"), missing], [number(1), number(-0.5), number(2)]),
        {},
    )
    yield emotion_classification, ([one, number(1), missing], [one, "sad", one]), {"labels": "emos"}
    yield (
        emotion_classification,
        ([{"joy": number(0.7), "sad": number(0.3)}], [one]),
        {"labels": ["joy", "sad"]},
    )
    yield goemotions, ([{"joy": number(0.7)}, missing], [[one], [text("love")]]), {}
    yield goemotions, ([[number(1 / 28)] * 28], [[one]]), {}
    yield (
        confidence,
        ([number(0.5), text("8/10"), missing], [number(1), number(0), missing]),
        {
            "tiers": [text("low"), text("high"), missing],
            "n_resamples": 0,
        },
    )
    yield label_agreement, ([[one, text("fear"), missing], [one, one, one]], [one, missing]), {}
    yield label_agreement, ([[number(1), number(2), missing], [number(1)] * 3],), {}
    yield (
        turning_points,
        ([utterances(number, text, *times)], [utterances(number, text, *times)]),
        {},
    )
    yield turning_points, ([[one, missing, one]], [[one, text("fear"), one]]), {}
    yield (
        mer_unibench,
        (
            [{"set": text("meld"), "labels": labels}, {"set": "ch_sims", "labels": number(0.4)}],
            [{"set": "meld", "labels": one}, {"set": "ch_sims", "labels": number(0.6)}],
        ),
        {"partial": True},
    )


KINDS = {
    "numpy": (np.str_, lambda v: np.asarray(v)[()], np.float32("nan")),
    "zero-dimensional": (np.array, np.array, np.array(np.nan)),
    "float32": (str, lambda v: np.int64(v) if isinstance(v, int) else np.float32(v), None),
    "pandas": (str, lambda v: pd.Series([v])[0], pd.NA),
    "pandas times": (str, lambda v: v, pd.NaT),
    "torch": (str, torch.tensor, torch.tensor(float("nan"))),
    "arrow": (pa.scalar, pa.scalar, pa.scalar(None)),
}


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", KINDS)
def test_every_score_takes_them(kind):
    text, number, missing = KINDS[kind]
    makers = zip(calls(text, number, missing), calls(str, lambda v: v, None), strict=True)
    for (function, clips, options), (_, plain_clips, _) in makers:
        found, expected = function(*clips, **options), function(*plain_clips, **options)
        # Numbers of single precision differ in their last digits.
        assert scalar_scores(found) == pytest.approx(scalar_scores(expected), rel=1e-6), function
        assert json.dumps(found, default=repr), function


@pytest.mark.parametrize("kind", ["numpy", "torch", "pandas"])
def test_modules_take_them_too(kind):
    text, number, missing = KINDS[kind]
    scores = affecthub.load_metric("sentiment").compute(
        predictions=[number(0.5), missing], references=[number(1.0), number(-1.0)]
    )
    assert (scores["acc"], scores["n_invalid"]) == (1, 1)
    compute = affecthub.load_metric("confidence").compute
    scores = compute(predictions=[number(0.5), text("9/10")], references=[number(1), number(0)])
    assert scores["confidence"] == pytest.approx(0.7)


def test_a_text_in_an_array_of_no_dimension_is_a_text():
    assert hit_rate([np.array("['happy', 'sad']")], [np.array("joy")])["hit_rate"] == 1
    with pytest.raises(ValueError, match="is cut off: got '\\['"):
        hit_rate([np.array("[")], ["joy"])


def test_captions_too():
    assert predicted_captions([np.str_("a"), pd.NA, np.array("b")]) == ["a", "", "b"]
    assert reference_captions([np.array(["a", "b"]), ("c",), "d"]) == [["a", "b"], ["c"], ["d"]]


def test_what_is_plain_stays_what_it_is():
    assert plain([1, "a", None]) == [1, "a", None] and plain((1, [np.int8(2)])) == [1, [2]]
    assert plain({np.str_("a"): {np.int8(1)}}) == {"a": {1}}
    assert plain(Decimal("0.5")) == 0.5 and plain(True) is True
    assert plain(np.datetime64("NaT")) is None and is_missing(plain(torch.tensor(math.nan)))
    odd = object()
    assert plain(odd) is odd


def test_wrong_values_are_still_named():
    with pytest.raises(TypeError, match=r"`predictions\[0\]` is not a label list: got 3 \(int\)"):
        set_f([np.int64(3)], ["joy"])
    with pytest.raises(TypeError, match=r"`predictions\[0\]` is no sentiment: got True \(bool\)"):
        sentiment([np.bool_(True)], [1])
    clip = {"start_s": np.float64("inf"), "end_s": 2, "label": "joy"}
    with pytest.raises(ValueError, match="no usable time: got inf"):
        turning_points([[clip]], [["joy"]])


def test_the_numbers_of_a_result_alone():
    compute = affecthub.load_metric("emotion_classification").compute
    scores = compute(predictions=["joy", "sad"], references=["joy", "joy"])
    numbers = scalar_scores(scores, prefix="eval_")
    assert numbers["eval_emotion_classification"] == 0.5
    assert numbers["eval_baselines/majority/accuracy"] == 1
    assert all(isinstance(value, int | float) for value in numbers.values())
    assert "eval_confusion" not in numbers and "eval_drop_invalid" not in numbers
    assert scalar_scores({"a": math.nan, "b": None, "c": "d", "e": [1], "f": True}) == {}


@pytest.mark.parametrize("metric", affecthub.list_metrics())
def test_unknown_options_are_answered_with_those_that_exist(metric):
    module = affecthub.load_metric(metric)
    options = [option.name for option in module.options()]
    with pytest.raises(ValueError, match=f"unknown option of {metric}: got 'rings', ") as error:
        module.compute(predictions=[], references=[], rings=["inner"])
    for option in options:
        assert option in str(error.value)
    if "ring" in options:
        assert "Did you mean 'ring'" in str(error.value)
