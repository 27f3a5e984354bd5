"""Ask in forks of a process that has imported everything, and kill them by signal 9.

Its arguments are a folder, and a JSON list of [journal, bytes] pairs: each is one run that is
killed when its part has so many bytes; no bytes let it end. Prints the exit codes.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

from asked_clips import make_prompt

from affecthub.training.asking.ask import ask_rows
from affecthub.training.asking.backends.scripted import ScriptedBackend

N_CLIPS = 30


def ask(journal: Path) -> None:
    """Ask about clips of words; some fail, some are cut, some have nothing to ask about."""
    script = {"*": {"text": "glad 高兴 because of many a thing", "seconds": 0.002}}
    script |= {"c3": {"error": "fell over"}, "c9": "a\u2028b"}
    rows = [{"id": f"c{i}", "text": "" if i == 7 else f"words {i}"} for i in range(N_CLIPS)]
    backend = ScriptedBackend(script, batch_size=4, max_new_tokens=5)
    ask_rows(backend, rows, make_prompt("{subtitle}?"), journal=journal, media="t")


def run(journal: Path, n_bytes: int | None) -> int:
    """One run in a fork; how it ended."""
    child = os.fork()
    if not child:
        try:
            ask(journal)
        finally:
            os._exit(0)
    part = journal.with_name(f"{journal.name}.part-1-of-1")
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if n_bytes is not None and part.is_file() and part.stat().st_size >= n_bytes:
            os.kill(child, signal.SIGKILL)
            n_bytes = None
        time.sleep(0.0002)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    print([run(folder / name, n_bytes) for name, n_bytes in json.loads(sys.argv[2])])
    assert "torch" not in sys.modules, "asking an endpoint needs no torch"
