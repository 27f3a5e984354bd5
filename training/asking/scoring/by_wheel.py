"""Any number of labels a clip: set-F, hit rate, overlap, and the sentiment they amount to."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from affecthub.entries import entry_of
from affecthub.metrics.answers.extraction import sentiment_of
from affecthub.metrics.hit_rate.scores import hit_rate
from affecthub.metrics.mer_unibench.statistics import Statistics, wheel_statistics
from affecthub.metrics.parsing import parse_labels
from affecthub.metrics.sentiment.scores import sentiment, sign_counts
from affecthub.metrics.set_f.scores import set_f
from affecthub.metrics.set_overlap.scores import SCORES as OVERLAPS
from affecthub.metrics.set_overlap.scores import set_overlap
from affecthub.metrics.wheels.options import WheelOptions
from affecthub.training.asking.scoring.measured import Measured, Replies, with_reference
from affecthub.training.asking.scoring.tallies import Floats, Tally, ratio

FORMS = ("labels", "text")
SIGNS = ("sentiment", "score")
# How each metric takes neutral by default.
_OPTIONS = {"set_f": WheelOptions(neutral=None), "hit_rate": WheelOptions(neutral="drop")}
_COLUMNS = {
    "set_f": "open_vocabulary",
    "hit_rate": "emotion",
    "set_overlap": "open_vocabulary",
    "sentiment": "sentiment",
}
_KEPT = ("coverage", "published", "n_scored", "lexicon")
_SIGN_KEPT = ("acc_2_with_zero", "acc_3", "acc_5", "acc_7", "mae", "pearson", "ccc", "n_invalid")


def labels_said(replies: Replies) -> list[list[str] | None]:
    """The labels of every answer; those of a description by the extractor; None for no answer."""
    if replies.form.name == "labels":
        return [None if v is None else [said.label for said in v] for v in replies.values]
    there = with_reference(replies.values)
    found = replies.extractor.labels([replies.values[i] for i in there], sentiment=False)
    labels: list[list[str] | None] = [None] * len(replies.values)
    for place, words in zip(there, found, strict=True):
        labels[place] = words
    return labels


def by_wheel(
    metric: str, replies: Replies, said: Sequence[list[str] | None], column: str | None = None
) -> Measured | None:
    """Set-F or hit rate.

    Args:
        metric: Which of the two.
        replies: The answers.
        said: Their labels, see `labels_said`; an answer that is missing scores 0.
        column: Of the references; None takes ``open_vocabulary`` or ``emotion``.

    Returns:
        ``set_f``, ``set_precision`` and ``set_recall``, or ``hit_rate``, ``hit_f1`` and
        ``hit_precision``; None where no clip has a reference.

    Source: AffectGPT paper, section 4, eq. 8 to 13.
    """
    found = _references(metric, replies, column)
    if found is None:
        return None
    chosen, values, places = found
    labels, wanted = [said[i] for i in places], [values[i] for i in places]
    made = wheel_statistics(metric, labels, wanted, replies.lexicon, _OPTIONS[metric])
    whole = (set_f if metric == "set_f" else hit_rate)(labels, wanted, lexicon=replies.lexicon)
    details = {name: whole[name] for name in _KEPT}
    return Measured(metric, chosen, places, Tally(made.columns, made.of_sums), details)


def by_overlap(
    replies: Replies, said: Sequence[list[str] | None], column: str | None = None
) -> Measured | None:
    """Overlap of label sets under the lexicon's groups, what EMER ranks by.

    Returns:
        ``set_overlap`` (Avg), ``accuracy_s``, ``recall_s`` and ``overlap_s``; None where no clip
        has a reference.

    Source: EMER paper (arXiv 2306.15401), eq. 1 to 3.
    Differs: there GPT-3.5 groups the labels anew for each clip.
    """
    found = _references("set_overlap", replies, column)
    if found is None:
        return None
    chosen, values, places = found

    @cache
    def of_one(labels: tuple[str, ...], wanted: tuple[str, ...]) -> list[float]:
        scores = set_overlap([list(labels)], [list(wanted)], lexicon=replies.lexicon)
        return [*(scores[name] for name in OVERLAPS), 1.0]

    none = [0.0] * (len(OVERLAPS) + 1)  # a text that holds no label is no reference
    pairs = [(tuple(said[i] or ()), tuple(parse_labels(values[i]))) for i in places]
    columns = np.array([of_one(*pair) if pair[1] else none for pair in pairs])
    return Measured("set_overlap", chosen, places, Tally(columns, _means))


def by_sign(
    replies: Replies, said: Sequence[list[str] | None] | None, column: str | None = None
) -> Measured | None:
    """Polarity against intensities: weighted F1 and accuracy of the sign.

    Args:
        replies: The answers: of `SIGNS` a polarity or a number.
        said: Of the other forms their labels, which are weighed.
        column: Of the references; None takes ``sentiment``.

    Returns:
        ``waf`` and ``acc``; None where no clip has a reference. An answer that is missing or
        invalid counts as negative, as in the published code.

    Source: AffectGPT paper, section 4; see `affecthub.metrics.sentiment.scores.sentiment`.
    """
    found = _references("sentiment", replies, column)
    if found is None:
        return None
    chosen, values, places = found
    answers = [replies.values[i] if said is None else sentiment_of(said[i] or ()) for i in places]
    wanted = [values[i] for i in places]
    value_range = entry_of(replies.clips.corpus).sentiment
    whole = sentiment(answers, wanted, value_range=value_range if column is None else None)
    counts = sign_counts(answers, wanted).reshape(-1, 4).astype(np.float64)
    made = Statistics("sentiment", counts, replies.lexicon)
    details = {name: whole[name] for name in _SIGN_KEPT}
    return Measured("sentiment", chosen, places, Tally(made.columns, made.of_sums), details)


def _references(
    metric: str, replies: Replies, column: str | None
) -> tuple[str, list[Any], list[int]] | None:
    chosen = column or _COLUMNS[metric]
    values = replies.clips.require(chosen) if column else replies.clips.column(chosen)
    places = with_reference(values)
    return (chosen, values, places) if places else None


def _means(sums: Floats) -> dict[str, Floats]:
    return {name: ratio(sums[:, i], sums[:, -1]) for i, name in enumerate(OVERLAPS)}
