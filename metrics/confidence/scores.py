"""Confidences as systems state them, compared between tiers of clips and with correctness."""

import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from affecthub.metrics.confidence.calibration import Calibration, difference_interval
from affecthub.metrics.confidence.stated import as_confidence, read_confidence
from affecthub.metrics.plain_values import is_missing, plain

Floats = NDArray[np.float64]


def confidence(
    confidences: Iterable[object],
    correct: Iterable[object],
    *,
    tiers: Iterable[object] | None = None,
    n_bins: int = 15,
    n_resamples: int = 1000,
    seed: int = 0,
) -> dict[str, Any]:
    """How confidences differ between tiers of clips, and how well they are calibrated.

    Args:
        confidences: One per clip: a number from 0 to 1, a text that states one ("0.85", "85%",
            "about 90 percent", "joy: 0.9", "8/10", 九成), or None. A number with a percent sign, or
            from 2 to 100, is a percentage; others are clipped to [0, 1]. Missing and unreadable
            ones are left out.
        correct: One per clip: True or 1, False or 0, or None where it is not known.
        tiers: One name per clip, such as ``"high"`` and ``"low"`` for how much its annotators
            agreed, or None.
        n_bins: Bins of equal width for the calibration error and the reliability curve.
        n_resamples: Bootstrap resamples of the clips for the intervals; 0 for no intervals.
        seed: Seed of the resampling.

    Returns:
        - ``confidence``: mean over clips with a readable confidence, in [0, 1]; no direction.
        - ``mean_by_tier``: tier to its mean. ``tier_difference``: mean of ``"low"`` minus mean of
          ``"high"``, in [-1, 1], below 0 where a model is less sure on hard clips; None without
          both.
        - ``ece``, expected calibration error: mean over clips of how far the accuracy of their bin
          is from its mean confidence; ``brier``: mean squared difference of confidence and
          correctness. Both in [0, 1], lower is better.
        - ``auroc``: chance that a right answer has a higher confidence than a wrong one, ties
          counting half. In [0, 1], higher is better, 0.5 is chance; None without both kinds.
        - ``accuracy``: share of right answers among those.
        - ``reliability``: a dict per bin, ``lower`` and ``upper`` edge (a bin holds its upper
          edge, the first both), ``n``, and ``confidence`` and ``accuracy``, None where it is empty.
        - ``intervals``: 95 % percentile bootstrap intervals [low, high] of ``tier_difference``
          (resampled within tiers), ``ece``, ``brier`` and ``auroc``.
        - ``n_clips``, ``n_missing`` (no readable confidence), ``n_percent`` and ``n_clipped`` among
          the readable, ``n_scored`` (with known correctness as well), ``n_by_tier``, ``n_bins``,
          ``n_resamples``, ``seed``.

        Scores of correctness are None where nothing is known of it. Without a readable confidence
        ``confidence`` is NaN, with a UserWarning.

    Raises:
        ValueError: Lengths differ, a value of `correct` is neither 0 nor 1, `n_bins` is below 1 or
            `n_resamples` below 0.
        TypeError: An item is of the wrong type.

    Source: EmoS, section 4.3 and Table 8 (means on the high- and low-confidence subsets, their
        difference); Guo et al. (2017) for ECE and the reliability curve; Brier (1950).
    Differs: ECE, Brier and AUROC are not in EmoS, whose difference says nothing of correctness.

    Example:
        >>> scores = confidence(
        ...     [0.9, "80%", 0.6, "sure"], [1, 1, 0, 0], tiers=["high", "high", "low", "low"]
        ... )
        >>> scores["tier_difference"].__round__(2), scores["auroc"], scores["n_missing"]
        (-0.25, 1.0, 1)
    """
    if n_bins < 1 or n_resamples < 0:
        raise ValueError(
            f"`n_bins` and `n_resamples` are out of range: got {n_bins} and {n_resamples}, "
            "expected at least 1 and 0."
        )
    stated = [as_confidence(item, f"confidences[{i}]") for i, item in enumerate(confidences)]
    known = [as_correct(item, f"correct[{i}]") for i, item in enumerate(correct)]
    tier_names = list(map(as_tier, tiers)) if tiers is not None else [None] * len(stated)
    for name, n_items in (("correct", len(known)), ("tiers", len(tier_names))):
        if n_items != len(stated):
            raise ValueError(
                f"`{name}` and `confidences` differ in length: got {n_items} {name} for "
                f"{len(stated)} confidences. Align them by clip first."
            )
    readings = [read_confidence(item) for item in stated]
    is_read = np.array([reading is not None for reading in readings], dtype=bool)
    found = [reading for reading in readings if reading is not None]
    values = np.array([value for value, _ in found], dtype=np.float64)
    shares = np.clip(values, 0, 1)
    if not found:
        warnings.warn(
            f"confidence is nan: none of {len(stated)} clips has a readable confidence.",
            UserWarning,
            stacklevel=2,
        )
    by_tier = _by_tier(shares, [t for t, read in zip(tier_names, is_read, strict=True) if read])
    low, high = (by_tier.get(tier, shares[:0]) for tier in ("low", "high"))
    right = np.array(known, dtype=np.float64)[is_read]
    scored = ~np.isnan(right)
    calibration = Calibration(shares[scored], right[scored], n_bins)
    rng = np.random.default_rng(seed)
    return {
        "confidence": float(shares.mean()) if found else float("nan"),
        "mean_by_tier": {tier: float(members.mean()) for tier, members in by_tier.items()},
        "tier_difference": float(low.mean() - high.mean()) if len(low) and len(high) else None,
        **calibration.scores(),
        "reliability": calibration.reliability(),
        "intervals": {
            "tier_difference": difference_interval(low, high, n_resamples, rng),
            **calibration.intervals(n_resamples, rng),
        },
        "n_clips": len(stated),
        "n_missing": len(stated) - len(found),
        "n_percent": sum(is_percent for _, is_percent in found),
        "n_clipped": int((values != shares).sum()),
        "n_scored": int(scored.sum()),
        "n_by_tier": {tier: len(members) for tier, members in by_tier.items()},
        "n_bins": n_bins,
        "n_resamples": n_resamples,
        "seed": seed,
    }


def as_correct(value: object, where: str) -> float | None:
    """Correctness as 0.0, 1.0 or None, or say what is wrong with it."""
    value = plain(value)
    if is_missing(value):
        return None
    if not isinstance(value, int | float):
        raise TypeError(
            f"`{where}` does not say whether the answer is right: got {value!r} "
            f"({type(value).__name__}), expected True, False, 1, 0 or None."
        )
    number = float(value)
    if number not in (0, 1):
        raise ValueError(
            f"`{where}` does not say whether the answer is right: got {value!r}, expected 1 or 0. "
            "Compare predicted with reference labels first."
        )
    return number


def as_tier(value: object) -> str | None:
    """The name of a clip's tier, None where it has none."""
    value = plain(value)
    return None if is_missing(value) else str(value)


def _by_tier(shares: Floats, tiers: list[str | None]) -> dict[str, Floats]:
    """The confidences of each tier that has any, in alphabetical order."""
    names = np.array(tiers, dtype=object)
    return {tier: shares[names == tier] for tier in sorted({n for n in names if n is not None})}
