"""The training program in processes of its own, which share one start of the libraries.

``sft.main`` runs as ``python -m affecthub.training.sft`` runs it, forked from a server that has
imported it already: a start costs a tenth of a second in place of ten.
"""

import multiprocessing
import os
import sys
from multiprocessing.process import BaseProcess
from pathlib import Path


def start(arguments: list[str], log: Path, **environment: str) -> BaseProcess:
    """Start the program; what it prints goes to a file."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["affecthub.training.sft", "affecthub.training.model", "peft"])
    process = context.Process(target=_main, args=(arguments, str(log), environment))
    process.start()
    return process


def finish(process: BaseProcess, log: Path) -> None:
    """Wait for its end, and show what it printed if that was not a good one."""
    process.join(timeout=600)
    assert process.exitcode == 0, log.read_text()


def _main(arguments: list[str], log: str, environment: dict[str, str]) -> None:
    with open(log, "ab", buffering=0) as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    os.environ.update(environment)
    sys.argv = ["affecthub.training.sft", *arguments]
    from affecthub.training.sft import main

    main()
