"""Whether a system is right as often as it says."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from affecthub.plots.look import FAINT, GREY, INK, SERIES, SOFT, axes_of, bare, drawn, say_empty


@drawn
def reliability_curve(scores: Mapping[str, Any], *, ax: Any = None) -> Any:
    """Draw the share of right answers by stated confidence.

    Points on the diagonal are right as often as they say, those below it claim too much. A point
    is as large as its bin has clips, the grey bars at the foot say the same: a point far off the
    diagonal with three clips means nothing.

    Args:
        scores: What the metric ``confidence`` returned.
        ax: Where to draw; None makes a figure.

    Returns:
        The Axes, both in [0, 1]; the title has the calibration error with its interval and the
        AUROC. Without a clip whose confidence and correctness are known, the axes say so, with a
        UserWarning.

    Raises:
        ValueError: `scores` is no result of that metric.

    Source: Guo et al. (2017), section 2.

    Example:
        >>> from affecthub.metrics.confidence.scores import confidence
        >>> axes = reliability_curve(confidence([0.9, 0.9, 0.2], [1, 0, 0], n_bins=5))
        >>> [round(float(y), 2) for y in axes.lines[-1].get_ydata()]
        [0.0, 0.5]
    """
    if not isinstance(scores, Mapping) or "reliability" not in scores:
        found = ", ".join(map(str, scores)) if isinstance(scores, Mapping) else type(scores)
        raise ValueError(
            f"`scores` has no 'reliability': got {found}, expected what the metric confidence "
            "returns."
        )
    ax = axes_of(ax, (4.6, 4.6))
    bins = [point for point in scores["reliability"] if point["n"]]
    if not bins:
        return say_empty(ax, "clips with a confidence and a known answer")
    sizes = np.array([point["n"] for point in bins], dtype=float)
    shares = sizes / sizes.sum()
    confidences = [point["confidence"] for point in bins]
    accuracies = [point["accuracy"] for point in bins]
    edges = [point["lower"] for point in bins]
    widths = [point["upper"] - point["lower"] for point in bins]
    ax.bar(
        edges,
        0.2 * shares / shares.max(),
        widths,
        align="edge",
        color=FAINT,
        edgecolor="white",
        zorder=0,
    )
    ax.plot([0, 1], [0, 1], linestyle="--", color=SOFT, linewidth=1, zorder=1)
    ax.vlines(confidences, confidences, accuracies, color=GREY, linewidth=1, zorder=1)
    ax.plot(confidences, accuracies, color=SERIES[0], zorder=2)
    ax.scatter(
        confidences,
        accuracies,
        s=20 + 180 * shares / shares.max(),
        color=SERIES[0],
        edgecolor="white",
        zorder=3,
    )
    ax.text(0.03, 0.9, "claims too little", color=SOFT, fontsize=9)
    ax.text(0.97, 0.3, "claims too much", color=SOFT, fontsize=9, ha="right")
    ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    ax.set_xlabel("stated confidence")
    ax.set_ylabel("share of right answers")
    ax.set_title(_title(scores), color=INK)
    bare(ax)
    return ax


def _title(scores: Mapping[str, Any]) -> str:
    interval = (scores.get("intervals") or {}).get("ece")
    parts = [f"ECE {scores['ece']:.2f}"]
    if interval:
        parts[0] += f" [{interval[0]:.2f}, {interval[1]:.2f}]"
    if scores.get("auroc") is not None:
        parts.append(f"AUROC {scores['auroc']:.2f}")
    return ", ".join([*parts, f"{scores['n_scored']:,} clips"])
