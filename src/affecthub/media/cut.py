"""A clip's own part of a longer film: its pictures as an mp4, its sound as a wav."""

import io
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from affecthub.media import probe, read_audio
from affecthub.media.sources import (
    MediaError,
    Source,
    decodable,
    name_of,
    open_container,
    require_span,
)

# Constant rate factor of H.264: 0 is lossless, 23 the encoder's default, 18 hardly told apart.
_QUALITY = "18"
# Times of the cut film are counted in the clock of MPEG, so that no frame moves.
_TICK = Fraction(1, 90000)
# Frames stand in a file at most this long before or after those shown at the same time.
_REORDER_S = 1.0
_ROUNDING_S = 1e-6  # forgives binary rounding of times


def cut_video(
    source: Source,
    *,
    start_s: float | None = None,
    end_s: float | None = None,
    crop: Sequence[float] | None = None,
) -> bytes:
    """Cut a span, and a part of the picture, out of a film.

    Args:
        source: Path, encoded bytes, or a row's ``video``.
        start_s: Where the span begins, in seconds; None is the beginning. The frame shown at this
            moment belongs to it.
        end_s: Where it ends, exclusive; None is the end of the film.
        crop: Left, top, right and bottom edge as fractions of the picture; None keeps all.

    Returns:
        An mp4 of H.264 pictures, the first at 0 and the others as far apart as they were; no
        sound. Sides are even: an odd one loses its last pixel, as the encoder demands.

    Raises:
        MediaError: The film is unreadable, has no video stream, or no frames in the span.
        ValueError: The span is empty.
        FileNotFoundError: There is no such file.
    """
    import av

    require_span(start_s, end_s)
    cut = io.BytesIO()
    with open_container(source) as film, av.open(cut, "w", format="mp4") as container:
        out = container.add_stream("libx264", options={"crf": _QUALITY, "preset": "veryfast"})
        out.pix_fmt = "yuv420p"
        out.codec_context.time_base = _TICK
        first_s = None
        for frame, shown_s in _frames(film, source, start_s or 0.0, end_s):
            picture = av.VideoFrame.from_ndarray(_part(frame, crop), format="rgb24")
            if first_s is None:
                first_s, out.width, out.height = shown_s, picture.width, picture.height
            picture.time_base, picture.pts = _TICK, round((shown_s - first_s) / _TICK)
            container.mux(out.encode(picture))
        if first_s is None:
            raise MediaError(
                f"{name_of(source)}: got no frames from {start_s} to {end_s} s, expected some"
            )
        container.mux(out.encode(None))
    return cut.getvalue()


def cut_sound(source: Source, *, start_s: float | None = None, end_s: float | None = None) -> bytes:
    """Take the sound, or a span of it, out of a film without loss.

    Args:
        source: Path, encoded bytes, or a row's ``audio``.
        start_s: Where the span begins, in seconds; None is the beginning.
        end_s: Where it ends, exclusive; None is the end of the film.

    Returns:
        A wav of 32-bit floats at the film's own rate, channels averaged: ``read_audio`` gives of
        it, at any rate, exactly what it gives of the film.

    Raises:
        MediaError: As ``read_audio``.
        ValueError: The span is empty.
        FileNotFoundError: There is no such file.
    """
    rate_hz = probe(source).rate_hz or 16000  # without sound, `read_audio` says so
    return wav(read_audio(source, rate_hz, start_s=start_s, end_s=end_s), rate_hz, "FLOAT")


def wav(sound: np.ndarray, rate_hz: int, subtype: str = "PCM_16") -> bytes:
    """Write samples as a wav file.

    Args:
        sound: float32, shape ``(samples,)``; with "PCM_16" what lies outside [-1, 1] is clipped.
        rate_hz: Their rate.
        subtype: As libsndfile names it: "PCM_16" or "FLOAT".
    """
    import soundfile

    stream = io.BytesIO()
    soundfile.write(stream, sound, rate_hz, format="WAV", subtype=subtype)
    return stream.getvalue()


def _frames(
    film: Any, source: Source, start_s: float, end_s: float | None
) -> Iterator[tuple[Any, float]]:
    """Yield the frames of a span and when each is shown, from the one on screen at its start."""
    video = decodable(film, "video")
    if video is None:
        raise MediaError(f"{name_of(source)}: got no video stream, expected one")
    tick_s = float(video.time_base)
    zero_s = (film.start_time or 0) / 1_000_000  # FFmpeg's own clock ticks in microseconds
    film.seek(round(max(0.0, zero_s + start_s - _REORDER_S) / tick_s), stream=video)
    on_screen = None
    for frame in film.decode(video):
        ticks = frame.dts if frame.pts is None else frame.pts
        if ticks is None:
            continue
        shown_s = ticks * tick_s - zero_s
        if end_s is not None and shown_s >= end_s - _ROUNDING_S and on_screen is not None:
            break
        if on_screen is not None and shown_s > start_s + _ROUNDING_S:
            yield on_screen
        on_screen = frame, shown_s
    if on_screen is not None:
        yield on_screen


def _part(frame: Any, crop: Sequence[float] | None) -> np.ndarray:
    """The wanted part of a frame as RGB with even sides."""
    picture = frame.to_ndarray(format="rgb24")
    height, width = picture.shape[:2]
    left, top, right, bottom = crop or (0, 0, 1, 1)
    part = picture[
        round(top * height) : round(bottom * height), round(left * width) : round(right * width)
    ]
    height, width = part.shape[:2]
    return np.ascontiguousarray(part[: height - height % 2, : width - width % 2])
