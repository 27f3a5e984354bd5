"""Bootstrap intervals of a run's scores, and the lexicon that they were read by."""

from collections.abc import Sequence
from typing import Any

import datasets
import numpy as np
from numpy.typing import NDArray

from affecthub.metrics.answers.resampling import N_RESAMPLES, draw, interval
from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.mer_unibench.sentences import words_said
from affecthub.metrics.mer_unibench.statistics import wheel_statistics
from affecthub.metrics.wheels.options import WheelOptions
from affecthub.training.answer_scores import label_names, labels_said
from affecthub.training.recipe import Recipe

Floats = NDArray[np.float64]
# Neutral as `score_answers` takes it: where the lexicon has it.
KEEPS_NEUTRAL = WheelOptions(neutral=None)


def answer_intervals(
    answers: Sequence[str],
    rows: datasets.Dataset,
    recipe: Recipe,
    scores: dict[str, Any],
    lexicon: Any = None,
    *,
    n_resamples: int = N_RESAMPLES,
) -> dict[str, Any]:
    """The 95 % percentile intervals of macro-F1, hit rate and set-F of `score_answers`.

    Accuracy is a share of clips, whose interval follows from their number (Wilson's).

    Args:
        answers: One per row.
        rows: The clips that were asked.
        recipe: Says which column holds the label.
        scores: Of `score_answers`.
        lexicon: As there.
        n_resamples: Bootstrap resamples of the clips.

    Returns:
        ``lexicon`` (name and version), and ``intervals``: score to ``[low, high]`` in [0, 1], for
        those in ``scores``. No intervals without clips.

    Differs: clips are drawn one by one, not by speaker, so that intervals are too narrow where a
    few people speak them all.
    """
    tables = load_lexicon(lexicon)
    found: dict[str, list[float]] = {}
    references = label_names(rows, recipe)
    labelled = [i for i, label in enumerate(references) if label is not None]
    words = rows["open_vocabulary"]
    described = [i for i in (labelled or range(len(rows))) if words[i]]
    said = [words_said(answer) for answer in answers]
    if labelled:
        drawn = draw(len(labelled), n_resamples, recipe.seed).astype(np.float64)
        gold = np.array([references[i] for i in labelled])
        first = labels_said(answers, rows, recipe)
        right = np.array([first[i] or "" for i in labelled])
        found["macro_f1"] = _ends(scores, "macro_f1", _macro_f1(right, gold, drawn))
        said_there = [said[i] for i in labelled]
        on_wheels = wheel_statistics("hit_rate", said_there, list(gold), tables, KEEPS_NEUTRAL)
        found["hit_rate"] = _ends(scores, "hit_rate", on_wheels.scores(drawn)["hit_rate"])
    if described:
        drawn = draw(len(described), n_resamples, recipe.seed).astype(np.float64)
        said_there, wanted = [said[i] for i in described], [words[i] for i in described]
        on_wheels = wheel_statistics("set_f", said_there, wanted, tables, KEEPS_NEUTRAL)
        found["set_f"] = _ends(scores, "set_f", on_wheels.scores(drawn)["set_f"])
    kept = {name: ends for name, ends in found.items() if name in scores and ends[0] == ends[0]}
    return {"lexicon": tables.identity, "intervals": kept}


def _ends(scores: dict[str, Any], name: str, resampled: Floats) -> list[float]:
    ends = interval(float(scores.get(name, 0)), resampled)
    return [ends["low"], ends["high"]]


def _macro_f1(said: NDArray[Any], gold: NDArray[Any], drawn: Floats) -> Floats:
    """Mean F1 over the labels that occur in a resample, shape ``(resample,)``."""
    total, n_labels = np.zeros(len(drawn)), np.zeros(len(drawn))
    for label in np.unique(gold):
        hit = drawn @ ((said == label) & (gold == label))
        n_said, n_gold = drawn @ (said == label), drawn @ (gold == label)
        f1 = 2 * hit / np.maximum(n_said + n_gold, 1)
        total += np.where(n_gold > 0, f1, 0)
        n_labels += n_gold > 0
    return total / np.maximum(n_labels, 1)
