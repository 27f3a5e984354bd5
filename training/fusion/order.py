"""In which order and in which batches clips are trained on and scored."""

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from affecthub.training.fusion.noise import mixed
from affecthub.training.fusion.table import FeatureTable

# Batches whose clips are sorted by length together. More pad less; fewer mix better.
WINDOW = 64


def order_of(n_clips: int, seed: int, epoch: int) -> Tensor:
    """A shuffle that follows from the seed and the epoch, int64 ``(n_clips,)`` on the CPU."""
    generator = torch.Generator().manual_seed(mixed(seed, epoch, 1))
    return torch.randperm(n_clips, generator=generator)


def batches_of(
    clips: Tensor,
    lengths: Tensor | None,
    batch_size: int,
    *,
    seed: int = 0,
    epoch: int = 0,
    shuffle: bool = True,
) -> list[Tensor]:
    """Cut clips into batches.

    Args:
        clips: ``(n,)`` int64 numbers of clips.
        lengths: ``(n,)`` their steps, so that clips of like length meet; None does not ask.
        batch_size: Clips of a batch; the last may have fewer.
        seed: Of the shuffle.
        epoch: The same seed shuffles every epoch anew.
        shuffle: Otherwise clips stay in their order, or are sorted by length as a whole.

    Returns:
        Numbers of clips, each once.

    Example:
        >>> [len(each) for each in batches_of(torch.arange(5), None, 2)]
        [2, 2, 1]
    """
    order = order_of(len(clips), seed, epoch).to(clips.device) if shuffle else None
    chosen = clips if order is None else clips[order]
    if lengths is None:
        return list(chosen.split(batch_size))
    theirs = lengths if order is None else lengths[order]
    if not shuffle:
        return list(chosen[theirs.argsort(stable=True)].split(batch_size))
    cut: list[Tensor] = []
    size = WINDOW * batch_size
    for part, steps in zip(chosen.split(size), theirs.split(size), strict=True):
        cut += part[steps.argsort(stable=True)].split(batch_size)
    places = torch.randperm(
        len(cut), generator=torch.Generator().manual_seed(mixed(seed, epoch, 2))
    )
    return [cut[place] for place in places.tolist()]


class Batches:
    """A split as a Trainer takes it in the place of a loader: batches cut where the tensors lie.

    Args:
        table: The clips.
        split: Which of them.
        batch_size: Clips of a batch.
        seed: Of the shuffle.
        shuffle: Whether the order is another one in every epoch.
        by_length: Whether clips of like length meet, where they have steps.
        at_least: Modality to the least steps to pad it to.
    """

    def __init__(
        self,
        table: FeatureTable,
        split: str,
        batch_size: int,
        *,
        seed: int = 0,
        shuffle: bool = True,
        by_length: bool = True,
        at_least: Mapping[str, int] | None = None,
    ) -> None:
        self.table = table
        self.dataset = table.splits[split]
        self.batch_size = batch_size
        self.seed = seed
        self.shuffle = shuffle
        self.epoch = 0
        self.at_least = dict(at_least or {})
        self.lengths: Tensor | None = None
        if by_length and table.level == "frame":
            self.lengths = table.lengths[self.dataset]

    def __len__(self) -> int:
        """Number of batches."""
        return -(-len(self.dataset) // self.batch_size)

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch begins."""
        self.epoch = epoch

    def indices(self) -> list[Tensor]:
        """The numbers of the clips of each batch of this epoch."""
        return batches_of(
            self.dataset,
            self.lengths,
            self.batch_size,
            seed=self.seed,
            epoch=self.epoch,
            shuffle=self.shuffle,
        )

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        """Batches of this epoch."""
        for index in self.indices():
            yield self.table.batch(index, self.at_least)
