"""A clip's own part of a longer film: its pictures as an mp4, its sound as a wav."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
# Without looking ahead for macroblocks, which reads memory that nothing was written into, and in
# one thread, whose number would show in the bytes: a film is the same bytes at every writing.
_H264 = {"crf": "18", "preset": "veryfast", "threads": "1", "x264-params": "mbtree=0"}
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
        sound. Sides are even: an odd one loses its last pixel, as the encoder demands. The same
        bytes at every writing, by one version of the encoder.

    Raises:
        MediaError: The film is unreadable, has no video stream, or no frames in the span.
        ValueError: The span is empty.
        FileNotFoundError: There is no such file.
    """
    require_span(start_s, end_s)
    film_file, name = unwrap(source, MEMORY)
    with opened(film_file, name) as film:
        to_rgb = ToRgb(None, crop)
        frames = _frames(film, name, start_s or 0.0, end_s)
        cut = _mp4((_even(to_rgb(frame)), shown_s) for frame, shown_s in frames)
    if cut is None:
        raise MediaError(f"{name}: got no frames from {start_s} to {end_s} s, expected some")
    return cut


def mp4(frames: np.ndarray, fps: float) -> bytes:
    """Write frames as an mp4 file of H.264 pictures; no sound.

    Args:
        frames: uint8 RGB of shape ``(n_frames, height, width, 3)``; an odd side loses its last
            pixel, as the encoder demands.
        fps: Of these frames, more than 0.

    Raises:
        ValueError: No frames, or none of this form; `fps` is not a positive number.
    """
    shape = np.shape(frames)
    form = getattr(frames, "dtype", None) == np.uint8 and len(shape) == 4 and shape[3] == 3
    if not form or shape[0] < 1 or min(shape[1:3]) < 2:
        raise ValueError(
            f"`frames` are no film: got {getattr(frames, 'dtype', type(frames).__name__)} {shape}, "
            "expected uint8 (n_frames, height, width, 3), at least one frame and two pixels a side."
        )
    if not 0 < fps < float("inf"):
        raise ValueError(f"`fps` is no rate: got {fps}, expected more than 0.")
    film = _mp4((_even(frame), number / fps) for number, frame in enumerate(frames))
    assert film is not None, "there are frames"
    return film


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


def _mp4(frames: Iterable[tuple[np.ndarray, float]]) -> bytes | None:
    """Encode pictures, each shown from a second on, the first from 0; None where there are none."""
    import av

    film = io.BytesIO()
    with av.open(film, "w", format="mp4") as container:
        out = container.add_stream("libx264", options=_H264)
        out.pix_fmt = "yuv420p"
        out.codec_context.time_base = _TICK
        first_s = None
        for rgb, shown_s in frames:
            picture = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            if first_s is None:
                first_s, out.width, out.height = shown_s, picture.width, picture.height
            picture.time_base, picture.pts = _TICK, round((shown_s - first_s) / _TICK)
            container.mux(out.encode(picture))
        if first_s is None:
            return None
        container.mux(out.encode(None))
    return film.getvalue()


def _even(picture: np.ndarray) -> np.ndarray:
    """A picture with even sides."""
    height, width = picture.shape[:2]
    return np.ascontiguousarray(picture[: height - height % 2, : width - width % 2])
