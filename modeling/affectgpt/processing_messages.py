"""A chat message as what a call of the processor takes."""

from collections.abc import Mapping, Sequence
from typing import Any

from .media_tracks import has_audio_track, rereadable

# Type of a message's part -> argument of the processor, and the keys its value may come under.
PARTS = {
    "video": ("videos", ("path", "video", "url", "bytes")),
    "audio": ("audio", ("path", "audio", "url", "bytes")),
    "faces": ("faces", ("path", "faces")),
    "transcript": ("text", ("text", "transcript")),
    "text": ("question", ("text",)),
}


def read_conversations(talks: Sequence[Any], load_audio_from_video: bool) -> dict[str, Any]:
    """Read a batch of conversations.

    Args:
        talks: See :func:`read_conversation`.
        load_audio_from_video: Whether a video without an ``audio`` part beside it is heard too,
            where it has sound.

    Returns:
        Arguments of :meth:`AffectGPTProcessor.__call__`, lists of one length.

    Raises:
        ValueError: As :func:`read_conversation`, or only some have an answer.
    """
    samples = [read_conversation(talk) for talk in talks]
    for sample in samples:
        video = sample.get("videos")
        if load_audio_from_video and video is not None and "audio" not in sample:
            video = sample["videos"] = rereadable(video)
            sample["audio"] = video if has_audio_track(video) else None
    n_answers = sum("answers" in sample for sample in samples)
    if 0 < n_answers < len(samples):
        raise ValueError(
            f"some conversations have an answer and some have none: got {n_answers} of "
            f"{len(samples)}, expected all or none. Batch them apart."
        )
    names = sorted({name for sample in samples for name in sample})
    return {name: [sample.get(name) for sample in samples] for name in names}


def read_conversation(messages: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Read one conversation: a user's clip and question, and the answer where there is one.

    Args:
        messages: ``[{"role": "user", "content": [...]}]``, with parts ``{"type": "video", "path":
            ...}`` (or ``video``, ``url`` with a path, ``bytes``), ``audio``, ``faces``,
            ``transcript`` (``{"text": ...}``) and ``text``, which is the question; a content that
            is a text is the question alone. An ``assistant`` message
            at the end is the answer to learn.

    Returns:
        Arguments of :meth:`AffectGPTProcessor.__call__` for one sample.

    Raises:
        ValueError: Other roles or more turns than one, a part of another type, without a value or
            given twice, or a URL.

    Example:
        >>> parts = [{"type": "video", "path": "clip.mp4"}, {"type": "text", "text": "Hm?"}]
        >>> read_conversation([{"role": "user", "content": parts}])
        {'videos': 'clip.mp4', 'question': 'Hm?'}
    """
    roles = [_mapping(message, "a message").get("role") for message in messages]
    if roles not in (["user"], ["user", "assistant"]):
        raise ValueError(
            f"the conversation has other turns: got roles {roles}, expected 'user', or 'user' and "
            "'assistant'. AffectGPT answers one question about one clip."
        )
    content = messages[0].get("content")
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else content or []
    given: dict[str, Any] = {}
    for part in parts:
        kind = _mapping(part, "a part of a message").get("type")
        if kind not in PARTS:
            raise ValueError(
                f"a message has a part of an unknown type: got {kind!r}, expected one of "
                f"{', '.join(PARTS)}."
            )
        name, keys = PARTS[kind]
        if name in given:
            raise ValueError(
                f"a message has two parts of type {kind!r}: got 2, expected 1 at most."
            )
        value = next((part[key] for key in keys if part.get(key) is not None), None)
        if isinstance(value, str) and value is part.get("url") and "://" in value:
            raise ValueError(
                f"URLs are not read: got {value!r}, expected a path. Download the file first."
            )
        if value is None:
            raise ValueError(
                f"a {kind} part is empty: got keys {sorted(part)}, expected one of "
                f"{', '.join(keys)}."
            )
        given[name] = value
    if len(messages) > 1:
        given["answers"] = _spoken(messages[1].get("content"))
    return given


def assistant_masks(inputs: Mapping[str, Any]) -> Any:
    """Mark the tokens of answers: 1 where a label counts, 0 elsewhere, like ``input_ids``.

    Raises:
        ValueError: There are no answers.
    """
    labels = inputs.get("labels")
    if labels is None:
        raise ValueError(
            "there is no answer to mark: got `return_assistant_tokens_mask` for conversations "
            "without an assistant's message, expected one in each. Add it, or leave the mask out."
        )
    if isinstance(labels, list):
        return [[int(label != -100) for label in row] for row in labels]
    return (labels != -100) * 1


def _mapping(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(
            f"{name} is no dict: got {value!r}, expected one such as "
            "{'role': 'user', 'content': [{'type': 'video', 'path': ...}]}, or a part of its "
            "content."
        )
    return value


def _spoken(content: Any) -> str:
    if isinstance(content, str):
        return content
    texts = [part.get("text") for part in content or [] if part.get("type") == "text"]
    if len(texts) != 1 or not isinstance(texts[0], str):
        raise ValueError(
            f"the assistant's message is no answer: got {content!r}, expected one text."
        )
    return texts[0]
