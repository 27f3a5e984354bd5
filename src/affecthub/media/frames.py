"""Encoded video to frames: n uniformly spaced ones, of a span and a part of the picture if wanted.

Frames are found by seeking: what lies between two wanted ones is decoded only as far as the later
one depends on it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from affecthub.media.sources import (
    MediaError,
    Source,
    beginning_s,
    decodable,
    name_of,
    open_container,
    require_reached,
    require_span,
)

# Containers that store when each frame is shown, so that a frame may be left undecoded by its time.
# For others (avi) the demuxer guesses it.
_TIMED = ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm")
# Frames stand in a file at most this long before or after those shown at the same time.
_REORDER_S = 1.0
_TICK_S = 1e-6  # forgives binary rounding of times


def read_frames(
    source: Source,
    n_frames: int = 8,
    size: int | None = None,
    *,
    start_s: float | None = None,
    end_s: float | None = None,
    crop: Sequence[float] | None = None,
) -> np.ndarray:
    """Decode uniformly spaced frames of a video: of ``total`` frames those at ``i * total // n``.

    Args:
        source: Path, encoded bytes, or a row's ``video``.
        n_frames: Frames wanted.
        size: Side in pixels of the square result (aspect not kept); None keeps the size.
        start_s: Where the wanted span begins, in seconds; None is the beginning. The frame shown at
            this moment belongs to the span.
        end_s: Where it ends, exclusive; None is the end of the film.
        crop: Left, top, right and bottom edge of the wanted part, as fractions of the frame; cut
            before resizing.

    Returns:
        uint8 RGB, shape ``(n_frames, height, width, 3)``. A shorter clip gives all its frames and
        repeats the last.

    Raises:
        MediaError: Unreadable, no video stream, no frames, or a span past the end of the film.
        ValueError: ``n_frames`` is not positive, the span is empty, or ``crop`` is no box.
        FileNotFoundError: There is no such file.
    """
    if n_frames < 1:
        raise ValueError(f"`n_frames`: got {n_frames}, expected at least 1")
    require_span(start_s, end_s)
    _require_box(crop)
    with open_container(source) as container:
        stream = _video_stream(source, container)
        if start_s is None and end_s is None:
            times = _times(container, stream)
        else:
            times = _times_in_span(source, container, stream, start_s or 0.0, end_s)
        total = len(times)
        wanted = [i * total // n_frames for i in range(n_frames)] if total > n_frames else []
        wanted = wanted or list(range(total))
        whole = stream.width, stream.height  # of the first frame: a damaged stream may change it
        found = [
            _picture(frame, whole, crop, size)
            for frame in _decode_at(container, stream, [times[i] for i in wanted])
        ]
    if not found:
        raise MediaError(f"{name_of(source)}: got 0 video frames, expected some")
    found += [found[-1]] * (n_frames - len(found))
    return np.stack(found)


def require_frame(source: Source) -> None:
    """Raise where not even the first frame of a video can be decoded.

    Raises:
        MediaError: Unreadable, no video stream, or no frames.
        FileNotFoundError: There is no such file.
    """
    with open_container(source) as container:
        if next(container.decode(_video_stream(source, container)), None) is None:
            raise MediaError(f"{name_of(source)}: got 0 video frames, expected some")


def video_end_s(source: Source) -> float:
    """When the last frame of a video ends, in seconds; by its packets, not its header.

    Raises:
        MediaError: Unreadable, no video stream, or no frames.
        FileNotFoundError: There is no such file.
    """
    with open_container(source) as container:
        stream = _video_stream(source, container)
        tick_s = float(stream.time_base)
        # From the last key frame that the index knows; where the file is cut before it, from the
        # beginning.
        times = []
        if stream.duration:
            container.seek((stream.start_time or 0) + stream.duration, stream=stream)
            times = _times(container, stream)
        if not times:
            container.seek(0)
            times = _times(container, stream)
        if not times:
            raise MediaError(f"{name_of(source)}: got 0 video frames, expected some")
        return times[-1] * tick_s + _period_s(stream) - beginning_s(container)


def video_cut(row: Mapping[str, Any]) -> dict[str, Any]:
    """What ``read_frames`` must know to show a row's clip and no more of its film.

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


def _video_stream(source: Source, container: Any) -> Any:
    stream = decodable(container, "video")
    if stream is None:
        raise MediaError(f"{name_of(source)}: got no video stream, expected one")
    return stream


def _time(item: Any) -> int | None:
    """When a packet or frame is shown; MPEG-4 in avi has only the time of decoding."""
    return item.dts if item.pts is None else item.pts


def _times(container: Any, stream: Any) -> list[int]:
    """List when each frame is shown, in order, by reading packets without decoding them."""
    times = [_time(packet) for packet in container.demux(stream) if packet.size]
    if times:
        container.seek(0)
    return sorted(time for time in times if time is not None)


def _times_in_span(
    source: Source, container: Any, stream: Any, start_s: float, end_s: float | None
) -> list[int]:
    """List when each frame of a span is shown; packets far from the span are not read."""
    tick_s = float(stream.time_base)
    zero_s = beginning_s(container)
    container.seek(round(max(0.0, zero_s + start_s - _REORDER_S) / tick_s), stream=stream)
    stop = None if end_s is None else (zero_s + end_s + _REORDER_S) / tick_s
    times: list[int] = []
    complete = True
    for packet in container.demux(stream):
        if stop is not None and packet.dts is not None and packet.dts >= stop:
            complete = False
            break
        shown = _time(packet)
        if packet.size and shown is not None:
            times.append(shown)
    if not times:
        return []
    times.sort()
    if complete:
        length_s = times[-1] * tick_s + _period_s(stream) - zero_s
        require_reached(source, start_s, end_s, length_s)
    first = bisect_right(times, (zero_s + start_s + _TICK_S) / tick_s) - 1
    last = len(times) if end_s is None else bisect_left(times, (zero_s + end_s - _TICK_S) / tick_s)
    first = max(0, first)
    return times[first : max(last, first + 1)]


def _period_s(stream: Any) -> float:
    """For how long a frame is shown."""
    return float(1 / stream.average_rate) if stream.average_rate else 0.0


def _decode_at(container: Any, stream: Any, times: list[int]) -> Iterator[Any]:
    """Decode the frames shown at these ascending times; seek where that skips something."""
    shown = None  # time of the last decoded frame
    frames: Iterator[Any] = iter(())
    for time in times:
        key = _key_frame_before(stream, time)
        if shown is None or (key is not None and key > shown):
            frames = _frames_from(container, stream, time, set(times))
        for frame in frames:
            shown = _time(frame)
            if shown is not None and shown >= time:
                yield frame
                break


def _frames_from(container: Any, stream: Any, time: int, wanted: set[int]) -> Iterator[Any]:
    """Decode from the last key frame that is shown at or before ``time``.

    The index tells when a key frame is decoded. Where frames are reordered it is shown later, and
    the wanted one may hang on the key frame before it.
    """
    at: int | None = time
    while at is not None:
        container.seek(at, stream=stream)
        frames = _decode(container, stream, wanted)
        first = next(frames, None)
        shown = None if first is None else _time(first)
        key = _key_frame_before(stream, at)
        at = None if shown is None or shown <= time or key is None else key - 1
        if at is not None and _key_frame_before(stream, at) is None:
            at = None
    return frames if first is None else chain([first], frames)


def _decode(container: Any, stream: Any, wanted: set[int]) -> Iterator[Any]:
    """Decode from here on, leaving out unwanted frames that no other frame depends on."""
    timed = container.format.name in _TIMED
    for packet in container.demux(stream):
        keep = not timed or packet.pts is None or packet.pts in wanted
        stream.codec_context.skip_frame = "DEFAULT" if keep else "NONREF"
        yield from packet.decode()


def _key_frame_before(stream: Any, time: int) -> int | None:
    """The time of the last key frame at or before ``time`` in the container's index."""
    entry = stream.index_entries.search_timestamp(time, backward=True)
    return stream.index_entries[entry].timestamp if entry >= 0 else None


def _picture(
    frame: Any, whole: tuple[int, int], crop: Sequence[float] | None, size: int | None
) -> np.ndarray:
    """A frame, or a part of it, as RGB: a stream may change its size half-way, ours may not.

    Args:
        frame: A decoded frame.
        whole: Width and height of the film in pixels.
        crop: Edges as fractions.
        size: Side of the square result.
    """
    if crop is None:
        width, height = (size, size) if size else whole
        return frame.to_ndarray(format="rgb24", width=width, height=height)
    import av

    picture = frame.to_ndarray(format="rgb24", width=whole[0], height=whole[1])
    left, top, right, bottom = (
        round(edge * length) for edge, length in zip(crop, (*whole, *whole), strict=True)
    )
    part = picture[top : max(bottom, top + 1), left : max(right, left + 1)]
    if not size:
        return part
    part = av.VideoFrame.from_ndarray(np.ascontiguousarray(part), format="rgb24")
    return part.to_ndarray(format="rgb24", width=size, height=size)


def _require_box(crop: Sequence[float] | None) -> None:
    """Raise where four numbers are no part of a frame."""
    if crop is None:
        return
    edges = tuple(crop)
    if len(edges) != 4 or not (
        0 <= edges[0] < edges[2] <= 1 and 0 <= edges[1] < edges[3] <= 1  # also false for NaN
    ):
        raise ValueError(
            f"`crop`: got {list(edges)}, expected left, top, right and bottom as fractions of the "
            "frame, left < right and top < bottom"
        )
