"""What a media file holds, and whether it can be used."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from affecthub.media.sound import load_waveform, open_soundfile
from affecthub.media.sources import (
    Media,
    MediaError,
    beginning_s,
    find_stream,
    is_encoded,
    opened,
    require_stream,
    unwrap,
)
from affecthub.media.spans import period_s, time_of

# What bytes are called in errors.
MEMORY = "media in memory"
# Demuxers that state when a file ends on its own clock, not how long it is.
ENDS_STATED = ("matroska,webm", "ogg", "nut")
# Up to the last bit of 16-bit PCM counts as silence: dither is not speech.
SILENCE = 2.0**-15


@dataclass(frozen=True)
class MediaInfo:
    """What a file's headers say. Fields of a stream that is not there are None.

    Attributes:
        duration_s: Length in seconds from the first timestamp on; the longer stream's.
        rate_hz: Audio sampling rate.
        n_channels: Audio channels.
        n_frames: Video frames, counted where the header does not tell.
        fps: Video frames per second.
        width, height: Frame size in pixels.
        has_audio, has_video: Which streams there are.
    """

    duration_s: float | None
    rate_hz: int | None
    n_channels: int | None
    n_frames: int | None
    fps: float | None
    width: int | None
    height: int | None
    has_audio: bool
    has_video: bool


def probe(media: Media) -> MediaInfo:
    """Read a file's headers.

    Raises:
        MediaError: The file is unreadable, or has neither an audio nor a video stream.
        FileNotFoundError: There is no such file.
        ValueError: It is no file.
    """
    source, name = unwrap(media, MEMORY)
    if not is_encoded(source):
        raise ValueError(f"{name}: got {type(source).__name__}, expected a file")
    file = open_soundfile(source)
    if file is not None:
        with file:
            length = file.frames / file.samplerate
            return MediaInfo(
                length, file.samplerate, file.channels, None, None, None, None, True, False
            )
    with opened(source, name) as container:
        audio, video = find_stream(container, "audio"), find_stream(container, "video")
        if audio is None and video is None:
            raise MediaError(f"{name} has neither sound nor video: got 0 streams, expected 1")
        lengths = [float(s.duration * s.time_base) for s in (audio, video) if s and s.duration]
        if not lengths and container.duration:
            lengths = [container.duration / 1_000_000]  # FFmpeg's own clock ticks in microseconds
        if container.format.name in ENDS_STATED:
            # What was cut out of a longer file may begin late.
            lengths = [length - beginning_s(container) for length in lengths]
        rate = video.average_rate if video else None
        n_frames = None
        if video:
            n_frames = video.frames or sum(1 for packet in container.demux(video) if packet.size)
        return MediaInfo(
            duration_s=max(lengths, default=None),
            rate_hz=audio.rate if audio else None,
            n_channels=audio.channels if audio else None,
            n_frames=n_frames,
            fps=float(rate) if rate else None,
            width=video.width if video else None,
            height=video.height if video else None,
            has_audio=audio is not None,
            has_video=video is not None,
        )


def check_media(audio: Media | None, video: Media | None) -> str | None:
    """Open a clip's media and say why they are unusable.

    Args:
        audio: The clip's sound, decoded in full; None is not checked.
        video: The clip's video, of which one frame is decoded; None is not checked.

    Returns:
        Reasons joined by ``"; "``, or None where all is well. ``"silent audio"`` is one.
    """
    issues = []
    if audio is not None:
        try:
            # Peak at the native rate: resampling would only cost time.
            native = probe(audio).rate_hz or 16000
            if np.abs(load_waveform(audio, native)).max() <= SILENCE:
                issues.append("silent audio")
        except (MediaError, OSError) as error:
            issues.append(f"audio: {_reason(error, audio)}")
    if video is not None:
        try:
            require_frame(video)
        except (MediaError, OSError) as error:
            issues.append(f"video: {_reason(error, video)}")
    return "; ".join(issues) or None


def _reason(error: Exception, media: Media) -> str:
    """Shorten an error to what `media_issue` needs: the clip already names the file."""
    name = unwrap(media, MEMORY)[1]
    said = str(error).removeprefix(f"{name}: ").removeprefix(f"{name} ")
    # What to do about it is for those who read the file, not for a row.
    return re.split(r"(?<=[^.])\. (?=[A-Z])", said.replace(name, Path(name).name))[0]


def require_frame(media: Media) -> None:
    """Raise where not even the first frame of a video can be decoded.

    Raises:
        MediaError: Unreadable, no video stream, or no frames.
        FileNotFoundError: There is no such file.
    """
    source, name = unwrap(media, MEMORY)
    with opened(source, name) as container:
        stream = require_stream(container, "video", name)
        if next(container.decode(stream), None) is None:
            raise MediaError(f"{name} has no video: got 0 frames, expected some")


def video_end_s(media: Media) -> float:
    """When the last frame of a video ends, in seconds; by its packets, not its header.

    Raises:
        MediaError: Unreadable, no video stream, or no frames.
        FileNotFoundError: There is no such file.
    """
    source, name = unwrap(media, MEMORY)
    with opened(source, name) as container:
        stream = require_stream(container, "video", name)
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
            raise MediaError(f"{name} has no video: got 0 frames, expected some")
        return times[-1] * tick_s + period_s(stream) - beginning_s(container)


def _times(container: Any, stream: Any) -> list[int]:
    """List when each frame is shown, in order, by reading packets without decoding them."""
    times = [time_of(packet) for packet in container.demux(stream) if packet.size]
    if times:
        container.seek(0)
    return sorted(time for time in times if time is not None)
