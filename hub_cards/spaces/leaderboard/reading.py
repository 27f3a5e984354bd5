"""Result files to lines of the leaderboard: a broken file becomes a problem, never a crash."""

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from affecthub.hub_cards.spaces.leaderboard.entries import Entry, Problem, Score, modalities_of
from affecthub.unibench import SETS

RESULT = "bench.json"
# What the Space starts with: released answers that affecthub scored.
OWN_RESULTS = Path(__file__).with_name("results")
ABOUT = "about.yaml"
# More is no table of ours; a file of nine sets and seven epochs has 12 kB.
MOST_BYTES = 4_000_000
_ABOUT_KEYS = {"system", "modalities", "model", "answers", "notes"}
_SECOND = {"hit_rate": "hit_f1", "waf": "acc", "set_f": None}
_BENCHMARK = "MER-UniBench"


def read_results(paths: Iterable[str | Path]) -> tuple[list[Entry], list[Problem]]:
    """Read result files and folders of them.

    Args:
        paths: Files that ``affecthub bench mer-unibench`` wrote (``bench.json``), or folders, in
            which every ``bench.json`` is read and every ``.eval_results/*.yaml``. Beside a
            ``bench.json`` an ``about.yaml`` may say ``system``, ``modalities``, ``model`` and
            ``answers`` (addresses) and ``notes``.

    Returns:
        The lines and what was not read, both in the order of the files' names.
    """
    from affecthub.hub_cards.spaces.leaderboard.eval_results import read_file

    entries: list[Entry] = []
    problems: list[Problem] = []
    for path in map(Path, paths):
        if not path.exists():
            problems.append(Problem(str(path), "There is no such file or folder."))
            continue
        for file in _files(path):
            where = str(file.relative_to(path)) if path.is_dir() else file.name
            try:
                if file.suffix == ".yaml":
                    entries += read_file(file, where)
                else:
                    entries.append(read_result(file, where))
            except (ValueError, OSError, RecursionError) as error:
                problems.append(Problem(where, _line(error)))
    return entries, problems


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    found = [*path.rglob(RESULT), *path.rglob(".eval_results/*.yaml")]
    return sorted(file for file in found if file.is_file())


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__


def read_result(file: Path, where: str = "") -> Entry:
    """Read one ``bench.json``, and the ``about.yaml`` beside it.

    Raises:
        ValueError: It is no result of MER-UniBench, or a score is no share.
        OSError: It cannot be read.
    """
    result = _load(file)
    if not isinstance(result, dict) or result.get("benchmark") != _BENCHMARK:
        got = result.get("benchmark") if isinstance(result, dict) else type(result).__name__
        raise ValueError(
            f"This is no result of MER-UniBench: got {got!r} as `benchmark`, expected the "
            "bench.json that `affecthub bench mer-unibench` writes."
        )
    try:
        return _entry(result, _about(file.with_name(ABOUT)), file, where)
    except (TypeError, AttributeError, KeyError) as error:
        raise ValueError(f"This is not shaped like a result of MER-UniBench: {error}.") from None


def _entry(result: dict[str, Any], about: dict[str, Any], file: Path, where: str) -> Entry:
    scores = _scores(result)
    lexicon = _mapping(result, "lexicon")
    notes = [str(note) for note in result.get("notes") or []]
    said = about.get("notes") or []
    return Entry(
        system=str(about.get("system") or result.get("system") or file.parent.name),
        kind="scored",
        scores=scores,
        mean=_score(_mapping(result, "mean"), "mean", None),
        protocol=str(result.get("protocol") or ""),
        lexicon=" ".join(str(lexicon[key]) for key in ("name", "version") if lexicon.get(key)),
        modalities=modalities_of(about.get("modalities")),
        extractor=str(result.get("extractor") or ""),
        model=_address(about, "model"),
        answers=_address(about, "answers"),
        where=where or file.name,
        notes=(*([said] if isinstance(said, str) else map(str, said)), *notes),
        floors=_floors(result),
    )


def _load(file: Path) -> Any:
    size = file.stat().st_size
    if size > MOST_BYTES:
        raise ValueError(f"The file is too large: got {size:,} bytes, expected {MOST_BYTES:,}.")
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise ValueError("This is no text in UTF-8: expected JSON.") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"This is no JSON: {error}.") from None


def _about(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    try:
        about = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        raise ValueError(f"{ABOUT} beside it is no YAML.") from None
    if not isinstance(about, dict):
        raise ValueError(f"{ABOUT} beside it is no mapping: got {type(about).__name__}.")
    if unknown := set(map(str, about)) - _ABOUT_KEYS:
        raise ValueError(
            f"{ABOUT} beside it has unknown fields: got {', '.join(sorted(unknown))}, expected "
            f"some of {', '.join(sorted(_ABOUT_KEYS))}."
        )
    return about


def _address(about: Mapping[str, Any], key: str) -> str:
    said = str(about.get(key) or "")
    if said and not said.startswith(("https://", "http://")):
        raise ValueError(f"`{key}` in {ABOUT} is no address: got {said!r}, expected https://...")
    return said


def _scores(result: Mapping[str, Any]) -> dict[str, Score]:
    sizes = {test_set.name: test_set for test_set in SETS}
    found: dict[str, Score] = {}
    for name, entry in _mapping(result, "sets").items():
        if name not in sizes:
            raise ValueError(f"{name} is none of the nine sets: expected {', '.join(sizes)}.")
        if not isinstance(entry, dict) or not isinstance(entry.get("scores"), dict):
            raise ValueError(f"{name} has no scores.")
        primary = entry.get("primary") or next(iter(entry["scores"]), "")
        n_clips = entry.get("n_clips")
        if not isinstance(n_clips, int) or not 0 < n_clips <= sizes[name].n_clips:
            raise ValueError(
                f"{name} has a wrong number of clips: got {n_clips!r}, expected at most "
                f"{sizes[name].n_clips}."
            )
        second = entry["scores"].get(_SECOND.get(primary) or "")
        beside = second.get("value") if isinstance(second, dict) else None
        score = _score(entry["scores"].get(primary), name, n_clips, beside)
        if score is not None:
            found[name] = score
    if not found:
        raise ValueError("None of the nine sets has a score.")
    return {name: found[name] for name in sizes if name in found}


def _score(said: Any, name: str, n_clips: int | None, beside: float | None = None) -> Score | None:
    if not isinstance(said, Mapping) or said.get("value") is None:
        return None
    values = [said["value"], said.get("low"), said.get("high"), beside]
    shares = [_percent(value, name) for value in values]
    if shares[0] is None:
        return None
    low, high = shares[1:3] if None not in shares[1:3] else (None, None)
    if low is not None and high is not None and not low <= shares[0] + 1e-9 <= high + 2e-9:
        raise ValueError(f"The interval of {name} does not hold its score.")
    return Score(shares[0], low, high, n_clips, shares[3])


def _percent(value: Any, name: str) -> float | None:
    """A share as per cent; None of NaN, which stands for no score."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"A score of {name} is no number: got {value!r}.")
    if math.isnan(value):
        return None
    if not 0 <= value <= 1:
        raise ValueError(f"A score of {name} is no share: got {value!r}, expected 0 to 1.")
    return 100 * float(value)


def _floors(result: Mapping[str, Any]) -> dict[str, dict[str, Score]]:
    """What guessing scores on the same clips, where the file tells it of whole sets."""
    found: dict[str, dict[str, Score]] = {}
    sets = _mapping(result, "sets")
    for floor, by_set in _mapping(result, "floors").items():
        found[str(floor)] = {}
        for test_set in SETS:
            told, entry = by_set.get(test_set.name), sets.get(test_set.name)
            if not told or not entry or entry["n_clips"] != test_set.n_clips:
                continue
            primary = str(entry.get("primary"))
            beside = told.get(_SECOND.get(primary) or "")
            score = _score({"value": told.get(primary)}, test_set.name, test_set.n_clips, beside)
            if score is not None:
                found[str(floor)][test_set.name] = score
    return found


def _mapping(result: Mapping[str, Any], key: str) -> dict[str, Any]:
    said = result.get(key)
    if said is None:
        return {}
    if not isinstance(said, dict):
        raise ValueError(f"`{key}` is no mapping: got {type(said).__name__}.")
    return said
