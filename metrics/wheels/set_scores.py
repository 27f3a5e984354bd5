"""Set-level precision and recall of label lists under any grouping of labels."""

from collections.abc import Callable, Iterable
from math import nan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from affecthub.metrics.parsing import Style
from affecthub.metrics.wheels.presence import Presence, presence, read_clips
from affecthub.metrics.wheels.sector_bits import Counts


class SetScores(NamedTuple):
    """Precision and recall in [0, 1], higher is better, and the clips they are means over."""

    precision: float
    recall: float
    n_scored: int


def set_scores(
    predictions: Iterable[object],
    references: Iterable[object],
    group: Callable[[str], str | None],
    *,
    style: Style = "any",
    no_clips: float = nan,
) -> SetScores:
    """Set-level precision and recall under a grouping of labels.

    With ``group=lexicon.base_form`` or ``lexicon.synonym`` these are the scores at levels 1 and 2
    of the AffectGPT paper's grouping, which need no wheel.

    Args:
        predictions: One list of labels, text or None per clip.
        references: The same, aligned with `predictions`.
        group: Label to group; None leaves the label out.
        style: How texts are read; see `affecthub.metrics.parsing.parse_labels`.
        no_clips: Both scores where no clip has a reference group.

    Returns:
        Precision, recall and the number of clips with a reference group.

    Raises:
        ValueError: Lengths differ, or a text is a lone ``[``.
        TypeError: A value is neither text nor list, or a label is not text.

    Source: AffectGPT paper (arXiv 2501.16566), section 4, eq. 9 and 10.

    Example:
        >>> set_scores(["happy, sad"], ["Happy"], group=str.upper)
        SetScores(precision=0.5, recall=1.0, n_scored=1)
    """
    clips = read_clips(predictions, references, style)
    return score_presence(*presence(clips, [group(label) for label in clips.labels]), no_clips)


def score_presence(predicted: Presence, reference: Presence, no_clips: float) -> SetScores:
    """Precision and recall of two boolean tables, each (clip, group)."""
    agreed = (predicted & reference).sum(axis=1, dtype=np.uint32)
    n_predicted = predicted.sum(axis=1, dtype=np.uint32)
    return score_counts(agreed, n_predicted, reference.sum(axis=1, dtype=np.uint32), no_clips)


def score_counts(
    agreed: Counts, predicted: Counts, reference: Counts, no_clips: float
) -> SetScores:
    """Precision and recall from how many groups each clip has.

    Clips without a reference group are left out; clips without a predicted one score 0.

    Args:
        agreed: Groups that are both predicted and reference, by clip.
        predicted: Predicted groups.
        reference: Reference groups.
        no_clips: Both scores where no clip has a reference group.
    """
    scored = np.flatnonzero(reference)
    n_scored = len(scored)
    if n_scored == 0:
        return SetScores(no_clips, no_clips, 0)
    agreed = agreed[scored]
    # A clip without predicted groups agrees on none, so dividing by 1 gives the 0 it scores.
    precision = np.divide(agreed, np.maximum(predicted[scored], 1), dtype=np.float64)
    recall = np.divide(agreed, reference[scored], dtype=np.float64)
    return SetScores(mean(precision), mean(recall), n_scored)


def mean(scores: NDArray[np.float64]) -> float:
    """What `numpy.mean` gives, to the bit, in a third of its time where there are few scores."""
    return float(np.add.reduce(scores)) / len(scores)
