"""What a form of export wrote, for the card and for whoever called."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from datasets import Features


@dataclass(frozen=True)
class Size:
    """How large a split is.

    Attributes:
        n_clips: Clips.
        n_bytes: Bytes of its rows in memory, as ``datasets`` counts them.
        n_file_bytes: Bytes of its files.
    """

    n_clips: int = 0
    n_bytes: int = 0
    n_file_bytes: int = 0

    @classmethod
    def sum(cls, sizes: "Iterable[Size]") -> "Size":
        """Several as one."""
        parts = [(size.n_clips, size.n_bytes, size.n_file_bytes) for size in sizes]
        return cls(*map(sum, zip(*parts, strict=True))) if parts else cls()


@dataclass
class Written:
    """What a format wrote: for the card, and for whoever called.

    Attributes:
        configs: Entries of the card's ``configs``: name, and the files of each split.
        sizes: Protocol to split to its size.
        usage: Markdown that says what the files are and how they are read.
        notes: What was done to clips or left out, a sentence or two each.
        features: Types of the columns.
        clips: Ids of the clips that were written, where some of those that were read were not.
    """

    configs: list[dict[str, Any]]
    sizes: dict[str, dict[str, Size]]
    usage: str
    features: Features
    notes: list[str] = field(default_factory=list)
    clips: frozenset[str] | None = None

    @property
    def counts(self) -> list[tuple[str, str, int]]:
        """``(protocol, split, clips)``."""
        return [
            (protocol, split, size.n_clips)
            for protocol, splits in self.sizes.items()
            for split, size in splits.items()
        ]
