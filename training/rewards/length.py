"""What long lists of labels cost."""

from collections.abc import Sequence
from math import log
from typing import Any

from affecthub.metrics.parsing import parse_labels
from affecthub.training.rewards.completions import labels_in
from affecthub.training.rewards.wheels import wheel_f


def length_penalty(completions: Sequence[Any], labels: Sequence[Any], **_: Any) -> list[float]:
    """A factor that shrinks as an answer names more labels than the reference has.

    ``log(n_reference + 1) / log(n_answer + 1)``, at most 1. Labels count as often as they are
    written, so that repeating one is not free.

    Args:
        completions: What was generated.
        labels: The reference labels of each.
        **_: Other columns of the data set.

    Returns:
        In [0, 1]; 0 for an answer without labels, and where there is no reference label.

    Raises:
        ValueError: There are not as many references as completions.
        TypeError: A completion is neither text nor messages.

    Example:
        >>> length_penalty(["happy", "happy, sad, angry"], [["joyful"], ["joyful"]])
        [1.0, 0.5]
    """
    return [
        min(1.0, log(n_expected + 1) / log(len(found) + 1)) if found else 0.0
        for found, n_expected in zip(labels_in(completions), _counts(labels), strict=True)
    ]


def penalized_f(
    completions: Sequence[Any], labels: Sequence[Any], *, lexicon: Any = None, **_: Any
) -> list[float]:
    """`wheel_f` times `length_penalty`: what naming every emotion does not win.

    Source: ours, after the penalties of AffectGPT-R1 (arXiv 2508.01318), whose formulas were not to
        be had.

    Example:
        >>> few, many = penalized_f(["glad", "glad, sad, angry"], [["joyful"], ["joyful"]])
        >>> few, round(many, 2)
        (1.0, 0.25)
    """
    scores = wheel_f(completions, labels, lexicon=lexicon)
    penalties = length_penalty(completions, labels)
    return [score * penalty for score, penalty in zip(scores, penalties, strict=True)]


def _counts(labels: Sequence[Any]) -> list[int]:
    return [len(parse_labels(each)) if each is not None else 0 for each in labels]
