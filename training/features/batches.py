"""Clips on their way from the disk to the towers, by loader workers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.utils.data import Dataset

from affecthub.training.features.clips import digests


@dataclass
class Batch:
    """Clips that are encoded together, by their numbers.

    Args:
        facts: What is known of each clip that can be read: its id, the digests of its media.
        inputs: Column to the clips that have it, and the maker's input of these: stacked, or a
            list where they are of unlike length or no tensors.
        broken: Ids of clips that cannot be read, with the reason.
    """

    facts: dict[int, dict[str, Any]] = field(default_factory=dict)
    inputs: dict[str, tuple[list[int], Any]] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)


@dataclass
class _Clip:
    number: int
    facts: dict[str, Any]
    inputs: dict[str, Any]
    reason: str | None = None


class Clips(Dataset):
    """Clips as a maker's inputs, those that cannot be read with the reason.

    Args:
        inputs: Clips as the maker reads them, column to its input.
        rows: The same clips as rows of a corpus.
        kept: Columns of theirs that go into the cache.
        media: Columns that the maker reads.
    """

    def __init__(self, inputs: Any, rows: Any, kept: Sequence[str], media: Sequence[str]) -> None:
        self.inputs = inputs
        self.rows = rows
        self.kept = kept
        self.media = media

    def __len__(self) -> int:
        """Number of clips."""
        return len(self.rows)

    def __getitem__(self, number: int) -> _Clip:
        """A clip's inputs."""
        row = self.rows[number]
        facts = {name: row.get(name) for name in self.kept}
        try:
            facts |= digests(row, self.media)
            # A clip of words alone has a row, without features; what is imported has no media.
            has_media = not self.media or any(row[name] for name in self.media)
            inputs = self.inputs[number] if has_media else {}
        except (ValueError, OSError) as error:
            return _Clip(number, facts, {}, str(error))
        return _Clip(number, facts, inputs)


def as_batch(clips: Sequence[_Clip]) -> Batch:
    """Put clips together; what one lacks is not filled up."""
    batch = Batch()
    stacked: dict[str, tuple[list[int], list[Any]]] = {}
    for clip in clips:
        if clip.reason is not None:
            batch.broken[clip.facts["id"]] = clip.reason
            continue
        batch.facts[clip.number] = clip.facts
        for column, value in clip.inputs.items():
            numbers, values = stacked.setdefault(column, ([], []))
            numbers.append(clip.number)
            values.append(value)
    for column, (numbers, values) in stacked.items():
        tensors = all(isinstance(value, torch.Tensor) for value in values)
        alike = tensors and len({value.shape for value in values}) == 1
        batch.inputs[column] = (numbers, torch.stack(values) if alike else values)
    return batch
