"""Results as `affecthub bench mer-unibench` writes them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from affecthub.unibench import SETS

PRIMARY = {"hit_rate": "hit_rate", "sentiment": "waf", "set_f": "set_f"}
SECOND = {"hit_rate": "hit_f1", "sentiment": "acc", "set_f": "set_precision"}


def bench_result(name: str, value: float, sets=tuple(s.name for s in SETS), **more: Any) -> dict:
    """A result in which every set has one score, each a little above the one before."""
    scores = {}
    for number, test_set in enumerate(SETS):
        if test_set.name in sets:
            score = value + number / 100
            scores[test_set.name] = {
                "task": test_set.task,
                "primary": PRIMARY[test_set.primary],
                "n_clips": test_set.n_clips,
                "scores": {
                    PRIMARY[test_set.primary]: {
                        "value": score,
                        "low": score - 0.02,
                        "high": score + 0.02,
                    },
                    SECOND[test_set.primary]: {"value": score / 2},
                },
            }
    mean = sum(value + i / 100 for i, s in enumerate(SETS) if s.name in sets) / len(scores)
    return {
        "benchmark": "MER-UniBench",
        "system": name,
        "sets": scores,
        "mean": {"value": mean, "low": mean - 0.01, "high": mean + 0.01},
        "lexicon": {"name": "mer2025", "version": "1"},
        "protocol": "fixed",
        "extractor": "lexicon",
        "floors": {"majority": {"iemocap": {"answer": ["sad"], "hit_rate": 0.3, "hit_f1": 0.3}}},
        "notes": ["A note."],
    } | more


@pytest.fixture(scope="session")
def write_result() -> Callable[..., Path]:
    """Write a result, and what is said about it, into a folder of its name."""

    def write(root: Path, name: str, value: float = 0.5, about: str = "", **more: Any) -> Path:
        file = root / name / "bench.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(bench_result(name, value, **more)))
        if about:
            file.with_name("about.yaml").write_text(about)
        return file

    return write
