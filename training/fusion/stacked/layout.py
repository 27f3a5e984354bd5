"""Which runs stand beside which in a stack, and which rows of it are computed together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from affecthub.training.fusion.job import Job


@dataclass(frozen=True)
class Run:
    """One run of a stack.

    Args:
        place: Of its job among those of the group.
        job: What it is.
    """

    place: int
    job: Job

    @property
    def width(self) -> int:
        """Width inside."""
        return int(self.job.config.hidden_dim)

    @property
    def rate(self) -> float:
        """Of learning."""
        return self.job.settings.learning_rate

    @property
    def dropout(self) -> float:
        """Of the encoders."""
        return float(self.job.config.dropout)


@dataclass(frozen=True)
class Part:
    """Runs that stand one after the other and have something in common.

    Args:
        first: The first of them.
        end: One behind the last.
        value: What they share.
    """

    first: int
    end: int
    value: Any


def stacks_of(jobs: Sequence[Job]) -> list[list[Run]]:
    """Runs of one width each, those of one learning rate together, inside of these one seed."""
    runs = [Run(place, job) for place, job in enumerate(jobs)]
    runs.sort(key=lambda run: (run.width, run.rate, run.job.seed, run.dropout, run.place))
    widths = dict.fromkeys(run.width for run in runs)
    return [[run for run in runs if run.width == width] for width in widths]


def parts_of(values: Sequence[Any]) -> list[Part]:
    """Cut where neighbours differ.

    Example:
        >>> [(part.first, part.end, part.value) for part in parts_of("aab")]
        [(0, 2, 'a'), (2, 3, 'b')]
    """
    found: list[Part] = []
    for place, value in enumerate(values):
        if found and found[-1].value == value:
            found[-1] = Part(found[-1].first, place + 1, value)
        else:
            found.append(Part(place, place + 1, value))
    return found
