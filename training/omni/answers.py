"""What a clip is to be answered with: a JSON object made of a row's columns."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from datasets import ClassLabel

from affecthub.errors import unknown_name
from affecthub.labels import GOEMOTIONS_WITH_UNSURE

# Shares of annotators over the fine labels, which are told as labels with confidences.
_SHARES = "probs"


def json_answer(
    row: Mapping[str, Any],
    features: Mapping[str, Any],
    keys: Mapping[str, str],
    labels: Sequence[str] = (),
) -> str | None:
    """The answer to a clip, on one line.

    Labels are spelled by name, numbers with two digits, lists item by item; ``probs`` of the fine
    labels becomes the labels that anyone chose, each with its share, the highest first.

    Args:
        row: One clip.
        features: The corpus' columns.
        keys: Keys of the object, and the column that each is read from.
        labels: Those that the question lists; a label is spelled as it stands there.

    Returns:
        None where the first column is empty for this clip; others that are empty are left out.

    Raises:
        ValueError: There is no such column.

    Example:
        >>> features = {"emotion": ClassLabel(names=["Anger", "Joy"]), "confidence": None}
        >>> row = {"emotion": 1, "confidence": 0.666}
        >>> json_answer(row, features, {"predicted_emotion": "emotion", "confidence": "confidence"})
        '{"predicted_emotion": "Joy", "confidence": 0.67}'
    """
    spelled = {label.lower(): label for label in labels}
    said: dict[str, Any] = {}
    for place, (key, column) in enumerate(keys.items()):
        if column not in row:
            raise unknown_name("column of `answer`", column, list(row))
        value = _plain(row[column], features.get(column), column)
        if value in (None, []):
            if place == 0:
                return None
            continue
        if isinstance(features.get(column), ClassLabel):
            value = spelled.get(value.lower(), value)
        said[key] = value
    return json.dumps(said, ensure_ascii=False)


def _plain(value: Any, feature: Any, column: str) -> Any:
    if value in (None, "", []):
        return None
    if isinstance(feature, ClassLabel):
        return feature.int2str(value)
    if isinstance(value, float):
        return round(value, 2)
    if column == _SHARES:
        chosen = zip(GOEMOTIONS_WITH_UNSURE, value, strict=True)
        ordered = sorted(((share, name) for name, share in chosen if share), key=lambda e: -e[0])
        return [{"label": name, "confidence": round(share, 2)} for share, name in ordered]
    return value
