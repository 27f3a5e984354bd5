"""The time of a step, measured: the recipe itself, run for a few steps in a folder that is lost."""

import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from transformers import TrainerCallback

from affecthub.training.arguments import settings
from affecthub.training.mixtures.folders import Folders
from affecthub.training.planning.costs import run_length
from affecthub.training.recipe import Recipe
from affecthub.training.sft import train
from affecthub.training.splits import Splits

# The first steps warm caches and workers up; where media are kept, the first epoch is no measure.
_WARM_UP, _MOST_OF_EPOCH = 1, 40

_ONE_EPOCH = {"max_steps": -1, "num_train_epochs": 1}


class StepTimes(TrainerCallback):
    """Takes the time at which every step ends."""

    def __init__(self) -> None:
        self.ends: list[float] = []

    def on_step_end(self, *_: Any, **__: Any) -> None:
        """Take the time, after what was asked of the device is done."""
        import torch

        if torch.cuda.is_available():
            torch.cuda.synchronize()
        self.ends.append(time.perf_counter())

    def seconds(self, n_steps: int) -> float:
        """The median from one step's end to the next's, fetching included, of the last steps."""
        spans = [after - before for before, after in zip(self.ends, self.ends[1:], strict=False)]
        return median(spans[-n_steps:])


def measure_step(recipe: Recipe, folders: Folders, splits: Splits, n_steps: int) -> float:
    """Seconds of a step of the optimiser, from a short run.

    Args:
        recipe: Whose model is on this disk.
        folders: Where its corpora lie.
        splits: Of its first corpus.
        n_steps: Steps that are measured.

    Returns:
        The median.
    """
    n_first = _WARM_UP
    if recipe.cache_media:
        epoch, _ = run_length(settings(recipe) | _ONE_EPOCH, len(splits.train), 1)
        n_first = max(n_first, min(epoch, _MOST_OF_EPOCH))
    quick = {
        "max_steps": n_first + n_steps + 1,
        "eval_strategy": "no",
        "save_strategy": "no",
        "report_to": "none",
        "load_best_model_at_end": False,
    }
    dropped = ("metric_for_best_model", "save_steps", "eval_steps", "num_train_epochs")
    trainer = {name: value for name, value in recipe.trainer.items() if name not in dropped}
    times = StepTimes()
    with tempfile.TemporaryDirectory(prefix="affecthub-plan-") as scratch:
        train(
            replace(recipe, trainer=trainer | quick),
            data_dir=folders,
            output_dir=Path(scratch) / "run",
            progress=False,
            splits=replace(splits, validation=None),
            callbacks=[times],
        )
    return times.seconds(n_steps)
