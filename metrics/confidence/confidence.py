"""Confidence: stated confidences by tier of clips, and their calibration, for evaluate."""

from affecthub.metrics.confidence.scores import as_correct, as_tier, confidence
from affecthub.metrics.confidence.stated import as_confidence
from affecthub.metrics.modules.metric import About, ClipMetric

_DESCRIPTION = """
Mean stated confidence by tier of clips, and how well confidences tell right answers from wrong.

The difference between clips on which annotators disagreed and those on which they agreed shows
whether a model knows what is hard; calibration error, Brier score and AUROC show whether it knows
when it is right.
"""

_KWARGS_DESCRIPTION = """
Args:
    predictions: One stated confidence per clip: a number from 0 to 1, a text that states one
        ("0.85", "85%", "joy: 0.9", "8/10", 九成), or None. Percentages are divided by 100, others
        clipped to [0, 1].
    references: Whether the clip's answer is right: True or 1, False or 0, or None if not known.
    tiers: One name per clip, such as "high" and "low" for how far its annotators agreed, or None.
        May be passed to add (as tier) and add_batch.
    n_bins: Bins of equal width for the calibration error and the reliability curve.
    n_resamples: Bootstrap resamples for the intervals; 0 for no intervals.
    seed: Seed of the resampling.

Returns:
    confidence: mean over clips with a readable confidence, float in [0, 1], no direction.
    mean_by_tier: tier to its mean. tier_difference: mean of "low" minus mean of "high", float in
        [-1, 1], below 0 where a model is less sure on hard clips; None without both.
    ece, brier: float in [0, 1], lower is better.
    auroc: float in [0, 1], higher is better, 0.5 is chance. accuracy: share of right answers.
    reliability: a dict per bin with lower, upper, n, confidence and accuracy.
    intervals: 95 % bootstrap intervals of tier_difference, ece, brier and auroc.
    n_clips, n_missing, n_percent, n_clipped, n_scored, n_by_tier: what was counted.
    n_bins, n_resamples, seed: how the scores were made.

Examples:
    >>> from affecthub import load_metric
    >>> metric = load_metric("confidence")
    >>> scores = metric.compute(
    ...     predictions=[0.9, "80%", 0.6, None],
    ...     references=[1, 1, 0, 0],
    ...     tiers=["high", "high", "low", "low"],
    ... )
    >>> round(scores["confidence"], 3), round(scores["tier_difference"], 3), scores["auroc"]
    (0.767, -0.25, 1.0)
    >>> scores["n_missing"], scores["n_scored"]
    (1, 3)
"""


class Confidence(ClipMetric):
    """Mean stated confidence by tier of clips, and calibration."""

    about = About(
        _DESCRIPTION,
        _KWARGS_DESCRIPTION,
        cites=("guo2026emos", "guo2017calibration"),
        code_urls=("https://github.com/NLP2CT/EmoS",),
        paper_urls=("https://proceedings.mlr.press/v70/guo17a.html",),
    )
    function = staticmethod(confidence)
    optional = ("tiers",)

    def read_item(self, column: str, value: object, where: str) -> object:
        """One confidence, correctness or tier in types that JSON knows."""
        if column == "tiers":
            return as_tier(value)
        return (as_confidence if column == "predictions" else as_correct)(value, where)
