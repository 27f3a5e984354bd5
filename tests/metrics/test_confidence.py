"""Confidence: hand-worked clips, the paper's differences, scikit-learn, intervals."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score

from affecthub.metrics.confidence.calibration import Calibration
from affecthub.metrics.confidence.scores import confidence
from affecthub.metrics.confidence.stated import read_confidence

shares = st.integers(0, 100).map(lambda percent: percent / 100)
clips = st.lists(st.tuples(shares, st.booleans()), min_size=1)


def test_scores_by_hand():
    scores = confidence([0.9, 0.8, 0.6, 0.3, 0.2], [1, 0, 1, 0, None], n_bins=2)
    # Bins (0, 1/2] with 0.3 wrong, (1/2, 1] with 2 of 3 right at mean 2.3/3:
    # (|0.3 - 0| + 3 |2.3/3 - 2/3|) / 4 = (0.3 + 0.3) / 4.
    assert scores["ece"] == pytest.approx(0.15)
    # 0.01 + 0.64 + 0.16 + 0.09 over 4.
    assert scores["brier"] == pytest.approx(0.225)
    # Right 0.9, 0.6 against wrong 0.8, 0.3: 3 of 4 pairs.
    assert scores["auroc"] == 3 / 4
    assert (scores["accuracy"], scores["n_scored"]) == (1 / 2, 4)
    # The last clip's confidence counts where correctness does not matter.
    assert scores["confidence"] == pytest.approx(2.8 / 5)
    low, high = scores["reliability"]
    assert (low["lower"], low["upper"], low["n"], low["accuracy"]) == (0, 0.5, 1, 0)
    assert (high["n"], high["accuracy"]) == (3, pytest.approx(2 / 3))
    assert high["confidence"] == pytest.approx(2.3 / 3)


# EmoS, Table 8: means on high and low clips, and their difference.
@pytest.mark.parametrize(
    ("high", "low", "printed"),
    [(0.817, 0.804, -0.013), (0.873, 0.849, -0.024), (0.850, 0.852, 0.002), (0.987, 0.955, -0.032)],
)
def test_difference_of_tiers_has_the_sign_of_the_paper(high, low, printed):
    scores = confidence(
        [high - 0.01, high + 0.01, low, 0.1],
        [None] * 4,
        tiers=["high", "high", "low", "medium"],
        n_resamples=0,
    )
    assert scores["tier_difference"] == pytest.approx(printed)
    assert scores["mean_by_tier"] == {
        "high": pytest.approx(high),
        "low": pytest.approx(low),
        "medium": pytest.approx(0.1),
    }
    assert scores["n_by_tier"] == {"high": 2, "low": 1, "medium": 1}
    assert scores["ece"] is scores["auroc"] is scores["intervals"]["ece"] is None


@pytest.mark.parametrize(
    ("stated", "value"),
    [
        (0.85, 0.85),
        (1, 1),
        (0, 0),
        ("0.85", 0.85),
        ("0,85", 0.85),
        (".5", 0.5),
        ("85%", 0.85),
        ("８５％", 0.85),
        ("Model confidence: 0.9.", 0.9),
        ("about 90 percent", 0.9),
        (72, 0.72),
        ("0.5%", 0.005),
        (1.2, 1.2),
        (-0.1, -0.1),
        (140, 140),
        ("85/100", 0.85),
        ("8 / 10", 0.8),
        ("8.5 out of 10", 0.85),
        ("1e-3", 0.001),
        ("joy: 0.9", 0.9),
        ("0.85 (85%)", 0.85),
        ("\u22120.1", -0.1),
        ("九成", 0.9),
        ("七成半", 0.75),
        ("9成", 0.9),
        ("百分之八十五", 0.85),
        ("百分之百", 1),
        (np.float32(0.5), 0.5),
    ],
)
def test_reading_of_confidences(stated, value):
    reading = read_confidence(stated)
    assert reading is not None and reading[0] == pytest.approx(value)


@pytest.mark.parametrize(
    "stated", ["", "high", "8/0", "1/2/3", "0.8 or 0.9", "0.8-0.9", "2026-11-27", None]
)
def test_what_is_no_confidence(stated):
    assert read_confidence(stated) is None


def test_what_is_left_out_clipped_and_divided_is_counted():
    scores = confidence([0.5, "85%", 1.2, -0.1, "?", None, math.nan], [1] * 7)
    assert scores["confidence"] == pytest.approx((0.5 + 0.85 + 1 + 0) / 4)
    counts = {name: scores[name] for name in ("n_clips", "n_missing", "n_percent", "n_clipped")}
    assert counts == {"n_clips": 7, "n_missing": 3, "n_percent": 1, "n_clipped": 2}
    assert scores["n_scored"] == 4


def test_edges_belong_to_the_bin_below():
    scores = confidence([0, 0.25, 0.26, 0.5, 1], [1] * 5, n_bins=4)
    assert [point["n"] for point in scores["reliability"]] == [2, 2, 0, 1]
    assert scores["reliability"][2]["accuracy"] is None


def test_perfect_calibration():
    scores = confidence([0.75] * 4 + [0.5] * 2, [1, 1, 1, 0, 1, 0])
    assert scores["ece"] == pytest.approx(0)
    assert confidence([1, 0], [True, False])["brier"] == 0


def test_one_kind_of_answer_has_no_auroc():
    scores = confidence([0.5, 0.6], [1, 1])
    assert scores["auroc"] is None and scores["intervals"]["auroc"] is None
    assert scores["intervals"]["brier"] is not None


@pytest.mark.parametrize("stated", [[], ["sure", None]])
def test_nothing_to_score_is_nan(stated):
    with pytest.warns(UserWarning, match="confidence is nan"):
        scores = confidence(stated, [1] * len(stated), tiers=["low"] * len(stated))
    assert math.isnan(scores["confidence"])
    assert scores["ece"] is scores["tier_difference"] is scores["intervals"]["brier"] is None
    assert scores["mean_by_tier"] == {}


def test_intervals_are_seeded_and_cover():
    rng = np.random.default_rng(3)
    stated = rng.random(2000)
    correct = rng.random(2000) < stated
    tiers = np.where(rng.random(2000) < 0.5, "high", "low")
    first = confidence(stated, correct, tiers=tiers)
    assert first == confidence(stated, correct, tiers=tiers)
    other = confidence(stated, correct, tiers=tiers, seed=1)
    assert first["intervals"] != other["intervals"]
    for name in ("tier_difference", "brier", "auroc"):
        low, high = first["intervals"][name]
        assert low < first[name] < high
    # The standard error of a mean of 2,000 squared gaps, times the normal quantile.
    gaps = (stated - correct) ** 2
    low, high = first["intervals"]["brier"]
    assert (high - low) / 2 == pytest.approx(1.96 * gaps.std() / 2000**0.5, rel=0.1)
    # The difference of means of two samples of about 1,000 uniform numbers.
    low, high = first["intervals"]["tier_difference"]
    assert (high - low) / 2 == pytest.approx(1.96 * (2 / 12 / 1000) ** 0.5, rel=0.1)


def test_many_clips_are_resampled_in_chunks(monkeypatch):
    rng = np.random.default_rng(5)
    answers = Calibration(rng.random(50), (rng.random(50) < 0.5).astype(float))
    whole = answers.intervals(100, np.random.default_rng(0))
    monkeypatch.setattr("affecthub.metrics.confidence.calibration._CHUNK", 120)
    chunked = answers.intervals(100, np.random.default_rng(0))
    # Two resamples at a time draw the same numbers in the same order.
    assert {name: pytest.approx(edges) for name, edges in whole.items()} == chunked


@pytest.mark.parametrize(
    ("error", "message", "arguments", "options"),
    [
        (ValueError, "got 1 correct for 2 confidences", ([0.1, 0.2], [1]), {}),
        (ValueError, "got 2 tiers for 1 confidences", ([0.1], [1]), {"tiers": ["low", "low"]}),
        (ValueError, r"`correct\[0\]` does not say.*got 0.5", ([0.1], [0.5]), {}),
        (ValueError, "are out of range: got 0 and 1000", ([0.1], [1]), {"n_bins": 0}),
        (TypeError, r"`confidences\[0\]` is no confidence: got \[0.1\]", ([[0.1]], [1]), {}),
        (TypeError, r"`correct\[0\]` does not say.*got 'yes'", ([0.1], ["yes"]), {}),
    ],
)
def test_wrong_input_is_named(error, message, arguments, options):
    with pytest.raises(error, match=message):
        confidence(*arguments, **options)


@given(clips)
def test_equal_to_sklearn(pairs):
    stated, correct = (list(side) for side in zip(*pairs, strict=True))
    scores = confidence(stated, correct, n_resamples=0)
    assert scores["brier"] == pytest.approx(brier_score_loss(correct, stated, pos_label=True))
    if len(set(correct)) == 2:
        assert scores["auroc"] == pytest.approx(roc_auc_score(correct, stated))


def test_calibration_error_equals_torchmetrics():
    import torch
    from torchmetrics.functional.classification import binary_calibration_error

    rng = np.random.default_rng(0)
    for n in (1, 20, 300):
        stated = rng.uniform(0, 1, n)
        correct = rng.uniform(0, 1, n) < stated**2
        found = confidence(stated.tolist(), correct.tolist(), n_resamples=0)["ece"]
        columns = torch.tensor(stated), torch.tensor(correct).int()
        assert found == pytest.approx(float(binary_calibration_error(*columns, 15)), abs=1e-6)


@given(clips)
def test_properties(pairs):
    stated, correct = (list(side) for side in zip(*pairs, strict=True))
    scores = confidence(stated, correct, n_resamples=20)
    backward = confidence(stated[::-1], correct[::-1], n_resamples=0)
    for name in ("confidence", "ece", "brier", "auroc"):
        assert scores[name] == pytest.approx(backward[name], abs=1e-12)
        assert scores[name] is None or 0 <= scores[name] <= 1
    for edges in scores["intervals"].values():
        assert edges is None or 0 <= edges[0] <= edges[1] <= 1
    assert sum(point["n"] for point in scores["reliability"]) == len(pairs)
    # Mean confidence cannot be further from accuracy than the bins are on average.
    assert abs(scores["confidence"] - scores["accuracy"]) <= scores["ece"] + 1e-12
