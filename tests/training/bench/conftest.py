"""The nine sets in a folder, and right answers to them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from corpus_trees.mer_unibench import make

from affecthub.training.bench.references import read_sets


@pytest.fixture(autouse=True, scope="session")
def _own_caches(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AFFECTHUB_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def nine(tmp_path_factory) -> Path:
    return make(tmp_path_factory.mktemp("nine"))


@pytest.fixture(scope="session")
def references(nine):
    return read_sets(nine)


@pytest.fixture(scope="session")
def write_journal() -> Callable[[Path, dict[str, str]], None]:
    """Write answers as `affecthub.training.journal` does."""

    def write(path: Path, answers: dict[str, str]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = (
            {"id": clip, "prediction": answer, "model": "m", "clip": "c"}
            for clip, answer in answers.items()
        )
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))

    return write


@pytest.fixture(scope="session")
def right_answers(references, write_journal, tmp_path_factory) -> Path:
    """A journal per set that gives every clip its own label, under the ids that predicting has."""
    folder = tmp_path_factory.mktemp("right")
    for name, wanted in references.items():
        said = map(_as_text, wanted.labels)
        write_journal(folder / f"{name}.jsonl", dict(zip(wanted.rows["id"], said, strict=True)))
    return folder


def _as_text(label):
    if isinstance(label, float):
        return "positive" if label > 0 else "negative"
    return label if isinstance(label, str) else ", ".join(label)
