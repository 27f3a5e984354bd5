"""Exports of corpora as their cards tell of them: which files hold which split."""

from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import yaml

from affecthub.errors import require

CARD = "README.md"


@dataclass(frozen=True)
class Export:
    """A corpus in Parquet on this disk.

    Attributes:
        folder: Where it lies.
        configs: Protocol to the patterns of each split's files, as the card's head has them.
    """

    folder: Path
    configs: dict[str, dict[str, list[str]]]

    @classmethod
    def read(cls, folder: str | PathLike[str], corpus: str) -> "Export":
        """The export in a folder.

        Args:
            folder: What ``affecthub data export`` wrote, as Parquet.
            corpus: Whose it must be.

        Raises:
            FileNotFoundError: The folder or its card is not there.
            ValueError: The card names no Parquet files, or the rows are another corpus'.
        """
        card = Path(folder) / CARD
        if not card.is_file():
            raise FileNotFoundError(
                f"no export in {folder}: got no {CARD}, expected the folder that `affecthub data "
                f"export {corpus}` wrote."
            )
        parts = card.read_text(encoding="utf-8").split("---\n")
        head = yaml.safe_load(parts[1]) if len(parts) > 2 and not parts[0].strip() else None
        configs = _configs(head.get("configs") if isinstance(head, dict) else None)
        if not configs:
            raise ValueError(
                f"{card} names no Parquet files: expected `configs` as `affecthub data export "
                f"{corpus} --to parquet` writes them."
            )
        export = cls(Path(folder).resolve(), configs)
        export._require(corpus)
        return export

    def files(self, protocol: str, split: str) -> list[Path]:
        """The files of a split, sorted; none where the card does not have it.

        Raises:
            FileNotFoundError: The card names files that are not there.
        """
        found: list[Path] = []
        for pattern in self.configs.get(protocol, {}).get(split, ()):
            there = sorted(self.folder.glob(pattern))
            if not there:
                raise FileNotFoundError(
                    f"{self.folder} lacks {pattern}, which its card names for the split {split}. "
                    "Export the corpus again."
                )
            found += there
        return found

    def columns(self, file: Path) -> list[str]:
        """The columns of a file."""
        return list(require("pyarrow.parquet", "metrics", "read an export").read_schema(file).names)

    def offers(self) -> str:
        """Protocols and splits, for people."""
        return "; ".join(f"{name} ({', '.join(splits)})" for name, splits in self.configs.items())

    def _require(self, corpus: str) -> None:
        """Refuse the export of another corpus, by its first row."""
        parquet = require("pyarrow.parquet", "metrics", "read an export")
        protocol, splits = next(iter(self.configs.items()))
        first = self.files(protocol, next(iter(splits)))[0]
        if "corpus" not in self.columns(first):
            raise ValueError(f"{first} is no export of affecthub: it has no column `corpus`.")
        names = parquet.read_table(first, columns=["corpus"])["corpus"].slice(0, 1).to_pylist()
        if names != [corpus]:
            raise ValueError(
                f"{self.folder} is the export of another corpus: got {', '.join(map(str, names))}, "
                f"expected {corpus}."
            )


def _configs(given: Any) -> dict[str, dict[str, list[str]]]:
    """Protocol and split to patterns; what is not of this form is left out."""
    found: dict[str, dict[str, list[str]]] = {}
    for config in given if isinstance(given, list) else ():
        splits = {}
        for data in config.get("data_files") or ():
            path = data["path"]
            splits[data["split"]] = [path] if isinstance(path, str) else list(path)
        if any(path.endswith(".parquet") for paths in splits.values() for path in paths):
            found[config["config_name"]] = splits
    return found
