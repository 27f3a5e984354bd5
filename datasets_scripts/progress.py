"""A bar for long work on a terminal; a pipe, a log or a notebook without one sees nothing."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# Work that is done before this shows no bar.
DELAY_S = 1.0


@contextmanager
def progress(what: str, total: int, unit: str) -> Iterator[Callable[[int], object]]:
    """Show how far some work is, where somebody looks on.

    Args:
        what: What is being done.
        total: How many of ``unit`` there are.
        unit: What is counted.

    Yields:
        What is called with the number of those that have been done since the last call.
    """
    if not sys.stderr.isatty():
        yield lambda n: None
        return
    from tqdm import tqdm

    with tqdm(desc=what, total=total, unit=f" {unit}", leave=False, delay=DELAY_S) as bar:
        yield bar.update
