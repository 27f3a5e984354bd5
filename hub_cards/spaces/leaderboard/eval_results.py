"""Scores that models' own repositories claim: ``.eval_results/*.yaml``, in a folder or the Hub."""

import logging
import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

from affecthub.hub_cards.spaces.leaderboard.entries import (
    SET_NAMES,
    Entry,
    Problem,
    Score,
    mean_of,
    modalities_of,
)
from affecthub.unibench import BENCHMARK_REPO, MEAN_TASK

# What our model cards write into the notes of a score.
_PROTOCOL = re.compile(r"\bprotocol ([\w-]+)")
_LEXICON = re.compile(r"\blexicon ([^;]+)")
_INTERVAL = re.compile(r"95 ?% interval ([\d.]+) to ([\d.]+)")
_CLIPS = re.compile(r"\b([\d,]+) clips\b")
_MODALITIES = re.compile(r"\bmodalities ([\w, +]+)")


def read_file(file: Path, where: str = "") -> list[Entry]:
    """Read one ``.eval_results/*.yaml`` of a folder that holds a model.

    Returns:
        A line where the file has results of MER-UniBench, else nothing.

    Raises:
        ValueError: It is no list of results, or a value is no per cent.
        OSError: It cannot be read.
    """
    try:
        rows = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        raise ValueError("This is no YAML.") from None
    name = file.resolve().parent.parent.name
    entry = entry_of(name, _parsed(rows), where=where or file.name)
    return [entry] if entry else []


def _parsed(rows: Any) -> list[Any]:
    from huggingface_hub import parse_eval_result_entries

    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("This is no list of results: expected one mapping for each.")
    try:
        return parse_eval_result_entries(rows)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"A result lacks a field: got no {error}, expected dataset (id, task_id) and value."
        ) from None


def entry_of(model: str, results: Iterable[Any], *, where: str = "", url: str = "") -> Entry | None:
    """Results of one model as a line.

    Args:
        model: Its name.
        results: ``huggingface_hub.EvalResultEntry`` each; those of other benchmarks are passed by.
        where: What it was read from.
        url: Address of the model.

    Returns:
        None where there are none of MER-UniBench.

    Raises:
        ValueError: A value is no number from 0 to 100.
    """
    scores: dict[str, Score] = {}
    mean, notes, source = None, [], ""
    for result in results:
        if result.dataset_id.lower() != BENCHMARK_REPO.lower():
            continue
        said = str(result.notes or "")
        score = _score(result.value, result.task_id, said)
        notes.append(said)
        source = source or str(result.source_url or "")
        if result.task_id == MEAN_TASK:
            mean = score
        elif result.task_id in SET_NAMES:
            scores[result.task_id] = score
        else:
            raise ValueError(
                f"{result.task_id} is none of the benchmark's tasks: expected "
                f"{', '.join((*SET_NAMES, MEAN_TASK))}."
            )
    if not scores and mean is None:
        return None
    ordered = {name: scores[name] for name in SET_NAMES if name in scores}
    return Entry(
        system=model,
        kind="claimed",
        scores=ordered,
        mean=mean or mean_of(ordered),
        protocol=_only(_PROTOCOL, notes),
        lexicon=_only(_LEXICON, notes),
        modalities=modalities_of(_only(_MODALITIES, notes).strip() or None),
        model=url,
        answers=source,
        where=where or model,
    )


def _score(value: Any, task: str, notes: str) -> Score:
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        raise ValueError(f"The value of {task} is no number: got {value!r}.")
    if not 0 <= value <= 100:
        raise ValueError(f"The value of {task} is no per cent: got {value!r}, expected 0 to 100.")
    ends, clips = _INTERVAL.search(notes), _CLIPS.search(notes)
    low, high = (float(ends[1]), float(ends[2])) if ends else (None, None)
    return Score(float(value), low, high, int(clips[1].replace(",", "")) if clips else None)


def _only(pattern: re.Pattern[str], notes: Sequence[str]) -> str:
    """What all notes that say it agree on; nothing where they do not."""
    said = {found[1].strip() for note in notes if (found := pattern.search(note))}
    return said.pop() if len(said) == 1 else ""


def read_hub(api: Any = None, *, timeout: float = 10.0) -> tuple[list[Entry], list[Problem]]:
    """Ask the Hub for the models that claim results of the benchmark.

    Args:
        api: A ``huggingface_hub.HfApi``; None for one without a token.
        timeout: Seconds for each answer.

    Returns:
        The lines by the Hub's rank, and what was not read. A Hub that cannot be reached is one
        problem and no line.
    """
    from huggingface_hub import HfApi

    api = api or HfApi(token=False)
    entries: list[Entry] = []
    problems: list[Problem] = []
    try:
        ranked = api.get_dataset_leaderboard(BENCHMARK_REPO, base_model_only=False, timeout=timeout)
    except Exception as error:  # whatever the network does, the page stands
        _log().info("leaderboard of %s: %s", BENCHMARK_REPO, error)
        return [], [Problem(BENCHMARK_REPO, f"The Hub was not read ({_short(error)}).")]
    for model in dict.fromkeys(row.model_id for row in ranked):
        try:
            found = api.model_info(model, expand=["evalResults"], timeout=timeout).eval_results
            entry = entry_of(model, found or [], url=f"{api.endpoint}/{model}")
        except Exception as error:  # one model's fault leaves the others
            problems.append(Problem(model, f"Its results were not read ({_short(error)})."))
            continue
        if entry:
            entries.append(entry)
    return entries, problems


def _short(error: Exception) -> str:
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status is not None:
        return f"HTTP {status}"
    if isinstance(error, ValueError):
        return " ".join(str(error).split())[:200]
    return type(error).__name__


def _log() -> logging.Logger:
    return logging.getLogger(__name__)
