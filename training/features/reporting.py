"""How far the work is: a bar on a terminal, elsewhere a line now and then."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# Between two lines of a log.
EVERY_S = 30.0


@contextmanager
def reported(total: int, *, shown: bool, what: str = "features") -> Iterator[Callable[[int], None]]:
    """Show how far some work is.

    Args:
        total: Clips there are.
        shown: False shows nothing.
        what: What is being done.

    Yields:
        What is called with the number of clips that have been done since the last call.
    """
    if not (shown and total):
        yield lambda n: None
    elif sys.stderr.isatty():
        from tqdm import tqdm

        with tqdm(desc=what, total=total, unit=" clips") as bar:
            yield lambda n: bar.update(n) and None
    else:
        yield _Lines(total, what).done


class _Lines:
    """Lines of a log, one at the end and one now and then before."""

    def __init__(self, total: int, what: str) -> None:
        self.total, self.what, self.n_done = total, what, 0
        self.began = self.told = time.monotonic()

    def done(self, n: int) -> None:
        """Count clips, and tell of them if it is time to."""
        self.n_done += n
        now = time.monotonic()
        if now - self.told < EVERY_S and self.n_done < self.total:
            return
        self.told = now
        rate = self.n_done / max(now - self.began, 1e-9)
        left = (self.total - self.n_done) / max(rate, 1e-9)
        print(
            f"{self.what}: {self.n_done:,} of {self.total:,} clips, {rate:.1f} a second, "
            f"{left:,.0f} s left",
            file=sys.stderr,
            flush=True,
        )
