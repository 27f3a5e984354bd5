"""The processes of one job: who this one is, its share of the work, and what the others say."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import torch
from torch import distributed

T = TypeVar("T")

# How long one process waits for another: prediction takes hours, and shares end at other times.
_PATIENCE = timedelta(days=7)
# Objects pass through processors' memory, whatever the tensors of the job pass through.
_groups: dict[Any, Any] = {}


@dataclass(frozen=True)
class Share:
    """One of so many equal parts of a list: every so manieth item, so that like follows like.

    Args:
        index: Which part, from 0.
        count: How many parts.

    Example:
        >>> Share(1, 3).of("abcdefgh")
        'beh'
        >>> Share.parse("2/3")
        Share(index=1, count=3)
    """

    index: int = 0
    count: int = 1

    @classmethod
    def parse(cls, text: str) -> "Share":
        """Read ``k/n``, the k-th of n parts, counted from 1.

        Raises:
            ValueError: It is no such pair, or k is not one of 1 to n.
        """
        first, _, second = text.partition("/")
        if not (first.isdecimal() and second.isdecimal()):
            raise ValueError(f"shard: got {text!r}, expected k/n, such as 1/4 for the first of 4.")
        number, count = int(first), int(second)
        if not 1 <= number <= count:
            raise ValueError(f"shard: got {text!r}, expected the first number to be 1 to {count}.")
        return cls(number - 1, count)

    @property
    def name(self) -> str:
        """The part as names of files have it."""
        return f"part-{self.index + 1}-of-{self.count}"

    @property
    def is_all(self) -> bool:
        """Whether there is only this part."""
        return self.count == 1

    def of(self, items: Sequence[T]) -> Sequence[T]:
        """This part's items."""
        return items[self.index :: self.count]

    def within(self, inner: "Share") -> "Share":
        """The part of this part that `inner` is, counted among all such."""
        return Share(self.index + self.count * inner.index, self.count * inner.count)


def start_processes() -> None:
    """Join the other processes of ``torch.distributed.run``, where a program was started by it.

    What they have to say to each other is short and passes through the processors' memory, so
    that this works with and without accelerators; each takes an accelerator of its own.
    """
    if int(os.environ.get("WORLD_SIZE", 1)) < 2 or distributed.is_initialized():
        return
    if torch.accelerator.is_available():
        local = int(os.environ.get("LOCAL_RANK", 0))
        torch.accelerator.set_device_index(local % torch.accelerator.device_count())
    distributed.init_process_group("gloo", timeout=_PATIENCE)


def this_process() -> Share:
    """Which of the job's processes this is; the only one, where nothing has joined others."""
    if not (distributed.is_available() and distributed.is_initialized()):
        return Share()
    return Share(distributed.get_rank(), distributed.get_world_size())


def gathered(value: T) -> list[T]:
    """What every process says, in the order of the processes; all must call it."""
    process = this_process()
    if process.is_all:
        return [value]
    world = distributed.group.WORLD
    if world not in _groups:
        _groups[world] = distributed.new_group(backend="gloo", timeout=_PATIENCE)
    values: list[Any] = [None] * process.count
    distributed.all_gather_object(values, value, group=_groups[world])
    return values


@contextmanager
def together(what: str) -> Iterator[None]:
    """Do something in every process, and go on when all have done it; an error stops all of them.

    Args:
        what: What is done, in the words of "could not".

    Raises:
        RuntimeError: Another process could not.
    """
    error: Exception | None = None
    try:
        yield
    except Exception as caught:
        error = caught
    told = gathered(None if error is None else str(error))
    if error is not None:
        raise error
    for index, other in enumerate(told):
        if other is not None:
            raise RuntimeError(f"process {index} could not {what}: {other}")
