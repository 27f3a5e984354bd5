"""The sectors of many clips, predicted and reference, read in batches.

The sectors of a clip are the union of its labels' bits; memory grows by some bytes per clip and
not by the size of its texts.
"""

from collections.abc import Iterable, Sequence, Sized
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from affecthub.metrics.lexicon.emotion_lexicon import Lexicon, Ring
from affecthub.metrics.parsing import Item, Style, require_as_many
from affecthub.metrics.wheels.numbering import LabelNumbers, LabelRun, batches
from affecthub.metrics.wheels.options import WheelOptions
from affecthub.metrics.wheels.sector_bits import (
    BitTable,
    Counts,
    Field,
    SectorBits,
    Words,
    sector_bits,
)

# Clips read at a time: of lists, whose texts are in memory anyway, and of anything else. The fewer,
# the less memory; the more, the less often a label is met anew.
_BATCH = 65_536
_STREAMED = 16384
# More spellings than this are forgotten after an evaluation.
_MOST_KEPT = 2**15


@dataclass(frozen=True)
class Placement:
    """Where the labels of every clip stand.

    Attributes:
        fields: By ring, the bits of each wheel.
        predicted: One array per machine word, with an entry for every clip.
        reference: The same.
        unplaced: By ring and wheel, how many predicted labels of a clip have no sector there;
            nothing where such labels are left out.
        coverage: Share of prediction and of reference labels the lexicon knows; None without any.
        unknown_label: A predicted label that it does not know, or None.
        n_clips: Number of clips.
    """

    fields: dict[Ring, list[Field]]
    predicted: list[Words]
    reference: list[Words]
    unplaced: dict[tuple[Ring, int], Counts]
    coverage: dict[str, float | None]
    unknown_label: str | None
    n_clips: int


def place(
    predictions: Iterable[object],
    references: Iterable[object],
    lexicon: Lexicon,
    options: WheelOptions,
    rings: Sequence[Ring],
) -> Placement:
    """Read predictions and references, aligned by position, and place them on every wheel.

    Args:
        predictions: One list of labels, text or None per clip.
        references: The same.
        lexicon: What places the labels.
        options: How it does; the ring is not looked at.
        rings: The rings to place them on.

    Raises:
        ValueError: Lengths differ, or a text is a lone ``[``.
        TypeError: A value is neither text nor list, or a label is not text.
    """
    bits = sector_bits(lexicon, tuple(rings), options.mapping, options.neutral)
    numbers, table = _kept_of(bits).take(lexicon.style)
    sides = _Side(bits.n_words), _Side(bits.n_words)
    unplaced: list[list[NDArray[np.uint32]]] = [[] for _ in bits.places]
    is_listed = isinstance(predictions, Sized) and isinstance(references, Sized)
    size = _BATCH if is_listed else _STREAMED
    # Only the last batch of a side may be shorter, so a difference shows in the last.
    pairs: Iterable[tuple[list[Item], list[Item]]] = zip_longest(
        batches(predictions, size, "predictions"),
        batches(references, size, "references"),
        fillvalue=[],
    )
    n_clips = [0, 0]
    for pair in pairs:
        n_clips = [n + len(items) for n, items in zip(n_clips, pair, strict=True)]
        if len(pair[0]) != len(pair[1]):
            continue
        runs = numbers.run(pair[0]), numbers.run(pair[1])
        table.extend(numbers.labels[len(table.known) :])
        for side, run in zip(sides, runs, strict=True):
            side.add(run, table)
        if options.unknown == "penalize":
            for place_, counts in enumerate(_unplaced(*runs, table, len(bits.places))):
                unplaced[place_].append(counts)
    require_as_many(*n_clips)
    _kept_of(bits).give_back(numbers, table)
    predicted, reference = sides
    return Placement(
        fields=bits.fields,
        predicted=predicted.joined(),
        reference=reference.joined(),
        unplaced={
            place_: np.concatenate(counts)
            for place_, counts in zip(bits.places, unplaced, strict=True)
            if counts
        },
        coverage={
            "predictions": predicted.coverage,
            "references": reference.coverage,
        },
        unknown_label=None if predicted.unknown is None else numbers.labels[predicted.unknown],
        n_clips=n_clips[0],
    )


class _Side:
    """Predictions or references: the sectors of clips, and how often each label occurs."""

    def __init__(self, n_words: int) -> None:
        self._words: list[list[Words]] = [[] for _ in range(n_words)]
        self._n_labels = self._n_known = 0
        self.unknown: int | None = None  # the number of the first label not known

    def add(self, run: LabelRun, table: BitTable) -> None:
        """Add the clips of a run."""
        is_empty = run.sizes == 0
        starts = (np.cumsum(run.sizes) - run.sizes)[~is_empty]
        for parts, words in zip(self._words, table.words, strict=True):
            union = np.zeros(len(run.sizes), np.uint64)
            if len(starts):
                union[~is_empty] = np.bitwise_or.reduceat(words[run.labels], starts)
            parts.append(union)
        known = table.known[run.labels]
        n_known = int(np.count_nonzero(known))
        self._n_labels += len(known)
        self._n_known += n_known
        if self.unknown is None and n_known < len(known):
            self.unknown = int(run.labels[np.argmin(known)])

    def joined(self) -> list[Words]:
        """The sectors of all clips, one array per machine word."""
        none = np.zeros(0, np.uint64)
        return [np.concatenate((none, *self._words.pop(0))) for _ in range(len(self._words))]

    @property
    def coverage(self) -> float | None:
        """The share of label occurrences the lexicon knows, None where there are none."""
        return self._n_known / self._n_labels if self._n_labels else None


class _Kept:
    """Labels read and placed by the evaluation before, whose labels the next one mostly has.

    One evaluation at a time has them: another, in another thread, begins anew.
    """

    def __init__(self, bits: SectorBits) -> None:
        self._bits = bits
        self._kept: list[tuple[LabelNumbers, BitTable]] = []

    def take(self, style: Style) -> tuple[LabelNumbers, BitTable]:
        """What was kept, or nothing yet."""
        try:
            return self._kept.pop()
        except IndexError:
            return LabelNumbers(style), BitTable(self._bits)

    def give_back(self, numbers: LabelNumbers, table: BitTable) -> None:
        """Keep it where it is small."""
        if not self._kept and numbers.n_spellings <= _MOST_KEPT:
            self._kept.append((numbers, table))


@lru_cache(maxsize=16)
def _kept_of(bits: SectorBits) -> _Kept:
    return _Kept(bits)


def _unplaced(
    predicted: LabelRun, reference: LabelRun, table: BitTable, n_places: int
) -> list[NDArray[np.uint32]]:
    """Count the distinct predicted labels of each clip that stand nowhere, place by place.

    A label that the reference of the clip has too, in the same letters, is not counted.
    """
    n_labels = len(table.known)
    stray, expected = (
        np.unique((run.clips * n_labels + run.labels)[table.unplaced[run.labels] != 0])
        for run in (predicted, reference)
    )
    stray = np.setdiff1d(stray, expected, assume_unique=True)
    clips, missing = stray // n_labels, table.unplaced[stray % n_labels]
    n_clips = len(predicted.sizes)
    return [
        np.bincount(
            clips[(missing >> np.uint64(place_)) & np.uint64(1) != 0], minlength=n_clips
        ).astype(np.uint32)
        for place_ in range(n_places)
    ]
