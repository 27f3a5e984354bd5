"""Chosen frames of a video, found by seeking; the same as if every frame were decoded.

What lies between two wanted frames is decoded only as far as the later one depends on it.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

from affecthub.media.sources import require

# Containers that store when each frame is shown; others (avi) leave it to a guess, which is wrong
# where frames are reordered.
_TIMED = ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm")

Convert = Callable[[Any], Any]


class Packet(NamedTuple):
    """One frame as it is stored: when it is shown and decoded, in ticks of the stream's clock."""

    pts: int | None
    dts: int | None
    is_key: bool
    is_shown: bool


class _Run(NamedTuple):
    """A stretch of packets, from a key frame on, that wanted frames need: positions in the file."""

    start: int
    stop: int
    times: list[int]


def take_frames(
    container: Any, stream: Any, packets: Sequence[Packet], numbers: Sequence[int], convert: Convert
) -> list:
    """Convert some frames of a video.

    Args:
        container: An open PyAV container. Where it stands afterwards is not defined.
        stream: One of its video streams.
        packets: All its packets.
        numbers: Which frames to take, ascending without repetition, in the order in which they are
            shown.
        convert: Makes of a PyAV frame whatever is wanted; called for no others.

    Returns:
        What ``convert`` made, for each number. Where a frame cannot be decoded, the last good one
        before it stands for it, at the beginning the first good one after it. Empty if none can be
        decoded.
    """
    shown = [packet.pts for packet in packets if packet.is_shown]
    times = sorted(time for time in shown if time is not None)
    if container.format.name not in _TIMED or len(set(times)) < len(shown):
        return _in_order(container, stream, numbers, convert, by_time=False)
    wanted = [times[number] for number in numbers]
    pictures = _by_seeking(container, stream, packets, wanted, convert)
    if pictures is None:
        pictures = _in_order(container, stream, wanted, convert, by_time=True)
    return pictures


def read_packets(container: Any, stream: Any) -> list[Packet]:
    """List the packets of a stream in the order of the file, decoding none."""
    found = [
        Packet(packet.pts, packet.dts, packet.is_keyframe, not packet.is_discard)
        for packet in _until_broken(container.demux(stream))
        if packet.size
    ]
    if found:  # an avi without frames cannot be sought in
        container.seek(0)
    return found


def _until_broken(packets: Iterator[Any]) -> Iterator[Any]:
    """Read on to the end of the file, or as far as it makes sense."""
    try:
        yield from packets
    except require("av").error.InvalidDataError:
        return


def _by_seeking(
    container: Any, stream: Any, packets: Sequence[Packet], wanted: list[int], convert: Convert
) -> list | None:
    """The frames shown at these times; None where seeking does not give exactly those."""
    position = {packet.pts: index for index, packet in enumerate(packets)}
    found: dict[int, Any] = {}
    try:
        for run in _runs(packets, position, wanted):
            reached = _seek(container, stream, packets[run.start], run.start, position)
            if reached is None:
                return None
            for frame in _decode_run(stream, reached, run, position):
                if frame.pts in run.times and not frame.is_corrupt:
                    found[frame.pts] = convert(frame)
            if not all(time in found for time in run.times):
                return None
    except require("av").error.InvalidDataError:
        return None
    finally:
        stream.codec_context.skip_frame = "DEFAULT"
    return [found[time] for time in wanted]


def _runs(packets: Sequence[Packet], position: dict, wanted: list[int]) -> list[_Run]:
    """What must be decoded for these ascending times.

    A frame needs what is stored from the last key frame before it. That must be shown before it
    too: a frame which is stored after a key frame and shown before it may hang on an earlier one.
    """
    keys = [index for index, packet in enumerate(packets) if packet.is_key]
    runs: list[_Run] = []
    for time in wanted:
        at = position[time]
        key = bisect_right(keys, at) - 1
        while key >= 0 and packets[keys[key]].pts > time:  # type: ignore[operator]
            key -= 1
        start = keys[key] if key >= 0 else 0
        if runs and start <= runs[-1].stop + 1:
            last = runs.pop()
            runs.append(_Run(last.start, max(last.stop, at), [*last.times, time]))
        else:
            runs.append(_Run(start, at, [time]))
    return runs


def _seek(
    container: Any, stream: Any, packet: Packet, index: int, position: dict
) -> Iterator[Any] | None:
    """Go to a packet or before it; give the packets from there on, or None if that fails."""
    # Containers index frames by the one time or by the other.
    for time in (packet.pts, packet.dts):
        if time is None:
            continue
        container.seek(time, stream=stream)
        packets = container.demux(stream)
        first = next(packets, None)
        if first is not None and position.get(first.pts, index + 1) <= index:
            return chain([first], packets)
    return None


def _decode_run(stream: Any, packets: Iterator[Any], run: _Run, position: dict) -> Iterator[Any]:
    """Decode a run, leaving out unwanted frames that no other frame depends on."""
    for packet in packets:
        at = position.get(packet.pts)
        stream.codec_context.skip_frame = (
            "DEFAULT" if at is None or packet.pts in run.times else "NONREF"
        )
        yield from packet.decode()
        if at is not None and at >= run.stop:
            break
    # Nothing that comes later is needed, so the decoder may give out what it holds back.
    yield from stream.decode(None)


def _in_order(
    container: Any, stream: Any, wanted: Sequence[int], convert: Convert, by_time: bool
) -> list:
    """Decode from the beginning; give the frames at these times or of these numbers.

    Where one does not come, the last before it stands for it.
    """
    container.seek(0)
    pictures: list = []
    last = None
    for number, frame in enumerate(_decodable(container, stream)):
        at = frame.pts if by_time else number
        if at is None:
            continue
        while len(pictures) < len(wanted) and at > wanted[len(pictures)]:
            pictures.append(convert(last or frame))
        if len(pictures) < len(wanted) and at == wanted[len(pictures)]:
            pictures.append(convert(frame))
        if len(pictures) == len(wanted):
            break
        last = frame
    if last is not None:
        pictures += [convert(last)] * (len(wanted) - len(pictures))
    return pictures


def _decodable(container: Any, stream: Any) -> Iterator[Any]:
    """The frames that can be decoded; broken packets are passed over."""
    for packet in _until_broken(container.demux(stream)):
        try:
            yield from packet.decode()
        except require("av").error.InvalidDataError:
            continue
