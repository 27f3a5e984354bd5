"""EmotionTalk's JSON files, one per clip and modality: votes, times, captions, however spelled."""

import json
import math
import re
from typing import Any

from affecthub.datasets_scripts.reading.layout import leaving
from affecthub.labels import label_set, to_basic7

# Basic emotion -> label of this corpus: the card spells "fear" and "surprise" where files
# spell "fearful" and "surprised".
_LABEL_OF = {to_basic7(label): label for label in label_set("emotiontalk")}


def parse_clip(data: bytes, source: str) -> dict[str, Any]:
    """Read one JSON file of a clip.

    Differs: the card and the paper name keys in several ways (``Continuous label_result`` beside
    ``Continuous_label``, ``file_path`` or ``file_name``, numbers as text, ``data`` a list or a dict
    by annotator); all are accepted.

    Args:
        data: The file.
        source: Its path, for errors.

    Returns:
        Any of ``emotion, sentiment, content, start_s, end_s, duration_s, emo_cap, spe_cap,
        style_cap`` (None where absent), ``captions`` and ``votes`` (lists).

    Raises:
        ValueError: Not a JSON object, a value of the wrong kind, or a path out of the folder.
    """
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{source}: got no JSON ({error}), expected one object") from error
    clip = _mapping(content, source, "the file")
    path = clip.get("file_path", clip.get("file_name"))
    if leaving([path if isinstance(path, str) else None]) is not None:
        raise ValueError(
            f"{source}: path leaves the data folder: got {path!r}, expected a relative path. "
            "Do not trust this file; get it again from its source."
        )
    times = _mapping(clip.get("paragraphs") or {}, source, "paragraphs")
    captions = _mapping(clip.get("sourceattr") or {}, source, "sourceAttr")
    start_s, end_s, duration_s = (
        _number(times.get(key), source, key) for key in ("starttime", "endtime", "duration")
    )
    if duration_s is None and start_s is not None and end_s is not None:
        duration_s = end_s - start_s
    return {
        "emotion": _label(clip.get("emotion_result")),
        "sentiment": _number(clip.get("continuous_label_result"), source, "continuous"),
        "content": _text(clip.get("content")),
        "start_s": start_s,
        "end_s": end_s,
        "duration_s": duration_s,
        **{key: _text(captions.get(key)) for key in ("emo_cap", "spe_cap", "style_cap")},
        "captions": [
            str(value) for key, value in sorted(captions.items()) if re.match(r"caption_\d", key)
        ],
        "votes": _votes(clip.get("data"), source),
    }


def _votes(data: Any, source: str) -> list[dict[str, Any]]:
    """List each annotator's answer; a dict is keyed by annotator, a list numbers them from 1."""
    if data is None:
        return []
    if not isinstance(data, dict | list):
        raise ValueError(f"{source}: got {type(data).__name__} in `data`, expected list or object")
    if isinstance(data, dict) and not all(isinstance(vote, dict) for vote in data.values()):
        data = [data]  # a single vote that is not wrapped
    named = data.items() if isinstance(data, dict) else enumerate(data, start=1)
    votes = []
    for name, answer in named:
        vote = _mapping(answer, source, f"vote {name}")
        votes.append(
            {
                "annotator": str(vote.get("annotator", name)),
                "emotion": _label(vote.get("emotion")),
                "confidence": _number(vote.get("confidence_degree"), source, "confidence"),
                "sentiment": _number(vote.get("continuous_label"), source, "continuous"),
            }
        )
    return votes


def _mapping(value: Any, source: str, what: str) -> dict[str, Any]:
    """An object with its keys in lower case and underscores for spaces."""
    if not isinstance(value, dict):
        raise ValueError(f"{source}: got {type(value).__name__} for {what}, expected an object")
    return {key.strip().lower().replace(" ", "_"): item for key, item in value.items()}


def _number(value: Any, source: str, what: str) -> float | None:
    """A number that may be written as text; empty text is absent."""
    if value is None or value == "":
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{source}: got {str(value)[:50]!r} for {what}, expected a number")
    return number


def _label(value: Any) -> str | None:
    """The corpus' spelling of an emotion; an unknown one stays as it is, and is seen later."""
    text = _text(value)
    return None if text is None else _LABEL_OF.get(to_basic7(text), text)


def _text(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)
