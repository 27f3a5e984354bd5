"""Precision, recall and F of each clip by itself, averaged over the wheels."""

import warnings
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from affecthub.metrics.lexicon.emotion_lexicon import Ring
from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.wheels.clips import LexiconSource
from affecthub.metrics.wheels.options import WheelOptions
from affecthub.metrics.wheels.placement import place

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
    options = options or WheelOptions()
    table = load_lexicon(lexicon)
    placed = place(predictions, references, table, options, (ring,))
    agreed, predicted, reference = (
        np.array([count(number, field) for number, field in enumerate(placed.fields[ring])], float)
        for count in (
            lambda _, field: field.count(placed.predicted, placed.reference),
            lambda n, field: field.count(placed.predicted) + placed.unplaced.get((ring, n), 0),
            lambda _, field: field.count(placed.reference),
        )
    )
    scored = reference > 0
    precision = agreed / np.maximum(predicted, 1)
    recall = agreed / np.maximum(reference, 1)
    f = 2 * agreed / np.maximum(predicted + reference, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a clip on no wheel: the mean of nothing
        return ClipScores(
            *(np.nanmean(np.where(scored, each, np.nan), axis=0) for each in (f, precision, recall))
        )
