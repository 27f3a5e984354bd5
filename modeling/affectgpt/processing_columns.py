"""What a call of the processor was given, as one list per column: batches come in many kinds."""

from collections.abc import Mapping, Sequence
from numbers import Number
from typing import Any

import numpy as np

TEXTS = ("text", "question", "answers", "answer_start")


def as_column(name: str, value: Any) -> Any:
    """A batch as a list; one sample stays what it is.

    Args:
        name: Of the argument.
        value: A list, a tuple, a column of a dataset (of ``datasets`` or pandas) or an array of
            texts is a batch. A tuple is one sample where it is a waveform with its rate, or the
            pictures of a single video.

    Returns:
        A list, or the sample.
    """
    if isinstance(value, list) or value is None:
        return value
    if name in TEXTS:
        return value if isinstance(value, str | bytes | Mapping) else _listed(value)
    if isinstance(value, tuple):
        return value if _is_sample(name, value) else list(value)
    is_one = isinstance(value, str | bytes | bytearray | memoryview | Mapping | np.ndarray)
    is_column = isinstance(value, Sequence) or hasattr(value, "to_list")
    return value if is_one or not is_column else _listed(value)


def with_rate(audio: Any, rate_hz: int | None) -> Any:
    """Bare samples with the rate that the call said; whatever tells its own rate stays.

    Args:
        audio: One sample, or None.
        rate_hz: What the call said, or None.
    """
    if rate_hz is None or not (hasattr(audio, "ndim") or _is_numbers(audio)):
        return audio
    return audio, rate_hz


def require_words(words: Any, name: str) -> None:
    """Refuse what is no text, or a text that was cut inside of a character.

    Raises:
        ValueError: Says what it is instead.
    """
    if not isinstance(words, str):
        advice = "A batch is a list; make one of a column or an array."
        if isinstance(words, Mapping) and "role" in words:
            advice = "Messages go into `apply_chat_template`."
        raise ValueError(
            f"{name} is no text: got {type(words).__name__}, expected str or None. {advice}"
        )
    try:
        words.encode()
    except UnicodeEncodeError as error:
        raise ValueError(
            f"{name} is broken: got half a character ({error.object[error.start]!a}) at place "
            f"{error.start}, expected whole ones. It was cut inside of an emoji; mend or drop it."
        ) from error


def _listed(value: Any) -> Any:
    """What can be walked through as a list, in Python's own types."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    for name in ("to_list", "to_pylist"):
        if hasattr(value, name):
            return [None if _is_nan(one) else one for one in getattr(value, name)()]
    return list(value) if isinstance(value, Sequence) else value


def _is_sample(name: str, value: tuple) -> bool:
    """Whether a tuple is one sample's media and not a batch."""
    if name == "audio":
        return len(value) == 2 and np.ndim(value[1]) == 0 and not _is_media(value[1])
    return bool(value) and all(np.ndim(one) == 3 or hasattr(one, "getbands") for one in value)


def _is_media(value: Any) -> bool:
    """Whether this scalar to NumPy is media, or the lack of it, and no rate."""
    return not isinstance(value, Number) and not hasattr(value, "item")


def _is_numbers(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Number)


def _is_nan(value: Any) -> bool:
    # pandas says so of a missing text.
    return isinstance(value, float) and value != value
