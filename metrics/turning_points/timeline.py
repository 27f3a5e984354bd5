"""Utterances on a time line: read them, align two segmentations, match boundaries in time."""

import math
from collections.abc import Sequence
from typing import Any, TypedDict

import numpy as np

from affecthub.metrics.plain_values import is_missing, plain


class Utterance(TypedDict):
    """One labelled stretch of a clip, in seconds; without times where only labels were given."""

    label: str | None
    start_s: float | None
    end_s: float | None


def read_utterances(value: Any, where: str) -> list[Utterance]:
    """The utterances of one clip: labels with times, or labels alone.

    Args:
        value: A list of mappings with ``start_s``, ``end_s`` and ``label``, or a list of labels
            (or of mappings with no times). A label is text, or None where there is none. None for
            the whole clip is no utterance.
        where: The argument and position, for the errors.

    Returns:
        The utterances in the order given, labels lower-case without surrounding space. Blank
        labels become None, labels alone have no times.

    Raises:
        TypeError: The value is no list, or an utterance is of the wrong kind.
        ValueError: A key is missing, an utterance ends before it starts, a time is no finite
            number, or only some utterances have times.

    Example:
        >>> read_utterances(["Joy", None], "predictions[0]")[0]
        {'label': 'joy', 'start_s': None, 'end_s': None}
    """
    value = plain(value)
    if is_missing(value):
        return []
    if not isinstance(value, list):
        raise TypeError(
            f"`{where}` is not a list of utterances: got {value!r} ({type(value).__name__}), "
            'expected [{"start_s": 0.0, "end_s": 2.5, "label": "joy"}, ...] or a list of labels.'
        )
    utterances = [_utterance(item, f"{where}, utterance {i}") for i, item in enumerate(value)]
    if len({utterance["start_s"] is None for utterance in utterances}) > 1:
        raise ValueError(
            f"`{where}` mixes two forms: got utterances with and without times, expected one form. "
            "Give every utterance its times, or none."
        )
    return utterances


def align(predicted: Sequence[Utterance], reference: Sequence[Utterance]) -> list[str | None]:
    """Each reference utterance the label of the prediction that overlaps it longest.

    Args:
        predicted: Utterances with times, in any order.
        reference: The same.

    Returns:
        One label per reference utterance. Of equal overlaps the earlier prediction counts; an
        utterance that no prediction overlaps gets None.

    Example:
        >>> predicted = read_utterances([{"start_s": 0, "end_s": 4, "label": "joy"}], "predicted")
        >>> reference = read_utterances(
        ...     [{"start_s": s, "end_s": s + 2, "label": "joy"} for s in (0, 3, 6)], "reference"
        ... )
        >>> align(predicted, reference)
        ['joy', 'joy', None]
    """
    if not predicted:
        return [None] * len(reference)
    ordered = sorted(predicted, key=lambda utterance: _times(utterance))
    starts, ends = np.array([_times(utterance) for utterance in ordered]).T
    labels = []
    for utterance in reference:
        start, end = _times(utterance)
        overlap = np.minimum(ends, end) - np.maximum(starts, start)
        longest = int(overlap.argmax())  # the first of equals
        labels.append(ordered[longest]["label"] if overlap[longest] > 0 else None)
    return labels


def boundaries(utterances: Sequence[Utterance]) -> list[float]:
    """The times at which the label changes: each start of an utterance with a new label.

    Args:
        utterances: Utterances with times, in any order; those without a label do not count.

    Example:
        >>> labels = ["joy", None, "joy", "fear"]
        >>> items = [{"start_s": i, "end_s": i + 1, "label": x} for i, x in enumerate(labels)]
        >>> boundaries(read_utterances(items, "reference"))
        [3.0]
    """
    labelled = sorted((u for u in utterances if u["label"] is not None), key=_times)
    return [
        _times(after)[0]
        for before, after in zip(labelled, labelled[1:], strict=False)
        if before["label"] != after["label"]
    ]


def count_matches(predicted: Sequence[float], reference: Sequence[float], tolerance: float) -> int:
    """How many predicted times can be paired with a reference time of their own.

    Args:
        predicted: Times in seconds, ascending.
        reference: The same.
        tolerance: Greatest distance of a pair, in seconds.

    Returns:
        The greatest possible number of pairs. Pairing the earliest two that fit is enough for
        that: every window has the same width.

    Example:
        >>> count_matches([1.0, 1.5], [2.0], 1.0), count_matches([1.0, 1.5], [2.0, 0.0], 1.0)
        (1, 1)
    """
    matches = i = j = 0
    while i < len(predicted) and j < len(reference):
        if abs(predicted[i] - reference[j]) <= tolerance:
            matches, i, j = matches + 1, i + 1, j + 1
        elif predicted[i] < reference[j]:
            i += 1
        else:
            j += 1
    return matches


def _utterance(item: Any, where: str) -> Utterance:
    if not isinstance(item, dict):
        return {"label": _label(item, where), "start_s": None, "end_s": None}
    if "label" in item and all(is_missing(item.get(time)) for time in ("start_s", "end_s")):
        return {"label": _label(item["label"], where), "start_s": None, "end_s": None}
    missing = [key for key in ("start_s", "end_s", "label") if key not in item]
    if missing:
        raise ValueError(
            f"`{where}` is incomplete: got keys {', '.join(map(str, item))}, expected start_s, "
            f"end_s and label. Add {', '.join(missing)}."
        )
    start, end = _seconds(item["start_s"], where), _seconds(item["end_s"], where)
    if end < start:
        raise ValueError(
            f"`{where}` ends before it starts: got {start} to {end} s, expected end_s to be the "
            "later."
        )
    return {"label": _label(item["label"], where), "start_s": start, "end_s": end}


def _label(label: object, where: str) -> str | None:
    if is_missing(label):
        return None
    if not isinstance(label, str):
        raise TypeError(
            f"`{where}` has a label that is not text: got {label!r} ({type(label).__name__}), "
            "expected a string or None."
        )
    return label.strip().lower() or None


def _seconds(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(
            f"`{where}` has no usable time: got {value!r}, expected a finite number of seconds."
        )
    return float(value)


def _times(utterance: Utterance) -> tuple[float, float]:
    start, end = utterance["start_s"], utterance["end_s"]
    assert start is not None and end is not None  # callers check that there are times
    return start, end
