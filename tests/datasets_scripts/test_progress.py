"""The bar of long work: there where somebody looks on, silent everywhere else."""

import io
import sys

from affecthub.datasets_scripts import progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def counted(monkeypatch, stream):
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress, "DELAY_S", 0)
    with progress.progress("opening media", 3, "clip") as done:
        for _ in range(3):
            done(1)
    return stream.getvalue()


def test_a_pipe_sees_nothing(monkeypatch):
    assert counted(monkeypatch, io.StringIO()) == ""


def test_a_terminal_sees_how_far_it_is(monkeypatch):
    shown = counted(monkeypatch, Terminal())
    assert "opening media" in shown and "/3" in shown
