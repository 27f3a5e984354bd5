"""Scores are the metric's own; intervals cover what resampling by hand gives."""

import numpy as np
import pytest

from affecthub.metrics.emotion_classification.scores import emotion_classification
from affecthub.training.pretrained.intervals import score_with_intervals

LABELS = ["joy", "anger", "fear"]
TRUTH = ["joy", "joy", "anger", "joy", "fear", "anger", "joy", "anger"]
SAID = ["joy", "Happy", "anger", None, "joy", "anger", "joy", "fear"]


def score(predictions=SAID, references=TRUTH, **options):
    return score_with_intervals(predictions, references, LABELS, majority="joy", **options)


def test_values_are_those_of_the_metric():
    found = score()
    metric = emotion_classification(SAID, TRUTH, labels=LABELS)
    assert found["accuracy"]["value"] == metric["emotion_classification"] == 5 / 8
    for name in ("weighted_f1", "macro_f1"):
        assert found[name]["value"] == metric[name]
        above = found[name]["above_majority"]["value"]
        assert above == pytest.approx(metric[name] - metric["baselines"]["majority"][name])
    assert (found["n"], found["n_invalid"], found["n_groups"]) == (8, 1, 8)


def test_majority_is_never_above_itself():
    found = score(["joy"] * 8)
    for name in ("accuracy", "weighted_f1", "macro_f1"):
        assert set(found[name]["above_majority"].values()) == {0.0}


def test_interval_of_accuracy_is_that_of_the_binomial():
    # 400 clips, 300 right: sd = sqrt(.75 * .25 / 400) = 0.02165, 1.96 of them on each side.
    truth, said = ["joy"] * 400, ["joy"] * 300 + ["anger"] * 100
    accuracy = score(said, truth)["accuracy"]
    assert accuracy["value"] == 0.75
    assert accuracy["low"] == pytest.approx(0.75 - 1.96 * 0.02165, abs=0.006)
    assert accuracy["high"] == pytest.approx(0.75 + 1.96 * 0.02165, abs=0.006)


def test_clips_of_a_dialogue_are_drawn_together():
    # Ten dialogues of forty clips, each all right or all wrong: as sure as ten clips, not as 400.
    truth = ["joy"] * 400
    said = [("joy" if i // 40 < 5 else "anger") for i in range(400)]
    together = score(said, truth, groups=[i // 40 for i in range(400)])
    alone = score(said, truth, groups=[None] * 400)
    assert (together["n_groups"], alone["n_groups"]) == (10, 400)
    width = [found["accuracy"]["high"] - found["accuracy"]["low"] for found in (together, alone)]
    assert width[0] == pytest.approx(width[1] * np.sqrt(40), rel=0.1)


def test_the_same_seed_gives_the_same_intervals():
    assert score(seed=3) == score(seed=3) != score(seed=4)


def test_nothing_to_score():
    with pytest.raises(ValueError, match="got no clips"):
        score([], [])
