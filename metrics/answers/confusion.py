"""Counts of reference against predicted class, and every classification score that follows.

An answer without a class has a column of its own: it lowers recall and is no class by itself.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

INVALID = -1

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Confusion:
    """Counts of clips, shape (reference class, predicted class + 1); the last column is invalid.

    Scores are in [0, 1], higher is better. Means over classes take the classes that occur as
    reference, so that a class missing from a test set cannot be held against a system; what is
    undefined elsewhere (precision of a class never predicted) is 0. All are NaN without clips.

    Source: the means are those of EmotionTalk (UA: mean recall, WA: accuracy) and of EmoS, Table 7
    (accuracy, macro-F1, weighted F1, an invalid answer counted as incorrect).
    Differs: from a mean over the whole label set where a class does not occur, and from that of
        scikit-learn, beside it here, where one is predicted that does not.

    Example:
        >>> confusion = Confusion.of([0, 0, 1, 1], [0, INVALID, 1, 0], n_classes=2)
        >>> confusion.accuracy, confusion.uar, confusion.precision.tolist()
        (0.5, 0.5, [0.5, 1.0])
    """

    counts: Counts

    @classmethod
    def of(cls, reference: ArrayLike, predicted: ArrayLike, n_classes: int) -> "Confusion":
        """Count clips.

        Args:
            reference: Class numbers from 0, shape (clip,).
            predicted: The same, `INVALID` where the answer names no class.
            n_classes: Number of classes.
        """
        columns = n_classes + 1
        rows = np.asarray(reference, dtype=np.int64)
        cells = rows * columns + np.asarray(predicted, dtype=np.int64) % columns
        return cls(np.bincount(cells, minlength=n_classes * columns).reshape(n_classes, columns))

    @property
    def n_clips(self) -> int:
        """All clips, invalid answers among them."""
        return int(self.counts.sum())

    @property
    def support(self) -> Counts:
        """Clips by reference class, shape (class,)."""
        return np.asarray(self.counts.sum(axis=1))

    @property
    def n_predicted(self) -> Counts:
        """Clips by predicted class, shape (class,)."""
        return np.asarray(self.counts[:, :-1].sum(axis=0))

    @property
    def precision(self) -> Floats:
        """Share of each class' predictions that are right, shape (class,)."""
        return ratio(self._agreed, self.n_predicted)

    @property
    def recall(self) -> Floats:
        """Share of each class' clips that are found, shape (class,)."""
        return ratio(self._agreed, self.support)

    @property
    def f1(self) -> Floats:
        """Harmonic mean of precision and recall of each class, shape (class,)."""
        return ratio(2 * self._agreed, self.support + self.n_predicted)

    @property
    def accuracy(self) -> float:
        """Share of clips that are right (weighted accuracy, WA)."""
        return int(self._agreed.sum()) / self.n_clips if self.n_clips else float("nan")

    @property
    def uar(self) -> float:
        """Mean recall of the classes that occur (unweighted accuracy, UA; balanced accuracy)."""
        return self._mean(self.recall)

    @property
    def macro_f1(self) -> float:
        """Mean F1 of the classes that occur."""
        return self._mean(self.f1)

    @property
    def macro_f1_sklearn(self) -> float:
        """Mean F1 of the classes that occur or are predicted, as scikit-learn takes it."""
        return self._mean(self.f1, self.n_predicted > 0)

    @property
    def weighted_f1(self) -> float:
        """F1 of the classes, weighted by how often they occur (WAF)."""
        return float(np.average(self.f1, weights=self.support)) if self.n_clips else float("nan")

    @property
    def _agreed(self) -> Counts:
        return np.diagonal(self.counts)

    def _mean(self, scores: Floats, also: NDArray[np.bool_] | bool = False) -> float:
        occurs = (self.support > 0) | also
        return float(scores[occurs].mean()) if occurs.any() else float("nan")


def ratio(part: Counts, whole: Counts) -> Floats:
    """Divide counts; 0 where there is nothing to divide by."""
    return np.divide(part, whole, out=np.zeros(len(whole)), where=whole > 0)
