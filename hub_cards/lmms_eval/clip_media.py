"""A clip's media out of a row of an export, as the files that lmms-eval hands to models."""

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from affecthub.cache import cache_root, content_key

# What a file is called where its row does not say it.
_SUFFIXES = {"audio": ".wav", "video": ".mp4"}
_suffix = re.compile(r"\.[a-z0-9]{1,5}$", re.IGNORECASE).search


def media_file(row: Mapping[str, Any], kind: str) -> str | None:
    """The path of a clip's sound or film; None where the clip has none.

    The bytes are written once, to ``lmms_eval`` in the cache folder, under their own digest.

    Args:
        row: Of an export with media: ``{"bytes", "path"}`` in the column of that name.
        kind: ``"audio"`` or ``"video"``.

    Raises:
        ValueError: The export holds paths in place of media.
        OSError: The cache folder cannot be written to.
    """
    media = row.get(kind)
    if media is None:
        return None
    content = media.get("bytes") if isinstance(media, Mapping) else None
    if content is None:
        raise ValueError(
            f"`{kind}` of clip {row.get('id')} holds no media: got {media!r}, expected their bytes. "
            "Export the corpus with --embed-media."
        )
    found = _suffix(str(media.get("path") or ""))
    suffix = found.group().lower() if found else _SUFFIXES[kind]
    file = cache_root() / "lmms_eval" / f"{content_key(content)[:32]}{suffix}"
    if not file.is_file() or file.stat().st_size != len(content):
        _write(file, content)
    return str(file)


def _write(file: Path, content: bytes) -> None:
    """Write a file of which another process sees all or nothing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".part", delete=False) as scratch:
        try:
            scratch.write(content)
            scratch.close()
            os.replace(scratch.name, file)
        except BaseException:
            Path(scratch.name).unlink(missing_ok=True)
            raise
