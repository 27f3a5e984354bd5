"""The processes that ``torchrun`` starts: which one this is, and how they wait for each other."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch

# A rank that is done waits for the others; how long, the corpus decides.
_PATIENCE = timedelta(days=7)


@dataclass(frozen=True)
class Ranks:
    """This process among those that share the work.

    Args:
        rank: Its number, from 0.
        size: How many there are.
    """

    rank: int = 0
    size: int = 1

    @property
    def first(self) -> bool:
        """Whether this process decides and writes what is written once."""
        return self.rank == 0

    def agreed(self, decide: Callable[[], Any]) -> Any:
        """What the first process finds, in all of them; its error ends all of them."""
        if self.size == 1:
            return decide()
        found: list[Any] = [None, None]
        if self.first:
            try:
                found = [decide(), None]
            except Exception as error:
                found = [None, error]
        torch.distributed.broadcast_object_list(found, src=0)
        if found[1] is not None:
            raise found[1]
        return found[0]

    def wait(self) -> None:
        """Wait until all are here."""
        if self.size > 1:
            torch.distributed.barrier()

    def device(self) -> torch.device:
        """Where this process computes: its own accelerator, else the CPU."""
        found = torch.accelerator.current_accelerator()
        if found is None:
            return torch.device("cpu")
        local = int(os.environ.get("LOCAL_RANK", 0))
        return torch.device(found.type, local % torch.accelerator.device_count())


def usual_workers() -> int:
    """Processes that decode for this one, where nobody says: a core each, at most eight."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    here = int(os.environ.get("LOCAL_WORLD_SIZE", 1))
    return min(8, max(0, cores // here - 1))


@contextmanager
def ranks() -> Iterator[Ranks]:
    """Join the processes that share the work, if there are others."""
    size = int(os.environ.get("WORLD_SIZE", 1))
    if size == 1 or torch.distributed.is_initialized():
        rank = torch.distributed.get_rank() if torch.distributed.is_initialized() else 0
        yield Ranks(rank, size)
        return
    # Only small things are said, so that no accelerator is needed for it.
    torch.distributed.init_process_group("gloo", timeout=_PATIENCE)
    try:
        yield Ranks(torch.distributed.get_rank(), size)
    finally:
        torch.distributed.destroy_process_group()


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Refuse a second run on the same folder; a kill releases it.

    Raises:
        ValueError: Another process is at work there.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    with (folder / ".filling").open("w") as file:
        try:
            # Not flock: workers would inherit that, and they outlive a kill by seconds.
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            raise ValueError(
                f"{folder} is being filled by another process: expected one at a time. Wait for "
                "it, or stop it; what it has written is kept."
            ) from None
        yield
