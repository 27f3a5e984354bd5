"""The order of clips in an epoch: the same on one process and on many, and no clip twice."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import torch
from accelerate.data_loader import SeedableRandomSampler
from torch.utils.data import Dataset, Sampler
from transformers.trainer_pt_utils import LengthGroupedSampler

from affecthub.training.mixtures.sampling import Draw

IGNORED = -100


class EvenOrder(Sampler[Draw]):
    """The draws of each epoch, filled up to a full batch on every process.

    A draw is a clip with the number of its place in the whole run.

    Accelerate deals batches round to the processes and completes the last ones with clips from the
    beginning, which would count twice. Here the rest of the last round is made of numbers beyond
    the last clip's, which `Filled` gives as clips without an answer: they weigh nothing.

    Args:
        indices_of: The clips' numbers of an epoch, in order.
        n_clips: How many numbers those are.
        multiple: Clips of one round: the batch of a process times the processes; 1 adds none.
        beyond: The first number that is no clip's.

    Example:
        >>> order = EvenOrder(lambda epoch: [2, 0, 1], n_clips=3, multiple=2, beyond=3)
        >>> list(order), len(order)
        ([(2, 0), (0, 1), (1, 2), (5, 3)], 4)
    """

    def __init__(
        self, indices_of: Callable[[int], Iterable[int]], n_clips: int, multiple: int, beyond: int
    ) -> None:
        self.indices_of = indices_of
        self.n_clips = n_clips
        self.n_spare = -n_clips % multiple
        self.beyond = beyond
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch comes next."""
        self.epoch = epoch

    def __len__(self) -> int:
        """Clips, and what fills up the last round."""
        return self.n_clips + self.n_spare

    def __iter__(self) -> Iterator[Draw]:
        """The draws of the epoch that was set last."""
        first: list[int] = []
        number = self.epoch * self.n_clips
        for index in self.indices_of(self.epoch):
            if len(first) < self.n_spare:
                first.append(index)
            yield index, number
            number += 1
        for i in range(self.n_spare):
            yield self.beyond + first[i % len(first)], number + i


class Filled(Dataset):
    """Examples, and behind them the same ones without an answer."""

    def __init__(self, examples: Any) -> None:
        self.examples = examples

    def __len__(self) -> int:
        """Number of clips; the others are drawn by `EvenOrder` alone."""
        return len(self.examples)

    def __getitem__(self, key: int | Draw) -> Any:
        """A clip, or one that no label is left of."""
        n = len(self.examples)
        index = key[0] if isinstance(key, tuple) else key
        if index < n:
            return self.examples[key]
        example = self.examples[(index - n, key[1]) if isinstance(key, tuple) else index - n]
        if isinstance(example, dict):
            return without_answer(example)
        # One with its name and its tensors, or none, see `evaluation.readable`.
        tensors = None if example.tensors is None else without_answer(example.tensors)
        return replace(example, tensors=tensors)

    def __getattr__(self, name: str) -> Any:
        """What else the examples can do."""
        if name == "examples":  # not set yet, as while it is unpickled
            raise AttributeError(name)
        return getattr(self.examples, name)


def without_answer(example: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """A clip that no label is left of."""
    return {**example, "labels": torch.full_like(example["labels"], IGNORED)}


def shuffled(n: int, seed: int) -> Callable[[int], Iterable[int]]:
    """Every number below `n` once, in an order of each epoch's own that the seed fixes."""

    def indices_of(epoch: int) -> Iterable[int]:
        sampler = SeedableRandomSampler(range(n), data_seed=seed)
        sampler.set_epoch(epoch)
        return sampler

    return indices_of


def by_length(lengths: list[int], n_per_step: int, seed: int) -> Callable[[int], Iterable[int]]:
    """Every number once, clips of like length in the same step; the longest come first.

    Args:
        lengths: Of each clip.
        n_per_step: Clips of a step over all processes, so that their number changes no order.
        seed: Fixes the order of every epoch.
    """

    def indices_of(epoch: int) -> Iterable[int]:
        generator = torch.Generator().manual_seed(seed + epoch)
        return LengthGroupedSampler(n_per_step, lengths=lengths, generator=generator)

    return indices_of


def n_answered(inputs: dict[str, Any]) -> torch.Tensor:
    """Clips of a batch that have an answer, those packed into one row counted each.

    Returns:
        A whole number on the batch's device.
    """
    counted = inputs["labels"][..., 1:] != IGNORED
    if "position_ids" not in inputs or "attention_mask" in inputs:
        return counted.any(-1).sum()
    starts = (inputs["position_ids"][..., 1:] == 0).cumsum(-1)
    rows = torch.arange(len(starts), device=starts.device)[:, None] * inputs["labels"].shape[-1]
    return torch.as_tensor((starts + rows)[counted].unique().numel(), device=counted.device)
