"""The scores over all clips of a task: functions of the items that its answers became.

The lexicon behind hit rate and set-F is the built-in one, or what ``AFFECTHUB_LEXICON`` names.
"""

import math
import os
from collections.abc import Iterable, Sequence
from typing import Any

from affecthub.labels import BASIC7
from affecthub.metrics.answers.extraction import sentiment_of
from affecthub.metrics.confidence.scores import confidence
from affecthub.metrics.emotion_classification.scores import emotion_classification
from affecthub.metrics.goemotions.scores import goemotions
from affecthub.metrics.lexicon.emotion_lexicon import Lexicon
from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.mer_unibench.scores import score_sets
from affecthub.metrics.sentiment.scores import sentiment
from affecthub.metrics.set_f.scores import set_f

Items = Sequence[dict[str, Any]]


def unibench_score(items: Items) -> float:
    """The primary score of one set of MER-UniBench, in [0, 1], higher is better.

    Hit rate, weighted F1 of the sentiment's sign, or set-F: what the metric ``mer_unibench`` gives
    for the same words. NaN without clips.

    Raises:
        ValueError: ``AFFECTHUB_LEXICON`` names no lexicon.
    """
    name = items[0]["set"] if items else "meld"
    pairs = ([item["predicted"] for item in items], [item["reference"] for item in items])
    scored = score_sets({name: pairs}, lexicon=_lexicon(), partial=True)
    return float(scored["sets"][name]["score"])


def sentiment_accuracy(items: Items) -> float:
    """The share of clips whose sentiment has the right sign; clips of sentiment 0 aside."""
    signs = [
        None if item["predicted"] is None else sentiment_of(item["predicted"]) for item in items
    ]
    return float(sentiment(signs, [item["reference"] for item in items])["acc"])


def set_precision(items: Items) -> float:
    """Set-level precision, the mean over wheels."""
    return _set_f(items, "set_precision")


def set_recall(items: Items) -> float:
    """Set-level recall, the mean over wheels."""
    return _set_f(items, "set_recall")


def unanswered(items: Items) -> float:
    """The share of clips whose answer names no emotion word, in [0, 1], lower is better."""
    return _share(not item["predicted"] for item in items)


def invalid_rate(items: Items) -> float:
    """The share of clips whose answer could not be read, in [0, 1], lower is better."""
    return _share(item["predicted"] is None for item in items)


def accuracy(items: Items) -> float:
    """The share of clips with the right label; an answer that cannot be read is wrong."""
    return _classified(items, "emotion_classification")


def weighted_f1(items: Items) -> float:
    """The F1 of the labels, each weighted by its clips."""
    return _classified(items, "weighted_f1")


def macro_f1(items: Items) -> float:
    """The mean F1 of the labels that occur."""
    return _classified(items, "macro_f1")


def uar(items: Items) -> float:
    """The mean recall of the labels that occur."""
    return _classified(items, "uar")


def mean_confidence(items: Items) -> float:
    """The mean of the confidences that were stated, in [0, 1]; NaN where none was."""
    return _stated(items, "confidence")


def tier_difference(items: Items) -> float:
    """Mean confidence on clips of the low tier less that on the high one; NaN without both.

    Source: EmoS, section 4.3 and Table 8.
    """
    return _stated(items, "tier_difference")


def ece(items: Items) -> float:
    """Expected calibration error of the stated confidences, in [0, 1], lower is better."""
    return _stated(items, "ece")


def goemotions_f1(items: Items) -> float:
    """The macro-F1 of the 28 fine labels, against every label that an annotator chose."""
    return _fine(items, "goemotions")


def micro_f1(items: Items) -> float:
    """The F1 over all decisions on fine labels."""
    return _fine(items, "micro_f1")


def jsd(items: Items) -> float:
    """Mean Jensen-Shannon divergence from the annotators' shares in bits, lower is better."""
    return _fine(items, "jsd")


def _lexicon() -> Lexicon:
    return load_lexicon(os.environ.get("AFFECTHUB_LEXICON") or None)


def _set_f(items: Items, score: str) -> float:
    predicted = [item["predicted"] for item in items]
    result = set_f(predicted, [item["reference"] for item in items], lexicon=_lexicon())
    return float(result[score])


def _classified(items: Items, score: str) -> float:
    # Labels as they were read already: any other text in their place is no answer.
    predicted = [item["predicted"] for item in items]
    result = emotion_classification(predicted, [i["reference"] for i in items], labels=BASIC7)
    return float(result[score])


def _stated(items: Items, score: str) -> float:
    right = [int(item["predicted"] == item["reference"]) for item in items]
    tiers = [item["tier"] for item in items]
    result = confidence([i["confidence"] for i in items], right, tiers=tiers, n_resamples=0)
    return math.nan if result[score] is None else float(result[score])


def _fine(items: Items, score: str) -> float:
    result = goemotions([i["predicted"] for i in items], [i["reference"] for i in items])
    return float(result[score])


def _share(cases: Iterable[bool]) -> float:
    counted = list(cases)
    return sum(counted) / len(counted) if counted else math.nan
