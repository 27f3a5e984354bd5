"""A clip's media out of a row of an export, as the files that lmms-eval hands to models.

That program logs rows beside answers, small media with them. Rows therefore hold paths, and media
that may not be passed on stand in no log.
"""

import os
import re
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from affecthub.cache import cache_root, content_key

# What a file is called where its row does not say it. No model is handed face arrays.
_SUFFIXES = {"audio": ".wav", "video": ".mp4"}
_FACE = "face"
_suffix = re.compile(r"\.[a-z0-9]{1,5}$", re.IGNORECASE).search


def with_files(rows: Any) -> Any:
    """Rows whose media are paths, or None; a file is written when its row is read.

    The bytes go to ``lmms_eval`` in the cache folder, once, under their own digest.

    Args:
        rows: A ``datasets.Dataset`` of an export.

    Returns:
        The same rows. Of an export without media they keep its relative paths.
    """
    return rows.with_transform(partial(_as_files, folder=cache_root() / "lmms_eval"))


def path_in(row: Mapping[str, Any], kind: str) -> str | None:
    """Where a clip's sound or film lies; None where the clip has none.

    Args:
        row: Of `with_files`.
        kind: ``"audio"`` or ``"video"``.

    Raises:
        ValueError: The export is one without media.
    """
    path = row.get(kind)
    if path is not None and not Path(path).is_absolute():
        raise ValueError(
            f"`{kind}` of clip {row.get('id')} is not in the export: got the path {path!r} alone, "
            "expected its bytes. Export the corpus with --embed-media, or write the tasks with "
            "--media t."
        )
    return path


def _as_files(batch: dict[str, list[Any]], folder: Path) -> dict[str, list[Any]]:
    for kind in (*_SUFFIXES, _FACE):
        if kind in batch:
            batch[kind] = [_file(media, kind, folder) for media in batch[kind]]
    return batch


def _file(media: Any, kind: str, folder: Path) -> str | None:
    """The path of one clip's media, written where it is not there yet."""
    if media is None or kind == _FACE:
        return None
    if isinstance(media, str):
        return media
    content = media["bytes"]
    if content is None:
        return str(media["path"])
    found = _suffix(str(media["path"] or ""))
    suffix = found.group().lower() if found else _SUFFIXES[kind]
    file = folder / f"{content_key(content)[:32]}{suffix}"
    if not file.is_file():
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
