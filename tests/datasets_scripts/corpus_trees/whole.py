"""A small whole corpus of any name, loaded once, and what a DataLoader's workers need of a test."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import affecthub


@dataclass(frozen=True)
class Whole:
    """A generated corpus with all its media; a name without a module of this package fails.

    Attributes:
        name: Its name.
        root: Its folder.
        roots: The other folders that make it whole.
        cache: Where its rows are prepared.
    """

    name: str
    root: Path
    roots: dict[str, Path]
    cache: Path

    @classmethod
    def make(cls, name: str, folder: Path) -> "Whole":
        """Write the corpus below a folder."""
        module = import_module(f"corpus_trees.{name}")
        root = module.make(folder / "corpus")
        roots = module.roots(folder / "roots") if hasattr(module, "roots") else {}
        return cls(name, root, roots, folder / "cache")

    def load(self, config: str | None = None, **options: Any) -> Any:
        """As ``affecthub.load_dataset``, of this corpus."""
        options = {"data_dir": self.root, "roots": self.roots, "cache_dir": self.cache, **options}
        return affecthub.load_dataset(self.name, config, **options)

    @cached_property
    def rows(self) -> Any:
        """All splits of the default configuration."""
        return self.load()

    @property
    def split(self) -> str:
        """The split with most rows."""
        return max(self.rows, key=lambda name: self.rows[name].num_rows)


def collate(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Ids as they are, labels as a tensor, -1 for none; by name, so that workers can import it."""
    import torch

    rows = list(rows)
    labels = [-1 if row["emotion"] is None else row["emotion"] for row in rows]
    names = {name: [row[name] for row in rows] for name in ("corpus", "id")}
    return {**names, "emotion": torch.tensor(labels)}
