"""Batches without padding: clips one after the other in a row, by their number or tokens."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from torch.utils.data import DataLoader, Sampler

from affecthub.training.mixtures.sampling import Draw, DrawSampler
from affecthub.training.recipe import Recipe


class PackedBatches(Sampler[list[Draw]]):
    """Draws in batches that hold as many clips as have so many tokens together.

    The draws of all epochs are one row, which is cut where the next clip does not fit. So that
    every epoch has the same number of batches, an epoch is as many as the first round of draws
    takes, rounded up to what all processes share evenly; the next goes on where it ended.

    Args:
        draws: The order of the clips.
        n_tokens: Gives the tokens of a draw.
        budget: Most tokens of a batch.
        n_processes: Processes that take turns with the batches.

    Raises:
        ValueError: A clip alone has more tokens.
    """

    def __init__(
        self,
        draws: DrawSampler,
        n_tokens: Callable[[Draw], int],
        budget: int,
        n_processes: int = 1,
    ) -> None:
        self.draws = draws
        self.n_tokens = n_tokens
        self.budget = budget
        self.epoch = 0
        # Where each epoch begins that is known so far: the number of its first draw.
        self._begins = [0]
        first = sum(1 for _ in self._cut(self._row(0), stop=len(draws)))
        self._n_batches = -(-first // n_processes) * n_processes

    def __len__(self) -> int:
        """Batches of an epoch, of all processes together."""
        return self._n_batches

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch is drawn next."""
        self.epoch = epoch

    def __iter__(self) -> Iterator[list[Draw]]:
        """The batches of the epoch."""
        while len(self._begins) <= self.epoch:
            for _ in self._of_epoch(len(self._begins) - 1):
                pass
        yield from self._of_epoch(self.epoch)

    def n_drawn(self, n_batches: int) -> int:
        """Clips of the first batches of the run."""
        batches = self._cut(self._row(0))
        return sum(len(next(batches)) for _ in range(n_batches))

    def _of_epoch(self, epoch: int) -> Iterator[list[Draw]]:
        batches = self._cut(self._row(self._begins[epoch]))
        for _ in range(self._n_batches):
            batch = next(batches)
            yield batch
        if len(self._begins) == epoch + 1:
            self._begins.append(batch[-1][1] + 1)

    def _row(self, first: int) -> Iterator[Draw]:
        """The draws from one on, without end."""
        size = len(self.draws)
        epoch, skip = divmod(first, size)
        while True:
            order = self.draws.order(epoch).tolist()
            yield from ((order[place], epoch * size + place) for place in range(skip, size))
            epoch, skip = epoch + 1, 0

    def _cut(self, row: Iterator[Draw], stop: int | None = None) -> Iterator[list[Draw]]:
        """Cut a row into batches, the last one where `stop` draws are used up."""
        batch: list[Draw] = []
        total = 0
        for count, draw in enumerate(row):
            if count == stop:
                break
            n = self.n_tokens(draw)
            if n > self.budget:
                raise ValueError(
                    f"`max_packed_tokens` is {self.budget}: got a clip of {n} tokens, expected "
                    f"none longer. Set it to {n} or more."
                )
            if batch and total + n > self.budget:
                yield batch
                batch, total = [], 0
            batch.append(draw)
            total += n
        if batch:
            yield batch


def collator(recipe: Recipe, processor: Any) -> Callable[[Sequence[Any]], Any]:
    """What makes a batch of samples: one row of all of them where the recipe packs, else padded."""
    collate: Callable[[Sequence[Any]], Any] = processor.pack if recipe.packing else processor.pad
    return collate


def packed_loader(trainer: Any, batches: PackedBatches) -> Any:
    """The loader of a Trainer over batches of unlike numbers of clips, shared among processes."""
    arguments = trainer.args
    loader = DataLoader(
        trainer.train_dataset,
        batch_sampler=batches,
        collate_fn=trainer.data_collator,
        num_workers=arguments.dataloader_num_workers,
        pin_memory=arguments.dataloader_pin_memory,
        persistent_workers=arguments.dataloader_persistent_workers,
        prefetch_factor=arguments.dataloader_prefetch_factor,
    )
    return trainer.accelerator.prepare(loader)
