"""Votes to labels: cases worked by hand, a plain write-up of Dawid and Skene, invariances."""

import doctest
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from affecthub.annotation import aggregation, votes
from affecthub.annotation.aggregation import (
    dawid_skene,
    mean_vote,
    quality_tiers,
    soft_labels,
    weighted_vote,
)
from affecthub.annotation.votes import (
    MISSING,
    count_distinct,
    encode_sets,
    encode_votes,
)

some_votes = arrays.arrays(
    np.int64,
    st.tuples(st.integers(1, 12), st.integers(1, 4)),
    elements=st.integers(MISSING, 3),
)


@pytest.mark.parametrize("module", [votes, aggregation])
def test_doctests(module):
    result = doctest.testmod(module)
    assert result.attempted and not result.failed


# Encoding.


def test_votes_by_name():
    found = encode_votes([["sad", "", None], ["joy", "joy", "sad"]], ["joy", "sad"])
    assert found.tolist() == [[1, MISSING, MISSING], [0, 0, 1]]
    assert encode_votes([], ["joy"]).shape == (0, 0)
    assert encode_votes([["难过"]], ["开心", "难过"]).tolist() == [[1]]


def test_sets_by_name():
    found = encode_sets([[["a", "b", "a"], None], [[], ["b"]]], ["a", "b"])
    assert found.tolist() == [[[True, True], [False, False]], [[False, False], [False, True]]]
    assert encode_sets([], ["a", "b"]).shape == (0, 0, 2)
    assert encode_sets([[["a", "misspelt"]]], ["a"], unknown="ignore").tolist() == [[[True]]]


def test_what_cannot_be_encoded_is_named():
    with pytest.raises(ValueError, match="got 'jo', expected one of joy, sad. Did you mean 'joy'"):
        encode_votes([["jo"]], ["joy", "sad"])
    with pytest.raises(ValueError, match="unknown label: got 'jo'"):
        encode_sets([[["jo"]]], ["joy", "sad"])
    with pytest.raises(ValueError, match=r"got \[1, 2\], expected one number"):
        encode_votes([["joy"], ["joy", "joy"]], ["joy"])
    with pytest.raises(ValueError, match="got class 2, expected 0 to 1"):
        dawid_skene([[0, 2]], 2)
    with pytest.raises(ValueError, match="got float64, expected integers"):
        dawid_skene([[0.0, 1.0]], 2)
    with pytest.raises(ValueError, match="got 1 dimensions, expected 2"):
        dawid_skene([0, 1], 2)
    with pytest.raises(ValueError, match="expected booleans of shape"):
        soft_labels([[1, 0]])


def test_distinct_votes():
    # joy joy sad: 2; three times joy: 1; one vote: 1; none: 0.
    found = count_distinct([[0, 0, 1], [0, 0, 0], [MISSING, 2, MISSING], [MISSING] * 3], 3)
    assert found.tolist() == [2, 1, 1, 0]


# Votes with confidences.


def test_the_printed_rule_takes_the_mean_of_a_class_and_the_other_the_sum():
    votes, confidence = [[0, 0, 0, 0, 1]], [[0.7, 0.7, 0.7, 0.7, 0.9]]
    label, score = weighted_vote(votes, confidence, 3)
    # x_0 = 4 * 0.7 / 4 = 0.7 < x_1 = 0.9 / 1; nobody chose 2.
    assert label.tolist() == [1]
    assert score[0, :2] == pytest.approx([0.7, 0.9]) and math.isnan(score[0, 2])
    label, score = weighted_vote(votes, confidence, 3, rule="sum")
    # x_0 = 2.8 > x_1 = 0.9.
    assert label.tolist() == [0] and score[0] == pytest.approx([2.8, 0.9, 0])


def test_a_hesitant_supporter_harms_a_class_under_the_printed_rule_only():
    # 1 at 0.9 against 0 at 0.5: 1. With a second voter for 1 at 0.1 its mean is 0.5, a tie that
    # more voters win; with a third its mean is 0.3667 < 0.5. The sum only grows: 0.9, 1.0, 1.1.
    votes, confidence = [[0, 1, 1, 1]], [[0.5, 0.9, 0.1, 0.1]]
    for rule, expected in (("per_class", [1, 1, 0]), ("sum", [1, 1, 1])):
        found = [
            weighted_vote([row[:n] for row in votes], [row[:n] for row in confidence], 2, rule=rule)
            for n in (2, 3, 4)
        ]
        assert [int(label[0]) for label, _ in found] == expected


@pytest.mark.parametrize(
    ("ties", "label"), [("voters", [1, 0]), ("first", [0, 0]), ("missing", [MISSING, MISSING])]
)
def test_ties(ties, label):
    # First clip: x_0 = 0.5, x_1 = (0.7 + 0.3) / 2, equal but for rounding, and 1 has two voters.
    # Second clip: one voter each at 0.9, so the voters tie too and the first class stands.
    votes, confidence = [[0, 1, 1], [0, 1, MISSING]], [[0.5, 0.7, 0.3], [0.9, 0.9, math.nan]]
    assert weighted_vote(votes, confidence, 2, ties=ties)[0].tolist() == label


def test_equal_confidences_give_the_plurality():
    votes = np.array([[2, 2, 1], [0, 1, 1]])
    assert weighted_vote(votes, np.ones(votes.shape), 3, rule="sum")[0].tolist() == [2, 1]


def test_clips_without_votes_get_no_label():
    label, score = weighted_vote([[MISSING, MISSING]], [[math.nan, math.nan]], 2, rule="sum")
    assert label.tolist() == [MISSING] and score.tolist() == [[0, 0]]
    label, score = weighted_vote([], [], 2)
    assert label.shape == (0,) and score.shape == (0, 2)


def test_unusable_confidences_and_rules_are_refused():
    with pytest.raises(ValueError, match="got nan, expected a finite number"):
        weighted_vote([[0]], [[math.nan]], 2)
    with pytest.raises(ValueError, match=r"got shape \(1, 2\), expected that of `votes`, \(1, 1\)"):
        weighted_vote([[0]], [[0.1, 0.1]], 2)
    with pytest.raises(ValueError, match="unknown rule: got 'Sum'"):
        weighted_vote([[0]], [[0.1]], 2, rule="Sum")
    with pytest.raises(ValueError, match="unknown tie-break: got 'last'"):
        weighted_vote([[0]], [[0.1]], 2, ties="last")


@given(some_votes, st.randoms(use_true_random=False))
def test_order_of_annotators_is_irrelevant(table, random):
    weights = np.array([[0.1, 0.3, 0.5, 0.7, 0.9][value] for value in table.flat])
    weights = weights.reshape(table.shape)
    order = random.sample(range(table.shape[1]), table.shape[1])
    for rule in ("per_class", "sum"):
        label, score = weighted_vote(table, weights, 4, rule=rule)
        other_label, other_score = weighted_vote(table[:, order], weights[:, order], 4, rule=rule)
        assert (label == other_label).all()
        np.testing.assert_allclose(score, other_score)


def test_mean_of_continuous_votes():
    # (-2 - 1 - 1 + 0 + 0) / 5 = -0.8; (1 + 2) / 2 = 1.5; nobody; all alike.
    nan = math.nan
    found = mean_vote([[-2, -1, -1, 0, 0], [1, nan, 2, nan, nan], [nan] * 5, [2] * 5])
    np.testing.assert_allclose(found, [-0.8, 1.5, nan, 2])
    assert mean_vote([]).shape == (0,)


# Dawid and Skene.


def plain_dawid_skene(table, n_classes, max_iterations=50, tolerance=1e-6):
    """The same model word for word, without arrays: for clips that all annotators labelled."""
    n_annotators, classes = len(table[0]), range(n_classes)
    truth = [[row.count(k) / n_annotators for k in classes] for row in table]
    for _ in range(max_iterations):
        prior = [sum(t[k] for t in truth) / len(table) for k in classes]
        confusion = {}
        for r in range(n_annotators):
            for k in classes:
                mass = sum(t[k] for t in truth)
                for j in classes:
                    hits = sum(t[k] for t, row in zip(truth, table, strict=True) if row[r] == j)
                    confusion[r, k, j] = hits / mass if mass else 0
        updated = []
        for row in table:
            joint = [
                prior[k] * math.prod(confusion[r, k, row[r]] for r in range(n_annotators))
                for k in classes
            ]
            updated.append([value / sum(joint) for value in joint])
        change = sum(
            abs(new - old)
            for new_row, old_row in zip(updated, truth, strict=True)
            for new, old in zip(new_row, old_row, strict=True)
        ) / (len(table) * n_classes)
        truth = updated
        if change < tolerance:
            break
    return truth, prior, confusion


def test_one_iteration_by_hand():
    # Clips 00, 11, 01; two annotators. Start: T = (1, 0), (0, 1), (.5, .5); p = (.5, .5).
    # Annotator 0: pi_0 = (1 + .5, 0) / 1.5 = (1, 0); pi_1 = (.5, 1) / 1.5 = (1/3, 2/3).
    # Annotator 1: pi_0 = (1, .5) / 1.5 = (2/3, 1/3); pi_1 = (0, 1 + .5) / 1.5 = (0, 1).
    # Clip 00: 1 * 2/3 against 1/3 * 0: (1, 0). Clip 11: 0 against 2/3 * 1: (0, 1).
    # Clip 01: 1 * 1/3 against 1/3 * 1: (.5, .5), and the first class stands.
    found = dawid_skene([[0, 0], [1, 1], [0, 1]], 2, max_iterations=1)
    np.testing.assert_allclose(found.posterior, [[1, 0], [0, 1], [0.5, 0.5]])
    np.testing.assert_allclose(found.prior, [0.5, 0.5])
    np.testing.assert_allclose(found.confusion[0], [[1, 0], [1 / 3, 2 / 3]])
    np.testing.assert_allclose(found.confusion[1], [[2 / 3, 1 / 3], [0, 1]])
    assert found.label.tolist() == [0, 1, 0] and found.confidence.tolist() == [1, 1, 0.5]
    assert found.n_iterations == 1


def test_a_plain_write_up_agrees():
    random = np.random.default_rng(3)
    truth = random.integers(0, 4, 60)
    noisy = random.random((60, 3)) < 0.35
    table = np.where(noisy, random.integers(0, 4, (60, 3)), truth[:, None])
    found = dawid_skene(table, 4)
    posterior, prior, confusion = plain_dawid_skene(table.tolist(), 4)
    np.testing.assert_allclose(found.posterior, posterior, atol=1e-12)
    np.testing.assert_allclose(found.prior, prior, atol=1e-12)
    for (r, k, j), value in confusion.items():
        assert found.confusion[r, k, j] == pytest.approx(value, abs=1e-12)


def test_a_careless_annotator_loses_against_two_careful_ones():
    random = np.random.default_rng(0)
    truth = random.integers(0, 3, 300)
    careful = [np.where(random.random(300) < 0.1, random.integers(0, 3, 300), truth) for _ in "ab"]
    careless = random.integers(0, 3, 300)
    found = dawid_skene(np.stack([*careful, careless], axis=1), 3)
    diagonal = np.einsum("rkk->rk", found.confusion).mean(axis=1)
    assert diagonal[:2].min() > 0.85 and diagonal[2] < 0.5
    assert (found.label == truth).mean() > 0.9


def test_missing_votes_and_clips_without_any():
    # The second annotator adds nothing where silent: as if he labelled the first two clips only.
    found = dawid_skene([[0, 0], [1, 1], [1, MISSING], [MISSING, MISSING]], 2)
    assert found.label.tolist() == [0, 1, 1, MISSING]
    assert found.confidence[:3].tolist() == [1, 1, 1] and math.isnan(found.confidence[3])
    assert np.isnan(found.posterior[3]).all()
    np.testing.assert_allclose(found.prior, [1 / 3, 2 / 3])
    without = dawid_skene([[0, 0], [1, 1], [1, MISSING]], 2)
    np.testing.assert_array_equal(found.posterior[:3], without.posterior)


def test_an_annotator_who_never_votes_changes_nothing():
    table = np.array([[0, 0], [1, 0], [1, 1]])
    silent = np.full((3, 1), MISSING)
    found = dawid_skene(np.concatenate([table, silent], axis=1), 2)
    np.testing.assert_array_equal(found.posterior, dawid_skene(table, 2).posterior)
    assert not found.confusion[2].any()


def test_no_votes_at_all():
    for table, n_clips in (([], 0), (np.empty((0, 3), int), 0), ([[MISSING, MISSING]], 1)):
        found = dawid_skene(table, 2)
        assert found.posterior.shape == (n_clips, 2) and found.n_iterations == 0
        assert found.label.tolist() == [MISSING] * n_clips and len(found.confidence) == n_clips
    with pytest.raises(ValueError, match="got 0, expected at least 1"):
        dawid_skene([[0]], 2, max_iterations=0)


@settings(deadline=None)
@given(some_votes, st.randoms(use_true_random=False))
def test_posteriors_are_probabilities_whatever_the_order(table, random):
    found = dawid_skene(table, 4)
    voted = (table != MISSING).any(axis=1)
    np.testing.assert_allclose(found.posterior[voted].sum(axis=1), 1)
    assert np.isnan(found.posterior[~voted]).all()
    clips = random.sample(range(len(table)), len(table))
    annotators = random.sample(range(table.shape[1]), table.shape[1])
    other = dawid_skene(table[clips][:, annotators], 4)
    np.testing.assert_allclose(other.posterior, found.posterior[clips], atol=1e-6)


def test_class_order_is_only_a_name():
    table = np.random.default_rng(1).integers(0, 4, (40, 3))
    order = np.array([2, 0, 3, 1])
    found, renamed = dawid_skene(table, 4), dawid_skene(order[table], 4)
    np.testing.assert_allclose(renamed.posterior[:, order], found.posterior, atol=1e-9)


# Soft labels and tiers.


def test_soft_labels_count_silent_annotators():
    # joy by 2 of 3, love by 1 of 3; the third chose nothing and still counts.
    chosen = encode_sets([[["joy", "love"], ["joy"], []]], ["joy", "love", "fear"])
    np.testing.assert_allclose(soft_labels(chosen), [[2 / 3, 1 / 3, 0]])
    assert soft_labels(np.empty((0, 3, 2), bool)).shape == (0, 2)
    assert soft_labels(np.empty((1, 0, 2), bool)).tolist() == [[0, 0]]


def test_tiers_include_their_lower_bound():
    assert quality_tiers([1, 0.9, 0.8999, 0.8, 0.7999, 0, math.nan]).tolist() == [
        *("high", "high", "medium", "medium", "low", "low", "")
    ]
    assert quality_tiers([0.5, 0.49], high=0.5, medium=0.5).tolist() == ["high", "low"]
    assert quality_tiers([]).shape == (0,)
