"""The order in which clips are drawn, the same on every process and after every kill.

An order is a function of the seed and the epoch; a draw is a clip with the number of its place in
the whole run, from which everything else that is left to chance in it follows.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch.utils.data import Sampler

Draw = tuple[int, int]
_WITHIN, _ACROSS = 1, 2


class DrawSampler(Sampler[Draw]):
    """Draws of one or several corpora whose clips are numbered one corpus after the other.

    One corpus without weights is shuffled as the Trainer shuffles. Of several, each has its share
    of every epoch; its clips come in shuffled rounds, so that none comes twice before all came
    once. Clips with weights come as often as those say, up or down to a whole number.

    Args:
        sizes: Clips of each corpus.
        seed: The run's.
        shares: Of each corpus, in any unit; None draws every clip of all once an epoch.
        weights: How often the clips of a corpus are drawn, see `draw_weights`; None for all alike.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        seed: int,
        shares: Sequence[float] | None = None,
        weights: Sequence[np.ndarray | None] | None = None,
    ) -> None:
        self.sizes = list(sizes)
        self.seed = seed
        self.weights = list(weights) if weights is not None else [None] * len(self.sizes)
        self.counts = share_out(sum(self.sizes), self.sizes if shares is None else shares)
        self.epoch = 0

    def __len__(self) -> int:
        """Draws of an epoch: as many as there are clips."""
        return sum(self.sizes)

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch is drawn next."""
        self.epoch = epoch

    def __iter__(self) -> Iterator[Draw]:
        """The draws of the epoch."""
        first = self.epoch * len(self)
        for place, index in enumerate(self.order(self.epoch).tolist()):
            yield index, first + place

    def indices_of(self, epoch: int) -> list[int]:
        """The clips of an epoch in order."""
        clips: list[int] = self.order(epoch).tolist()
        return clips

    def order(self, epoch: int) -> np.ndarray:
        """The clips of an epoch in order, ``(draws,)`` int64."""
        if len(self.sizes) == 1 and self.weights[0] is None:
            generator = torch.Generator().manual_seed(self.seed + epoch)
            shuffled: np.ndarray = torch.randperm(self.sizes[0], generator=generator).numpy()
            return shuffled
        starts = np.cumsum([0, *self.sizes])
        drawn = [
            self._of_source(source, epoch) + starts[source] for source in range(len(self.sizes))
        ]
        mixed: np.ndarray = np.concatenate(drawn)
        return self._rng(_ACROSS, epoch).permutation(mixed)

    def _of_source(self, source: int, epoch: int) -> np.ndarray:
        """What an epoch draws of one corpus."""
        n, size, weights = self.counts[source], self.sizes[source], self.weights[source]
        if weights is not None:
            return systematic(weights, n, self._rng(_WITHIN, source, epoch))
        # Its draws of all epochs are one row of shuffled rounds.
        places = np.arange(epoch * n, (epoch + 1) * n)
        rounds = {
            number: self._rng(_WITHIN, source, number).permutation(size)
            for number in np.unique(places // size).tolist()
        }
        return np.array(
            [rounds[place // size][place % size] for place in places.tolist()], dtype=int
        )

    def _rng(self, *what: int) -> np.random.Generator:
        return np.random.default_rng([self.seed % 2**32, *what])


def share_out(n: int, shares: Sequence[float]) -> list[int]:
    """Divide a number by shares into whole numbers, the largest remainders rounded up.

    Example:
        >>> share_out(10, [2, 1]), share_out(5, [2, 3])
        ([7, 3], [2, 3])
    """
    exact = n * np.asarray(shares, dtype=np.float64) / np.sum(shares)
    counts = np.floor(exact).astype(int)
    largest = np.argsort(counts - exact, kind="stable")[: n - counts.sum()]
    counts[largest] += 1
    whole: list[int] = counts.tolist()
    return whole


def systematic(weights: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw by weight so that each number comes as often as expected, up or down to a whole number.

    Args:
        weights: ``(size,)``, of any positive sum.
        n: Draws.
        rng: Where chance comes from.

    Returns:
        ``(n,)`` int64 in random order.
    """
    order = rng.permutation(len(weights))
    upto = np.cumsum(weights[order])
    points = (rng.random() + np.arange(n)) / max(n, 1) * upto[-1]
    places = np.minimum(
        np.searchsorted(upto, points, side="right"), np.flatnonzero(weights[order])[-1]
    )
    return rng.permutation(order[places])
