"""A test that would not end fails; a busy machine is no reason, as only its own work counts."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def ends(work: str, within_s: float = 60.0) -> Iterator[None]:
    """Fail a test whose block has not ended after many times the processor seconds it needs.

    Args:
        work: What the block does, for the message.
        within_s: Processor seconds of the whole process, whatever the clock says; at least
            twenty times what the block takes, so that slower is not enough: how fast things are
            is measured in ``benchmarks/``.
    """

    def stop(*_: object) -> None:
        pytest.fail(f"{work}: no end after {within_s:g} s of work")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, within_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
