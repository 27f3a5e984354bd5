"""A clip's own part of a longer film: its pictures as an mp4, its sound as a wav."""

import io
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from affecthub.media.frames import ToRgb
from affecthub.media.probe import MEMORY, probe
from affecthub.media.sound import load_waveform
from affecthub.media.sources import (
    Media,
    MediaError,
    beginning_s,
    opened,
    require_span,
    require_stream,
    unwrap,
)
from affecthub.media.spans import REORDER_S, TICK_S, time_of

# Constant rate factor of H.264: 0 is lossless, 23 the encoder's default, 18 hardly told apart.
_QUALITY = "18"
# Times of the cut film are counted in the clock of MPEG, so that no frame moves.
_TICK = Fraction(1, 90000)


def video_cut(row: Mapping[str, Any]) -> dict[str, Any]:
    """What ``load_frames`` must know to show a row's clip and no more of its film.

    Args:
        row: A row; corpora whose clips share a film have ``video_start_s``, ``video_end_s`` and
            ``video_crop``.

    Returns:
        Its ``start_s``, ``end_s`` and ``crop``; empty where the film is the clip.

    Example:
        >>> video_cut({"id": "a", "video_start_s": 6.3, "video_end_s": 8.2, "video_crop": None})
        {'start_s': 6.3, 'end_s': 8.2}
    """
    names = {"video_start_s": "start_s", "video_end_s": "end_s", "video_crop": "crop"}
    return {
        name: row[column] for column, name in names.items() if row.get(column) not in (None, [])
    }


def cut_video(
    source: Media,
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
    film_file, name = unwrap(source, MEMORY)
    with opened(film_file, name) as film, av.open(cut, "w", format="mp4") as container:
        out = container.add_stream("libx264", options={"crf": _QUALITY, "preset": "veryfast"})
        out.pix_fmt = "yuv420p"
        out.codec_context.time_base = _TICK
        first_s, to_rgb = None, ToRgb(None, crop)
        for frame, shown_s in _frames(film, name, start_s or 0.0, end_s):
            picture = av.VideoFrame.from_ndarray(_even_part(frame, to_rgb), format="rgb24")
            if first_s is None:
                first_s, out.width, out.height = shown_s, picture.width, picture.height
            picture.time_base, picture.pts = _TICK, round((shown_s - first_s) / _TICK)
            container.mux(out.encode(picture))
        if first_s is None:
            raise MediaError(f"{name}: got no frames from {start_s} to {end_s} s, expected some")
        container.mux(out.encode(None))
    return cut.getvalue()


def cut_sound(source: Media, *, start_s: float | None = None, end_s: float | None = None) -> bytes:
    """Take the sound, or a span of it, out of a film without loss.

    Args:
        source: Path, encoded bytes, or a row's ``audio``.
        start_s: Where the span begins, in seconds; None is the beginning.
        end_s: Where it ends, exclusive; None is the end of the film.

    Returns:
        A wav of 32-bit floats at the film's own rate, channels averaged: ``load_waveform`` gives of
        it, at any rate, exactly what it gives of the film.

    Raises:
        MediaError: As ``load_waveform``.
        ValueError: The span is empty.
        FileNotFoundError: There is no such file.
    """
    rate_hz = probe(source).rate_hz or 16000  # without sound, `load_waveform` says so
    return wav(load_waveform(source, rate_hz, start_s=start_s, end_s=end_s), rate_hz, "FLOAT")


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
    film: Any, name: str, start_s: float, end_s: float | None
) -> Iterator[tuple[Any, float]]:
    """Yield the frames of a span and when each is shown, from the one on screen at its start."""
    video = require_stream(film, "video", name)
    tick_s = float(video.time_base)
    zero_s = beginning_s(film)
    film.seek(round(max(0.0, zero_s + start_s - REORDER_S) / tick_s), stream=video)
    on_screen = None
    for frame in film.decode(video):
        ticks = time_of(frame)
        if ticks is None:
            continue
        shown_s = ticks * tick_s - zero_s
        if end_s is not None and shown_s >= end_s - TICK_S and on_screen is not None:
            break
        if on_screen is not None and shown_s > start_s + TICK_S:
            yield on_screen
        on_screen = frame, shown_s
    if on_screen is not None:
        yield on_screen


def _even_part(frame: Any, to_rgb: ToRgb) -> np.ndarray:
    """The wanted part of a frame as RGB with even sides, turned as it is shown."""
    part = to_rgb(frame)
    height, width = part.shape[:2]
    return np.ascontiguousarray(part[: height - height % 2, : width - width % 2])
