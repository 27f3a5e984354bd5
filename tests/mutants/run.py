"""Small mistakes put into the code one at a time: which of them do the tests not see?

Each list beside this file holds mutants: a file, a piece of its text, what stands in its place, and
the tests that should fail then. A mutant that passes them all survives, and is printed.

    python tests/mutants/run.py [LIST ...] [--only NAME]

The checkout itself is not touched: mutants live in a copy.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


@dataclass(frozen=True)
class Mutant:
    """One small mistake.

    Attributes:
        name: What it does, in a few words.
        file: Path in the checkout.
        old: Text that stands there once.
        new: Text in its place.
        tests: Files, or ``file::test``, of which one should fail.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


def read_list(path: Path) -> list[Mutant]:
    """The mutants of one list, ``[[mutant]]`` tables in TOML."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["mutant"]
    return [Mutant(**{**entry, "tests": tuple(entry["tests"])}) for entry in entries]


def mutated(mutant: Mutant, text: str) -> str:
    """The text of a file with the mistake in it.

    Raises:
        ValueError: The old text does not stand there exactly once.
    """
    if (n := text.count(mutant.old)) != 1:
        raise ValueError(
            f"mutant {mutant.name!r}: got its old text {n} times in {mutant.file}, expected once. "
            "The code has moved on: write the mutant anew."
        )
    return text.replace(mutant.old, mutant.new)


def survives(mutant: Mutant, copy: Path) -> bool:
    """Whether all its tests pass with the mistake in a copy of the checkout."""
    file = copy / mutant.file
    text = file.read_text(encoding="utf-8")
    file.write_text(mutated(mutant, text), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *mutant.tests]
    data = os.environ.get("AFFECTHUB_REFERENCE_DATA", str(ROOT.parent / "shared" / "data"))
    paths = {"PYTHONPATH": str(copy / "src"), "AFFECTHUB_REFERENCE_DATA": data}
    try:
        done = subprocess.run(
            command, cwd=copy, env={**os.environ, **paths}, capture_output=True, text=True
        )
    finally:
        file.write_text(text, encoding="utf-8")
    if done.returncode not in (0, 1):
        raise RuntimeError(f"mutant {mutant.name!r}: pytest broke off:\n{done.stdout[-2000:]}")
    return done.returncode == 0


def main() -> None:
    """Run the lists; exit 1 where a mutant survives."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("lists", nargs="*", help="training, modeling, ...; by default all")
    parser.add_argument("--only", help="mutants whose name has this in it")
    arguments = parser.parse_args()
    paths = sorted(HERE.glob("*.toml"))
    if arguments.lists:
        paths = [HERE / f"{name}.toml" for name in arguments.lists]
    surviving = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "checkout"
        listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True)
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).exists():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, copy / name, follow_symlinks=False)
        for path in paths:
            for mutant in read_list(path):
                if arguments.only and arguments.only not in mutant.name:
                    continue
                alive = survives(mutant, copy)
                surviving += alive
                verdict = "SURVIVES" if alive else "killed"
                print(f"{verdict:8}  {path.stem}: {mutant.name}", flush=True)
    sys.exit(bool(surviving))


if __name__ == "__main__":
    main()
