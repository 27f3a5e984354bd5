"""MELD's labels corrected from GoEmotions: every rule by hand."""

import doctest
import math

import numpy as np
import pytest

from affecthub.annotation.votes import encode_sets
from affecthub.datasets_scripts.emos import correction
from affecthub.datasets_scripts.emos.correction import correct_by_mass, correct_by_votes, set_votes
from affecthub.labels import BASIC7, GOEMOTIONS_WITH_UNSURE

N = len(GOEMOTIONS_WITH_UNSURE)
BASIC = {name: number for number, name in enumerate(BASIC7)}


def soft(**shares):
    row = np.zeros(N)
    for label, share in shares.items():
        row[GOEMOTIONS_WITH_UNSURE.index(label)] = share
    return row


def test_doctests():
    result = doctest.testmod(correction)
    assert result.attempted and not result.failed


@pytest.mark.parametrize(
    ("shares", "original", "label", "confidence", "reason"),
    [
        # joy and pride are joy: 2/3 of the mass.
        ({"joy": 1 / 3, "pride": 1 / 3, "fear": 1 / 3}, "fear", "joy", 2 / 3, "high_goemotion"),
        # Half and half is high, and anger comes first by name whatever the original says.
        ({"anger": 1, "joy": 1}, "joy", "anger", 1 / 2, "high_goemotion"),
        # 2 : 2 : 1. Anger is best and the original.
        ({"anger": 2, "joy": 2, "fear": 1}, "anger", "anger", 2 / 5, "agree_orig"),
        # Joy ties with anger and is second.
        ({"anger": 2, "joy": 2, "fear": 1}, "joy", "joy", 2 / 5, "prefer_orig_second"),
        # Three tie: anger, fear, joy. Joy is third, and close.
        ({"anger": 1, "fear": 1, "joy": 1}, "joy", "joy", 1 / 3, "prefer_orig_close"),
        # The original has less, or nothing.
        ({"anger": 2, "joy": 2, "fear": 1}, "fear", "anger", 2 / 5, "override_low_conf"),
        ({"anger": 2, "joy": 2, "fear": 1}, "neutral", "anger", 2 / 5, "override_low_conf"),
        # Unsure is neutral and part of the mass; caring is neutral, embarrassment sadness.
        ({"unsure": 1, "caring": 1, "embarrassment": 1}, "joy", "neutral", 2 / 3, "high_goemotion"),
        # Nobody chose anything.
        ({}, "fear", "fear", math.nan, "no_votes"),
    ],
)
def test_mass_rules(shares, original, label, confidence, reason):
    found = correct_by_mass([soft(**shares)], [BASIC[original]])
    assert BASIC7[found.label[0]] == label
    assert found.confidence[0] == pytest.approx(confidence, nan_ok=True)
    assert found.reason.tolist() == [reason]
    assert found.changed.tolist() == [label != original]


def test_best_and_second_are_in_name_order_where_equal():
    found = correct_by_mass([soft(joy=1), soft(surprise=1, joy=1)], [0, 0])
    # All but joy share the rest, nothing: anger is first. Then joy before surprise.
    assert [BASIC7[label] for label in found.best] == ["joy", "joy"]
    assert [BASIC7[label] for label in found.second] == ["anger", "surprise"]
    assert found.shares.sum(axis=1).tolist() == [1, 1]


@pytest.mark.parametrize(
    ("labels", "original", "vote"),
    [
        (["joy", "love", "fear"], "fear", "joy"),
        (["joy", "fear"], "joy", "joy"),
        (["joy", "fear"], "fear", "fear"),
        (["joy", "fear"], "anger", "fear"),  # the original is not tied: first by name
        ([], "surprise", "surprise"),
        # The second map: embarrassment is disgust, caring is joy.
        (["embarrassment"], "sadness", "disgust"),
        (["caring"], "neutral", "joy"),
    ],
)
def test_votes_of_sets(labels, original, vote):
    chosen = encode_sets([[labels]], GOEMOTIONS_WITH_UNSURE)
    assert BASIC7[set_votes(chosen, [BASIC[original]])[0, 0]] == vote


def test_votes_become_labels_by_dawid_and_skene():
    votes = [[0, 0, 0], [3, 3, 0], [3, 3, 3]]
    found = correct_by_votes(votes, [0, 0, 3])
    assert found.label.tolist() == [0, 3, 3] and found.changed.tolist() == [False, True, False]
    assert set(found.reason.tolist()) == {"ds_high_conf"}
    assert found.best.tolist() == [0, 3, 3]
    # Three annotators who agree on nothing leave each of three classes a third.
    divided = correct_by_votes([[0, 1, 2], [1, 2, 0], [2, 0, 1]], [0, 0, 0])
    assert divided.reason.tolist() == ["ds_low_conf"] * 3
    np.testing.assert_allclose(divided.confidence, 1 / 3)


def test_empty_input():
    assert correct_by_mass(np.empty((0, N)), []).label.shape == (0,)
    assert set_votes(np.empty((0, 3, N), bool), []).shape == (0, 3)
    assert correct_by_votes(np.empty((0, 3), int), []).label.shape == (0,)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"got shape \(1, 28\), expected \(clip, 29\)"):
        correct_by_mass(np.zeros((1, 28)), [0])
    with pytest.raises(ValueError, match="got a negative value or no number"):
        correct_by_mass([soft(joy=-1)], [0])
    with pytest.raises(ValueError, match="got 2 labels, expected 1"):
        correct_by_mass([soft(joy=1)], [0, 1])
    with pytest.raises(ValueError, match="`original`: got a missing label"):
        correct_by_mass([soft(joy=1)], [-1])
    with pytest.raises(ValueError, match="got a missing vote, expected none"):
        correct_by_votes([[0, -1]], [0])
    with pytest.raises(ValueError, match="got 2 labels, expected 29"):
        set_votes(np.zeros((1, 1, 2), bool), [0])
