"""The order of clips in batches of one kind of media each."""

from collections.abc import Callable, Hashable, Iterable, Sequence

import numpy as np


def by_kind(
    kinds: Sequence[Hashable], batch: int, multiple: int, seed: int | None
) -> tuple[Callable[[int], Iterable[int]], int]:
    """An order in which every batch is of one kind.

    Clips of a kind are shuffled and cut into batches, and the batches are shuffled. What a kind has
    left is filled up with numbers from ``len(kinds)`` on: clips of the same kind without an answer,
    which weigh nothing (see `order.Filled`).

    Args:
        kinds: Of each clip.
        batch: Clips of one process' batch.
        multiple: Clips of one round over all processes, a multiple of ``batch``.
        seed: Fixes the order of every epoch; None keeps the clips' own within each kind.

    Returns:
        The numbers of an epoch, and how many they are: a multiple of ``multiple``.

    Example:
        >>> order, n = by_kind(["a", "b", "a", "a"], batch=2, multiple=2, seed=None)
        >>> list(order(0)), n
        ([0, 2, 3, 7, 1, 5], 6)
    """
    members: dict[Hashable, list[int]] = {}
    for place, kind in enumerate(kinds):
        members.setdefault(kind, []).append(place)
    n_batches = sum(-(-len(places) // batch) for places in members.values())
    n = -(-n_batches * batch // multiple) * multiple

    def indices_of(epoch: int) -> Iterable[int]:
        draw = None if seed is None else np.random.default_rng([seed, epoch])
        batches = []
        for places in members.values():
            order = places if draw is None else [places[i] for i in draw.permutation(len(places))]
            spare = [len(kinds) + order[i % len(order)] for i in range(-len(order) % batch)]
            order = [*order, *spare]
            batches += [order[i : i + batch] for i in range(0, len(order), batch)]
        if draw is not None:
            batches = [batches[i] for i in draw.permutation(len(batches))]
        # Whole batches without an answer, so that every process has as many.
        silent = [len(kinds) + place % len(kinds) for place in batches[0]]
        batches += [silent] * ((n - len(batches) * batch) // batch)
        return [place for each in batches for place in each]

    return indices_of, n
