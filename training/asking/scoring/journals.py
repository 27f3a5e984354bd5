"""A journal of answers as it is read to be scored: one model, one prompt, one line a clip."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from affecthub.training.answer_files import Line, parts_of, read_lines


@dataclass(frozen=True, eq=False)
class Asked:
    """The lines of a journal.

    Attributes:
        path: The file.
        lines: Clip id to its line.
        model: Key of the model; "" where lines have none.
        prompt: ``id@version`` of what was asked; "" where lines do not say.
        media: Which media were handed over, as the lines say.
    """

    path: Path
    lines: dict[str, Line]
    model: str
    prompt: str
    media: str

    @cached_property
    def answers(self) -> dict[str, str]:
        """Clip id to answer as it came, errors left out."""
        return {
            clip: str(line["prediction"])
            for clip, line in self.lines.items()
            if not line.get("error")
        }

    @cached_property
    def errors(self) -> dict[str, str]:
        """Clip id to why it has no answer."""
        return {clip: str(line["error"]) for clip, line in self.lines.items() if line.get("error")}

    def costs(self) -> dict[str, Any]:
        """Tokens of the answered clips: ``n_in`` and ``n_out`` on average, and ``n_cut``.

        Averages are over the lines that tell, NaN where none does; ``n_told`` counts them.
        """
        answered = [line for line in self.lines.values() if not line.get("error")]
        return {
            "n_in": _mean(line.get("n_in") for line in answered),
            "n_out": _mean(line.get("n_out") for line in answered),
            "n_told": sum(line.get("n_out") is not None for line in answered),
            "n_cut": sum(bool(line.get("cut")) for line in answered),
        }


def read_journal(path: str | Path) -> Asked:
    """Read a journal of `affecthub ask` or `affecthub predict`.

    Args:
        path: The jsonl.

    Raises:
        FileNotFoundError: There is no such file; parts beside it of a run that goes on, or was
            stopped, are named.
        ValueError: It is empty, broken, has a clip twice, answers of several models or prompts, or
            errors alone.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(_absent(path))
    lines = list(read_lines(path))
    if not lines:
        raise ValueError(f"{path} is empty: got no line, expected an answer for each clip.")
    twice = [clip for clip, n in Counter(line["id"] for line in lines).items() if n > 1]
    if twice:
        raise ValueError(
            f"{path} has {len(twice)} clips twice: got {', '.join(map(str, twice[:3]))}"
            f"{', ...' if len(twice) > 3 else ''} on several lines, expected one line a clip. "
            "Keep one journal a run."
        )
    asked = Asked(
        path,
        {str(line["id"]): line for line in lines},
        _one(path, lines, "model", "models or settings"),
        _one(path, lines, "prompt", "prompts"),
        ", ".join(sorted({str(line["media"]) for line in lines if line.get("media")})),
    )
    if not asked.answers:
        commonest, n = Counter(asked.errors.values()).most_common(1)[0]
        raise ValueError(
            f"{path} has errors alone: got {len(lines)} lines without an answer, expected some "
            f"answers. {n} of them say: {commonest[:200]}. Ask again with --retry."
        )
    return asked


def _one(path: Path, lines: Iterable[Line], key: str, what: str) -> str:
    """What all lines say of themselves."""
    found = list(dict.fromkeys(str(line.get(key) or "") for line in lines))
    if len(found) > 1:
        raise ValueError(
            f"{path} mixes {len(found)} {what}: got {', '.join(each or 'none' for each in found)}, "
            "expected one. Score a journal of each."
        )
    return found[0]


def _absent(path: Path) -> str:
    parts = parts_of(path) if path.parent.is_dir() else []
    if parts:
        return (
            f"{path} is not there, but {len(parts)} parts of it are ({parts[0].name}): a run that "
            "goes on or was stopped. Let it finish, or ask again to go on from them."
        )
    found = "a folder" if path.is_dir() else "nothing there"
    return f"no journal: got {path} ({found}), expected a jsonl of `affecthub ask`."


def _mean(values: Iterable[Any]) -> float:
    known = [float(value) for value in values if value is not None]
    return sum(known) / len(known) if known else math.nan
