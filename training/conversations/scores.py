"""UA, WA, macro and weighted F1 of answers, over seeds, as Tables 13 and 14 have them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from affecthub.metrics.answers.confusion import Confusion
from affecthub.training.spread import mean_and_sd

# Name -> what it is; in [0, 1], higher is better.
SCORES = {
    "ua": "mean recall, unweighted accuracy",
    "wa": "accuracy, weighted accuracy",
    "macro_f1": "mean F1 of the classes that occur",
    "weighted_f1": "F1 of the classes, weighted by how often they occur",
}


def score(reference: ArrayLike, predicted: ArrayLike, n_classes: int) -> dict[str, Any]:
    """Score class numbers; NaN without utterances.

    Args:
        reference: Class numbers ``(utterances,)``.
        predicted: The same; -1 for no answer, which is wrong.
        n_classes: Size of the label set.

    Returns:
        `SCORES`, and ``n``.

    Source: EmotionTalk, Tables 13 and 14, whose F1 is macro F1: that of the majority, weighted, is
        above the figures printed there.

    Example:
        >>> score([0, 0, 0, 1], [0, 0, 0, 0], 2)["ua"]
        0.5
    """
    counts = Confusion.of(np.asarray(reference, int), np.asarray(predicted, int), n_classes)
    return {
        "ua": counts.uar,
        "wa": counts.accuracy,
        "macro_f1": counts.macro_f1,
        "weighted_f1": counts.weighted_f1,
        "n": counts.n_clips,
    }


def over_seeds(scores: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Mean and sample standard deviation (ddof 1) of each score; a deviation of one run is None.

    Args:
        scores: One of `score` for each run.

    Returns:
        `SCORES`, each with ``mean`` and ``sd``; ``n``, and ``n_runs``.

    Example:
        >>> over_seeds([score([0, 1], [0, 1], 2), score([0, 1], [0, 0], 2)])["wa"]["mean"]
        0.75
    """
    table: dict[str, Any] = {name: mean_and_sd(each[name] for each in scores) for name in SCORES}
    return {**table, "n": scores[0]["n"], "n_runs": len(scores)}
