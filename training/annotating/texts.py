"""What steps have made of each clip: texts and label lists, by step and clip, kept as files."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from affecthub.cache import write_whole
from affecthub.metrics.parsing import parse_labels
from affecthub.training.answer_files import Line

Value = str | list[str]


class Texts:
    """Values by step and clip.

    Args:
        rows: Of the corpus, by clip id; their columns stand beside the steps.
    """

    def __init__(self, rows: Mapping[str, Mapping[str, Any]]) -> None:
        self.rows = rows
        self.of_step: dict[str, dict[str, Value]] = {}

    def get(self, name: str, clip_id: str) -> Value | None:
        """What a step, or else a column, says of a clip; None where it says nothing."""
        if name in self.of_step:
            return self.of_step[name].get(clip_id)
        value = self.rows[clip_id].get(name)
        if value is None or isinstance(value, str):
            return value
        return [str(each) for each in value] if isinstance(value, list) else str(value)

    def require(self, names: Iterable[str]) -> None:
        """Refuse names that are no column, nor a step that was taken.

        Raises:
            ValueError: There is one.
        """
        columns = next(iter(self.rows.values()), {})
        for name in names:
            if self.rows and name not in self.of_step and name not in columns:
                raise ValueError(
                    f"{name!r} is neither an earlier step nor a column of the corpus: got columns "
                    f"{', '.join(columns)}. Correct the run file."
                )


def as_text(value: Value) -> str:
    """A value as it stands in a prompt.

    Example:
        >>> as_text(["angry", "tired"]), as_text(" a sigh ")
        ('angry, tired', 'a sigh')
    """
    return ", ".join(value) if isinstance(value, list) else value.strip()


def as_labels(value: Value) -> list[str]:
    """A value as labels, each once.

    Example:
        >>> as_labels("[Angry, tired, angry]"), as_labels(["At ease"])
        (['angry', 'tired'], ['at ease'])
    """
    return list(dict.fromkeys(parse_labels(value)))


def write_step(path: Path, values: Mapping[str, Value], more: Mapping[str, Line]) -> None:
    """Write what a step that asks nobody has made, a line per clip."""
    lines = [{"id": i, "prediction": value, **more.get(i, {})} for i, value in values.items()]
    write_rows(path, lines)


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as jsonl, whole or not at all."""
    write_whole(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
