"""The folder that the leaderboard's Space is."""

import json
import shutil
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from affecthub.hub_cards.spaces.leaderboard.reading import ABOUT, OWN_RESULTS, RESULT, read_result

_FILES = ("README.md", "app.py", "requirements.txt")


def write_space(out: Path, results: Iterable[str | Path] = ()) -> None:
    """Write the Space's files into an empty folder.

    Args:
        out: The folder; it is made.
        results: ``bench.json`` files, and folders that hold some at any depth, beside those that
            the Space starts with. Each goes to ``results/<its folder's name>/``, with the
            ``about.yaml`` beside it, without what tells of the machine it was made on.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: A result is broken, there is none in a folder, or two have one folder's name;
            nothing is written then.
    """
    chosen: dict[str, Path] = {}
    for file in _results([OWN_RESULTS, *map(Path, results)]):
        read_result(file)
        name = file.resolve().parent.name
        if name in chosen:
            raise ValueError(
                f"Two results lie in folders called {name}: got {chosen[name]} and {file}, "
                "expected a name of its own for each."
            )
        chosen[name] = file
    out.mkdir(parents=True, exist_ok=True)
    here = files("affecthub.hub_cards.spaces.leaderboard")
    for name in _FILES:
        (out / name).write_text(here.joinpath(name).read_text("utf-8"), "utf-8")
    for name, file in chosen.items():
        folder = out / "results" / name
        folder.mkdir(parents=True)
        result = json.loads(file.read_text("utf-8"))
        # Where it was made is nobody's business.
        result.pop("made_by", None)
        (folder / RESULT).write_text(json.dumps(result, indent=1), "utf-8")
        if file.with_name(ABOUT).is_file():
            shutil.copyfile(file.with_name(ABOUT), folder / ABOUT)


def _results(paths: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(
                f"No result at {path}: expected a {RESULT} or a folder of them."
            )
        inside = [path] if path.is_file() else sorted(path.rglob(RESULT))
        if not inside:
            raise ValueError(f"There is no {RESULT} in {path}: `affecthub bench` writes one.")
        found += inside
    return found
