"""How far predicted distributions over labels are from reference ones, clip by clip."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# What a probability of 0 counts as in a logarithm.
FLOOR = 1e-7


def jensen_shannon(predicted: Floats, reference: Floats) -> Floats:
    """The Jensen-Shannon divergence of each clip, in bits.

    With m = (p + q) / 2: JSD = (KL(p || m) + KL(q || m)) / 2.

    Args:
        predicted: Masses of 0 and more, shape (clip, label); normalised here to sum to 1.
        reference: The same; each clip has some mass.

    Returns:
        Shape (clip,), in [0, 1], lower is better, 0 for equal distributions. 1 for a prediction
        without mass. Empty for no clips.

    Source: Lin (1991), "Divergence measures based on the Shannon entropy", section IV.

    Example:
        >>> jensen_shannon(np.array([[1, 1.0]]), np.array([[1, 0.0]])).round(3).tolist()
        [0.311]
    """
    q, p = normalised(predicted), normalised(reference)
    middle = (p + q) / 2
    divergence = (_relative_entropy(p, middle) + _relative_entropy(q, middle)) / 2
    return np.where(predicted.any(axis=1), np.clip(divergence, 0, 1), 1.0)


def cross_entropy(predicted: Floats, reference: Floats) -> Floats:
    """-sum p ln q of each clip, in nats, q at least `FLOOR`.

    Args:
        predicted: Masses of 0 and more, shape (clip, label); normalised here to sum to 1.
        reference: The same; each clip has some mass.

    Returns:
        Shape (clip,), at least the entropy of the reference, lower is better. ``-ln(FLOOR)``,
        about 16.1, for a prediction without mass. Empty for no clips.

    Example:
        >>> cross_entropy(np.array([[1, 1.0]]), np.array([[1, 0.0]])).round(3).tolist()
        [0.693]
    """
    q, p = normalised(predicted), normalised(reference)
    return np.asarray(-(p * np.log(np.maximum(q, FLOOR))).sum(axis=1))


def normalised(masses: Floats) -> Floats:
    """Divide each row by its sum; a row without mass stays 0."""
    totals = masses.sum(axis=1, keepdims=True)
    return np.divide(masses, totals, out=np.zeros_like(masses), where=totals > 0)


def _relative_entropy(p: Floats, q: Floats) -> Floats:
    """KL(p || q) in bits; q is above 0 wherever p is."""
    logs = np.log2(np.divide(p, q, out=np.ones_like(p), where=p > 0))
    return np.asarray((p * logs).sum(axis=1))
