"""Agreement of annotators: published examples and cases worked by hand."""

import doctest
import math

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from affecthub.annotation import agreement
from affecthub.annotation.agreement import (
    LEVELS,
    exact_match,
    fleiss_kappa,
    jaccard,
    krippendorff_alpha,
    pairwise_jaccard,
    union_sizes,
)
from affecthub.annotation.votes import MISSING, encode_sets

NAN = math.nan


def test_doctests():
    result = doctest.testmod(agreement)
    assert result.attempted and not result.failed


# Fleiss' kappa.


def test_fleiss_kappa_by_hand():
    # Votes per class: (3, 0), (2, 1), (0, 3). P_i = 1, (2 * 1) / (3 * 2) = 1/3, 1; P_o = 7/9.
    # p = (5/9, 4/9), P_e = 41/81. kappa = (63 - 41) / (81 - 41) = 22/40.
    assert fleiss_kappa([[0, 0, 0], [0, 1, 0], [1, 1, 1]], 2) == pytest.approx(0.55)


def test_fleiss_kappa_with_missing_votes():
    # Clip 2 has one vote and drops out. P_i = 1, 0, P_o = 1/2; p = (3/5, 2/5), P_e = 13/25:
    # clip 0 has two votes for 0; clip 1 has three votes, 0 1 1: P = (0 + 2) / 6 = 1/3, P_o = 2/3.
    # kappa = (2/3 - 13/25) / (12/25) = (50 - 39) / 36 = 11/36.
    found = fleiss_kappa([[0, 0, MISSING], [0, 1, 1], [1, MISSING, MISSING]], 2)
    assert found == pytest.approx(11 / 36)


def test_fleiss_kappa_bounds():
    assert fleiss_kappa([[0, 0], [1, 1]], 2) == 1
    assert fleiss_kappa([[0, 1], [1, 0]], 2) == -1
    # One class only, nothing to compare, no clips: no chance to correct for.
    for nothing in ([[0, 0], [0, 0]], [[0, MISSING]], []):
        assert math.isnan(fleiss_kappa(nothing, 2))


def test_fleiss_kappa_equals_torchmetrics():
    import torch
    from torchmetrics.functional.nominal import fleiss_kappa as reference

    for votes in np.random.default_rng(0).integers(0, 3, (20, 30, 4)):
        counts = np.stack([(votes == k).sum(axis=1) for k in range(3)], axis=1)
        # It computes in single precision and adds 1e-5 to the divisor.
        expected = float(reference(torch.tensor(counts)))
        assert fleiss_kappa(votes, 3) == pytest.approx(expected, abs=1e-5)


# Krippendorff's alpha.

# Four observers of twelve units, the example of Krippendorff (2011).
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
    [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
]


@pytest.mark.parametrize(
    ("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)]
)
def test_krippendorffs_own_example(level, alpha):
    assert round(krippendorff_alpha(np.transpose(OBSERVERS), level), 3) == alpha


def test_krippendorff_by_hand():
    # Values 1 1 | 1 2: D_o = 2 / 4 (the ordered pairs of the second clip) = 1/2.
    # Three 1s and one 2: 2 * 3 unlike ordered pairs of 4 * 3, D_e = 1/2. alpha = 0.
    # Ordinal: middle ranks 1.5 and 3.5, every difference times 4; interval: times 1. The same.
    for level in LEVELS:
        assert krippendorff_alpha([[1, 1], [1, 2]], level) == pytest.approx(0)


def test_distance_matters_where_it_has_a_meaning():
    near, far = [[1, 1], [2, 3], [9, 9]], [[1, 1], [2, 9], [3, 3]]
    assert krippendorff_alpha(near, "nominal") == krippendorff_alpha(far, "nominal")
    for level in ("ordinal", "interval"):
        assert krippendorff_alpha(near, level) > krippendorff_alpha(far, level)


def test_krippendorff_bounds():
    for level in LEVELS:
        assert krippendorff_alpha([[1, 1], [2, 2]], level) == 1
        for nothing in ([[1, 1], [1, 1]], [[1, NAN], [NAN, 2]], []):
            assert math.isnan(krippendorff_alpha(nothing, level))
    with pytest.raises(ValueError, match="unknown level: got 'ratio'"):
        krippendorff_alpha([[1, 1]], "ratio")
    with pytest.raises(ValueError, match="got an infinite value"):
        krippendorff_alpha([[1, math.inf]])


ratings = arrays.arrays(
    float,
    st.tuples(st.integers(1, 8), st.integers(1, 4)),
    elements=st.sampled_from([NAN, 1.0, 2.0, 3.0, 5.0]),
)


@given(ratings, st.randoms(use_true_random=False))
def test_alpha_by_its_definition_and_whatever_the_order(values, random):
    clips = [[v for v in row if not math.isnan(v)] for row in values.tolist()]
    clips = [row for row in clips if len(row) > 1]
    everything = sorted(v for row in clips for v in row)

    def ordinal(v, w):
        low, high = min(v, w), max(v, w)
        between = sum(everything.count(x) for x in set(everything) if low <= x <= high)
        return (between - (everything.count(v) + everything.count(w)) / 2) ** 2 if v != w else 0

    distances = {"nominal": lambda v, w: v != w, "interval": lambda v, w: (v - w) ** 2}
    for level, distance in {**distances, "ordinal": ordinal}.items():
        found = krippendorff_alpha(values, level)
        n = len(everything)
        expected = sum(distance(v, w) for v in everything for w in everything)
        if not expected:
            assert math.isnan(found)
            continue
        observed = sum(sum(distance(v, w) for v in c for w in c) / (len(c) - 1) for c in clips)
        assert found == pytest.approx(1 - (observed / n) / (expected / (n * (n - 1))))
        order = random.sample(range(len(values)), len(values))
        assert krippendorff_alpha(values[order, ::-1], level) == pytest.approx(found)


@given(ratings)
def test_alpha_equals_the_krippendorff_package(values):
    for level in LEVELS:
        found = krippendorff_alpha(values, level)
        if not math.isnan(found):  # there it raises
            assert found == pytest.approx(krippendorff.alpha(values.T, level_of_measurement=level))


# Label sets.

# Annotators 0 and 1 share one label of three, then all; 2 is silent, then adds one.
SETS = encode_sets(
    [
        [["joy", "love"], ["joy", "pride"], []],
        [["fear"], ["fear"], ["fear", "anger"]],
        [[], [], []],
    ],
    ["anger", "fear", "joy", "love", "pride"],
)


def test_jaccard_by_hand():
    # 0 and 1: (1/3 + 1) / 2; 0 and 2: (0 / 2 + 1/2) / 2 = 1/4, and so 1 and 2.
    expected = [[1, 2 / 3, 1 / 4], [2 / 3, 1, 1 / 4], [1 / 4, 1 / 4, 1]]
    np.testing.assert_allclose(pairwise_jaccard(SETS), expected)
    assert np.isnan(jaccard([False, False], [False, False]))
    assert np.isnan(pairwise_jaccard(np.empty((0, 2, 3), bool))).all()


def test_exact_match_and_union():
    # All three differ; two agree and one does not; nobody labelled anything: no match.
    assert exact_match(SETS).tolist() == [False, False, False]
    assert exact_match(SETS[:, :2]).tolist() == [False, True, False]
    assert union_sizes(SETS).tolist() == [3, 2, 0]
    assert exact_match(np.empty((0, 2, 3), bool)).shape == (0,)
