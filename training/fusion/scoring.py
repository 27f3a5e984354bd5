"""Scores of a fusion's answers, by the house's metrics."""

import math
import warnings
from typing import Any

import torch
from torch import Tensor

from affecthub.metrics.answers.confusion import Confusion
from affecthub.metrics.sentiment.scores import sentiment
from affecthub.training.fusion.labels import Labels

# What tables show of classes and of a score; the second chooses the best epoch.
CLASS_SCORES = ("acc", "waf", "uar", "macro_f1")
SENTIMENT_SCORES = ("acc", "waf", "mae", "ccc", "macro_f1", "uar")
CHOSEN_BY = "waf"


def scores_of(answers: Tensor, labels: Labels, clips: Tensor) -> dict[str, Any]:
    """Score answers to some clips.

    Args:
        answers: Logits ``(n, classes)``, or scores ``(n,)`` where only a score is learned.
        labels: Of all clips.
        clips: ``(n,)`` numbers of those that were asked.

    Returns:
        ``acc``, ``waf`` (weighted F1), ``uar``, ``macro_f1`` in [0, 1], higher is better, and
        ``n``. Of scores, these tell negative from positive over the clips whose label is not 0,
        ``uar`` being the balanced accuracy; beside them ``mae`` (lower is better) and ``ccc``, None
        where undefined, over all clips, and ``n_scored``. NaN without clips.

    Source: EmotionTalk, section 4: ACC and WAF, sentiment below and above 0.
    """
    if labels.names:
        reference = labels.classes[clips].cpu().numpy()
        predicted = answers.argmax(1).cpu().numpy()
        confusion = Confusion.of(reference, predicted, len(labels.names))
        return {
            "acc": confusion.accuracy,
            "waf": confusion.weighted_f1,
            "uar": confusion.uar,
            "macro_f1": confusion.macro_f1,
            "n": confusion.n_clips,
        }
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="sentiment is nan")
        found = sentiment(answers.cpu().tolist(), labels.scores[clips].cpu().tolist())
    return {
        "acc": found["acc"],
        "waf": found["sentiment"],
        "mae": found["mae"],
        "ccc": found["ccc"],
        "macro_f1": found["macro_f1"],
        "uar": found["balanced_acc"],
        "n": found["n_clips"],
        "n_scored": found["n_scored"],
    }


def majority_scores(labels: Labels, train: Tensor, clips: Tensor) -> dict[str, Any]:
    """Scores of the training split's commonest label, or of its commonest sign, for every clip.

    Returns:
        As `scores_of`, and ``answer``, the label or ``negative`` or ``positive``.
    """
    if labels.names:
        number = int(labels.classes[train].bincount(minlength=len(labels.names)).argmax())
        logits = torch.zeros(len(clips), len(labels.names))
        logits[:, number] = 1
        return {**scores_of(logits, labels, clips), "answer": labels.names[number]}
    known = labels.scores[train]
    positive = int((known > 0).sum()) > int((known < 0).sum())
    answers = torch.full((len(clips),), 1.0 if positive else -1.0)
    found = scores_of(answers, labels, clips)
    return {**found, "answer": "positive" if positive else "negative"}


def better(score: float, best: float) -> bool:
    """Whether a score is above the best so far; NaN is above nothing, and anything above it."""
    return not math.isnan(score) and (math.isnan(best) or score > best)
