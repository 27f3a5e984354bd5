import math

import pytest

from affecthub.training.annotating.filters import (
    agreement_matrix,
    crowd_agrees,
    speaker_is_seen,
    usual_length,
)
from affecthub.training.annotating.speaking import Speaking


def test_another_speaker_is_dropped_and_an_unknown_one_by_choice():
    found = {"a": Speaking(0.9), "b": Speaking(0.2), "c": Speaking(None, "no face")}
    kept = speaker_is_seen(found, threshold=0.5)
    assert [*kept.dropped] == ["b"] and kept.unknown == {"c": "no face"}
    strict = speaker_is_seen(found, threshold=0.5, unknown="drop")
    assert strict.dropped["c"] == "speaker unknown: no face"
    with pytest.raises(ValueError, match="`unknown`: got 'ask'"):
        speaker_is_seen(found, unknown="ask")


def test_both_tails_of_the_lengths_are_dropped():
    texts = {f"c{i}": "x" * 100 for i in range(20)} | {"short": "x", "long": "x" * 900, "no": "  "}
    sifted = usual_length(texts, deviations=2)
    assert sifted.dropped.keys() == {"long", "no"}
    assert sifted.dropped["no"] == "no description"
    strict = usual_length(texts, deviations=0.5)
    assert strict.dropped["short"].startswith("too short: 1 characters")
    values = [len(text.strip()) for text in texts.values()]
    mean = sum(values) / len(values)
    sd = math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))
    assert strict.facts["low"] == pytest.approx(mean - 0.5 * sd)
    assert usual_length({}).dropped == {}
    with pytest.raises(ValueError, match="`deviations`: got 0"):
        usual_length(texts, deviations=0)


def test_a_crowd_agrees_by_wheel_and_majority():
    votes = {
        "same": ["joy", "joy", "anger"],
        "near": ["anger", "anger", None],
        "other": ["sadness", "sadness", "joy"],
        "tie": ["joy", "anger", None],
        "lone": ["joy", None, None],
        "mute": ["joy", "joy", "joy"],
    }
    labels = {
        "same": ["joy"],
        "near": ["furious", "worried"],
        "other": ["delighted"],
        "tie": ["joy"],
        "lone": ["joy"],
        "mute": [],
    }
    sifted = crowd_agrees(votes, labels, unknown="keep")
    assert sifted.dropped == {"other": "the crowd says sadness, the description delighted"}
    assert sifted.unknown == {"tie": "no majority", "lone": "no majority", "mute": "no labels"}
    assert crowd_agrees(votes, labels).dropped.keys() == {"other", "tie", "lone", "mute"}
    assert crowd_agrees(votes, labels, least=1, unknown="keep").unknown.keys() == {"tie", "mute"}
    with pytest.raises(ValueError, match="1 clips have votes and no labels: got none for 'z'"):
        crowd_agrees({"z": ["joy"]}, {})


def test_labels_no_wheel_has_are_not_judged():
    sifted = crowd_agrees({"a": ["joy", "joy"]}, {"a": ["qwertyish"]}, unknown="keep")
    assert sifted.unknown == {"a": "labels on no wheel: qwertyish"}


def test_how_often_classifiers_agree():
    assert agreement_matrix([["a", "a"], ["a", "b"], [None, "b"]]) == [[1.0, 0.5], [0.5, 1.0]]
    assert agreement_matrix([]) == []
    with pytest.raises(ValueError, match="different numbers of votes"):
        agreement_matrix([["a"], ["a", "b"]])
