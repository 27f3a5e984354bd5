"""How far confidences are from being the chance of a right answer, with bootstrap intervals.

Every score is computed from weights of the clips: all 1 for the score itself, how often each clip
was drawn for the resamples, many at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Interval = list[float] | None

# Numbers held at once while resampling: 16 MB.
_CHUNK = 2_000_000
_PERCENTILES = (2.5, 97.5)


@dataclass(frozen=True)
class Calibration:
    """Confidences of answers that are known to be right or wrong.

    Without answers all scores are None.

    Attributes:
        confidences: In [0, 1], shape (clip,).
        correct: 1 for a right answer, 0 for a wrong one, shape (clip,).
        n_bins: Bins of equal width; each holds its upper edge, the first its lower one too.

    Source: Guo et al. (2017), section 2 (reliability diagram, ECE); Brier (1950).

    Example:
        >>> answers = Calibration(np.array([0.9, 0.8, 0.6]), np.array([1.0, 0.0, 1.0]), n_bins=2)
        >>> {name: round(score, 3) for name, score in answers.scores().items()}
        {'accuracy': 0.667, 'ece': 0.1, 'brier': 0.27, 'auroc': 0.5}
    """

    confidences: Floats
    correct: Floats
    n_bins: int = 15

    def scores(self) -> dict[str, float | None]:
        """``accuracy``, ``ece``, ``brier`` and ``auroc``, each in [0, 1] or None."""
        if not len(self.correct):
            return dict.fromkeys(("accuracy", "ece", "brier", "auroc"))
        weighted = self._weighted(np.ones((1, len(self.correct))))
        scores = {name: float(score[0]) for name, score in weighted.items()}
        return {
            "accuracy": float(self.correct.mean()),
            **{name: None if np.isnan(score) else score for name, score in scores.items()},
        }

    def intervals(self, n_resamples: int, rng: np.random.Generator) -> dict[str, Interval]:
        """95 % percentile intervals [low, high] of ``ece``, ``brier`` and ``auroc``.

        Resamples in which all answers are right, or all wrong, have no AUROC and are left out of
        its interval.
        """
        if not len(self.correct) or not n_resamples:
            return dict.fromkeys(("ece", "brier", "auroc"))
        chunks = [self._weighted(w) for w in _resamples(len(self.correct), n_resamples, rng)]
        return {name: _interval(np.concatenate([c[name] for c in chunks])) for name in chunks[0]}

    def reliability(self) -> list[dict[str, Any]]:
        """The points of the reliability curve, one dict per bin, None where it is empty."""
        edges, bins = self._edges.tolist(), self._bins
        points = []
        for number in range(self.n_bins):
            members = bins == number
            point: dict[str, Any] = {"lower": edges[number], "upper": edges[number + 1]}
            point |= {"n": int(members.sum()), "confidence": None, "accuracy": None}
            if members.any():
                point["confidence"] = float(self.confidences[members].mean())
                point["accuracy"] = float(self.correct[members].mean())
            points.append(point)
        return points

    @property
    def _edges(self) -> Floats:
        return np.linspace(0, 1, self.n_bins + 1)

    @property
    def _bins(self) -> NDArray[np.intp]:
        return np.digitize(self.confidences, self._edges[1:-1], right=True)

    def _weighted(self, weights: Floats) -> dict[str, Floats]:
        """The scores under each row of weights, shape (resample, clip)."""
        n_clips = len(self.correct)
        gaps = np.zeros((n_clips, self.n_bins))
        gaps[np.arange(n_clips), self._bins] = self.confidences - self.correct
        return {
            "ece": np.abs(weights @ gaps).sum(axis=1) / n_clips,
            "brier": weights @ (self.confidences - self.correct) ** 2 / n_clips,
            "auroc": self._auroc(weights),
        }

    def _auroc(self, weights: Floats) -> Floats:
        """Count, by distinct confidence, the wrong answers below and half of those level."""
        order = np.argsort(self.confidences, kind="stable")
        _, starts = np.unique(self.confidences[order], return_index=True)
        right, wrong = (
            np.add.reduceat(weights[:, order] * is_kind[order], starts, axis=1)
            for is_kind in (self.correct, 1 - self.correct)
        )
        below = np.cumsum(wrong, axis=1) - wrong / 2
        pairs = right.sum(axis=1) * wrong.sum(axis=1)
        undefined = np.full(len(weights), np.nan)
        return np.divide((right * below).sum(axis=1), pairs, out=undefined, where=pairs > 0)


def difference_interval(
    low: Floats, high: Floats, n_resamples: int, rng: np.random.Generator
) -> Interval:
    """The 95 % percentile interval of mean(low) - mean(high), each resampled by itself.

    None without resamples, or where either is empty.
    """
    if not len(low) or not len(high) or not n_resamples:
        return None
    means = [
        np.concatenate(
            [w @ values / len(values) for w in _resamples(len(values), n_resamples, rng)]
        )
        for values in (low, high)
    ]
    return _interval(means[0] - means[1])


def _resamples(n_clips: int, n_resamples: int, rng: np.random.Generator) -> Iterator[Floats]:
    """How often each clip is drawn, in chunks of shape (resample, clip)."""
    n_rows = max(1, _CHUNK // n_clips)
    for start in range(0, n_resamples, n_rows):
        rows = min(n_rows, n_resamples - start)
        drawn = rng.integers(n_clips, size=(rows, n_clips)) + np.arange(rows)[:, None] * n_clips
        counts = np.bincount(drawn.ravel(), minlength=rows * n_clips)
        yield counts.reshape(rows, n_clips).astype(np.float64)


def _interval(scores: Floats) -> Interval:
    defined = scores[~np.isnan(scores)]
    return [float(edge) for edge in np.percentile(defined, _PERCENTILES)] if len(defined) else None
