"""Answers to a question with one right label, as classes in the label set, best first.

An answer is a label, a sentence, an integer, a ranking, or scores; all come out the same.
"""

from collections.abc import Iterable
from math import isfinite
from typing import Any

from affecthub.metrics.answers.confusion import INVALID
from affecthub.metrics.answers.label_in_text import AnswerReader
from affecthub.metrics.plain_values import is_missing, plain


def as_answer(value: object, where: str) -> Any:
    """An answer as text, integer, list of texts, list of floats, dict or None.

    Args:
        value: What the caller passed for one clip.
        where: The argument and position, for the error.

    Raises:
        TypeError: The value is none of these.
        ValueError: A score is not finite.
    """
    value = plain(value)
    if is_missing(value):
        return None
    if isinstance(value, str) or type(value) is int:
        return value
    if isinstance(value, dict) and value and all(isinstance(name, str) for name in value):
        scores = as_scores(value.values(), where)
        return dict(zip(value, scores, strict=True))
    if isinstance(value, list):
        if all(isinstance(entry, str) for entry in value):
            return list(value)
        return as_scores(value, where)
    raise TypeError(
        f"`{where}` is no answer: got {value!r} ({type(value).__name__}), expected a label, a "
        "text, an integer, a list of labels or of scores, a dict from label to score, or None."
    )


def as_reference(value: Any, where: str) -> str | int:
    """A reference as text or integer, or say what is wrong with it."""
    value = plain(value)
    if isinstance(value, str) or type(value) is int:
        return value
    raise TypeError(
        f"`{where}` is no label: got {value!r} ({type(value).__name__}), expected a label name or "
        "its integer. Leave clips without a gold label out."
    )


def as_scores(values: Iterable[object], where: str) -> list[float]:
    """Numbers as floats; a TypeError or ValueError names what is no finite number."""
    scores = []
    for value in values:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise TypeError(
                f"`{where}` mixes kinds: got {value!r} ({type(value).__name__}), expected scores "
                "only, or labels only."
            )
        if not isfinite(value):
            raise ValueError(f"`{where}` holds a score that is not finite: got {value!r}.")
        scores.append(float(value))
    return scores


def ranking(answer: Any, reader: AnswerReader, classes: dict[str, int], where: str) -> list[int]:
    """The classes that an answer names, best first; `INVALID` where it names none."""
    if isinstance(answer, int):
        return [checked_class(answer, answer, classes, where)]
    if isinstance(answer, dict):
        named = [
            checked_class(_class_of(reader(name), classes), name, classes, where) for name in answer
        ]
        return [named[i] for i in _descending(list(answer.values()))]
    if isinstance(answer, list) and answer and isinstance(answer[0], float):
        if len(answer) != len(classes):
            raise ValueError(
                f"`{where}` has {len(answer)} scores but the label set has {len(classes)} labels: "
                f"{', '.join(classes)}. Give one score per label, in this order."
            )
        return _descending(answer)
    texts = answer if isinstance(answer, list) else [answer or ""]
    return [_class_of(reader(text), classes) for text in texts] or [INVALID]


def _class_of(label: str | None, classes: dict[str, int]) -> int:
    return INVALID if label is None else classes[label]


def checked_class(number: int, got: object, classes: dict[str, int], where: str) -> int:
    """A class number back, or say that it is none."""
    if not 0 <= number < len(classes):
        raise ValueError(
            f"`{where}` is not in the label set: got {got!r}, expected one of {', '.join(classes)} "
            f"or its number from 0 to {len(classes) - 1}. Pass the label set with `labels`."
        )
    return number


def _descending(scores: list[float]) -> list[int]:
    """Places by falling score; of equal scores the first comes first."""
    return sorted(range(len(scores)), key=lambda number: -scores[number])
