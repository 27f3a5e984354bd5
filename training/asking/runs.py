"""What differs between two runs that give the same journal: when, how long, by which versions."""

import json
import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

# What may have to do with an answer, where it was imported.
_PACKAGES = ("affecthub", "numpy", "av", "httpx", "torch", "transformers")


def runs_file(journal: Path) -> Path:
    """Where the runs of a journal are noted.

    Example:
        >>> runs_file(Path("answers/meld.jsonl")).as_posix()
        'answers/meld.runs.jsonl'
    """
    return journal.with_name(f"{journal.stem}.runs.jsonl")


def note_run(journal: Path, facts: dict[str, Any]) -> None:
    """Add a line about a run that has ended: its facts, the time, and the versions of packages.

    Args:
        journal: The journal that it wrote to.
        facts: What to tell of it; plain values, no token.
    """
    line = {
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        **facts,
        "versions": {"python": platform.python_version(), **_versions()},
    }
    text = (json.dumps(line, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")
    # One write at the end of the file: shards may end at the same time.
    with open(runs_file(journal), "ab", buffering=0) as file:
        file.write(text)
        os.fsync(file.fileno())


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        if name in sys.modules:
            try:
                found[name] = version(name)
            except PackageNotFoundError:  # imported from a folder
                found[name] = "unknown"
    return found
