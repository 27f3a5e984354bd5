"""Sums of clips as scores: numbers worked out by hand, groups drawn whole, and paired tests."""

import numpy as np
import pytest

from affecthub.training.asking.scoring.tallies import Tally, differences, mcnemar, with_intervals


def share(sums):
    return {"accuracy": sums[:, 0] / sums[:, 1]}


def tally(right):
    return Tally(np.array([[float(each), 1.0] for each in right]), share)


def test_a_score_and_its_interval():
    # 8 of 10 right; the interval of a share of ten lies around it and is no wider than 0 to 1.
    found = with_intervals(tally([1] * 8 + [0] * 2), [], n_resamples=500, seed=0)["accuracy"]
    assert found["value"] == 0.8
    assert 0.4 <= found["low"] < 0.8 < found["high"] <= 1
    assert with_intervals(tally([1, 0]), [], n_resamples=0, seed=0) == {"accuracy": {"value": 0.5}}


def test_groups_are_drawn_whole():
    right = [1] * 20 + [0] * 20
    alone = with_intervals(tally(right), [None] * 40, n_resamples=400, seed=1)["accuracy"]
    # Two speakers, one always right: a resample has both, or one of them twice.
    groups = ["a"] * 20 + ["b"] * 20
    whole = with_intervals(tally(right), groups, n_resamples=400, seed=1)["accuracy"]
    assert (whole["low"], whole["high"]) == (0.0, 1.0)
    assert alone["low"] > 0.3 and alone["high"] < 0.7
    assert tally(right).by_group(groups).tolist() == [[20, 20], [0, 20]]


def test_a_difference_is_of_the_same_clips():
    first, second = tally([1] * 30 + [0] * 10), tally([1] * 20 + [0] * 20)
    found = differences(first, second, [], n_resamples=999, seed=0)["accuracy"]
    assert (found["first"], found["second"]) == (0.75, 0.5)
    assert found["difference"]["value"] == 0.25
    assert 0 < found["difference"]["low"] < 0.25 < found["difference"]["high"]
    # Ten clips, all of them won by the first: 2 of 2 ** 10 exchanges are as far apart.
    assert found["p"] == pytest.approx(2 / 1024, abs=0.005)
    # One group decides alone, so that nothing can be said.
    one_group = differences(first, second, ["a"] * 40, n_resamples=99, seed=0)["accuracy"]
    assert one_group["p"] == 1.0 and one_group["difference"] == {"value": 0.25}
    assert with_intervals(first, ["a"] * 40, n_resamples=99, seed=0) == {
        "accuracy": {"value": 0.75}
    }


def test_no_difference_has_no_small_p():
    same = differences(tally([1, 0, 1]), tally([1, 0, 1]), [], n_resamples=99, seed=0)["accuracy"]
    assert same["difference"] == {"value": 0.0, "low": 0.0, "high": 0.0} and same["p"] == 1.0


def test_mcnemar_is_exact():
    # 5 against 1: (C(6, 0) + C(6, 1)) * 2 / 2 ** 6 = 14 / 64.
    first = [True] * 5 + [False] + [True] * 7
    second = [False] * 5 + [True] + [True] * 7
    assert mcnemar(first, second) == {"n_first_alone": 5, "n_second_alone": 1, "p": 14 / 64}
    # 2 against 7: (1 + 9 + 36) * 2 / 2 ** 9.
    assert mcnemar([True] * 2 + [False] * 7, [False] * 2 + [True] * 7)["p"] == 92 / 512
    assert mcnemar([True], [True])["p"] == 1.0
    # Thousands of clips are no trouble: far apart and alike.
    assert mcnemar([True] * 3000, [False] * 3000)["p"] == 0.0
    alike = mcnemar([True, False] * 2000, [False, True] * 2000)
    assert alike["p"] == 1.0
