"""The server is killed while twenty people write: every acknowledged vote is there afterwards."""

import asyncio
import importlib.util
from pathlib import Path

import pytest

from affecthub.training.platform.people import make_tokens
from affecthub.training.platform.store import Store

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def annotating():
    path = ROOT / "benchmarks" / "annotating.py"
    spec = importlib.util.spec_from_file_location("benchmark_annotating", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_nothing_that_was_acknowledged_is_lost(annotating, tmp_path):
    from affecthub.datasets_scripts.demo.generate import generate_demo

    corpus = generate_demo(tmp_path / "corpus", n_clips=24, seed=0)
    task = tmp_path / "task.yaml"
    task.write_text(annotating.TASK.format(n=20))
    db = f"sqlite:///{tmp_path / 'work.db'}"
    store = Store(db)
    tokens = list(make_tokens(store, [f"p{i}" for i in range(20)], "annotator").values())
    store.close()
    server = annotating.Server(corpus, db, task)
    server.start()
    try:
        load = asyncio.run(annotating.run(server, tokens, seconds=3, kills=1))
    finally:
        server.stop()
    assert load.broken > 0, "somebody was in the middle of something"
    assert len(load.kept) >= 5 and load.refused == []  # how many is for the benchmark to say
    assert annotating.lost(db, load) == (0, 0)
    with Store(db).reading() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
