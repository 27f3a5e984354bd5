"""The answer that a corpus gives about a clip, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from datasets import ClassLabel


def answer_of(
    row: Mapping[str, Any], features: Mapping[str, Any], columns: Sequence[str]
) -> str | None:
    """The values of a row's columns in words, joined by ", ", none of them twice.

    Labels are spelled by name, lists item by item, fractions with four digits.

    Args:
        row: One clip.
        features: The corpus' columns.
        columns: Those that make the answer, in order.

    Returns:
        The answer, None where one of the columns is empty for this clip.

    Example:
        >>> features = {"emotion": ClassLabel(names=["anger", "joy"])}
        >>> row = {"emotion": 1, "open_vocabulary": ["glad", "joy"], "sentiment": 0.5}
        >>> answer_of(row, features, ["emotion", "open_vocabulary", "sentiment"])
        'joy, glad, 0.5'
    """
    words: list[str] = []
    for column in columns:
        value, feature = row[column], features.get(column)
        if value is None or value == "" or value == []:
            return None
        if isinstance(feature, ClassLabel):
            words.append(feature.int2str(value))
        elif isinstance(value, list):
            words.extend(value)
        else:
            words.append(f"{value:.4g}" if isinstance(value, float) else str(value))
    return ", ".join(dict.fromkeys(words))
