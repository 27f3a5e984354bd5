"""Precision, recall and F of each clip by itself, averaged over the wheels."""

import warnings
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from affecthub.metrics.lexicon.emotion_lexicon import Ring
from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.wheels.clips import LexiconSource
from affecthub.metrics.wheels.options import WheelOptions
from affecthub.metrics.wheels.placement import place
from affecthub.metrics.wheels.sector_bits import Field

Scores = NDArray[np.float64]


class ClipScores(NamedTuple):
    """One float64 array each, an entry per clip, in [0, 1]; NaN where the clip cannot be scored."""

    f: Scores
    precision: Scores
    recall: Scores


def clip_scores(
    predictions: Iterable[object],
    references: Iterable[object],
    *,
    lexicon: LexiconSource = None,
    ring: Ring = "inner",
    options: WheelOptions | None = None,
) -> ClipScores:
    """Score every clip alone: on each wheel its F, precision and recall, then their means.

    Args:
        predictions: One list of labels, text or None per clip.
        references: The same, aligned with `predictions`.
        lexicon: As in `set_f`.
        ring: ``"inner"`` or ``"middle"``.
        options: How labels become sectors; its ring is not looked at.

    Returns:
        Means over the wheels on which the reference of the clip stands; NaN where it stands on
        none. A clip without predicted sectors scores 0.

    Raises:
        ValueError: As `set_f`.
        TypeError: As `set_f`.

    Differs: from `set_f`, whose F is made of precisions and recalls averaged over clips.

    Example:
        >>> clip_scores([["happy"], ["happy", "sad"]], [["glad"], ["joyful"]]).precision.tolist()
        [1.0, 0.5]
    """
    counts = clip_counts(predictions, references, lexicon=lexicon, ring=ring, options=options)
    agreed, predicted, reference = (each.astype(np.float64) for each in counts)
    scored = reference > 0
    f = 2 * agreed / np.maximum(predicted + reference, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a clip on no wheel: the mean of nothing
        return ClipScores(
            *(
                np.nanmean(np.where(scored, each, np.nan), axis=0)
                for each in (f, counts.precision, counts.recall)
            )
        )


class ClipCounts(NamedTuple):
    """Sectors of each clip on each wheel, int64 of shape ``(wheel, clip)``.

    Attributes:
        agreed: Both predicted and reference.
        predicted: Predicted; unknown labels among them where those are penalized.
        reference: Reference; a clip with none is not scored on that wheel.
    """

    agreed: NDArray[np.int64]
    predicted: NDArray[np.int64]
    reference: NDArray[np.int64]

    @property
    def precision(self) -> Scores:
        """Share of the predicted sectors that are right, 0 where none is predicted."""
        return self.agreed / np.maximum(self.predicted, 1)

    @property
    def recall(self) -> Scores:
        """Share of the reference sectors that are found, 0 where there is none."""
        return self.agreed / np.maximum(self.reference, 1)


def clip_counts(
    predictions: Iterable[object],
    references: Iterable[object],
    *,
    lexicon: LexiconSource = None,
    ring: Ring = "inner",
    options: WheelOptions | None = None,
) -> ClipCounts:
    """Count the sectors of every clip, what set-F and hit rate are means of.

    Args:
        predictions: One list of labels, text or None per clip.
        references: The same, aligned with `predictions`.
        lexicon: As in `set_f`.
        ring: As in `set_f`.
        options: How labels become sectors; its ring is not looked at.

    Raises:
        ValueError: As `set_f`.
        TypeError: As `set_f`.

    Example:
        >>> counts = clip_counts([["happy", "sad"]], [["glad"]])
        >>> counts.predicted[0].tolist(), counts.agreed[0].tolist()
        ([2], [1])
    """
    table = load_lexicon(lexicon)
    placed = place(predictions, references, table, options or WheelOptions(), (ring,))

    def over_wheels(count: Callable[[int, Field], Any]) -> NDArray[np.int64]:
        return np.array([count(n, field) for n, field in enumerate(placed.fields[ring])], np.int64)

    return ClipCounts(
        over_wheels(lambda _, field: field.count(placed.predicted, placed.reference)),
        over_wheels(
            lambda n, field: field.count(placed.predicted) + placed.unplaced.get((ring, n), 0)
        ),
        over_wheels(lambda _, field: field.count(placed.reference)),
    )
