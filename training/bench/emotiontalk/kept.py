"""Results of single runs, each in a file: a benchmark that was stopped goes on from them."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from affecthub.cache import content_key, write_whole
from affecthub.training.bench.rendering import as_json, strict

FOLDER = "runs"


class Kept:
    """A folder of results, found by what they were made from.

    Args:
        folder: Made when the first is written; None keeps nothing.
    """

    def __init__(self, folder: str | Path | None) -> None:
        self.folder = None if folder is None else Path(folder) / FOLDER
        self.n_found = 0
        self.n_made = 0

    def get(
        self, name: str, made_from: Mapping[str, Any], make: Callable[[], dict[str, Any]]
    ) -> dict[str, Any]:
        """A result, out of the folder or made now.

        Args:
            name: Begins the file's name.
            made_from: Plain values that decide the result; another value is another result.
            make: Makes it, plain values.
        """
        told = json.dumps(strict(made_from), sort_keys=True, ensure_ascii=False, default=str)
        path = self._path(name, told)
        found = self._read(path, told)
        if found is not None:
            self.n_found += 1
            return found
        result: dict[str, Any] = strict(make())
        self.n_made += 1
        if path is not None:
            write_whole(path, as_json({"made_from": json.loads(told), "result": result}))
        return result

    def _path(self, name: str, told: str) -> Path | None:
        if self.folder is None:
            return None
        return self.folder / f"{name.replace('/', '-')}-{content_key(told)[:12]}.json"

    def _read(self, path: Path | None, told: str) -> dict[str, Any] | None:
        """A result that is there; a file that is none of ours is made again."""
        if path is None or not path.is_file():
            return None
        try:
            said = json.loads(path.read_text("utf-8"))
            same = json.dumps(said["made_from"], sort_keys=True, ensure_ascii=False) == told
            return dict(said["result"]) if same else None
        except (ValueError, KeyError, TypeError):
            return None
