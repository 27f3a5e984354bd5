"""Numbers of every clip from whose sums scores follow, their intervals, and paired tests.

What a score is made of is summed within groups first, so that groups are drawn, and exchanged
between two systems, whole.
"""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from affecthub.metrics.answers.resampling import draw, exchanges, interval, numbered, p_value

Floats = NDArray[np.float64]
OfSums = Callable[[Floats], Mapping[str, Floats]]


@dataclass(frozen=True, eq=False)
class Tally:
    """What some answers count for, clip by clip.

    Attributes:
        columns: float64, shape ``(clip, column)``.
        of_sums: Sums of the columns, shape ``(resample, column)``, to score by name, each of shape
            ``(resample,)``, NaN where it is undefined; the primary score first.
    """

    columns: Floats
    of_sums: OfSums

    def scores(self) -> dict[str, float]:
        """Every score on all clips."""
        sums = self.columns.sum(axis=0, keepdims=True)
        return {name: float(values[0]) for name, values in self.of_sums(sums).items()}

    def only(self, places: Sequence[int]) -> "Tally":
        """The same of some of the clips, in that order."""
        return Tally(self.columns[np.asarray(places, np.int64)], self.of_sums)

    def by_group(self, groups: Sequence[Hashable | None]) -> Floats:
        """Sums of the columns within groups, shape ``(group, column)``.

        Args:
            groups: One per clip; a clip with None is a group by itself.
        """
        if not groups:
            return self.columns
        numbers = numbered(groups)
        sums = np.zeros((int(numbers.max()) + 1, self.columns.shape[1]))
        np.add.at(sums, numbers, self.columns)
        return sums


def with_intervals(
    tally: Tally, groups: Sequence[Hashable | None], *, n_resamples: int, seed: int
) -> dict[str, dict[str, float]]:
    """Every score with its 95 % percentile interval, groups drawn whole.

    Args:
        tally: What the answers count for.
        groups: One per clip, see `Tally.by_group`.
        n_resamples: Bootstrap resamples; 0 for no intervals.
        seed: Of the resampling.

    Returns:
        Score to ``value``, ``low`` and ``high``; to ``value`` alone without resamples, and of
        fewer than two groups, which cannot be drawn otherwise than they are.
    """
    scores = tally.scores()
    units = tally.by_group(groups)
    if not n_resamples or len(units) < 2:
        return {name: {"value": value} for name, value in scores.items()}
    drawn = tally.of_sums(draw(len(units), n_resamples, seed).astype(np.float64) @ units)
    return {name: interval(value, drawn[name]) for name, value in scores.items()}


def differences(
    first: Tally,
    second: Tally,
    groups: Sequence[Hashable | None],
    *,
    n_resamples: int,
    seed: int,
) -> dict[str, dict[str, Any]]:
    """How two systems differ on the same clips.

    Args:
        first: Of one system.
        second: Of the other, on the same clips in the same order.
        groups: One per clip, see `Tally.by_group`.
        n_resamples: Bootstrap resamples, and permutations; 0 for neither.
        seed: Of both.

    Returns:
        Per score ``first``, ``second``, ``difference`` of the first minus the second (``value``,
        ``low``, ``high`` of a paired bootstrap: the same resample for both) and ``p`` (two-sided,
        of a permutation test in which the two exchange their answers to whole groups). Of one
        group there is no interval, and ``p`` is 1: it says nothing.

    Example:
        >>> right = np.array([[1.0, 1.0], [1.0, 1.0], [0.0, 1.0]])
        >>> share = lambda sums: {"accuracy": sums[:, 0] / sums[:, 1]}
        >>> found = differences(
        ...     Tally(right, share), Tally(right[::-1], share), [], n_resamples=99, seed=0
        ... )
        >>> found["accuracy"]["difference"]["value"], found["accuracy"]["p"]
        (0.0, 1.0)
    """
    ours, theirs = first.scores(), second.scores()
    shared = [name for name in ours if name in theirs]
    found: dict[str, dict[str, Any]] = {
        name: {"first": ours[name], "second": theirs[name]} for name in shared
    }
    for entry in found.values():
        entry["difference"] = {"value": entry["first"] - entry["second"]}
    if not n_resamples or not len(first.columns):
        return found
    one, other = first.by_group(groups), second.by_group(groups)
    weights = draw(len(one), n_resamples, seed).astype(np.float64)
    drawn = (first.of_sums(weights @ one), second.of_sums(weights @ other))
    moved = exchanges(len(one), n_resamples, seed) @ (other - one)
    mixed = (first.of_sums(one.sum(axis=0) + moved), second.of_sums(other.sum(axis=0) - moved))
    for name, entry in found.items():
        value = entry["difference"]["value"]
        if len(one) > 1:
            entry["difference"] = interval(value, drawn[0][name] - drawn[1][name])
        entry["p"] = p_value(value, mixed[0][name] - mixed[1][name])
    return found


def mcnemar(first: Sequence[bool], second: Sequence[bool]) -> dict[str, Any]:
    """McNemar's exact test of two systems' right answers to the same clips.

    Args:
        first: Whether one system is right, one per clip.
        second: Whether the other is.

    Returns:
        ``n_first_alone`` and ``n_second_alone``, clips that one of them alone has right, and ``p``,
        two-sided; 1 where there are none.

    Source: McNemar (1947); the exact test is binomial over the discordant clips.

    Example:
        >>> mcnemar([True] * 6 + [False], [False] * 6 + [True])
        {'n_first_alone': 6, 'n_second_alone': 1, 'p': 0.125}
    """
    pairs = list(zip(first, second, strict=True))
    alone = sum(one and not other for one, other in pairs)
    other_alone = sum(other and not one for one, other in pairs)
    n, term, total = alone + other_alone, 1, 0
    for k in range(min(alone, other_alone) + 1):
        total += term
        term = term * (n - k) // (k + 1)
    p = min(1.0, 2 * total / 2**n)
    return {"n_first_alone": alone, "n_second_alone": other_alone, "p": p}


def ratio(part: Floats, whole: Floats, empty: float = math.nan) -> Floats:
    """Divide sums; `empty` where there is nothing to divide by."""
    return np.divide(part, whole, out=np.full(np.shape(whole), empty), where=whole > 0)
