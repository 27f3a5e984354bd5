"""README's Python runs as written, one block after the other, in a folder with a trained demo."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"


def python_blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_there_are_four_short_blocks():
    blocks = python_blocks()
    assert len(blocks) == 4
    assert all(len(block.strip().splitlines()) <= 11 for block in blocks)


def test_on_pypi_no_link_is_relative(tmp_path):
    """The metadata are made as for a wheel, of a copy without anything but what they need."""
    for name in ("README.md", "LICENSE", "pyproject.toml", "setup.py", "src/affecthub/__init__.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    code = "from setuptools import build_meta; build_meta.prepare_metadata_for_build_wheel('made')"
    (tmp_path / "made").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    (metadata,) = tmp_path.glob("made/*.dist-info/METADATA")
    head, _, readme = metadata.read_text(encoding="utf-8").partition("\n\n")
    assert "Description-Content-Type: text/markdown" in head
    assert not re.findall(r"\]\((?!https?://|#)", readme)
    written = README.read_text(encoding="utf-8")
    there = re.findall(r"\]\((?!https?://|#)([^)#]+)", written)
    assert there and all(f"/main/{each}" in readme for each in there)
    assert "raw/main/hub_cards/pictures/report.png" in readme
    assert (
        re.sub(r"\(https://[^)]*\)", "", readme).split()[:50]
        == (re.sub(r"\([^)]*/[^)]*\)", "", written).split()[:50])
    )


@pytest.mark.slow
def test_blocks_run(tmp_path):
    from affecthub.datasets_scripts.demo.generate import generate_demo
    from affecthub.training.recipe import load_recipe
    from affecthub.training.sft import train

    corpus = generate_demo(tmp_path / "demo" / "corpus")
    quick = {"num_train_epochs": 1, "eval_strategy": "no"}
    recipe = load_recipe("demo", max_train_clips=32, trainer=quick)
    train(recipe, data_dir=corpus, output_dir=tmp_path / "demo" / "model", progress=False)
    for block in python_blocks():
        done = subprocess.run(
            [sys.executable, "-c", block], cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip()
