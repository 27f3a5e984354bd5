"""Scores of answers to one target: over all test clips, over each recording, over seeds."""

import warnings
from collections.abc import Mapping, Sequence
from statistics import mean, stdev
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from affecthub.metrics.answers.confusion import Confusion
from affecthub.metrics.sentiment.scores import sentiment
from affecthub.training.bench.emotiontalk.targets import CONTINUOUS, Target

# Score -> what tables call it.
HEADS = {
    "acc": "ACC",
    "f1_weighted": "WAF",
    "uar": "UAR",
    "f1_macro": "macro F1",
    "mae": "MAE",
    "ccc": "CCC",
}
_OF_SENTIMENT = {
    "acc": "acc",
    "f1_weighted": "sentiment",
    "uar": "balanced_acc",
    "f1_macro": "macro_f1",
    "mae": "mae",
    "ccc": "ccc",
}


def scores_of(target: Target, reference: ArrayLike, predicted: ArrayLike) -> dict[str, Any]:
    """Scores of answers to some clips.

    Args:
        target: What they answer.
        reference: Classes, or scores, ``(clips,)``.
        predicted: The same.

    Returns:
        ``acc``, ``f1_weighted``, ``uar`` (mean recall) and ``f1_macro`` in [0, 1], and ``n``. Of
        `CONTINUOUS` these are of the sign, over the clips whose score is not 0, with ``mae`` and
        ``ccc`` over all.
    """
    reference, predicted = np.asarray(reference), np.asarray(predicted)
    if target.name == CONTINUOUS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a part without a clip is nan, as it says
            found = sentiment(predicted.tolist(), reference.tolist(), value_range=(-2, 2))
        return {name: found[key] for name, key in _OF_SENTIMENT.items()} | {"n": found["n_scored"]}
    counts = Confusion.of(reference, predicted, len(target.names))
    return {
        "acc": counts.accuracy,
        "f1_weighted": counts.weighted_f1,
        "uar": counts.uar,
        "f1_macro": counts.macro_f1,
        "n": counts.n_clips,
    }


def parts_of(
    target: Target, recordings: NDArray[np.str_], predicted: ArrayLike
) -> dict[str, dict[str, Any]]:
    """Scores of the test clips of each recording.

    Args:
        target: What is answered.
        recordings: Of all clips of the corpus.
        predicted: Answers to the target's test clips.
    """
    predicted = np.asarray(predicted)
    of_clip = recordings[target.clips["test"]]
    reference = target.values["test"]
    return {
        str(name): scores_of(target, reference[of_clip == name], predicted[of_clip == name])
        for name in sorted({*of_clip}, key=lambda name: int(name[1:]))
    }


def over_seeds(scores: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Mean and deviation of scores over runs.

    Args:
        scores: Of each run, of the same clips; at least one.

    Returns:
        Score to ``mean`` and ``sd`` (of a sample, None for one run); ``n`` clips, ``n_runs``.
    """
    found: dict[str, Any] = {}
    for name in scores[0]:
        values = [run[name] for run in scores]
        if name == "n" or any(value is None for value in values):
            continue
        found[name] = {
            "mean": mean(values),
            "sd": stdev(values) if len(values) > 1 else None,
        }
    return found | {"n": scores[0]["n"], "n_runs": len(scores)}


def summary(
    target: Target, recordings: NDArray[np.str_], answers: Sequence[ArrayLike]
) -> dict[str, Any]:
    """What a cell says: scores of the test clips over runs, and of each recording.

    Args:
        target: What is answered.
        recordings: Of all clips of the corpus.
        answers: Of each run, to the target's test clips.

    Returns:
        As `over_seeds`, and ``parts``: recording to the same.
    """
    whole = [scores_of(target, target.values["test"], each) for each in answers]
    by_part = [parts_of(target, recordings, each) for each in answers]
    parts = {name: over_seeds([run[name] for run in by_part]) for name in by_part[0]}
    return over_seeds(whole) | {"parts": parts}
