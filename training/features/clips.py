"""A clip's media: their digests, and whether they have changed since its features were made."""

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from affecthub.cache import content_key
from affecthub.media import video_cut
from affecthub.training.clip_keys import clip_key

# Enough that two of a million never meet.
_SHOWN = 32
# In the place of what the disk says, where the row holds the bytes themselves.
_IN_ROW = "in the row"


def digest_names(media: Sequence[str]) -> list[str]:
    """The columns of a cache that tell of these media.

    Example:
        >>> digest_names(["audio"])
        ['audio_digest', 'audio_stat']
    """
    return [f"{name}_{what}" for name in media for what in ("digest", "stat")]


def digests(row: Mapping[str, Any], media: Sequence[str]) -> dict[str, str | None]:
    """A clip's media as a cache notes them.

    Args:
        row: A row of a corpus.
        media: Of ``audio``, ``face`` and ``video``.

    Returns:
        Of each ``NAME_digest``, of its bytes and its cut, and ``NAME_stat``, what the disk says of
        its file: where that is the same, the bytes need not be read to know. None for what is not
        there.
    """
    found: dict[str, str | None] = {}
    for name in media:
        stat = _stat(row, name)
        found[f"{name}_stat"] = stat
        found[f"{name}_digest"] = None if stat is None else clip_key(row, [name])[:_SHOWN]
    return found


def changed(row: Mapping[str, Any], kept: Mapping[str, Any], media: Sequence[str]) -> list[str]:
    """Which of a clip's media are there and are not those that its features were made from.

    Args:
        row: A row of a corpus.
        kept: What `digests` gave at that time.
        media: Of ``audio``, ``face`` and ``video``.

    Returns:
        Their names. Media that are absent are never among them: features may be passed on where
        media may not.
    """
    found = []
    for name in media:
        stat = _stat(row, name)
        if stat is None or (stat == kept[f"{name}_stat"] and stat != _IN_ROW):
            continue
        if clip_key(row, [name])[:_SHOWN] != kept[f"{name}_digest"]:
            found.append(name)
    return found


def _stat(row: Mapping[str, Any], name: str) -> str | None:
    """Size and time of a file, and which cut of it is the clip; None where it is absent."""
    media = row.get(name)
    if not media:
        return None
    if not isinstance(media, Mapping) or media.get("bytes") is not None:
        return _IN_ROW
    try:
        stat = os.stat(media["path"])
    except (OSError, TypeError):
        return None
    cut = video_cut(row)
    part = f"-{content_key(json.dumps(cut))[:8]}" if cut else ""
    return f"{stat.st_size}-{stat.st_mtime_ns}{part}"
