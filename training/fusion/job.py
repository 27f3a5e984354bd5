"""One run of many: a configuration, how to train it, and a seed."""

from dataclasses import dataclass
from typing import Any

from affecthub.training.fusion.settings import Settings


@dataclass(frozen=True)
class Job:
    """One run.

    Args:
        config: Of the model.
        settings: How to train it.
        seed: Of initial values, order and dropout.
    """

    config: Any
    settings: Settings
    seed: int = 0
