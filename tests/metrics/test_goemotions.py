"""GoEmotions: hand-worked clips, scikit-learn, released soft labels."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support

from affecthub.labels import GOEMOTIONS, GOEMOTIONS_WITH_UNSURE
from affecthub.metrics.goemotions.divergence import FLOOR, cross_entropy, jensen_shannon
from affecthub.metrics.goemotions.scores import goemotions

label_sets = st.lists(st.sampled_from(GOEMOTIONS), max_size=4)
clips = st.lists(st.tuples(label_sets, label_sets), min_size=1)


def row(scores, label):
    return scores["per_label"][GOEMOTIONS.index(label)]


def test_sets_by_hand():
    scores = goemotions(
        [["joy", "love"], ["anger"], "['joy', 'fear']", None],
        [["joy"], ["anger", "disgust"], ["joy"], ["anger"]],
    )
    # joy: 2 right of 2 and 2. anger: 1 of 1, 2 occurring. disgust: never predicted. love and fear
    # are predicted once each and never occur.
    assert [row(scores, "joy")[key] for key in ("precision", "recall", "f1")] == [1, 1, 1]
    assert [row(scores, "anger")[key] for key in ("precision", "recall")] == [1, 1 / 2]
    assert row(scores, "anger")["f1"] == pytest.approx(2 / 3)
    flags = {label: row(scores, label)["zero_division"] for label in ("joy", "disgust", "love")}
    assert flags == {"joy": False, "disgust": True, "love": True}
    assert (row(scores, "joy")["support"], row(scores, "love")["n_predicted"]) == (2, 1)
    # Macro over joy, anger, disgust.
    assert scores["goemotions"] == pytest.approx((1 + 2 / 3 + 0) / 3)
    assert scores["macro_precision"] == pytest.approx(2 / 3)
    assert scores["macro_recall"] == pytest.approx((1 + 1 / 2) / 3)
    assert scores["macro_f1_all"] == pytest.approx((1 + 2 / 3) / 28)
    # 3 right, 5 predicted, 5 occurring.
    assert scores["micro_precision"] == scores["micro_recall"] == scores["micro_f1"] == 3 / 5
    assert (scores["n_labels"], scores["n_clips"], scores["n_missing"]) == (3, 4, 1)


def test_binarisation_by_hand():
    third, two_thirds = 0.333333333333333, 0.666666666666667
    reference = {"joy": two_thirds, "pride": third, "unsure": third}
    assert goemotions([["joy", "pride"]], [reference])["goemotions"] == 1
    majority = goemotions([["joy"]], [reference], binarize="majority")
    assert (majority["goemotions"], majority["n_labels"]) == (1, 1)
    # 0.66 is less than two of three.
    with pytest.warns(UserWarning, match="goemotions is nan"):
        goemotions([["joy"]], [{"joy": 0.66}], binarize="majority")


def test_predicted_probabilities_have_a_threshold():
    predictions = [{"joy": 0.6, "love": 0.4}]
    assert goemotions(predictions, [["joy"]])["micro_f1"] == 1
    low = goemotions(predictions, [["joy"]], threshold=0.3)
    assert low["micro_precision"] == 1 / 2


def test_divergences_by_hand():
    half, sure, none = np.array([[1, 1.0]]), np.array([[3.0, 0]]), np.array([[0, 0.0]])
    # m = (3/4, 1/4): (log2(4/3) + log2(2/3)/2 + log2(2)/2) / 2.
    expected = (math.log2(4 / 3) + math.log2(2 / 3) / 2 + 1 / 2) / 2
    assert jensen_shannon(half, sure)[0] == pytest.approx(expected)
    assert jensen_shannon(sure, sure)[0] == 0
    assert jensen_shannon(sure, np.array([[0, 1.0]]))[0] == jensen_shannon(none, sure)[0] == 1
    assert cross_entropy(half, sure)[0] == pytest.approx(math.log(2))
    assert cross_entropy(sure, half)[0] == pytest.approx(-math.log(FLOOR) / 2)
    assert cross_entropy(none, sure)[0] == pytest.approx(-math.log(FLOOR))


def test_soft_scores_leave_out_references_without_labels():
    scores = goemotions([["joy"], ["joy"], []], [["joy"], ["unsure"], {"love": 1}])
    # The second has no label left: 0 for the first, 1 for the empty answer of the third.
    assert (scores["jsd"], scores["n_soft"]) == (1 / 2, 2)
    assert scores["cross_entropy"] == pytest.approx(-math.log(FLOOR) / 2)
    # The label predicted there is wrong all the same.
    assert row(scores, "joy")["precision"] == 1 / 2


def test_every_form_of_a_label_set_is_the_same():
    vector = [1.0 if label in ("joy", "anger") else 0.0 for label in GOEMOTIONS]
    forms = [
        ["joy", "anger"],
        {"joy", "anger"},
        ("Joy", "ANGER", "joy"),
        "['joy', 'anger']",
        "joy, anger, unsure",
        "快乐、生气",
        ["happy", "angry"],
        {"joy": 1, "anger": 1.0},
        vector,
        [*vector, 1.0],
        np.array(vector, dtype=np.float32),
    ]
    scores = goemotions(forms, [["anger", "joy"]] * len(forms))
    assert scores["goemotions"] == scores["micro_f1"] == 1
    assert scores["jsd"] == 0 and scores["coverage"] == {"predictions": 1, "references": 1}


def test_unknown_labels_are_left_out_and_told():
    scores = goemotions([["joy", "wistful"]], [["joy"]])
    assert scores["micro_f1"] == 1
    assert scores["coverage"] == {"predictions": 1 / 2, "references": 1}


@pytest.mark.parametrize(("predictions", "references"), [([], []), (["joy"], [None])])
def test_nothing_to_score_is_nan(predictions, references):
    with pytest.warns(UserWarning, match="goemotions is nan"):
        scores = goemotions(predictions, references)
    assert math.isnan(scores["goemotions"]) and scores["jsd"] is None
    assert scores["n_labels"] == scores["n_soft"] == 0


@pytest.mark.parametrize(
    ("error", "message", "arguments", "options"),
    [
        (ValueError, "got 1 predictions for 2 references", (["joy"], ["joy", "joy"]), {}),
        (ValueError, "has 3 probabilities, expected 28", ([[0.1, 0.2, 0.3]], ["joy"]), {}),
        (
            ValueError,
            r"`references\[0\]\['joy'\]` is no prob.*got 1.5",
            (["joy"], [{"joy": 1.5}]),
            {},
        ),
        (ValueError, "got nan, expected 0 to 1", (["joy"], [{"joy": math.nan}]), {}),
        (ValueError, "is cut off", (["["], ["joy"]), {}),
        (ValueError, "unknown binarize", (["joy"], ["joy"]), {"binarize": "all"}),
        (ValueError, "`threshold` is out of range", (["joy"], ["joy"]), {"threshold": 0}),
        (TypeError, r"`predictions\[0\]` is no label set: got 3", ([3], ["joy"]), {}),
        (TypeError, "is no probability: got 'high'", ([{"joy": "high"}], ["joy"]), {}),
    ],
)
def test_wrong_input_is_named(error, message, arguments, options):
    with pytest.raises(error, match=message):
        goemotions(*arguments, **options)


def test_released_soft_labels(reference_data):
    from openpyxl import load_workbook

    folder = reference_data / "emos/datasets/data-final/datasets"
    path = next(folder.rglob("goemotion_soft_labels_first3000.xlsx"))
    header, *rows = load_workbook(path, read_only=True).active.iter_rows(values_only=True)
    columns = [header.index(f"goemotion_prob_{label}") for label in GOEMOTIONS_WITH_UNSURE]
    shares = [[float(row[column]) for column in columns] for row in rows]
    # Any annotator gives 2 to 4 labels a clip, a majority about one.
    for binarize, least, most in (("any", 2, 4), ("majority", 0.9, 1.3)):
        scores = goemotions(shares, shares, binarize=binarize, threshold=1e-9)
        n_labels = sum(entry["support"] for entry in scores["per_label"]) / len(shares)
        assert least < n_labels < most
        assert scores["jsd"] == pytest.approx(0, abs=1e-12) and scores["macro_recall"] == 1
        assert (scores["goemotions"] == 1) == (binarize == "any")


@given(clips)
def test_equal_to_sklearn(pairs):
    predicted, reference = (list(side) for side in zip(*pairs, strict=True))
    if not any(reference):
        return
    scores = goemotions(predicted, reference)
    table = [
        np.array([[label in found for label in GOEMOTIONS] for found in side])
        for side in (reference, predicted)
    ]
    columns = precision_recall_fscore_support(*table, zero_division=0)
    for name, column in zip(("precision", "recall", "f1", "support"), columns, strict=True):
        assert [entry[name] for entry in scores["per_label"]] == pytest.approx(column.tolist())
    micro = precision_recall_fscore_support(*table, average="micro", zero_division=0)
    names = ("micro_precision", "micro_recall", "micro_f1")
    assert [scores[name] for name in names] == pytest.approx(list(micro[:3]))
    assert scores["macro_f1_all"] == pytest.approx(columns[2].mean())


@given(clips)
def test_properties(pairs):
    predicted, reference = (list(side) for side in zip(*pairs, strict=True))
    if not any(reference):
        return
    scores = goemotions(predicted, reference)
    names = [name for name, score in scores.items() if isinstance(score, float)]
    shuffled = goemotions(
        [found[::-1] * 2 for found in predicted[::-1]], [set(found) for found in reference[::-1]]
    )
    assert [scores[name] for name in names] == pytest.approx([shuffled[name] for name in names])
    assert all(0 <= scores[name] <= 1 for name in names if name != "cross_entropy")
    perfect = goemotions(reference, reference)
    assert perfect["goemotions"] == perfect["micro_f1"] == pytest.approx(1)
    assert perfect["jsd"] == pytest.approx(0, abs=1e-9)
