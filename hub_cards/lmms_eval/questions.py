"""What a model is asked: the functions that the tasks name for messages, text and media.

``lmms_eval_specific_kwargs`` of a task holds ``question``, ``system`` and ``labels`` of a prompt of
affecthub, word for word, and ``media`` ("av", "a", "v" or "t").
"""

import re
from collections.abc import Mapping
from typing import Any

from affecthub.hub_cards.lmms_eval.clip_media import path_in, with_files

Row = Mapping[str, Any]
Settings = Mapping[str, Any] | None

# In the order in which they are handed over; sound is always a part of its own.
KINDS = {"v": "video", "a": "audio"}
_LANGUAGES = {"en": "English", "zh": "Chinese"}
# As in the prompts: other braces stand for themselves.
_placeholder = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def process_docs(rows: Any) -> Any:
    """Rows with labels by name in ``emotion_name``, which a row alone does not know, and files.

    Args:
        rows: A ``datasets.Dataset`` of an export.
    """
    names: list[str] = getattr(rows.features.get("emotion"), "names", None) or []
    numbers = rows["emotion"] if names else [None] * len(rows)
    named = [None if number is None else names[number] for number in numbers]
    return with_files(rows.add_column("emotion_name", named))


def doc_to_text(row: Row, lmms_eval_specific_kwargs: Settings = None) -> str:
    """The question about a clip, its placeholders filled from the row.

    Raises:
        ValueError: It has a placeholder that no row fills.
    """
    settings = lmms_eval_specific_kwargs or {}
    return _filled(settings.get("question", ""), settings, row)


def doc_to_messages(row: Row, lmms_eval_specific_kwargs: Settings = None) -> list[dict[str, Any]]:
    """The messages of a chat model: film, sound and question, each as a part of its own.

    A clip without one of the media is asked about without it; what was handed over is logged
    beside the answer.

    Raises:
        ValueError: The export is one without media, `media` is unknown, or the question
            has a placeholder that no row fills.
    """
    settings = lmms_eval_specific_kwargs or {}
    parts: list[dict[str, Any]] = [
        {"type": kind, "url": path}
        for kind in wanted_kinds(settings)
        if (path := path_in(row, kind)) is not None
    ]
    parts.append({"type": "text", "text": doc_to_text(row, settings)})
    messages = [{"role": "user", "content": parts}]
    if system := _filled(settings.get("system", ""), settings, row):
        told = {"role": "system", "content": [{"type": "text", "text": system}]}
        messages.insert(0, told)
    return messages


def doc_to_visual(row: Row, lmms_eval_specific_kwargs: Settings = None) -> list[Any]:
    """The media for models of lmms-eval that take no messages.

    Returns:
        The path of the film, then the sound as ``{"array", "sampling_rate"}`` (mono, float32 in
        [-1, 1], 16 kHz), as those models expect them.

    Raises:
        ValueError: The export is one without media, or `media` is unknown.
        ImportError: soundfile or soxr is not installed.
    """
    found: list[Any] = []
    for kind in wanted_kinds(lmms_eval_specific_kwargs or {}):
        path = path_in(row, kind)
        if path is not None:
            found.append(path if kind == "video" else _sound(path))
    return found


def wanted_kinds(settings: Mapping[str, Any]) -> list[str]:
    """The kinds of media that a task hands over, film first.

    Raises:
        ValueError: `media` has other letters than a, v and t.

    Example:
        >>> wanted_kinds({"media": "av"}), wanted_kinds({"media": "t"})
        (['video', 'audio'], [])
    """
    media = settings.get("media", "av")
    if not media or set(media) - {"a", "v", "t"}:
        raise ValueError(f"`media`: got {media!r}, expected letters of a, v and t, such as av.")
    return [kind for letter, kind in KINDS.items() if letter in media]


def _filled(text: str, settings: Mapping[str, Any], row: Row) -> str:
    """Text with its placeholders filled."""
    values = {
        "subtitle": row.get("subtitle") or row.get("text") or "",
        "labels": ", ".join(settings.get("labels") or row.get("candidates") or ()),
        "language": _LANGUAGES.get(row.get("language") or "", ""),
    }
    if unknown := set(_placeholder.findall(text)) - values.keys():
        raise ValueError(
            f"a row has nothing for {{{min(unknown)}}}: expected some of {', '.join(values)}."
        )
    return _placeholder.sub(lambda found: values[found[1]], text)


def _sound(path: str) -> dict[str, Any]:
    from affecthub.media import load_waveform

    return {"array": load_waveform(path, 16_000), "sampling_rate": 16_000}
