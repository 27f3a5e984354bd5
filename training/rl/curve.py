"""The rewards of runs by step, as a picture."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

# Steps that a point of the curve is the mean of: a step rewards few clips.
WINDOW = 10


def read_rewards(folders: Sequence[str | Path]) -> dict[str, list[float]]:
    """The mean reward of every logged round of answers, by the name of the run's folder."""
    found = {}
    for folder in map(Path, folders):
        record = json.loads((folder / "training.json").read_text("utf-8"))
        found[folder.name] = [row["reward"] for row in record["rewards"] if "reward" in row]
    return found


def running_mean(values: Sequence[float], window: int = WINDOW) -> list[float]:
    """The mean of each value and of those before it, `window` at most.

    Example:
        >>> running_mean([1.0, 3.0, 5.0], window=2)
        [1.0, 2.0, 4.0]
    """
    return [float(np.mean(values[max(0, end - window) : end])) for end in range(1, len(values) + 1)]


def draw_rewards(rewards: dict[str, list[float]], path: str | Path) -> Path:
    """Draw runs and their mean, by step.

    Args:
        rewards: Mean reward of every step, by run.
        path: Where the picture goes; its ending says the format.
    """
    # Not pyplot, which wants a window system.
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    settings: dict[str, Any] = {"svg.hashsalt": "rewards", "font.size": 11}
    with rc_context(settings):
        figure = Figure(figsize=(6.4, 3.6), layout="constrained")
        axes = figure.subplots()
        curves = [running_mean(values) for values in rewards.values()]
        for name, curve in zip(rewards, curves, strict=True):
            axes.plot(range(1, len(curve) + 1), curve, linewidth=1, alpha=0.6, label=name)
        if len({len(curve) for curve in curves}) == 1 and len(curves) > 1:
            mean = np.mean(curves, axis=0)
            axes.plot(range(1, len(mean) + 1), mean, color="black", linewidth=2, label="mean")
        axes.set(xlabel="step", ylabel=f"mean reward, over {WINDOW} steps", ylim=(0, None))
        axes.grid(alpha=0.3)
        axes.legend(frameon=False)
        is_svg = Path(path).suffix == ".svg"
        figure.savefig(path, dpi=110, metadata={"Date": None} if is_svg else None)
    return Path(path)
