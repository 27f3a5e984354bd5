"""Encoded media in one place: what a file holds, its sound, its frames, and if it is usable."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from affecthub.media.frames import (
    read_frames,
    require_frame,
    video_cut,
    video_end_s,
)
from affecthub.media.sound import read_audio
from affecthub.media.sources import (
    MediaError,
    Source,
    decodable,
    for_soundfile,
    name_of,
    open_container,
    readable,
    stream_of,
)

__all__ = [
    "MediaError",
    "MediaInfo",
    "Source",
    "check_media",
    "probe",
    "read_audio",
    "read_frames",
    "video_cut",
    "video_end_s",
]

# Up to the last bit of 16-bit PCM counts as silence: dither is not speech.
SILENCE = 2.0**-15


@dataclass(frozen=True)
class MediaInfo:
    """What a file's headers say. Fields of a stream that is not there are None.

    Attributes:
        duration_s: Length in seconds; the longer stream's.
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


def probe(source: Source) -> MediaInfo:
    """Read a file's headers.

    Raises:
        MediaError: The file is unreadable, or has neither an audio nor a video stream.
        FileNotFoundError: There is no such file.
    """
    if for_soundfile(source):
        import soundfile

        with readable(source, "audio"):
            info = soundfile.info(stream_of(source))
        return MediaInfo(
            info.duration, info.samplerate, info.channels, None, None, None, None, True, False
        )
    with open_container(source) as container:
        audio, video = decodable(container, "audio"), decodable(container, "video")
        if audio is None and video is None:
            raise MediaError(f"{name_of(source)}: got no audio and no video stream, expected one")
        lengths = [float(s.duration * s.time_base) for s in (audio, video) if s and s.duration]
        if not lengths and container.duration:
            lengths = [container.duration / 1_000_000]  # FFmpeg's own clock ticks in microseconds
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


def check_media(audio: Source | None, video: Source | None) -> str | None:
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
            if np.abs(read_audio(audio, native)).max() <= SILENCE:
                issues.append("silent audio")
        except (MediaError, OSError) as error:
            issues.append(f"audio: {_reason(error, audio)}")
    if video is not None:
        try:
            require_frame(video)
        except (MediaError, OSError) as error:
            issues.append(f"video: {_reason(error, video)}")
    return "; ".join(issues) or None


def _reason(error: Exception, source: Source) -> str:
    """Shorten an error to what `media_issue` needs: the clip already names the file."""
    name = name_of(source)
    return str(error).removeprefix(f"{name}: ").replace(name, Path(name).name)
