"""How far annotators agree: coefficients corrected for chance, and the overlap of label sets.

Pure NumPy over the arrays of ``votes``; loops run over annotators, never over clips.
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from affecthub.annotation.votes import (
    Bools,
    Floats,
    Ints,
    checked_sets,
    checked_votes,
    one_hot,
    two_dimensional,
)
from affecthub.errors import unknown_name

LEVELS = ("nominal", "ordinal", "interval")


def fleiss_kappa(votes: ArrayLike, n_classes: int) -> float:
    """Fleiss' kappa: agreement of annotators on single labels beyond chance.

    With n_ik the votes of clip i for class k, and n_i all its votes::

        P_i = sum_k n_ik (n_ik - 1) / (n_i (n_i - 1))     P_o = mean_i P_i
        p_k = sum_i n_ik / sum_i n_i                      P_e = sum_k p_k^2
        kappa = (P_o - P_e) / (1 - P_e)

    Args:
        votes: Class numbers of shape (clip, annotator), ``MISSING`` for none. Clips with fewer
            than two votes do not count.
        n_classes: Number of classes.

    Returns:
        At most 1; 0 is chance, below is worse than chance. NaN where nothing can be compared or
        all votes are for one class.

    Raises:
        ValueError: A vote is out of range.

    Source: Fleiss (1971); EmotionTalk, equation 3.
    Differs: Fleiss has equally many votes for every clip; with missing votes each clip counts by
        its own number.

    Example:
        >>> fleiss_kappa([[0, 0], [1, 1], [0, 1]], 2).__round__(3)
        0.333
    """
    counts = one_hot(checked_votes(votes, n_classes), n_classes).sum(axis=1)
    counts = counts[counts.sum(axis=1) > 1]
    if not len(counts):
        return float("nan")
    n_votes = counts.sum(axis=1)
    observed = ((counts * (counts - 1)).sum(axis=1) / (n_votes * (n_votes - 1))).mean()
    expected = ((counts.sum(axis=0) / n_votes.sum()) ** 2).sum()
    return float((observed - expected) / (1 - expected)) if expected < 1 else float("nan")


def krippendorff_alpha(
    values: ArrayLike, level: Literal["nominal", "ordinal", "interval"] = "nominal"
) -> float:
    """Krippendorff's alpha: one minus observed over expected disagreement.

    With m_i the values of clip i, n all values of clips with m_i > 1, and d a squared difference::

        D_o = (1 / n) sum_i 1 / (m_i - 1) sum_{r, s of i} d(v_ir, v_is)
        D_e = 1 / (n (n - 1)) sum_{all pairs} d(v, w)
        alpha = 1 - D_o / D_e

    d is 1 for unlike values (``nominal``), (v - w)^2 (``interval``), or the squared number of
    values that rank between the two, each of the two counted half (``ordinal``: the interval
    difference of their middle ranks).

    Args:
        values: Shape (clip, annotator), NaN where an annotator gave none. ``MISSING`` among
            class numbers must become NaN first: here -1 is a value like any other.
        level: What a difference of two values means.

    Returns:
        At most 1; 0 is chance, below is worse than chance. NaN where nothing can be compared or
        all values are equal.

    Raises:
        ValueError: The values are not two-dimensional, or infinite, or the level is unknown.

    Source: Krippendorff, Computing Krippendorff's Alpha-Reliability (2011).

    Example:
        >>> round(krippendorff_alpha([[1, 1], [2, 2], [3, 4]], "interval"), 3)
        0.878
    """
    if level not in LEVELS:
        raise unknown_name("level", level, LEVELS)
    table = two_dimensional(values, "values").astype(float)
    if np.isinf(table).any():
        raise ValueError("`values`: got an infinite value, expected numbers, or NaN for none.")
    table = table[(~np.isnan(table)).sum(axis=1) > 1]
    if not len(table):
        return float("nan")
    given = ~np.isnan(table)
    n_given = given.sum(axis=1)
    clip = np.repeat(np.arange(len(table)), n_given)
    distinct, index, counts = np.unique(table[given], return_inverse=True, return_counts=True)
    if level == "nominal":
        cell, alike = np.unique(clip * len(distinct) + index, return_counts=True)
        within = n_given**2 - np.bincount(cell // len(distinct), weights=alike**2)
        total = n_given.sum() ** 2 - (counts**2).sum()
    else:
        scale = distinct if level == "interval" else counts.cumsum() - counts / 2
        position = (scale - scale.mean())[index]
        within = _squared_differences(position, clip)
        total = _squared_differences(position, np.zeros_like(clip)).sum()
    n = n_given.sum()
    observed, expected = (within / (n_given - 1)).sum() / n, total / (n * (n - 1))
    return float("nan") if expected == 0 else float(1 - observed / expected)


def jaccard(one: ArrayLike, other: ArrayLike) -> Floats:
    """The overlap of two label sets: ``|A and B| / |A or B|``.

    Args:
        one: Booleans of shape (..., label).
        other: Same shape.

    Returns:
        Shape (...,), in [0, 1]; 0 where one set is empty, NaN where both are.

    Source: EmoS, Table 4.

    Example:
        >>> jaccard([[True, True, False]], [[True, False, True]]).round(3)
        array([0.333])
    """
    one, other = np.asarray(one, dtype=bool), np.asarray(other, dtype=bool)
    union = (one | other).sum(axis=-1)
    shared = (one & other).sum(axis=-1)
    return np.divide(shared, union, out=np.full(union.shape, np.nan), where=union > 0)


def pairwise_jaccard(chosen: ArrayLike) -> Floats:
    """The mean Jaccard overlap of every two annotators.

    Args:
        chosen: Booleans of shape (clip, annotator, label). Clips that neither of the two labelled
            do not count.

    Returns:
        Shape (annotator, annotator), symmetric, in [0, 1]; NaN where two annotators labelled no
        clip.

    Source: EmoS, Table 4.
    """
    chosen = checked_sets(chosen)
    overlap = np.full((chosen.shape[1],) * 2, np.nan)
    for i in range(len(overlap)):
        for j in range(i, len(overlap)):
            each = jaccard(chosen[:, i], chosen[:, j])
            if not np.isnan(each).all():
                overlap[i, j] = overlap[j, i] = np.nanmean(each)
    return overlap


def exact_match(chosen: ArrayLike) -> Bools:
    """For each clip whether all annotators chose the same labels.

    Args:
        chosen: Booleans of shape (clip, annotator, label).

    Returns:
        Shape (clip,); false for clips that nobody labelled.

    Source: EmoS, Tables 2 and 4.
    Differs: the paper's 24.4 % of CH-SIMS v2's latter part counts 595 blank rows as matches.
    """
    chosen = checked_sets(chosen)
    return (chosen == chosen[:, :1]).all(axis=(1, 2)) & chosen.any(axis=(1, 2))


def union_sizes(chosen: ArrayLike) -> Ints:
    """How many labels the annotators of each clip chose together.

    Args:
        chosen: Booleans of shape (clip, annotator, label).

    Returns:
        Shape (clip,).

    Source: EmoS, Table 2.
    """
    return checked_sets(chosen).any(axis=1).sum(axis=1)


def _squared_differences(position: Floats, group: Ints) -> Floats:
    """Sum (x - y)^2 over the ordered pairs of each group: 2 (n sum x^2 - (sum x)^2)."""
    n = np.bincount(group)
    total, squares = (np.bincount(group, weights=position**power) for power in (1, 2))
    return np.asarray(2 * (n * squares - total**2), dtype=float)
