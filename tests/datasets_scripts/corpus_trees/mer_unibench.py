"""The nine test sets side by side: each corpus in one of its layouts, under its name."""

from importlib import import_module
from pathlib import Path

SETS = (
    "mer2023",
    "mer2024",
    "iemocap",
    "meld",
    "cmu_mosi",
    "cmu_mosei",
    "ch_sims",
    "ch_sims_v2",
    "ov_merd",
)


def make(root: Path) -> Path:
    """All nine, each as its own tree."""
    for name in SETS:
        import_module(f"corpus_trees.{name}").make(root / name)
    return root
