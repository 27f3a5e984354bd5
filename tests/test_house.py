"""The house keeps its measure: few things in a room, short files, nothing in a circle."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def house():
    spec = importlib.util.spec_from_file_location("house", ROOT / "benchmarks" / "house.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_rooms_are_not_crowded(house):
    rooms = house.measure(ROOT)
    # Corpora and metrics are folders, any number of them; the rest is what must stay small.
    metrics = list((ROOT / "metrics").glob("*/app.py"))
    assert rooms["metrics"].loose - len(metrics) <= 10
    corpora = list((ROOT / "datasets_scripts").glob("*/entry.py"))
    assert rooms["datasets_scripts"].loose - len(corpora) <= 14
    assert {room.largest for room in rooms.values() if room.largest[1] > 400} == set()


def test_nothing_imports_in_a_circle(house):
    assert house.circles(ROOT) == []


def test_no_two_files_hold_the_same_page(house):
    """Six equal lines are a place to look; twenty are one thing written twice."""
    assert [found for found in house.copies(ROOT) if found[4] >= 20] == []


def test_copies_are_found(house, tmp_path):
    lines = [f"value_{i} = {i}" for i in range(9)]
    for room in house.ROOMS:
        (tmp_path / room).mkdir()
    (tmp_path / "src" / "affecthub").mkdir(parents=True)
    (tmp_path / "metrics" / "a.py").write_text("\n".join(["import os", *lines, "last = 1"]))
    (tmp_path / "training" / "b.py").write_text("\n".join(["first = 1", "", *lines[2:]]))
    assert house.copies(tmp_path) == [("metrics/a.py", 4, "training/b.py", 3, 7)]
    (tmp_path / "training" / "b.py").write_text("\n".join(["first = 1", "", *lines[4:]]))
    assert house.copies(tmp_path) == []
