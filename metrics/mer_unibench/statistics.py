"""What a set's scores are made of, clip by clip, so that they can be resampled.

Every score of the benchmark follows from sums over clips: on the wheels of precisions, recalls and
the number of clips scored, of sentiment of counts of sign against sign.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from affecthub.metrics.answers.confusion import Confusion
from affecthub.metrics.answers.extraction import sentiment_of
from affecthub.metrics.lexicon.emotion_lexicon import Lexicon
from affecthub.metrics.sentiment.scores import sign_counts
from affecthub.metrics.wheels.by_clip import clip_counts
from affecthub.metrics.wheels.options import WheelOptions
from affecthub.unibench import BenchmarkSet

Floats = NDArray[np.float64]

# Primary score of a set -> the scores that are shown of it, the primary one first.
# "hit_f1" is set-F of the answer's labels against the one reference label: its recall is the hit
# rate, its precision the share of the named sectors that are right. Hit rate alone rewards naming
# many words, which is why MER-R1 (arXiv 2606.27652) reports an F1 beside it.
SCORES: dict[str, tuple[str, ...]] = {
    "hit_rate": ("hit_rate", "hit_f1", "hit_precision"),
    "sentiment": ("waf", "acc"),
    "set_f": ("set_f", "set_precision", "set_recall"),
}


@dataclass(frozen=True)
class Statistics:
    """One set's answers as numbers whose sums make its scores.

    Attributes:
        primary: The set's primary score, a key of `SCORES`.
        columns: float64, shape ``(clip, column)``.
        lexicon: Says what a wheel without scored clips, or without agreement, scores.
    """

    primary: str
    columns: Floats
    lexicon: Lexicon

    def scores(self, weights: Floats | None = None) -> dict[str, Floats]:
        """The scores under weights of the clips.

        Args:
            weights: Shape ``(resample, clip)``; None weighs every clip once.

        Returns:
            Score to an array of shape ``(resample,)``, of one entry without weights; in [0, 1],
            NaN where it is undefined.
        """
        if weights is None:
            weights = np.ones((1, len(self.columns)))
        return self.of_sums(weights.astype(np.float64) @ self.columns)

    def of_sums(self, sums: Floats) -> dict[str, Floats]:
        """The scores that sums of the columns make, shape ``(resample, column)``."""
        if self.primary == "sentiment":
            return _sentiment(sums)
        f, precision, recall = _wheels(sums, self.lexicon)
        if self.primary == "hit_rate":
            return {"hit_rate": recall, "hit_f1": f, "hit_precision": precision}
        return {"set_f": f, "set_precision": precision, "set_recall": recall}


def statistics(
    test_set: BenchmarkSet,
    predictions: Sequence[Any],
    references: Sequence[Any],
    lexicon: Lexicon,
) -> Statistics:
    """The statistics of a set's answers, as its metric reads them.

    Args:
        test_set: Whose they are.
        predictions: Labels, a polarity in the sentiment sets, or None, one per clip.
        references: One per clip.
        lexicon: Places the labels.

    Raises:
        ValueError: A reference of a sentiment set cannot be read.
    """
    if test_set.primary == "sentiment":
        answers = [sentiment_of(p) if isinstance(p, list | tuple) else p for p in predictions]
        columns = sign_counts(answers, references).reshape(-1, 4).astype(np.float64)
        return Statistics("sentiment", columns, lexicon)
    # As `hit_rate` and `set_f` take it by default.
    options = WheelOptions(neutral="drop" if test_set.primary == "hit_rate" else None)
    return wheel_statistics(test_set.primary, predictions, references, lexicon, options)


def wheel_statistics(
    primary: str,
    predictions: Sequence[Any],
    references: Sequence[Any],
    lexicon: Lexicon,
    options: WheelOptions,
) -> Statistics:
    """The statistics of labels on the wheels.

    Args:
        primary: ``"hit_rate"`` or ``"set_f"``: which names the scores have.
        predictions: Labels or None, one per clip.
        references: The same, aligned.
        lexicon: Places the labels.
        options: How labels become sectors.
    """
    counts = clip_counts(predictions, references, lexicon=lexicon, options=options)
    scored = counts.reference > 0
    parts = (counts.precision * scored, counts.recall * scored, scored)
    # (3, wheel, clip) -> (clip, 3 x wheel)
    columns = np.moveaxis(np.array(parts, np.float64), 2, 0).reshape(counts.agreed.shape[1], -1)
    return Statistics(primary, columns, lexicon)


def _sentiment(sums: Floats) -> dict[str, Floats]:
    """WAF and ACC of tables of two classes."""
    tables = [_table(row) for row in np.rint(sums).astype(np.int64)]
    return {
        "waf": np.array([table.weighted_f1 for table in tables]),
        "acc": np.array([table.accuracy for table in tables]),
    }


def _table(cells: NDArray[np.int64]) -> Confusion:
    """Counts of two classes, of which nothing is left unread."""
    return Confusion(np.concatenate((cells.reshape(2, 2), np.zeros((2, 1), np.int64)), axis=1))


def _wheels(sums: Floats, lexicon: Lexicon) -> tuple[Floats, Floats, Floats]:
    """F, precision and recall, each the mean over the wheels."""
    precision, recall, n_scored = np.moveaxis(sums.reshape(len(sums), 3, -1), 1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(n_scored > 0, precision / n_scored, lexicon.no_clips)
        recall = np.where(n_scored > 0, recall / n_scored, lexicon.no_clips)
        f = 2 * precision * recall / (precision + recall)
    f = np.where(precision + recall == 0, lexicon.no_overlap, f)
    return f.mean(axis=1), precision.mean(axis=1), recall.mean(axis=1)
