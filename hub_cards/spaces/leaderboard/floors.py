"""What guessing scores: the floor under every table, from a checked-in file and what results tell.

``floors.json`` is made of what ``affecthub bench mer-unibench --baseline majority`` wrote, once for
each lexicon: ``python -m affecthub.hub_cards.spaces.leaderboard.floors RUN/bench.json...``
"""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

from affecthub.hub_cards.spaces.leaderboard.entries import Entry, Score
from affecthub.metrics.mer_unibench.paper import CONSTANT_ON_OV_MERD

FLOORS = ("majority", "constant")
_ELSEWHERE = (
    "set-F of the best constant answer to 332 clips of MER2024's open-vocabulary labels, which are "
    "clips of OV-MERD (benchmarks/results/constant_answers.md)"
)


def known_floors() -> dict[str, dict[str, dict[str, Score]]]:
    """The floors that are known to us.

    Returns:
        Lexicon's name to floor of `FLOORS` to set to score. Sets whose labels are not public are
        absent.

    Example:
        >>> round(known_floors()["mer2025"]["majority"]["meld"].value, 2)
        33.58
    """
    text = (
        files("affecthub.hub_cards.spaces.leaderboard").joinpath("floors.json").read_text("utf-8")
    )
    return {
        lexicon: {
            floor: {name: Score(**score) for name, score in sets.items()}
            for floor, sets in by_floor.items()
        }
        for lexicon, by_floor in json.loads(text)["floors"].items()
    }


def floors_for(lexicon: str, entries: Iterable[Entry]) -> dict[str, dict[str, Score]]:
    """The floors under a lexicon: those known, and for other sets what results tell.

    Args:
        lexicon: Name, with or without version; empty takes the built-in one's.
        entries: Lines whose files may tell floors of sets that are not public.

    Returns:
        Floor to set to score, both floors always there.
    """
    name = lexicon.split(" ")[0]
    known = known_floors()
    found = {floor: dict(known.get(name, known["affecthub"])[floor]) for floor in FLOORS}
    for entry in entries:
        if entry.lexicon.split(" ")[0] != name:
            continue
        for floor in FLOORS:
            for set_name, score in entry.floors.get(floor, {}).items():
                found[floor].setdefault(set_name, score)
    return found


def collect(results: Sequence[str | Path]) -> dict[str, Any]:
    """Floors of several evaluations as ``floors.json`` holds them.

    Args:
        results: Of ``affecthub bench mer-unibench``, one for each lexicon.

    Raises:
        ValueError: One is no result; see `affecthub.hub_cards.spaces.leaderboard.reading`.
    """
    from affecthub.hub_cards.spaces.leaderboard.reading import read_result

    found: dict[str, Any] = {}
    for path in results:
        entry = read_result(Path(path))
        name = entry.lexicon.split(" ")[0]
        found[name] = {
            floor: {s: _rounded(score) for s, score in entry.floors.get(floor, {}).items()}
            for floor in FLOORS
        }
        if name in CONSTANT_ON_OV_MERD:
            elsewhere = _rounded(Score(CONSTANT_ON_OV_MERD[name], n_clips=332))
            found[name]["constant"].setdefault("ov_merd", elsewhere)
    source = "affecthub bench mer-unibench --baseline majority, on the labels of the sets"
    return {"source": source, "ov_merd": _ELSEWHERE, "floors": found}


def _rounded(score: Score) -> dict[str, float]:
    return {
        key: round(value, 4) if isinstance(value, float) else value
        for key, value in asdict(score).items()
        if value is not None
    }


if __name__ == "__main__":
    print(json.dumps(collect(sys.argv[1:]), indent=1))
