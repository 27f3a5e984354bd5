"""Encoded media to arrays: wav and flac by soundfile, all else by PyAV; frames found by seeking."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

# A path, encoded bytes, or the value of an undecoded `Audio` or `Video` column.
Source = str | os.PathLike[str] | bytes | dict[str, Any]

# Up to the last bit of 16-bit PCM counts as silence: dither is not speech.
SILENCE = 2.0**-15
_SOUNDFILE_MAGIC = (b"RIFF", b"fLaC", b"OggS", b"FORM")


class MediaError(ValueError):
    """A media file that cannot be used; says which, what was found and what was expected."""


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
    if _for_soundfile(source):
        import soundfile

        with _readable(source, "audio"):
            info = soundfile.info(_stream(source))
        return MediaInfo(
            info.duration, info.samplerate, info.channels, None, None, None, None, True, False
        )
    with _open(source) as container:
        audio, video = _decodable(container, "audio"), _decodable(container, "video")
        if audio is None and video is None:
            raise MediaError(f"{_name(source)}: got no audio and no video stream, expected one")
        lengths = [float(s.duration * s.time_base) for s in (audio, video) if s and s.duration]
        if not lengths and container.duration:
            lengths = [container.duration / 1_000_000]  # FFmpeg's own clock ticks in microseconds
        rate = video.average_rate if video else None
        n_frames = (video.frames or len(_presentation_times(container, video))) if video else None
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


def read_audio(source: Source, rate_hz: int = 16000) -> np.ndarray:
    """Decode the sound of a file, or of a video's audio track.

    Args:
        source: Path, encoded bytes, or a row's ``audio`` or ``video``.
        rate_hz: Sampling rate of the result.

    Returns:
        float32, shape ``(samples,)``, channels averaged; full scale is 1. A silent clip is zeros.

    Raises:
        MediaError: Unreadable, no audio stream, no samples, or not-a-number among them.
        FileNotFoundError: There is no such file.
    """
    if _for_soundfile(source):
        import soundfile

        with _readable(source, "audio"):
            channels, native = soundfile.read(_stream(source), dtype="float32", always_2d=True)
        mono = channels.mean(axis=1)  # (samples, channels) -> (samples,)
    else:
        mono, native = _decode_audio(source)
    if not mono.size:
        raise MediaError(f"{_name(source)}: got 0 audio samples, expected some")
    if not np.isfinite(mono).all():
        raise MediaError(f"{_name(source)}: got NaN or infinity in the audio, expected numbers")
    if native != rate_hz:
        import soxr

        mono = soxr.resample(mono, native, rate_hz)
    return np.ascontiguousarray(mono, dtype=np.float32)


def read_frames(source: Source, n_frames: int = 8, size: int | None = None) -> np.ndarray:
    """Decode uniformly spaced frames of a video: of ``total`` frames those at ``i * total // n``.

    Only packets from the key frame before each wanted frame are decoded.

    Args:
        source: Path, encoded bytes, or a row's ``video``.
        n_frames: Frames wanted.
        size: Side in pixels of the square result (aspect not kept); None keeps the size.

    Returns:
        uint8 RGB, shape ``(n_frames, height, width, 3)``. A shorter clip gives all its frames and
        repeats the last.

    Raises:
        MediaError: Unreadable, no video stream, or no frames.
        ValueError: ``n_frames`` is not positive.
        FileNotFoundError: There is no such file.
    """
    if n_frames < 1:
        raise ValueError(f"`n_frames`: got {n_frames}, expected at least 1")
    with _open(source) as container:
        stream = _decodable(container, "video")
        if stream is None:
            raise MediaError(f"{_name(source)}: got no video stream, expected one")
        times = _presentation_times(container, stream)
        total = len(times)
        wanted = [i * total // n_frames for i in range(n_frames)] if total > n_frames else []
        wanted = wanted or list(range(total))
        # Every frame is brought to one size: a stream may change it half-way.
        shape = (size, size) if size else (stream.width, stream.height)
        found = _decode_at(container, stream, [times[i] for i in wanted], shape)
    if not found:
        raise MediaError(f"{_name(source)}: got 0 video frames, expected some")
    found += [found[-1]] * (n_frames - len(found))
    return np.stack(found)


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
            read_frames(video, 1)
        except (MediaError, OSError) as error:
            issues.append(f"video: {_reason(error, video)}")
    return "; ".join(issues) or None


def _decode_audio(source: Source) -> tuple[np.ndarray, int]:
    """Decode the first audio stream: mono float32 samples and their rate."""
    import av

    with _open(source) as container:
        stream = _decodable(container, "audio")
        if stream is None:
            raise MediaError(f"{_name(source)}: got no audio stream, expected one")
        planar = av.AudioResampler(format="fltp")  # same rate and layout, float samples
        parts, rate = [], stream.rate
        for frame in container.decode(stream):
            parts += [f.to_ndarray().mean(axis=0) for f in planar.resample(frame)]
        parts += [f.to_ndarray().mean(axis=0) for f in planar.resample(None)] if parts else []
    return np.concatenate(parts) if parts else np.empty(0, np.float32), rate


def _presentation_times(container: Any, stream: Any) -> list[int]:
    """List when each frame is shown, in order, by reading packets without decoding them."""
    times = [p.dts if p.pts is None else p.pts for p in container.demux(stream) if p.size]
    if times:
        container.seek(0)
    return sorted(time for time in times if time is not None)


def _decode_at(
    container: Any, stream: Any, times: list[int], shape: tuple[int, int]
) -> list[np.ndarray]:
    """Decode the frames shown at these ascending times; seek where that skips something."""
    found: list[np.ndarray] = []
    shown = None  # time of the last decoded frame
    frames: Iterator[Any] = iter(())
    for time in times:
        key = _key_frame_before(stream, time)
        if shown is None or (key is not None and key > shown):
            container.seek(time, stream=stream, backward=True)
            frames = container.decode(stream)
        for frame in frames:
            shown = frame.dts if frame.pts is None else frame.pts
            if shown is not None and shown >= time:
                found.append(frame.to_ndarray(format="rgb24", width=shape[0], height=shape[1]))
                break
    return found


def _key_frame_before(stream: Any, time: int) -> int | None:
    """Give the time of the last key frame at or before ``time`` in the container's index."""
    entry = stream.index_entries.search_timestamp(time, backward=True)
    return stream.index_entries[entry].timestamp if entry >= 0 else None


def _for_soundfile(source: Source) -> bool:
    """Whether libsndfile reads this container: told by its first bytes, not its name."""
    return _head(source)[:4] in _SOUNDFILE_MAGIC and _head(source)[8:12] != b"AVI "


def _head(source: Source) -> bytes:
    stream = _stream(source)
    if isinstance(stream, io.BytesIO):
        return stream.getbuffer()[:12].tobytes()
    with open(stream, "rb") as file:
        return file.read(12)


def _stream(source: Source) -> str | io.BytesIO:
    """Give what both decoders take: a path, or a file in memory."""
    if isinstance(source, dict):
        return _stream(source["path"] if source["bytes"] is None else source["bytes"])
    return io.BytesIO(source) if isinstance(source, bytes) else os.fspath(source)


def _name(source: Source) -> str:
    """Name a source in an error."""
    if isinstance(source, dict):
        return str(source["path"] or "audio or video in memory")
    return "audio or video in memory" if isinstance(source, bytes) else os.fspath(source)


@contextmanager
def _readable(source: Source, kind: str) -> Iterator[None]:
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
            f"{_name(source)}: cannot be decoded as {kind}: got {got} ({error}), "
            "expected an intact file"
        ) from error


@contextmanager
def _open(source: Source) -> Iterator[Any]:
    """Open a container by PyAV."""
    import av

    with _readable(source, "audio or video"):
        # A damaged title is no reason to refuse the media.
        with av.open(_stream(source), metadata_errors="ignore") as container:
            yield container


def _decodable(container: Any, kind: str) -> Any:
    """Give the first stream of a kind that there is a decoder for, or None."""
    streams = (stream for stream in container.streams if stream.type == kind)
    return next((stream for stream in streams if stream.codec_context is not None), None)


def _reason(error: Exception, source: Source) -> str:
    """Shorten an error to what `media_issue` needs: the clip already names the file."""
    name = _name(source)
    return str(error).removeprefix(f"{name}: ").replace(name, Path(name).name)
