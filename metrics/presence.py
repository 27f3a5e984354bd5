"""Label lists of many clips as boolean tables: does a group of labels occur in a clip?

Every distinct label is normalised and grouped once, however often it occurs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from affecthub.metrics.parsing import (
    Item,
    Style,
    as_items,
    normalise,
    pieces,
    require_same_length,
)

Numbers = NDArray[np.intp]
Presence = NDArray[np.bool_]


@dataclass(frozen=True)
class Occurrences:
    """Every label of every clip: `labels[i]` (a number) stands in clip `clips[i]`."""

    labels: Numbers
    clips: Numbers


@dataclass(frozen=True)
class Clips:
    """Predictions and references over one list of distinct labels."""

    labels: list[str]
    predicted: Occurrences
    reference: Occurrences
    n_clips: int


class _Numbering(dict[str, int]):
    """Raw label to number, normalising each distinct raw label once."""

    def __init__(self, style: Style) -> None:
        super().__init__()
        self.style = style
        self.labels: dict[str, int] = {}

    def __missing__(self, raw: str) -> int:
        number = self.labels.setdefault(normalise(raw, self.style), len(self.labels))
        self[raw] = number
        return number


def read_clips(predictions: Iterable[object], references: Iterable[object], style: Style) -> Clips:
    """Read predictions and references, aligned by position, into numbered labels.

    Raises:
        ValueError: Lengths differ, or a text is a lone ``[``.
        TypeError: A value is neither text nor list, or a label is not text.
    """
    predicted = as_items(predictions, "predictions")
    reference = as_items(references, "references")
    require_same_length(predicted, reference)
    numbering = _Numbering(style)
    return Clips(
        predicted=_occurrences(predicted, numbering),
        reference=_occurrences(reference, numbering),
        labels=list(numbering.labels),
        n_clips=len(reference),
    )


def _occurrences(items: Sequence[Item], numbering: _Numbering) -> Occurrences:
    labels: list[int] = []
    counts: list[int] = []
    for item in items:
        found = pieces(item, numbering.style)
        labels.extend(map(numbering.__getitem__, found))
        counts.append(len(found))
    clips = np.repeat(np.arange(len(items)), np.array(counts, dtype=np.intp))
    return Occurrences(np.array(labels, dtype=np.intp), clips)


def presence(clips: Clips, groups: list[str | None]) -> tuple[Presence, Presence]:
    """Give two tables (clip, group), predicted and reference: does the group occur in the clip?"""
    columns = {group: column for column, group in enumerate(sorted({g for g in groups if g}))}
    # Labels without a group go to one more column, the last, which is then cut off.
    column_of = np.array([columns[group] if group else -1 for group in groups], dtype=np.intp)

    def table(occurrences: Occurrences) -> Presence:
        present = np.zeros((clips.n_clips, len(columns) + 1), dtype=bool)
        present[occurrences.clips, column_of[occurrences.labels]] = True
        return present[:, :-1]

    return table(clips.predicted), table(clips.reference)
