"""Confidences that answers state: by tier of clips, and against whether the answer is right."""

from typing import Any

import numpy as np

from affecthub.metrics.confidence.scores import confidence
from affecthub.training.asking.scoring.by_class import by_class
from affecthub.training.asking.scoring.measured import Measured, Replies
from affecthub.training.asking.scoring.tallies import Floats, Tally, ratio

FORMS = ("basic7", "confidence")
TIER = "tier"
TIERS = ("high", "low")
N_BINS = 15
_KEPT = ("auroc", "accuracy", "mean_by_tier", "n_by_tier", "n_missing", "n_scored", "reliability")


def by_confidence(replies: Replies, column: str | None = None) -> Measured | None:
    """Mean confidence, on clips of high and of low agreement, and its calibration.

    An answer that is missing, invalid or states no confidence is left out and counted
    (``n_missing`` in the details).

    Args:
        replies: Answers of a form of `FORMS`.
        column: Of the reference labels, see `by_class`.

    Returns:
        ``confidence``; where clips have a tier ``high``, ``low`` and ``tier_difference`` (low minus
        high); where they have labels ``ece`` and ``brier`` (lower is better). None where the form
        states no confidence, or no answer does.

    Source: EmoS, section 4.3 and Table 8; Guo et al. (2017), Brier (1950).
    """
    if replies.form.name not in FORMS:
        return None
    stated = [None if v is None else v.confidence for v in replies.values]
    if all(each is None for each in stated):
        return None
    n = len(stated)
    labelled = by_class(replies, column)
    right: list[bool | None] = [None] * n
    for place, is_right in zip(
        labelled.places if labelled else (), (labelled and labelled.right) or (), strict=True
    ):
        right[place] = is_right
    tiers = replies.clips.column(TIER) or [None] * n
    whole = confidence(stated, right, tiers=tiers, n_bins=N_BINS, n_resamples=0)
    return Measured(
        "confidence",
        TIER if any(tiers) else (labelled.column if labelled else ""),
        list(range(n)),
        Tally(_columns(stated, right, tiers), _scores),
        {name: whole[name] for name in _KEPT},
    )


def _columns(stated: list[Any], right: list[bool | None], tiers: list[Any]) -> Floats:
    """Counts and sums of confidences: all, high, low, and by bin with right answers, squares."""
    known = np.array([each is not None for each in stated], np.float64)
    values = np.array([each or 0.0 for each in stated], np.float64)
    parts = [known, values]
    for tier in TIERS:
        inside = known * np.array([each == tier for each in tiers], np.float64)
        parts += [inside, inside * values]
    scored = known * np.array([each is not None for each in right], np.float64)
    is_right = np.array([bool(each) for each in right], np.float64)
    parts += [scored, scored * (values - is_right) ** 2]
    # A bin holds its upper edge, the first both.
    edges = np.linspace(0, 1, N_BINS + 1)
    bins = np.clip(np.searchsorted(edges, values, side="left") - 1, 0, N_BINS - 1)
    inside_bin = np.eye(N_BINS)[bins] * scored[:, None]
    off = (values - is_right)[:, None]
    return np.concatenate((np.stack(parts, axis=1), inside_bin * off), axis=1)


def _scores(sums: Floats) -> dict[str, Floats]:
    n, total, n_high, high, n_low, low, n_scored, squares = sums[:, :8].T
    means = {"high": ratio(high, n_high), "low": ratio(low, n_low)}
    # Within a bin, |accuracy - mean confidence| times its clips is |sum of their differences|.
    scores = {
        "confidence": ratio(total, n),
        **means,
        "tier_difference": means["low"] - means["high"],
        "ece": ratio(np.abs(sums[:, 8:]).sum(axis=1), n_scored),
        "brier": ratio(squares, n_scored),
    }
    return {name: values for name, values in scores.items() if not np.isnan(values).all()}
