"""Bootstrap resamples of clips or of groups of them, percentile intervals, and paired tests.

A score that follows from sums over clips follows, from sums with other weights, on a resample too:
how often each clip was drawn are such weights, so that a thousand resamples are one product.
"""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

N_RESAMPLES = 1000
LEVEL = 0.95

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]

# Differences that only rounding makes are none.
_ROUNDING = 1e-12


def draw(n_units: int, n_resamples: int, seed: int) -> Counts:
    """How often each unit is in each resample of as many units.

    Args:
        n_units: Clips, or groups that are drawn whole; at least one.
        n_resamples: Resamples.
        seed: The same seed draws the same.

    Returns:
        Counts, shape ``(n_resamples, n_units)``; every row sums to `n_units`.

    Example:
        >>> draw(4, 2, seed=0).sum(axis=1).tolist()
        [4, 4]
    """
    rng = np.random.default_rng(seed)
    return rng.multinomial(n_units, np.full(n_units, 1 / n_units), size=n_resamples)


def interval(value: float, resampled: Floats) -> dict[str, float]:
    """A score with its 95 % percentile interval.

    Args:
        value: The score on all clips.
        resampled: It on every resample; NaN where it is undefined there, which is left out.

    Returns:
        ``value``, ``low`` and ``high``; the last two are NaN where no resample has the score.
    """
    known = resampled[~np.isnan(resampled)]
    if not len(known):
        return {"value": value, "low": float("nan"), "high": float("nan")}
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return {"value": value, "low": float(low), "high": float(high)}


def numbered(groups: Sequence[Hashable | None]) -> Counts:
    """A number for each group, and one for each clip without a group.

    Example:
        >>> numbered(["a", None, "a", None]).tolist()
        [0, 1, 0, 2]
    """
    keys = [("clip", i) if group is None else ("group", group) for i, group in enumerate(groups)]
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    return np.array([numbers[key] for key in keys])


def exchanges(n_units: int, n_permutations: int, seed: int) -> Floats:
    """Which units two systems exchange their answers on, in each permutation of a paired test.

    Returns:
        0 or 1 as float64, shape ``(n_permutations, n_units)``.
    """
    rng = np.random.default_rng(seed)
    return rng.integers(0, 2, size=(n_permutations, n_units)).astype(np.float64)


def p_value(observed: float, permuted: Floats) -> float:
    """Two-sided p of a paired permutation test, in (0, 1].

    Args:
        observed: The difference between the two systems.
        permuted: It after each exchange of answers; NaN is left out.

    Returns:
        How often exchanged answers differ as much, the observed ones counted too; NaN where
        `observed` is.

    Source: Phipson and Smyth (2010): the observed answers are one of the permutations.

    Example:
        >>> p_value(0.5, np.array([0.1, -0.5, 0.2]))
        0.5
    """
    if observed != observed:
        return float("nan")
    known = np.abs(permuted[~np.isnan(permuted)])
    return float((1 + np.sum(known >= abs(observed) - _ROUNDING)) / (1 + len(known)))


def holm(p_values: Sequence[float]) -> list[float]:
    """P values that may be read together: the chance of even one false one stays below them.

    Source: Holm (1979), step-down.

    Example:
        >>> holm([0.01, 0.04, 0.03])
        [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = highest
    return adjusted
