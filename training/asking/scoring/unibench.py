"""A folder of journals, one a set of MER-UniBench, as the benchmark takes answers."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from affecthub.metrics.answers.files import Labels, read_labels
from affecthub.metrics.replies.reading import STATUSES, shares
from affecthub.metrics.replies.values import Reading
from affecthub.training.asking.prompts.registry import load_prompt
from affecthub.training.asking.scoring.by_class import label_of
from affecthub.training.asking.scoring.forms import Form, form_of, read_answers
from affecthub.training.asking.scoring.journals import read_journal
from affecthub.training.bench.references import References

_SUFFIXES = (".jsonl", ".ndjson")


class AnswerReader:
    """Reads files of answers: journals of `affecthub ask` by their prompts, others as they are.

    Args:
        prompts: Names or files of prompts, where journals were asked by others than affecthub's.

    Raises:
        FileNotFoundError, ValueError: See `load_prompt`.

    Attributes:
        parsing: Set of the benchmark to how the answers of its journal were read: ``journal``,
            ``n_errors`` and what `shares` gives.
    """

    def __init__(self, prompts: Sequence[str] = ()) -> None:
        self._own = {load_prompt(each).name: each for each in prompts}
        self.parsing: dict[str, dict[str, Any]] = {}

    def __call__(self, path: Path, wanted: References) -> Labels:
        """The answers in a file.

        Args:
            path: Of one set.
            wanted: The clips of the set.

        Returns:
            Of a journal clip id to labels, a description, a polarity or a number; None for an
            error or what cannot be read. Of other files what `read_labels` gives.

        Raises:
            ValueError: As `read_journal`, `form_of` and `read_labels`; or the journal's form is
                none that the benchmark scores.
        """
        if path.suffix.lower() not in _SUFFIXES or not _says_prompt(path):
            return read_labels(path)
        journal = read_journal(path)
        form = form_of(journal, prompt=self._own.get(journal.prompt))
        names = {str(label) for label in wanted.labels if isinstance(label, str)}
        readings = read_answers(journal.answers, form, sorted(names))
        self.parsing[wanted.test_set.name] = {
            "journal": str(path),
            "n_errors": len(journal.errors),
            **shares(readings.values()),
        }
        return {
            clip: _amount(readings[clip], form) if clip in readings else None
            for clip in journal.lines
        }

    def notes(self) -> list[str]:
        """What of the journals could not be read, and what ended in errors, by set."""
        told = []
        for name, found in self.parsing.items():
            said = ", ".join(f"{s} {found[s]:.2%}" for s in STATUSES if found[s])
            told.append(
                f"{name}: {found['n']:,} answers were read ({said}), {found['n_errors']:,} clips "
                "ended in an error. Invalid answers and errors count as unanswered."
            )
        return told


def _says_prompt(path: Path) -> bool:
    """Whether a file's first line is of a journal that says what was asked."""
    with path.open("rb") as file:
        try:
            line = json.loads(file.readline())
        except ValueError:
            return False
    return isinstance(line, dict) and "prompt" in line and "prediction" in line


def _amount(reading: Reading, form: Form) -> Any:
    """What an answer is to the benchmark."""
    value = reading.value
    if reading.status == "invalid" or value is None:
        return None
    if form.name in ("labels", "goemotions"):
        return [stated.label for stated in value]
    if form.name in ("one_of", "basic7", "confidence"):
        return [label_of(value)]
    if form.name in ("text", "sentiment", "score"):
        return value
    raise ValueError(
        f"answers of the form {form.name} ({form.prompt}) are none of MER-UniBench: "
        "expected labels, one_of, basic7, confidence, goemotions, text, sentiment or score."
    )
