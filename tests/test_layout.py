"""The repository layout keeps two promises: links are intact, generic names are not claimed."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PARTS = ["datasets_scripts", "metrics", "modeling", "training", "hub_cards"]


@pytest.mark.parametrize("part", PARTS)
def test_src_link_points_at_top_level_directory(part):
    link = ROOT / "src" / "affecthub" / part
    assert link.is_dir(), f"{link} is not a directory: the checkout lost its symbolic links"
    assert link.resolve() == ROOT / part


@pytest.mark.parametrize("name", [*PARTS, "tests"])
def test_generic_name_is_not_importable(name):
    # -I keeps the working directory and PYTHONPATH off sys.path
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import {name}"], cwd="/", capture_output=True, text=True
    )
    assert "ModuleNotFoundError" in done.stderr


def test_every_code_directory_is_a_package():
    missing = [
        d
        for p in PARTS
        for f in (ROOT / p).rglob("*.py")
        if not ((d := f.parent) / "__init__.py").exists()
    ]
    assert not missing, f"no __init__.py in {sorted(set(map(str, missing)))}"
