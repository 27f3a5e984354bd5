# Copied from src/affecthub/media/spans.py by `make copies`; change it there.
"""The frames of a span of a video, found by seeking: what lies far from the span is not read.

Clips of a long film are read so. Unlike the frames of a whole file they are told by their times
alone, since nobody has counted the frames before them.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import chain
from typing import Any

from .media_sources import beginning_s, require_reached

# Containers that store when each frame is shown, so that a frame may be left undecoded by its time.
# For others (avi) the demuxer guesses it.
_TIMED = ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm")
# Frames stand in a file at most this long before or after those shown at the same time.
REORDER_S = 1.0
TICK_S = 1e-6  # forgives binary rounding of times


def times_in_span(
    container: Any, stream: Any, start_s: float, end_s: float | None, name: str
) -> list[int]:
    """List when each frame of a span is shown; packets far from the span are not read.

    Args:
        container: An open PyAV container.
        stream: Its video stream.
        start_s: Where the span begins; the frame shown at this moment belongs to it.
        end_s: Where it ends, exclusive; None is the end of the film.
        name: What to call the film in errors.

    Returns:
        Ascending times in ticks of the stream's clock; none where there are no frames.

    Raises:
        MediaError: The span lies past the end.
    """
    tick_s = float(stream.time_base)
    zero_s = beginning_s(container)
    container.seek(round(max(0.0, zero_s + start_s - REORDER_S) / tick_s), stream=stream)
    stop = None if end_s is None else (zero_s + end_s + REORDER_S) / tick_s
    times: list[int] = []
    complete = True
    for packet in container.demux(stream):
        if stop is not None and packet.dts is not None and packet.dts >= stop:
            complete = False
            break
        shown = time_of(packet)
        if packet.size and shown is not None:
            times.append(shown)
    if not times:
        return []
    times.sort()
    if complete:
        length_s = times[-1] * tick_s + period_s(stream) - zero_s
        require_reached(name, start_s, end_s, length_s)
    first = bisect_right(times, (zero_s + start_s + TICK_S) / tick_s) - 1
    last = len(times) if end_s is None else bisect_left(times, (zero_s + end_s - TICK_S) / tick_s)
    first = max(0, first)
    return times[first : max(last, first + 1)]


def period_s(stream: Any) -> float:
    """For how long a frame is shown."""
    return float(1 / stream.average_rate) if stream.average_rate else 0.0


def time_of(item: Any) -> int | None:
    """When a packet or frame is shown; MPEG-4 in avi has only the time of decoding."""
    return item.dts if item.pts is None else item.pts


def decode_at(container: Any, stream: Any, times: list[int]) -> Iterator[Any]:
    """Decode the frames shown at these ascending times; seek where that skips something."""
    shown = None  # time of the last decoded frame
    frames: Iterator[Any] = iter(())
    for time in times:
        key = _key_frame_before(stream, time)
        if shown is None or (key is not None and key > shown):
            frames = _frames_from(container, stream, time, set(times))
        for frame in frames:
            shown = time_of(frame)
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
        shown = None if first is None else time_of(first)
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
