"""The demo corpus, small."""

from pathlib import Path

from affecthub.datasets_scripts.demo.generate import generate_demo


def make(root: Path) -> Path:
    """Two clips of each speaker."""
    return generate_demo(root, n_clips=24, seed=0)
