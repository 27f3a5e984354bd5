"""Turning points: hand-worked streams, the released EmoS streams, and properties."""

import itertools
import json
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affecthub.labels import BASIC7
from affecthub.metrics.turning_points.scores import turning_points
from affecthub.metrics.turning_points.timeline import (
    align,
    boundaries,
    count_matches,
    read_utterances,
)

EMOTIONS = st.sampled_from(["joy", "fear", "anger"])
streams = st.lists(
    st.integers(1, 6).flatmap(
        lambda n: st.tuples(
            st.lists(st.one_of(EMOTIONS, st.none()), min_size=n, max_size=n),
            st.lists(EMOTIONS, min_size=n, max_size=n),
        )
    ),
    min_size=1,
    max_size=5,
)


def stream(*utterances):
    """Utterances from (start, end, label)."""
    return [{"start_s": s, "end_s": e, "label": label} for s, e, label in utterances]


def test_changes_by_hand():
    scores = turning_points(
        [["joy", "joy", "fear", "fear"], ["anger", None, "joy"]],
        [["joy", "fear", "anger", "anger"], ["anger", "anger", "joy"]],
    )
    # Pairs of clip 0: change, change, none; predicted none, change, none: right at 2 of 3.
    # Clip 1: none, change; an invalid label stands in both pairs: right at none.
    assert scores["turning_points"] == pytest.approx(2 / 5)
    # One predicted change, a right one, of three.
    assert (scores["change_precision"], scores["change_recall"]) == (1, 1 / 3)
    assert scores["change_f1"] == pytest.approx(1 / 2)
    assert (scores["n_pairs"], scores["n_changes"], scores["n_predicted_changes"]) == (5, 3, 1)
    # joy, anger and joy are right of seven; the changes are joy-fear, fear-anger and anger-joy,
    # none of which was named.
    assert scores["label_accuracy"] == pytest.approx(3 / 7)
    assert (scores["transition_accuracy"], scores["n_invalid"]) == (0, 1)
    # By clip: 2/3 and 0; F1 of clip 0 is 2 * 1 / (1 + 2), of clip 1 it is 0.
    assert scores["macro"] == {
        "accuracy": pytest.approx(1 / 3),
        "f1": pytest.approx(1 / 3),
        "n_clips": 2,
        "n_clips_f1": 2,
    }
    assert scores["baselines"]["always_change"] == {
        "accuracy": pytest.approx(3 / 5),
        "precision": pytest.approx(3 / 5),
        "recall": 1,
        "f1": pytest.approx(3 / 4),
    }
    never = {"accuracy": pytest.approx(2 / 5), "precision": 0, "recall": 0, "f1": 0}
    assert scores["baselines"]["never_change"] == never
    assert (scores["alignment"], scores["boundary"]) == ("given", [])


def test_a_transition_is_right_where_both_labels_are():
    # Changes joy-fear and fear-joy; the first is named in full.
    scores = turning_points([["joy", "fear", "anger"]], [["joy", "fear", "joy"]])
    assert (scores["turning_points"], scores["transition_accuracy"]) == (1, 1 / 2)


def test_alignment_takes_the_longest_overlap_and_the_earlier_of_equals():
    predicted = stream((4, 8, "anger"), (0, 4, "joy"), (20, 21, "fear"))
    reference = stream((0, 3, "joy"), (3, 5, "joy"), (3, 6, "anger"), (8, 20, "fear"))
    # 3 s of joy; 1 s of each, so the earlier; 2 s of anger, 1 s of joy; touching is no overlap.
    assert align(predicted, reference) == ["joy", "joy", "anger", None]
    assert align([], reference) == [None] * 4


def test_overlap_by_hand():
    scores = turning_points(
        [stream((0, 5.5, "Joy"), (5.5, 9, "anger"))],
        [stream((6, 9, "anger"), (0, 3, "joy"), (3, 6, "fear"), (30, 31, "joy"))],
    )
    # In order joy, fear, anger, joy; predicted joy, joy, anger, invalid: of three changes one hit.
    assert (scores["alignment"], scores["n_invalid"]) == ("overlap", 1)
    assert scores["turning_points"] == pytest.approx(1 / 3)
    # Boundaries at 3, 6, 30 s against 5.5 s: within every tolerance one pair of one and three.
    expected = {"precision": 1, "recall": pytest.approx(1 / 3), "f1": 1 / 2}
    assert scores["boundary"] == [{"tolerance_s": t, **expected} for t in (1, 2, 5)]


def test_labels_of_given_utterances_change_where_the_utterances_do():
    reference = [stream((0, 2, "joy"), (2, 4, "fear"), (7, 9, "joy"))]
    scores = turning_points([["joy", "joy", "fear"]], reference, tolerances=(1, 5))
    # Predicted at 7 s, reference at 2 and 7 s.
    assert scores["alignment"] == "given"
    assert [b["precision"] for b in scores["boundary"]] == [1, 1]
    timed = turning_points(
        [stream((0, 1, "joy"), (1, 2, "fear"))], [stream((5, 6, "joy"), (6, 7, "fear"))]
    )
    assert timed["n_invalid"] == 2
    given = turning_points(
        [stream((0, 1, "joy"), (1, 2, "fear"))],
        [stream((5, 6, "joy"), (6, 7, "fear"))],
        alignment="given",
    )
    assert given["turning_points"] == given["boundary"][0]["f1"] == 1


@pytest.mark.parametrize(
    ("found", "wanted", "tolerance", "n"),
    [
        ([1, 2], [2.5], 1, 1),  # a boundary has one partner at most
        ([2, 3], [1.5, 2.5], 0.5, 2),
        ([0, 10], [1, 11.5], 1, 1),
        ([5], [6], 1, 1),  # the tolerance itself still counts
        ([], [1], 5, 0),
    ],
)
def test_matching_by_hand(found, wanted, tolerance, n):
    assert count_matches(found, wanted, tolerance) == n


times = st.lists(st.integers(0, 12), max_size=4).map(sorted)


@given(times, times, st.integers(0, 4))
def test_matching_finds_the_greatest_number_of_pairs(found, wanted, tolerance):
    few, many = sorted((found, wanted), key=len)
    best = max(
        sum(abs(one - other) <= tolerance for one, other in zip(few, chosen, strict=True))
        for chosen in itertools.permutations(many, len(few))
    )
    assert count_matches(found, wanted, tolerance) == best


def test_labels_outside_the_set_are_invalid():
    scores = turning_points([["Joy", "bliss"]], [["joy", "fear"]], label_set=BASIC7)
    assert (scores["n_invalid"], scores["label_accuracy"]) == (1, 1 / 2)
    assert turning_points([["Joy", "bliss"]], [["joy", "fear"]])["turning_points"] == 1
    assert turning_points([["高兴", "愤怒"]], [["高兴", "愤怒"]])["turning_points"] == 1


@pytest.mark.parametrize("clips", [[], [None], [["joy"]]])
def test_without_a_pair_the_score_is_nan(clips):
    with pytest.warns(UserWarning, match="turning_points is nan"):
        scores = turning_points(clips, clips)
    assert math.isnan(scores["turning_points"]) and scores["n_pairs"] == 0


@pytest.mark.parametrize(
    ("error", "message", "predictions", "references", "options"),
    [
        (ValueError, "got 1 predictions for 2 references", [["joy"]], [["joy"]] * 2, {}),
        (ValueError, r"`predictions\[0\]`.*got 1 labels for 2", [["joy"]], [["joy", "fear"]], {}),
        (ValueError, "no label", [["joy"]], [[None]], {}),
        (ValueError, "label in `references", [["joy"]], [["bliss"]], {"label_set": BASIC7}),
        (ValueError, "unknown alignment: got 'time'", [], [], {"alignment": "time"}),
        (ValueError, "needs times", [["joy"]], [["joy"]], {"alignment": "overlap"}),
        (ValueError, "`tolerances`: got", [], [], {"tolerances": [-1]}),
        (ValueError, "ends before", [stream((3, 2, "joy"))], [["joy"]], {}),
        (ValueError, "no usable time", [stream((0, math.nan, "joy"))], [["joy"]], {}),
        (ValueError, "Add end_s", [[{"start_s": 1, "label": "joy"}]], [["joy"]], {}),
        (ValueError, "mixes two forms", [["joy", *stream((1, 2, "joy"))]], [["joy"]], {}),
        (TypeError, "not a list of utterances", ["joy"], [["joy"]], {}),
        (TypeError, "not text: got 3", [[3]], [["joy"]], {}),
        (TypeError, "`references` is not a list of clips", [["joy"]], "joy", {}),
    ],
)
def test_wrong_input_is_named(error, message, predictions, references, options):
    with pytest.raises(error, match=message):
        turning_points(predictions, references, **options)


@pytest.fixture(scope="module")
def released(reference_data):
    """The utterances of every released clip, with their Basic-7 label."""
    files = sorted((reference_data / "emos").rglob("*.emotion.json"))
    clips = []
    for file in files:
        text = file.read_text(encoding="utf-8").strip()
        content = json.loads(text.removeprefix("```json").removesuffix("```"))
        clips.append([])
        for utterance in content["utterances"]:
            parts = [int(part) for part in re.split("[:-]", utterance["timestamp_range"])]
            label = utterance["emotion_primary"].split("/")[0]
            clips[-1] += stream((60 * parts[0] + parts[1], 60 * parts[2] + parts[3], label))
    return clips


def test_the_released_streams(released):
    scores = turning_points(released, released, label_set=BASIC7)
    counts = [scores[f"n_{key}"] for key in ("clips", "utterances", "pairs", "changes", "invalid")]
    assert counts == [46, 447, 401, 233, 0]
    assert scores["turning_points"] == scores["boundary"][0]["f1"] == 1
    accuracies = {name: baseline["accuracy"] for name, baseline in scores["baselines"].items()}
    assert accuracies == {"always_change": 233 / 401, "never_change": 168 / 401}
    assert [round(100 * value, 1) for value in accuracies.values()] == [58.1, 41.9]


def test_a_single_label_never_changes(released):
    scores = turning_points([stream((0, 1000, "neutral"))] * len(released), released)
    assert scores["turning_points"] == scores["baselines"]["never_change"]["accuracy"]
    assert (scores["n_invalid"], scores["n_predicted_changes"]) == (0, 0)


@given(streams)
def test_properties(clips):
    clips = [*clips, (["joy", "fear"], ["joy", "fear"])]
    predictions, references = (list(side) for side in zip(*clips, strict=True))
    scores = turning_points(predictions, references)
    keys = ("turning_points", "change_precision", "change_recall", "change_f1", "label_accuracy")
    assert all(0 <= scores[key] <= 1 for key in (*keys, "transition_accuracy"))
    assert scores["transition_accuracy"] <= scores["change_recall"]
    turned = turning_points(predictions[::-1], references[::-1])
    assert [turned[key] for key in keys] == [scores[key] for key in keys]
    assert turning_points(references, references)["turning_points"] == 1
    always, never = (scores["baselines"][name]["accuracy"] for name in scores["baselines"])
    assert always + never == pytest.approx(1)


@given(st.lists(EMOTIONS, min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_overlap_of_the_same_segmentation_is_alignment_by_position(labels, random):
    reference = stream(*((i, i + 1, label) for i, label in enumerate(labels)))
    shuffled = random.sample(reference, len(reference))
    read = read_utterances(shuffled, "predicted")
    assert align(read, read_utterances(reference, "reference")) == labels
    assert len(boundaries(read)) == sum(a != b for a, b in itertools.pairwise(labels))
