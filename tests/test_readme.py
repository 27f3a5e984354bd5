"""README's Python runs as written, one block after the other, in a folder with a trained demo."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).resolve().parents[1] / "README.md"


def python_blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_there_are_four_short_blocks():
    blocks = python_blocks()
    assert len(blocks) == 4
    assert all(len(block.strip().splitlines()) <= 11 for block in blocks)


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
