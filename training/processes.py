"""The processes of one job: who this one is, and what the others say."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

import torch
from torch import distributed

from affecthub.training.shares import Share

T = TypeVar("T")

# How long one process waits for another: prediction takes hours, and shares end at other times.
_PATIENCE = timedelta(days=7)
# Objects pass through processors' memory, whatever the tensors of the job pass through.
_groups: dict[Any, Any] = {}


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


@contextmanager
def joined() -> Iterator[Share]:
    """Join the other processes for a while, if there are others, and say which one this is."""
    began = not distributed.is_initialized()
    start_processes()
    try:
        yield this_process()
    finally:
        if began and distributed.is_initialized():
            _groups.clear()
            distributed.destroy_process_group()


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


def agreed(decide: Callable[[], T]) -> T:
    """What the first process finds, in all of them; its error ends all of them."""
    process = this_process()
    if process.is_all:
        return decide()
    found: Any = None
    if not process.index:
        try:
            found = (decide(), None)
        except Exception as error:
            found = (None, error)
    value, failure = gathered(found)[0]
    if failure is not None:
        raise failure
    return value  # type: ignore[no-any-return]


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
