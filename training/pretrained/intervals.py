"""Scores of a system with bootstrap intervals, and how far they are above the majority answer."""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from affecthub.metrics.answers.confusion import INVALID, Confusion
from affecthub.metrics.answers.label_in_text import AnswerReader, names_of
from affecthub.metrics.emotion_classification.scores import emotion_classification
from affecthub.metrics.resampling import N_RESAMPLES, Counts, draw, interval, numbered

# Name -> attribute of Confusion. Fractions, higher is better.
SCORES = {"accuracy": "accuracy", "weighted_f1": "weighted_f1", "macro_f1": "macro_f1"}


def score_with_intervals(
    predictions: Sequence[str | None],
    references: Sequence[str],
    labels: Sequence[str],
    *,
    majority: str,
    groups: Sequence[Hashable | None] | None = None,
    n_resamples: int = N_RESAMPLES,
    seed: int = 0,
) -> dict[str, Any]:
    """Score labels as `emotion_classification` does, and resample the test clips.

    Args:
        predictions: A label per clip, under any of its names, or None for no answer.
        references: The clips' labels.
        labels: The label set.
        majority: The label that the majority answer gives every clip.
        groups: Clips of one group (a dialogue) are drawn together, because they are not
            independent; None for a clip on its own.
        n_resamples: Bootstrap resamples.
        seed: Of the resampling.

    Returns:
        ``accuracy``, ``weighted_f1`` and ``macro_f1``, each a dict with ``value``, ``low``,
        ``high`` (95 % percentile interval) and ``above_majority``: the difference ``value``,
        ``low`` and ``high`` to the majority answer on the same resamples. ``n`` clips,
        ``n_invalid``, ``n_groups`` that were drawn.

    Raises:
        ValueError: Lengths differ, there are no clips, or a reference is not in the label set.
    """
    if not len(references):
        raise ValueError("there is nothing to score: got no clips, expected at least one.")
    point = emotion_classification(predictions, references, labels=labels)
    read, places = AnswerReader(names_of(labels)), {name: i for i, name in enumerate(labels)}

    def numbers(answers: Sequence[str | None]) -> Counts:
        said = [None if answer is None else read(answer) for answer in answers]
        return np.array([INVALID if name is None else places[name] for name in said])

    reference = numbers(references)
    drawn = numbered(groups if groups is not None else [None] * len(references))
    system = _by_group(reference, numbers(predictions), drawn, len(labels))
    baseline = _by_group(reference, numbers([majority] * len(references)), drawn, len(labels))
    n_groups = len(system)
    weights = draw(n_groups, n_resamples, seed)
    ours, theirs = _scores(system, weights), _scores(baseline, weights)
    whole = np.ones((1, n_groups), dtype=np.int64)
    constant = _scores(baseline, whole)
    result: dict[str, Any] = {}
    for name in SCORES:
        value = float(point["emotion_classification" if name == "accuracy" else name])
        result[name] = {
            **interval(value, ours[name]),
            "above_majority": interval(value - float(constant[name][0]), ours[name] - theirs[name]),
        }
    return result | {
        "n": point["n_clips"],
        "n_invalid": point["n_invalid"],
        "n_groups": n_groups,
    }


def _by_group(reference: Counts, predicted: Counts, drawn: Counts, n_classes: int) -> Counts:
    """Counts of reference against prediction for each group: ``(groups, classes, classes + 1)``."""
    counts = np.zeros((int(drawn.max()) + 1, n_classes, n_classes + 1), dtype=np.int64)
    # INVALID is the last column.
    np.add.at(counts, (drawn, reference, predicted), 1)
    return counts


def _scores(counts: Counts, weights: Counts) -> dict[str, NDArray[np.float64]]:
    """Each score on each resample, which takes every group so many times."""
    n_groups, *shape = counts.shape
    sums = (weights @ counts.reshape(n_groups, -1)).reshape(-1, *shape)
    tables = [Confusion(table) for table in sums]
    return {
        name: np.array([getattr(table, attribute) for table in tables])
        for name, attribute in SCORES.items()
    }
