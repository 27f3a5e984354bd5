"""Which runs can be trained side by side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from affecthub.training.fusion.blocks import Vectors
from affecthub.training.fusion.fitting import Fitted, plain_config
from affecthub.training.fusion.job import Job
from affecthub.training.fusion.stacked.fusions import STACKED
from affecthub.training.fusion.stacked.training import train_stacked
from affecthub.training.fusion.table import MODALITIES, FeatureTable

# What runs of a group may differ in.
_FREE = ("hidden_dim", "dropout", "options")


@dataclass(frozen=True)
class Group:
    """Runs that are trained together.

    Args:
        places: Of their jobs.
        run: Trains these and gives what `fit` gives for each, in the order of `places`.
    """

    places: tuple[int, ...]
    run: Callable[[Sequence[Job], FeatureTable], list[Fitted]]


def groups_of(jobs: Sequence[Job], table: FeatureTable) -> tuple[list[Group], list[int]]:
    """Sort runs into groups, and those that are to be trained alone.

    A group has one algorithm with encoders of vectors (LMF, Attention) over a table in which every
    clip has all three; its runs may differ in width, rank, dropout, learning rate, cut of gradients
    and seed.
    """
    found: dict[Any, list[int]] = {}
    alone: list[int] = []
    for place, job in enumerate(jobs):
        key = _key(job, table)
        if key is None:
            alone.append(place)
        else:
            found.setdefault(key, []).append(place)
    groups = [Group(tuple(places), train_stacked) for places in found.values() if len(places) > 1]
    alone += [places[0] for places in found.values() if len(places) == 1]
    return groups, sorted(alone)


def _key(job: Job, table: FeatureTable) -> Any:
    """What runs of a group have in common; None of one that goes alone."""
    config = job.config
    if config.algorithm not in STACKED or config.level != "utterance" or config.modality_dropout:
        return None
    if config.num_labels and config.score:
        return None
    blocks = [table.blocks.get(name) for name in MODALITIES]
    if not all(isinstance(block, Vectors) and bool(block.there.all()) for block in blocks):
        return None
    if job.settings.patience is not None:
        return None
    same = replace(job.settings, learning_rate=1e-3, clip_value=None)
    told = {name: value for name, value in plain_config(config).items() if name not in _FREE}
    return (same, tuple(sorted(told.items())))
