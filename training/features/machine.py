"""What filling a cache takes of its machine: processors to decode, the folder for itself."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def usual_workers() -> int:
    """Processes that decode for this one, where nobody says: a core each, at most eight."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    here = int(os.environ.get("LOCAL_WORLD_SIZE", 1))
    return min(8, max(0, cores // here - 1))


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
