"""How loud a sound is over time."""

import numpy as np
from numpy.typing import NDArray


def loudness(wave: NDArray[np.float32], n_steps: int) -> NDArray[np.float64]:
    """How loud a sound is over time, as a share of its loudest step.

    Args:
        wave: Samples ``(n,)``.
        n_steps: Equal steps that the sound is cut into.

    Returns:
        Root mean square of each step over the largest, ``(n_steps,)``; zeros for silence, and for
        steps without a sample.

    Example:
        >>> loudness(np.array([0, 0, 1, -1, 0.5, 0.5], np.float32), 3).tolist()
        [0.0, 1.0, 0.5]
    """
    steps = np.array_split(np.asarray(wave, np.float64), n_steps)
    level = np.array([np.sqrt(np.mean(step**2)) if len(step) else 0.0 for step in steps])
    top = level.max(initial=0.0)
    return level / top if top > 0 else level
