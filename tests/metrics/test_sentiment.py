"""Sentiment: hand-worked clips, the recorded scores of the published code, scikit-learn."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score

from affecthub.entries import entries, entry_of
from affecthub.metrics.sentiment.scores import VALUE_RANGES, sentiment

intensities = st.integers(-30, 30).map(lambda tenths: tenths / 10)
clips = st.lists(st.tuples(st.one_of(intensities, st.none()), intensities), min_size=1)


def test_polarity_by_hand():
    words = ["positive", "negative", "neutral", "positive", "hmm", "positive"]
    scores = sentiment(words, [2, -1, 0.2, -3, 1, 0])
    # The last clip is dropped. Of five, references + - + - +, predictions + - - + -: two right.
    # Positive: 1 right of 2 predicted, 3 occurring, F1 2/5. Negative: 1 of 3, 2 occurring, 2/5.
    assert (scores["acc"], scores["n_scored"], scores["n_clips"]) == (2 / 5, 5, 6)
    assert scores["sentiment"] == pytest.approx(2 / 5)
    assert scores["macro_f1"] == pytest.approx(2 / 5)
    # Recalls 1/3 and 1/2.
    assert scores["balanced_acc"] == pytest.approx(5 / 12)
    assert (scores["n_invalid"], scores["n_neutral"]) == (1, 1)
    # With the zero, non-negative: references 1 0 1 0 1 1, predictions 1 0 1 1 0 1.
    assert scores["acc_2_with_zero"] == pytest.approx(4 / 6)
    assert (scores["mae"], scores["acc_7"], scores["n_numbers"]) == (None, None, 0)


def test_an_unread_answer_is_negative_or_wrong():
    official = sentiment(["?", "?"], [-1, 1])
    strict = sentiment(["?", "?"], [-1, 1], invalid="wrong")
    assert (official["acc"], strict["acc"]) == (0.5, 0)
    assert official["n_invalid"] == strict["n_invalid"] == 2


def test_intensity_by_hand():
    predicted, reference = [2.6, -3.4, 0.5, -1.6, None], [3, -3, 0.4, -1.2, 1]
    scores = sentiment(predicted, reference, value_range=(-3, 3))
    # Rounded and clipped to 3: 3 -3 0 -2 against 3 -3 0 -1 and 1; the missing one is wrong.
    assert scores["acc_7"] == 3 / 5
    # To 2: 2 -2 0 -2 against 2 -2 0 -1.
    assert scores["acc_5"] == 3 / 5
    # |2.6 - 3| + |-3.4 + 3| + 0.1 + 0.4 = 1.3 over four.
    assert scores["mae"] == pytest.approx(1.3 / 4)
    assert scores["n_numbers"] == 4
    assert scores["pearson"] == pytest.approx(np.corrcoef(predicted[:4], reference[:4])[0, 1])


def test_concordance_by_hand():
    # Means 2 and 3, variances 2/3 and 2/3, covariance 2/3: 2 (2/3) / (4/3 + 1) = 4/7.
    scores = sentiment([1, 2, 3], [2, 3, 4])
    assert scores["ccc"] == pytest.approx(4 / 7)
    assert scores["pearson"] == pytest.approx(1)


@pytest.mark.parametrize("predicted", [[0.1, 0.1, 0.1], [0.1 + 0.2] * 3])
def test_constant_answers_have_no_correlation(predicted):
    scores = sentiment(predicted, [1, -1, 2])
    assert scores["pearson"] is None and scores["ccc"] == pytest.approx(0)
    assert sentiment(predicted, [1, 1, 1])["ccc"] is None


def test_the_classes_of_ch_sims():
    edges = [-1.0, -0.8, -0.7, -0.6, -0.1, 0.0, 0.1, 0.2, 0.7, 0.8]
    # Intervals end at -0.7, -0.1, 0.1, 0.7 and 1, each with its upper end.
    classes = [-0.9, -0.9, -0.9, -0.4, -0.4, 0.05, 0.05, 0.4, 0.4, 0.9]
    scores = sentiment(edges, classes, value_range=(-1, 1))
    assert scores["acc_5"] == 1 and scores["acc_7"] is None
    # Zero stands with the negative side: 0.0 against 0.05 is wrong, the other nine are right.
    assert scores["acc_2_with_zero"] == 9 / 10
    # 1.4 is clipped to 1 before the error.
    assert sentiment([1.4], [0.8], value_range=(-1, 1))["mae"] == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("answer", "is_positive"),
    [
        ("POSITIVE", True),
        (" positive.", True),
        ("正面", True),
        ("难过", False),
        ("The sentiment is negative.", False),
        ("happy", True),
        ("0.4", True),
        ("-1e-3", False),
        ("\u22120.5", False),
        ("0.8/1", True),
        ("sentiment: 0.6", True),
        ("正向", True),
        ("负向", False),
        ("good", True),
        ("very bad", False),
        ("unhappy", False),
        ("不高兴", False),
        ("joy: 0.9", True),
        ("negative: 0.8", False),
        ("non-negative", True),
        ("The class is non-positive.", False),
        ("She is hopeful and delighted", True),
        ("Overall it is positive, although he complains.", True),
    ],
)
def test_words_numbers_and_sentences_are_read(answer, is_positive):
    scores = sentiment([answer], [1 if is_positive else -1], invalid="wrong")
    assert (scores["acc"], scores["n_invalid"]) == (1, 0)


@pytest.mark.parametrize(
    "answer",
    ["", "mixed", "positive and negative", "not positive", "sad but hopeful", "surprised", None],
)
def test_what_cannot_be_read(answer):
    assert sentiment([answer], [1])["n_invalid"] == 1


def test_the_released_reading_knows_three_words_only():
    answers = ["Positive", "positive.", "正面", "1.0", "positive"]
    scores = sentiment(answers, [1] * 5, style="released")
    assert (scores["acc"], scores["n_invalid"]) == (1 / 5, 4)


def test_references_may_be_words():
    scores = sentiment(["positive", 0.3, "neutral"], ["positive", "negative", "neutral"])
    assert (scores["acc"], scores["n_scored"], scores["mae"]) == (0.5, 2, None)


@pytest.mark.parametrize(("predictions", "references"), [([], []), (["positive"], [0])])
def test_nothing_to_score_is_nan(predictions, references):
    with pytest.warns(UserWarning, match="sentiment is nan"):
        scores = sentiment(predictions, references)
    assert math.isnan(scores["sentiment"]) and math.isnan(scores["acc"])
    assert scores["n_scored"] == 0


@pytest.mark.parametrize(
    ("error", "message", "arguments", "options"),
    [
        (ValueError, "got 1 predictions for 2 references", (["positive"], [1, 2]), {}),
        (ValueError, r"`references\[1\]` is no sentiment: got 'great'", ([1, 1], [1, "great"]), {}),
        (ValueError, r"`references\[0\]` is no sentiment: got None", ([1], [float("nan")]), {}),
        (ValueError, "is out of range: got 3.0", ([1], [3]), {"value_range": (-1, 1)}),
        (ValueError, "`value_range` is unknown", ([1], [1]), {"value_range": (0, 1)}),
        (ValueError, "unknown style", ([1], [1]), {"style": "loose"}),
        (ValueError, "Did you mean 'wrong'", ([1], [1]), {"invalid": "wron"}),
        (TypeError, r"`predictions\[0\]` is no sentiment", ([["positive"]], [1]), {}),
        (TypeError, r"got True \(bool\)", ([True], [1]), {}),
    ],
)
def test_wrong_input_is_named(error, message, arguments, options):
    with pytest.raises(error, match=message):
        sentiment(*arguments, **options)


def test_every_corpus_has_a_range_that_is_known():
    assert {entry.sentiment for entry in entries().values()} - {None} == set(VALUE_RANGES)


@pytest.mark.parametrize("name", ["dirty_strings", "good_model", "gt_only_positive", None])
def test_scores_are_those_of_the_published_code(reference_data, name):
    recorded = json.loads((reference_data / "emotion_wheel_reference/sentiment.json").read_text())
    sets = [recorded[name]] if name else list(recorded.values())
    compared = 0
    for clip_set in sets:
        predictions = [clip_set["pred"][clip] for clip in clip_set["gt"]]
        if "error" in clip_set["official"]:
            continue
        scores = sentiment(predictions, clip_set["gt"].values(), style="released")
        assert scores["sentiment"] == clip_set["official"]["waf"]
        assert scores["acc"] == clip_set["official"]["acc"]
        assert scores["n_scored"] == clip_set["n_used"]
        compared += 1
    assert compared == (1 if name else 8)


@pytest.mark.parametrize(("corpus", "n_scored"), [("cmumosi", 656), ("sims", 388), ("simsv2", 911)])
def test_zeros_of_the_released_test_sets(reference_data, corpus, n_scored):
    labels = np.load(reference_data / f"merbench_labels/{corpus}/label.npz", allow_pickle=True)
    values = [clip["val"] for clip in labels["test_corpus"].tolist().values()]
    value_range = entry_of("cmu_mosi" if corpus == "cmumosi" else "ch_sims").sentiment
    scores = sentiment(values, values, value_range=value_range)
    assert scores["n_scored"] == n_scored
    assert scores["sentiment"] == scores["acc_5"] == scores["acc_2_with_zero"] == 1
    assert scores["mae"] == 0 and scores["ccc"] == pytest.approx(1)


@given(clips)
def test_equal_to_sklearn(pairs):
    predicted = [p for p, _ in pairs]
    reference = np.array([r for _, r in pairs])
    if not reference.any():
        return
    scores = sentiment(predicted, reference)
    kept = reference != 0
    truth = reference[kept] > 0
    guess = np.array([p is not None and p > 0 for p in predicted])[kept]
    assert scores["sentiment"] == f1_score(truth, guess, average="weighted", zero_division=0)
    assert scores["acc"] == accuracy_score(truth, guess)
    occurring = np.unique(truth)
    assert scores["macro_f1"] == pytest.approx(
        f1_score(truth, guess, average="macro", labels=occurring, zero_division=0)
    )
    if len(occurring) == 2:
        assert scores["balanced_acc"] == pytest.approx(balanced_accuracy_score(truth, guess))
    every = np.array([p is not None and p >= 0 for p in predicted])
    assert scores["acc_2_with_zero"] == accuracy_score(reference >= 0, every)
    assert scores["waf_with_zero"] == pytest.approx(
        f1_score(reference >= 0, every, average="weighted", zero_division=0)
    )


def test_correlations_equal_torchmetrics():
    import torch
    from torchmetrics.functional import concordance_corrcoef, pearson_corrcoef

    rng = np.random.default_rng(0)
    for n in (3, 50, 500):
        predicted, reference = rng.uniform(-3, 3, (2, n))
        predicted += reference
        scores = sentiment(predicted.tolist(), reference.tolist())
        columns = torch.tensor(predicted), torch.tensor(reference)
        assert scores["pearson"] == pytest.approx(float(pearson_corrcoef(*columns)))
        # It divides variances and covariance by n - 1; Lin (1989), and we, by n.
        unlike = (predicted.mean() - reference.mean()) ** 2
        spread = predicted.var() + reference.var()
        cross = scores["ccc"] * (spread + unlike)
        expected = cross * n / (spread * n + unlike * (n - 1))
        assert expected == pytest.approx(float(concordance_corrcoef(*columns)))


@given(clips)
def test_properties(pairs):
    predicted, reference = ([pair[i] for pair in pairs] for i in range(2))
    if not any(reference):
        return
    scores = sentiment(predicted, reference, value_range=(-3, 3))
    backward = sentiment(predicted[::-1], reference[::-1], value_range=(-3, 3))
    for name, score in scores.items():
        if isinstance(score, float):
            assert score == pytest.approx(backward[name], abs=1e-9)
            assert score >= 0 or name in ("pearson", "ccc")
            assert score <= 1 + 1e-9 or name == "mae"
    perfect = sentiment(reference, reference, value_range=(-3, 3))
    exact = ("sentiment", "acc", "macro_f1", "acc_2_with_zero", "acc_5", "acc_7")
    assert all(perfect[name] == 1 for name in exact) and perfect["mae"] == 0


def test_three_classes_by_hand():
    # Intervals of CH-SIMS end at -0.1, 0.1 and 1, each with its upper end.
    reference = [-0.1, -0.05, 0.1, 0.2, 0.0]
    predicted = [-0.6, 0.1, 0.11, "positive", None]
    scores = sentiment(predicted, reference, value_range=(-1, 1))
    # Classes - 0 0 + 0 against - 0 + + and nothing: three of five.
    assert scores["acc_3"] == 3 / 5
    # F1: negative 1; neutral 1 right, 1 predicted, 3 occurring: 2/4; positive 1 of 2 and 1: 2/3.
    assert scores["waf_3"] == pytest.approx((1 * 1 + 3 * (2 / 4) + 1 * (2 / 3)) / 5)
    # Elsewhere only 0 is neutral; without a range it is not known.
    assert sentiment([0.05, 0.0], [0.1, 0.0], value_range=(-3, 3))["acc_3"] == 1
    assert sentiment([0.05], [0.1])["acc_3"] is sentiment([0.05], [0.1])["waf_3"] is None


@given(clips=st.lists(st.tuples(intensities, intensities), min_size=1))
def test_three_classes_are_those_of_scikit_learn(clips):
    sides = [[value / 3 for value in side] for side in zip(*clips, strict=True)]
    classes = [np.digitize(side, (-0.1, 0.1), right=True) for side in sides]
    scores = sentiment(*sides, value_range=(-1, 1))
    assert scores["acc_3"] == pytest.approx(accuracy_score(classes[1], classes[0]))
    assert scores["waf_3"] == pytest.approx(f1_score(classes[1], classes[0], average="weighted"))
