"""What long lists of labels cost."""

from collections.abc import Sequence
from functools import lru_cache
from math import log
from typing import Any

from affecthub.metrics.parsing import normalise, parse_labels
from affecthub.training.rewards.completions import written_labels
from affecthub.training.rewards.placing import wheels_of
from affecthub.training.rewards.wheels import answers_and_references, require_as_many


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
        TypeError: A completion is neither text nor messages, or a reference no list of labels.

    Source: ours, after the penalties of AffectGPT-R1 (arXiv 2508.01318), whose formulas were not to
        be had.

    Example:
        >>> length_penalty(["happy", "happy, sad, angry"], [["joyful"], ["joyful"]])
        [1.0, 0.5]
    """
    require_as_many(completions, labels)
    return [
        _factor(sum(map(_is_label, written_labels(completion))), n_expected)
        for completion, n_expected in zip(completions, _counts(labels), strict=True)
    ]


def penalized_f(
    completions: Sequence[Any], labels: Sequence[Any], *, lexicon: Any = None, **_: Any
) -> list[float]:
    """`wheel_f` times `length_penalty`: what naming every emotion does not win.

    Source: AffectGPT-R1 (arXiv 2508.01318), accuracy with a penalty on length; the penalty's form
        is `length_penalty`'s.

    Example:
        >>> few, many = penalized_f(["glad", "glad, sad, angry"], [["joyful"], ["joyful"]])
        >>> few, round(many, 2)
        (1.0, 0.25)
    """
    wheels = wheels_of(lexicon)
    answers, expected = answers_and_references(wheels, completions, labels)
    return [
        wheels.score(answer, reference).f * _factor(len(answer), n_expected)
        for answer, reference, n_expected in zip(answers, expected, _counts(labels), strict=True)
    ]


def _factor(n_found: int, n_expected: int) -> float:
    return min(1.0, log(n_expected + 1) / log(n_found + 1)) if n_found else 0.0


def _counts(labels: Sequence[Any]) -> list[int]:
    return [
        sum(map(_is_label, each))
        if type(each) is list and set(map(type, each)) <= {str}
        else len(parse_labels(each))
        for each in labels
    ]


@lru_cache(maxsize=2**16)
def _is_label(piece: str) -> bool:
    # A plain word needs no reading.
    return piece.isalpha() or bool(normalise(piece, "any"))
