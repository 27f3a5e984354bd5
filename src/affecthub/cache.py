"""What can be made again: where it is kept, under which name, and written whole or not at all."""

import hashlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from affecthub.errors import require


def cache_root() -> Path:
    """The folder for what can be made again: ``AFFECTHUB_CACHE``, else the user's own.

    Raises:
        ImportError: The variable is not set and platformdirs is not installed.
    """
    root = os.environ.get("AFFECTHUB_CACHE")
    if not root:
        platformdirs = require("platformdirs", "metrics", "find the user's cache folder")
        root = platformdirs.user_cache_dir("affecthub")
    return Path(root)


def content_key(content: str | bytes) -> str:
    """The SHA-256 of a text or of bytes, in hexadecimal; lone surrogates are spelled out.

    Example:
        >>> content_key("happy")[:12], content_key(b"happy") == content_key("happy")
        ('489f719cadf9', True)
    """
    if isinstance(content, str):
        content = content.encode("utf-8", "backslashreplace")
    return hashlib.sha256(content).hexdigest()


def write_whole(path: Path, text: str) -> None:
    """Write a text file of which a reader sees all or nothing; its folder is made.

    Raises:
        OSError: The folder cannot be written to; nothing is left behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not by `tempfile`, whose files nobody else may read.
    scratch = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with scratch.open("x", encoding="utf-8") as file:
            file.write(text)
        os.replace(scratch, path)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A folder to fill, which becomes `folder` at the end; an error leaves neither behind.

    Where another process was first, its folder stays.

    Args:
        folder: What is made; its parents are made too.

    Yields:
        An empty folder beside it.

    Raises:
        OSError: The folder cannot be written to.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, ignore_cleanup_errors=True) as scratch:
        yield Path(scratch)
        try:
            os.replace(scratch, folder)
        except OSError:
            if not folder.is_dir():
                raise
