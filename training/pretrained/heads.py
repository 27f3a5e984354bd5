"""Small classifiers on frozen features: one for each modality, and the product of their answers."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from affecthub.errors import require

Floats = NDArray[np.float64]
Classes = NDArray[np.int64]

# Inverse strengths of the penalty; the one with the least loss on the validation split is taken.
STRENGTHS = (1e-4, 1e-3, 1e-2, 0.1, 1.0)
# No class is ruled out: what it has at least, whatever the training split says.
_LEAST = 1e-6


class Head:
    """Logistic regression on one modality of a corpus.

    Clips that lack the modality are left out of training, and their answer is the training split's
    distribution of labels.

    Args:
        n_classes: Size of the label set.
        characters: The inputs are texts in any language, described by their sequences of one to
            three characters, weighted by TF-IDF. Otherwise they are features ``(clips, width)``,
            NaN where a clip lacks the modality, and are standardised.
    """

    def __init__(self, n_classes: int, *, characters: bool = False) -> None:
        require("sklearn", "pretrained", "train a head on features")
        self.n_classes = n_classes
        self.characters = characters
        self.strength: float | None = None
        self._describe: Any = None
        self._classify: Any = None
        self._prior = np.full(n_classes, 1 / n_classes)

    def fit(
        self, train: Sequence[Any], labels: Classes, validation: Sequence[Any], expected: Classes
    ) -> "Head":
        """Train with the penalty that serves the validation split best.

        Args:
            train: Inputs of the training split.
            labels: Their class numbers, ``(clips,)``.
            validation: Inputs of the validation split.
            expected: Their class numbers.

        Returns:
            Itself.

        Raises:
            ValueError: The training clips that have the modality have fewer than two labels.
        """
        from sklearn.linear_model import LogisticRegression

        self._prior = _shares(labels, self.n_classes)
        there = self._there(train)
        labels = labels[there]
        if len(np.unique(labels)) < 2:
            raise ValueError(
                f"there is nothing to tell apart: got {len(labels)} training clips of "
                f"{len(np.unique(labels))} labels, expected at least two labels."
            )
        self._describe = self._description()
        described = self._describe.fit_transform(self._select(train, there))
        tried = []
        for strength in STRENGTHS:
            # Rows of TF-IDF have length 1, standardised features a length near sqrt(width).
            scale = 100 if self.characters else 1
            self._classify = LogisticRegression(C=scale * strength, max_iter=1000)
            self._classify.fit(described, labels)
            answers = self(validation)[np.arange(len(expected)), expected]
            tried.append((-answers.mean() if len(answers) else strength, strength, self._classify))
        _, self.strength, self._classify = min(tried, key=lambda found: found[:2])
        return self

    def __call__(self, inputs: Sequence[Any]) -> Floats:
        """Log probabilities of the classes, ``(clips, classes)``."""
        there = self._there(inputs)
        shares = np.tile(self._prior, (len(inputs), 1))
        if there.any():
            described = self._describe.transform(self._select(inputs, there))
            found = np.zeros((int(there.sum()), self.n_classes))
            found[:, self._classify.classes_] = self._classify.predict_proba(described)
            shares[there] = found
        shares = np.maximum(shares, _LEAST)
        return np.log(shares / shares.sum(axis=1, keepdims=True))

    @property
    def log_prior(self) -> Floats:
        """Log shares of the classes among the training clips, ``(classes,)``."""
        return np.log(self._prior)

    def _description(self) -> Any:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.preprocessing import StandardScaler

        if self.characters:
            # What occurs in one text alone teaches nothing, and is most of what occurs.
            return TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True)
        return StandardScaler()

    def _there(self, inputs: Sequence[Any]) -> NDArray[np.bool_]:
        if self.characters:
            return np.array([bool(text) for text in inputs], dtype=bool)
        there: NDArray[np.bool_] = ~np.isnan(np.asarray(inputs)).any(axis=1)
        return there

    def _select(self, inputs: Sequence[Any], there: NDArray[np.bool_]) -> Any:
        if self.characters:
            return [text for text, is_there in zip(inputs, there, strict=True) if is_there]
        return np.asarray(inputs)[there]


def fuse(answers: Sequence[Floats], log_prior: Floats) -> Floats:
    """The product of several heads' answers, each over the prior that all of them contain.

    It is what follows from Bayes' rule where modalities are independent given the label. A head
    that answers with the prior changes nothing.

    Args:
        answers: Log probabilities ``(clips, classes)`` of each head, at least one.
        log_prior: ``(classes,)``.

    Returns:
        Log probabilities ``(clips, classes)``.

    Example:
        >>> alone = np.log([[0.8, 0.2]])
        >>> fuse([alone, alone], np.log([0.5, 0.5])).argmax(axis=1).tolist()
        [0]
        >>> bool(np.allclose(fuse([alone, np.log([[0.5, 0.5]])], np.log([0.5, 0.5])), alone))
        True
    """
    total = sum(np.asarray(answer) - log_prior for answer in answers) + log_prior
    normalised: Floats = total - np.logaddexp.reduce(total, axis=1, keepdims=True)
    return normalised


def _shares(labels: Classes, n_classes: int) -> Floats:
    """Shares of the classes, none of them 0."""
    counts = np.bincount(labels, minlength=n_classes) + _LEAST
    shares: Floats = counts / counts.sum()
    return shares
