"""The key of what a model is given of a clip, so that no answer is taken for one to another."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from affecthub.cache import content_key
from affecthub.media import video_cut


def clip_key(
    row: Mapping[str, Any],
    modalities: Iterable[str],
    features: Mapping[str, np.ndarray] | None = None,
    words: Mapping[str, str] | None = None,
) -> str:
    """What a model is given of a clip: its words, and the bytes of its files with their cut.

    Args:
        row: A row of a corpus.
        modalities: Columns of it that the model is given.
        features: What the towers made of the clip, in place of its media, which is not read then.
        words: What its question says of it beside its transcript, by name.
    """
    given: dict[str, Any] = {} if features is not None else {"cut": video_cut(row)}
    for name in sorted(modalities):
        if name == "text" or features is None:
            value = row[name]
            given[name] = _content(value) if isinstance(value, Mapping) else value
    for name, array in sorted((features or {}).items()):
        held = f"{name} {array.dtype}{array.shape}"
        given[held] = content_key(np.ascontiguousarray(array).tobytes())
    if words:
        given["words"] = dict(words)
    return content_key(json.dumps(given, sort_keys=True, ensure_ascii=True))


def _content(media: Mapping[str, Any]) -> str:
    """The key of a file's bytes, wherever they are."""
    if media["bytes"] is not None:
        return content_key(media["bytes"])
    path = Path(media["path"])
    if not path.is_file():
        return "absent"
    stat = path.stat()
    return _file_key(str(path), stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=1024)
def _file_key(path: str, size: int, changed: int) -> str:
    """The key of a file; a film that many clips share is read once."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
