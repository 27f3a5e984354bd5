"""Which group goes to which split: plain greedy, then a seeded local search that improves on it.

The search compares integers, draws from a random stream that NumPy has frozen, and counts steps
instead of seconds, so that every machine makes the same split.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from affecthub.datasets_scripts.progress import progress

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

PER_POINT = 1000  # drifts are whole thousandths of a percentage point
N_RESTARTS = 4
N_STEPS = 3000  # per restart; a step tries one group against those of the other splits
STEPS_PER_GROUP = 50  # a few groups need fewer
N_PARTNERS = 256  # of more groups than this a step takes so many by chance
PATIENCE = 500  # steps in vain, or as many as there are groups, that pass for a local optimum
N_KICKED = 4  # groups that change sides to leave one


class Counts(NamedTuple):
    """Clips of each group.

    Attributes:
        rows: All clips, shape ``(group,)``.
        labels: Clips with each label, shape ``(group, label)``; several label sets side by side.
        labelled: Clips with any label of the same set, shape ``(group, label)``.
    """

    rows: Integers
    labels: Integers
    labelled: Integers


def drift(part: Counts, whole: Counts) -> Integers:
    """How far label shares lie from those of the corpus, in thousandths of a point.

    Args:
        part: Clips of parts of the corpus, with any leading dimensions. A part without labels has
            shares of zero.
        whole: Clips of the corpus, without leading dimensions.

    Returns:
        Shape ``(..., label)``.
    """
    labelled = np.maximum(part.labelled, 1)
    # Exact integers and one division, which IEEE arithmetic rounds alike everywhere.
    apart = np.abs(part.labels * whole.labelled - whole.labels * labelled)
    return np.rint(apart / (labelled * whole.labelled) * (100 * PER_POINT)).astype(np.int64)


def greedy(counts: Counts, fractions: Floats, order: Integers | None = None) -> Integers:
    """Put groups one by one where their labels are wanted most.

    Args:
        counts: Of each group.
        fractions: Share of the clips that each split should have.
        order: In which groups are taken; None takes the largest first.

    Returns:
        Split of each group: the one whose label counts come nearest, in squared distance, to its
        share of the corpus' counts.
    """
    if order is None:
        order = np.argsort(-counts.rows, kind="stable")
    target = np.rint(fractions[:, None] * counts.labels.sum(axis=0)).astype(np.int64)
    held = np.zeros_like(target)
    sides = np.empty(len(counts.rows), np.int64)
    for group in order:
        own = counts.labels[group]
        farther = ((held + own - target) ** 2 - (held - target) ** 2).sum(axis=1)
        sides[group] = np.argmin(farther)
        held[sides[group]] += own
    return sides


def search(counts: Counts, fractions: Floats, tolerance: float, seed: int) -> tuple[Integers, int]:
    """Find sides of little drift; sizes within the tolerance come first.

    Args:
        counts: Of each group.
        fractions: Share of the clips that each split should have.
        tolerance: Share of the clips by which a split may differ from that.
        seed: Of the random stream.

    Returns:
        Split of each group, and the clips that the splits have too many or too few: 0 where all
        sizes are within the tolerance.
    """
    stream = np.random.RandomState(seed)
    found = []
    with progress("searching for a split", N_RESTARTS, "start") as done:
        for restart in range(N_RESTARTS):
            noise = 0.5 + stream.random_sample(len(counts.rows)) if restart else 1.0
            sides = greedy(counts, fractions, np.argsort(-counts.rows * noise, kind="stable"))
            found.append(_improve(_Sides(counts, fractions, tolerance, sides), stream))
            done(1)
    (excess, _), sides = min(found, key=lambda item: item[0])
    return sides, excess


def _improve(sides: "_Sides", stream: np.random.RandomState) -> tuple[tuple[int, int], Integers]:
    """Descend, kick, descend again; give the best local optimum by (excess, largest drift)."""
    patience = min(sides.n_groups, PATIENCE)
    base = sides.costs.sum(axis=0).tolist(), sides.of_groups.copy()
    best = sides.score(), sides.of_groups.copy()
    vain = 0
    for _ in range(min(N_STEPS, STEPS_PER_GROUP * sides.n_groups)):
        vain = 0 if sides.improve(stream.randint(sides.n_groups), stream) else vain + 1
        if vain < patience:
            continue
        best = min(best, (sides.score(), sides.of_groups.copy()), key=lambda item: item[0])
        cost = sides.costs.sum(axis=0).tolist()
        if cost <= base[0]:
            base = cost, sides.of_groups.copy()
        sides.put(base[1])
        sides.kick(stream)
        vain = 0
    return min(best, (sides.score(), sides.of_groups.copy()), key=lambda item: item[0])


class _Sides:
    """The side of every group, and what exchanging two groups would cost.

    An empty group stands in each split beside the true ones: moving a group is exchanging it with
    the empty one of another split, so that moves and swaps are one operation.

    Attributes:
        costs: Per split its excess clips and the sum of its squared drifts, shape ``(split, 2)``.
    """

    def __init__(
        self, counts: Counts, fractions: Floats, tolerance: float, sides: Integers
    ) -> None:
        self.whole = Counts(*(values.sum(axis=0) for values in counts))
        self.n_groups = len(counts.rows)
        self.n_splits = len(fractions)
        own = np.column_stack([counts.rows, counts.labels, counts.labelled])
        self.own = np.vstack([own, np.zeros((self.n_splits, own.shape[1]), np.int64)])
        self.n_rows = self.whole.rows
        self.least = (fractions - tolerance) * self.n_rows
        self.most = (fractions + tolerance) * self.n_rows
        self.cumulated = np.cumsum(counts.rows)
        self.put(sides)

    @property
    def of_groups(self) -> Integers:
        """Split of each true group."""
        return self.side[: self.n_groups]

    def put(self, sides: Integers) -> None:
        """Take given sides of the true groups."""
        self.side = np.concatenate([sides, np.arange(self.n_splits)])
        self.held = np.zeros((self.n_splits, self.own.shape[1]), np.int64)
        np.add.at(self.held, self.side, self.own)
        self.costs = self.cost(self.held, np.arange(self.n_splits))

    def cost(self, held: Integers, split: Integers) -> Integers:
        """Excess and squared drifts of splits that held these counts, shape ``(n, 2)``."""
        rows = held[:, 0]
        excess = np.maximum(np.maximum(rows - self.most[split], self.least[split] - rows), 0)
        # No split may be empty, whatever the tolerance.
        excess = np.ceil(excess).astype(np.int64) + self.n_rows * (rows == 0)
        return np.column_stack([excess, (self.drift(held) ** 2).sum(axis=1)])

    def drift(self, held: Integers) -> Integers:
        """The drift of every label in splits that held these counts."""
        return drift(_parts(held), self.whole)

    def score(self) -> tuple[int, int]:
        """What a split is judged by in the end: excess clips, then the largest drift."""
        return int(self.costs[:, 0].sum()), int(self.drift(self.held).max())

    def improve(self, group: int, stream: np.random.RandomState) -> bool:
        """Make the best exchange of a group with one of another split; False where none helps."""
        here = self.side[group]
        others = np.flatnonzero(self.side != here)
        if len(others) > N_PARTNERS:
            chosen = stream.randint(len(others), size=N_PARTNERS)
            others = np.concatenate([others[chosen], others[1 - self.n_splits :]])  # and the empty
        there = self.side[others]
        change = self.own[others] - self.own[group]
        held = np.concatenate([self.held[here] + change, self.held[there] - change])
        split = np.concatenate([np.full(len(others), here), there])
        cost_here, cost_there = np.split(self.cost(held, split), 2)
        gain = cost_here + cost_there - self.costs[here] - self.costs[there]
        best = np.lexsort((gain[:, 1], gain[:, 0]))[0]
        if tuple(gain[best]) >= (0, 0):
            return False
        self.exchange(group, others[best])
        self.costs[here], self.costs[there[best]] = cost_here[best], cost_there[best]
        return True

    def exchange(self, a: int, b: int) -> None:
        """Exchange two groups; an empty one stays, since every split keeps its own."""
        here, there = self.side[a], self.side[b]
        change = self.own[b] - self.own[a]
        self.held[here] += change
        self.held[there] -= change
        self.side[a] = there
        if b < self.n_groups:
            self.side[b] = here

    def kick(self, stream: np.random.RandomState) -> None:
        """Move a few groups anywhere: every other drawn by its clips, so that large ones are."""
        for i in range(N_KICKED):
            if i % 2:
                group = stream.randint(self.n_groups)
            else:
                clip = stream.randint(self.cumulated[-1])
                group = int(np.searchsorted(self.cumulated, clip, side="right"))
            step = 1 + stream.randint(self.n_splits - 1)
            side = (self.side[group] + step) % self.n_splits
            self.exchange(group, self.n_groups + side)
        self.costs = self.cost(self.held, np.arange(self.n_splits))


def _parts(held: Integers) -> Counts:
    """Take columns of clips, labels and labelled clips apart."""
    labels, labelled = np.split(held[..., 1:], 2, axis=-1)
    return Counts(held[..., 0], labels, labelled)
