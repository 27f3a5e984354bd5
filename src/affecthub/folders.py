"""Folders that are there when they are whole: filled beside their place, moved there at the end."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MARK = ".unfinished"
# Held by the process that writes; whoever can take it knows that the writer is gone.
_LOCK = ".lock"
# What makes a folder a corpus comes last.
_LAST = "README.md"


@contextmanager
def finished_folder(out: Path) -> Iterator[Path]:
    """A folder to fill, which becomes ``out`` at the end.

    An error takes it away again. A process that is killed leaves a hidden folder that ends in
    ``.unfinished``, which nothing reads; the next one that writes to ``out`` removes it.

    Args:
        out: Absent or empty; its parents are made.

    Yields:
        An empty folder on the same disk.

    Raises:
        OSError: The disk is full, or may not be written to; nothing is left behind.
    """
    out = out.absolute()
    # A place that others hold on to is filled, not replaced.
    stays = out.is_dir() and (os.path.ismount(out) or out.resolve() == Path.cwd())
    place = out if stays else out.parent
    place.mkdir(parents=True, exist_ok=True)
    _sweep(place, out.name)
    work = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=_MARK, dir=place))
    work.chmod(0o777 & ~_umask())
    lock = _lock(work)
    try:
        yield work
        (work / _LOCK).unlink(missing_ok=True)
        if stays:
            for path in sorted(work.iterdir(), key=lambda path: path.name == _LAST):
                path.rename(out / path.name)
        else:
            if out.is_dir():
                out.rmdir()
            work.rename(out)
    finally:
        if lock is not None:
            os.close(lock)
        shutil.rmtree(work, ignore_errors=True)


def require_empty(out: Path, name: str) -> None:
    """Raise where a folder to write holds something of its own.

    Args:
        out: The folder.
        name: What the caller's argument is called.

    Raises:
        ValueError: There are files in it, or it is a file.
    """
    if out.exists() and (out.is_file() or not all(map(_is_left, out.iterdir()))):
        raise ValueError(
            f"`{name}`: got {str(out)!r}, which is not empty, expected an empty folder or a new one"
        )


def _is_left(path: Path) -> bool:
    """Whether this is a folder that ``finished_folder`` fills, or has left."""
    return path.name.startswith(".") and path.name.endswith(_MARK)


def _sweep(place: Path, name: str) -> None:
    """Remove what killed processes left of the same folder."""
    for left in place.glob(f".{name}.*{_MARK}"):
        lock = _lock(left)
        if lock is not None:
            os.close(lock)
            shutil.rmtree(left, ignore_errors=True)


def _lock(folder: Path) -> int | None:
    """Take the lock of a folder; None where another process has it, or there are no locks."""
    try:
        import fcntl
    except ImportError:  # Windows
        return None
    descriptor = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
