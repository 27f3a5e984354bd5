"""Scores of answers to one target: over all test clips, over each recording, over seeds."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from affecthub.training.fusion.labels import Labels
from affecthub.training.fusion.scoring import scores_of
from affecthub.training.spread import mean_and_sd

# Score -> what tables call it.
HEADS = {
    "acc": "ACC",
    "waf": "WAF",
    "uar": "UAR",
    "macro_f1": "macro F1",
    "mae": "MAE",
    "ccc": "CCC",
}


def scored(answers: Tensor, labels: Labels, clips: Tensor) -> dict[str, Any]:
    """Scores of answers to some clips, as `scores_of` gives them; ``n`` those that are scored.

    Of continuous labels these are the clips whose score is not 0.
    """
    found = scores_of(answers, labels, clips)
    return found | {"n": found.pop("n_scored", found["n"])}


def parts_of(
    answers: Tensor, labels: Labels, clips: Tensor, recordings: np.ndarray
) -> dict[str, dict[str, Any]]:
    """Scores of the clips of each recording.

    Args:
        answers: As for `scored`.
        labels: Of all clips of the corpus.
        clips: Numbers of those that were asked.
        recordings: Of all clips of the corpus.
    """
    of_clip = recordings[clips.numpy()]
    found = {}
    for name in sorted({*of_clip}, key=lambda name: int(name[1:])):
        here = torch.from_numpy(of_clip == name)
        found[str(name)] = scored(answers[here], labels, clips[here])
    return found


def over_runs(scores: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Mean and deviation of scores over runs.

    Args:
        scores: Of each run, of the same clips; at least one.

    Returns:
        Score to ``mean`` and ``sd`` (of a sample, None for one run), those that are undefined in a
        run left out; ``n`` clips, ``n_runs``.
    """
    found: dict[str, Any] = {}
    for name in HEADS:
        values = [run.get(name) for run in scores]
        known = [value for value in values if value is not None and value == value]
        if len(known) == len(values):
            found[name] = mean_and_sd(known)
    return found | {"n": scores[0]["n"], "n_runs": len(scores)}


def summary(
    answers: Sequence[Tensor], labels: Labels, clips: Tensor, recordings: np.ndarray
) -> dict[str, Any]:
    """What a cell says: scores of the test clips over runs, and of each recording.

    Args:
        answers: Of each run, to the same clips.
        labels: Of all clips of the corpus.
        clips: Numbers of those that were asked.
        recordings: Of all clips of the corpus.

    Returns:
        As `over_runs`, and ``parts``: recording to the same.
    """
    clips = clips.cpu()
    whole = [scored(each.cpu(), labels, clips) for each in answers]
    by_part = [parts_of(each.cpu(), labels, clips, recordings) for each in answers]
    parts = {name: over_runs([run[name] for run in by_part]) for name in by_part[0]}
    return over_runs(whole) | {"parts": parts}
