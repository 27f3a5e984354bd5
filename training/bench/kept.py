"""A run's answers in one file, a line per clip, from which it is scored again without a model."""

import json
from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import Any

from affecthub.cache import write_whole
from affecthub.training.bench.answers import Answered, Extractor, Run, amounts
from affecthub.training.bench.cells import STEM
from affecthub.training.bench.references import BY_NAME

# One line per clip: what was answered, what that amounts to, and what was expected.
KEPT = "scored.jsonl"


def keep(run: Run, path: Path) -> None:
    """Write a line per clip, from which the run is scored again without a model."""
    lines = (
        {
            "set": name,
            "checkpoint": checkpoint,
            "id": clip,
            "answer": answer,
            "labels": labels,
            "reference": reference,
        }
        for name, by_checkpoint in run.items()
        for checkpoint, done in by_checkpoint.items()
        for clip, answer, labels, reference in zip(
            done.ids, done.answers, done.labels, done.references, strict=True
        )
    )
    write_whole(path, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))


def read_kept(folder: str | PathLike[str], extractor: Extractor | None = None) -> Run:
    """The run that `keep` wrote.

    Args:
        folder: Holds `KEPT`; or the file itself.
        extractor: Take labels out of the answers anew; None leaves them as they are.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: A line is not what `keep` writes.
    """
    path = Path(folder)
    path = path / KEPT if path.is_dir() else path
    if not path.is_file():
        raise FileNotFoundError(
            f"no kept answers: got {folder}, expected a folder of `affecthub bench` with {KEPT}."
        )
    run: Run = {}
    for line in _lines(path):
        done = run.setdefault(line["set"], {}).setdefault(
            line["checkpoint"], Answered(BY_NAME[line["set"]], [], [], [], [])
        )
        done.ids.append(line["id"])
        done.answers.append(line["answer"])
        done.labels.append(line["labels"])
        done.references.append(line["reference"])
    for by_checkpoint in run.values():
        for done in by_checkpoint.values():
            done.n_unanswered = sum(answer in (None, "", []) for answer in done.answers)
            if extractor is not None:
                done.labels = amounts(done.answers, done.test_set, extractor)
    return run


def made_by(folder: str | PathLike[str]) -> dict[str, Any]:
    """What the table in a folder says of itself; nothing where there is none."""
    try:
        found = json.loads((Path(folder) / f"{STEM}.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _lines(path: Path) -> Iterable[dict[str, Any]]:
    keys = {"set", "checkpoint", "id", "answer", "labels", "reference"}
    for number, text in enumerate(path.read_text("utf-8").split("\n"), start=1):
        if not text:
            continue
        try:
            line = json.loads(text)
        except json.JSONDecodeError as error:
            raise ValueError(f"{path}, line {number} is not JSON: {error}.") from error
        if not isinstance(line, dict) or keys - set(line) or line["set"] not in BY_NAME:
            raise ValueError(
                f"{path}, line {number}: got {text[:60]!r}, expected {', '.join(sorted(keys))} of "
                "a set of MER-UniBench."
            )
        yield line
