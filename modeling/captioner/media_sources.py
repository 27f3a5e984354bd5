# Copied from src/affecthub/media/sources.py by `make copies`; change it there.
"""What media may be given as, and how encoded ones are named, checked and opened.

PyAV, soundfile and soxr are imported on first use, so that pictures and samples in memory that
need no scaling need none of them.
"""

import io
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

# Paths, bytes, files, rows, PyAV and torchcodec objects, tensors: told apart by what they can do,
# so that no package has to be there for an object that nobody holds.
Media = Any

# What stands in a file whose content was not fetched, and how it is.
_POINTERS = {
    b"version http": "a Git LFS pointer in place of the file (fetch it with `git lfs pull`)",
    b"/annex/objec": "a git-annex pointer in place of the file (fetch it with `git annex get`)",
}
# A span may reach this far past the end: annotators' clocks run over the last frame.
SLACK_S = 0.5


class MediaError(ValueError):
    """A media file that cannot be used; says which, what was found and what was expected."""


def unwrap(media: Media, name: str) -> tuple[Any, str]:
    """Look into rows, check paths, and find out what to call the media in errors.

    Args:
        media: What a user holds.
        name: What to call it where it has no name of its own.

    Returns:
        An absolute path, bytes, or the object itself; a row ``{"array", "sampling_rate"}`` becomes
        a pair, a PyAV container what it was opened from. And its path, or the given name.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: None, a URL, a row without `bytes` and `path`, or a file opened as text.
    """
    if isinstance(media, Mapping):
        name = str(media.get("path") or name)
        if media.get("array") is not None:
            return (media["array"], media.get("sampling_rate")), name
        media = media.get("path") if media.get("bytes") is None else media["bytes"]
        if media is None:
            raise MediaError(
                f"{name} is empty: got a row without `bytes` and `path`, expected one of them. "
                "Pass None for a sample without this modality."
            )
    if hasattr(media, "demux"):
        media = _reopenable(media)
    if isinstance(media, bytearray | memoryview):
        media = bytes(media)
    if isinstance(media, str | os.PathLike):
        path = os.fspath(media)
        if "://" in path:
            raise ValueError(
                f"URLs are not read: got {path!r}, expected a path. Download the file first."
            )
        if not os.path.isfile(path):
            raise FileNotFoundError(f"{name} is not there: got {path!r}, expected a file.")
        # Absolute, because FFmpeg takes what stands before a colon for a protocol.
        return os.path.abspath(path), path
    if media is None or isinstance(media, io.TextIOBase):
        raise ValueError(
            f"{name} is no media: got {type(media).__name__}, expected a path, bytes, a file "
            'opened with "rb", a row or an array. See the docstring for all that is read.'
        )
    media = rereadable(media)  # Both decoders go back and forth.
    own_name = getattr(media, "name", None) if is_encoded(media) else None
    return media, own_name if own_name and isinstance(own_name, str) else name


def rereadable(media: Media) -> Media:
    """What can be read twice: of a pipe or a socket all that comes, else the media itself."""
    if hasattr(media, "read") and not (hasattr(media, "seekable") and media.seekable()):
        return media.read()
    return media


def is_encoded(source: Any) -> bool:
    """Whether there is something to decode: a path, bytes or a file."""
    return isinstance(source, str | bytes) or hasattr(source, "read")


def is_tensor(source: Any) -> bool:
    """Whether this is a torch tensor."""
    return hasattr(source, "detach") and hasattr(source, "is_floating_point")


def to_numpy(source: Any) -> np.ndarray:
    """An array of an array, a list of numbers or a tensor, on whatever device it lies."""
    if is_tensor(source):
        tensor = source.detach().cpu()
        # NumPy has no bfloat16.
        return (tensor.float() if tensor.is_floating_point() else tensor).numpy()
    return np.asarray(source)


def rewound(source: Any) -> Any:
    """What both decoders read: a path, or a file at its beginning."""
    if isinstance(source, bytes):
        return io.BytesIO(source)
    if not isinstance(source, str):
        source.seek(0)
    return source


@dataclass
class _Kept:
    """What stays open between two readings: of which source, and whether it was read from."""

    key: Any = None
    container: Any = None
    is_read: bool = False


_KEPT: ContextVar[_Kept | None] = ContextVar("kept", default=None)


@contextmanager
def opened_once() -> Iterator[None]:
    """Within it the first encoded media is opened once, however often it is read.

    Read the sound before the frames: a decoder that begins anew hides an encoder's delay no more.
    """
    kept = _Kept()
    token = _KEPT.set(kept)
    try:
        yield
    finally:
        _KEPT.reset(token)
        if kept.container is not None:
            kept.container.close()


@contextmanager
def opened(source: Any, name: str, *, to_decode: bool = True) -> Iterator[Any]:
    """Open encoded media by PyAV.

    Args:
        source: What ``unwrap`` gave.
        name: What to call it in errors.
        to_decode: Whether more than the headers is wanted.

    Raises:
        MediaError: It cannot be read.
    """
    av = require("av")
    kept = _KEPT.get()
    key = source if isinstance(source, str) else id(source)
    if kept is not None and kept.key not in (None, key):
        kept = None
    try:
        if kept is None:
            # A damaged title is no reason to refuse the media.
            with av.open(rewound(source), metadata_errors="ignore") as container:
                yield container
            return
        if kept.container is None:
            kept.container = av.open(rewound(source), metadata_errors="ignore")
            kept.key = key
        elif kept.is_read and to_decode:
            kept.container.seek(0)
        kept.is_read = kept.is_read or to_decode
        yield kept.container
    except av.FFmpegError as error:
        raise unreadable(name, error, first_bytes(source)) from error


def unreadable(name: str, error: Exception, head: bytes | None = None) -> MediaError:
    """The error for what a decoder cannot read; ``head`` is what the file begins with."""
    if head is not None and (note := pointer_note(head)) is not None:
        return MediaError(f"{name} cannot be read: got {note}, expected a media file.")
    begins = "" if head is None else f", first bytes {head!r}" if head else ", an empty file"
    return MediaError(
        f"{name} cannot be read: got {type(error).__name__} ({error}){begins}, expected a media "
        "file. Check that it is complete, or leave it out."
    )


def first_bytes(source: Any) -> bytes:
    """As much of encoded media as tells a container: twelve bytes."""
    file = rewound(source)
    if isinstance(file, str):
        with open(file, "rb", buffering=0) as opening:
            return opening.read(12)
    head: bytes = file.read(12)
    file.seek(0)
    return head


def pointer_note(head: bytes) -> str | None:
    """Say of what a file begins with that it only stands for the file, and how to fetch that.

    Args:
        head: Its first twelve bytes, or more.

    Returns:
        None where it is no pointer of Git LFS or git-annex.

    Example:
        >>> pointer_note(b"RIFF....WAVE") is None
        True
    """
    return _POINTERS.get(head[:12])


def find_stream(container: Any, kind: str) -> Any:
    """The first stream of a kind that can be decoded, or None. Cover art is no video."""
    attached = require("av.stream").Disposition.attached_pic
    return next(
        (
            stream
            for stream in container.streams
            if stream.type == kind
            and stream.codec_context is not None
            and not stream.disposition & attached
        ),
        None,
    )


def require_stream(container: Any, kind: str, name: str) -> Any:
    """That stream.

    Raises:
        ValueError: There is none.
    """
    stream = find_stream(container, kind)
    if stream is None:
        raise MediaError(
            f"{name} has no {kind} stream: got 0 that can be decoded, expected 1. Pass None for "
            f"this sample's {kind}."
        )
    return stream


def beginning_s(container: Any) -> float:
    """When a container begins on its own clock; FFmpeg counts this in microseconds."""
    return (container.start_time or 0) / 1_000_000


def require_span(start_s: float | None, end_s: float | None) -> None:
    """Raise where no time lies between two times; None is the start or the end of the file.

    Raises:
        ValueError: The span is empty, begins before the file, or is not of numbers.
    """
    start, end = start_s or 0.0, math.inf if end_s is None else end_s
    if not 0 <= start < end:
        raise ValueError(
            f"`start_s`, `end_s`: got {start_s} and {end_s}, expected 0 <= start_s < end_s"
        )


def require_reached(name: str, start_s: float | None, end_s: float | None, length_s: float) -> None:
    """Raise where a span begins at the end of a file, or ends more than ``SLACK_S`` after it.

    Raises:
        MediaError: Names the file, the span and the length.
    """
    if (start_s or 0.0) >= length_s or (end_s or 0.0) > length_s + SLACK_S:
        raise MediaError(
            f"{name}: the span lies past the end: got {start_s or 0.0} to {end_s} s, "
            f"expected a span within {length_s:.2f} s"
        )


def _reopenable(container: Any) -> str | bytes:
    """What a PyAV container was opened from.

    It is opened again, because one that has been decoded from keeps some of its state, and hides an
    encoder's delay no more. So the user's stays where it is.
    """
    if container.file is None:
        return container.name
    file = container.file.file
    position = file.tell()
    file.seek(0)
    data = file.read()
    file.seek(position)
    return data


def require(package: str) -> Any:
    """Import a package that decodes media.

    By name, because transformers refuses remote code whose visible imports are not all there.

    Raises:
        ImportError: It is not installed; says how to install it.
    """
    try:
        return import_module(package)
    except ImportError as error:
        raise ImportError(
            f"`{package}` is not installed: needed to decode media. "
            "Install it with: pip install av soundfile soxr"
        ) from error
