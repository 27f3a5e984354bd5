"""Label lists of many clips as boolean tables: does a group of labels occur in a clip?

Every distinct label is normalised and grouped once, however often it occurs.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from affecthub.metrics.parsing import Item, Style, clip_items, require_same_length
from affecthub.metrics.wheels.numbering import LabelNumbers, Numbers

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


def read_clips(predictions: Iterable[object], references: Iterable[object], style: Style) -> Clips:
    """Read predictions and references, aligned by position, into numbered labels.

    Raises:
        ValueError: Lengths differ, or a text is a lone ``[``.
        TypeError: A value is neither text nor list, or a label is not text.
    """
    predicted = clip_items(predictions, "predictions")
    reference = clip_items(references, "references")
    require_same_length(predicted, reference)
    numbers = LabelNumbers(style)
    return Clips(
        predicted=_occurrences(predicted, numbers),
        reference=_occurrences(reference, numbers),
        labels=numbers.labels,
        n_clips=len(reference),
    )


def _occurrences(items: list[Item], numbers: LabelNumbers) -> Occurrences:
    run = numbers.run(items)
    return Occurrences(run.labels, run.clips)


def presence(clips: Clips, groups: list[str | None]) -> tuple[Presence, Presence]:
    """Two tables (clip, group), predicted and reference: does the group occur in the clip?"""
    columns = {group: column for column, group in enumerate(sorted({g for g in groups if g}))}
    # Labels without a group go to one more column, the last, which is then cut off.
    column_of = np.array([columns[group] if group else -1 for group in groups], dtype=np.intp)

    def table(occurrences: Occurrences) -> Presence:
        present = np.zeros((clips.n_clips, len(columns) + 1), dtype=bool)
        present[occurrences.clips, column_of[occurrences.labels]] = True
        return present[:, :-1]

    return table(clips.predicted), table(clips.reference)
