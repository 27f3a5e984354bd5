"""What media may be given as and how they are opened; one error for all that cannot be used."""

import io
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# A path, encoded bytes, or the value of an undecoded `Audio` or `Video` column.
Source = str | os.PathLike[str] | bytes | dict[str, Any]

# A span may reach this far past the end: annotators' clocks run over the last frame.
SLACK_S = 0.5
_SOUNDFILE_MAGIC = (b"RIFF", b"fLaC", b"OggS", b"FORM")


class MediaError(ValueError):
    """A media file that cannot be used; says which, what was found and what was expected."""


def for_soundfile(source: Source) -> bool:
    """Whether libsndfile reads this container: told by its first bytes, not its name."""
    head = _head(source)
    return head[:4] in _SOUNDFILE_MAGIC and head[8:12] != b"AVI "


def stream_of(source: Source) -> str | io.BytesIO:
    """What both decoders take: a path, or a file in memory."""
    if isinstance(source, dict):
        return stream_of(source["path"] if source["bytes"] is None else source["bytes"])
    return io.BytesIO(source) if isinstance(source, bytes) else os.fspath(source)


def name_of(source: Source) -> str:
    """Name a source in an error."""
    if isinstance(source, dict):
        return str(source["path"] or "media in memory")
    return "media in memory" if isinstance(source, bytes) else os.fspath(source)


@contextmanager
def readable(source: Source, kind: str) -> Iterator[None]:
    """Turn a decoder's own errors into ``MediaError``."""
    import av
    import soundfile

    try:
        yield
    except FileNotFoundError:
        raise
    except (soundfile.SoundFileError, av.error.FFmpegError, EOFError) as error:
        head = _head(source)
        got = f"first bytes {head!r}" if head else "an empty file"
        raise MediaError(
            f"{name_of(source)}: cannot be decoded as {kind}: got {got} ({error}), "
            "expected an intact file"
        ) from error


@contextmanager
def open_container(source: Source) -> Iterator[Any]:
    """Open a container by PyAV."""
    import av

    with readable(source, "audio or video"):
        # A damaged title is no reason to refuse the media.
        with av.open(stream_of(source), metadata_errors="ignore") as container:
            yield container


def decodable(container: Any, kind: str) -> Any:
    """The first stream of a kind that there is a decoder for, or None."""
    streams = (stream for stream in container.streams if stream.type == kind)
    return next((stream for stream in streams if stream.codec_context is not None), None)


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


def require_reached(
    source: Source, start_s: float | None, end_s: float | None, length_s: float
) -> None:
    """Raise where a span begins at the end of a file, or ends more than ``SLACK_S`` after it.

    Raises:
        MediaError: Names the file, the span and the length.
    """
    if (start_s or 0.0) >= length_s or (end_s or 0.0) > length_s + SLACK_S:
        raise MediaError(
            f"{name_of(source)}: the span lies past the end: got {start_s or 0.0} to {end_s} s, "
            f"expected a span within {length_s:.2f} s"
        )


def _head(source: Source) -> bytes:
    """The first twelve bytes: as much as tells a container."""
    stream = stream_of(source)
    if isinstance(stream, io.BytesIO):
        return stream.getbuffer()[:12].tobytes()
    with open(stream, "rb", buffering=0) as file:
        return file.read(12)
