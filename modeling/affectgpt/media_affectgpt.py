"""Frames and waveforms from whatever a user holds: a path, bytes, a datasets row or an array.

WAV and FLAC are read by soundfile, everything else by PyAV. Both are imported on first use, so that
arrays need neither.
"""

import io
import os
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import numpy as np

Media = str | os.PathLike | bytes | Mapping | np.ndarray | tuple


def load_frames(video: Media, n_frames: int, name: str = "video") -> np.ndarray:
    """Take ``n_frames`` evenly spaced RGB frames; the last is repeated where there are fewer.

    Args:
        video: A path, the bytes of a file, a datasets row ``{"bytes", "path"}``, or a uint8 array
            ``(frames, height, width, 3)`` in RGB.
        n_frames: How many to take. Frame i of n is number ``floor(i * len / n)``, so the very last
            frame of a longer clip is never taken.
        name: What to call the video in errors that have no path.

    Returns:
        uint8 ``(n_frames, height, width, 3)``.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: A URL, an unreadable file, no video stream, no frames, or a wrong array.

    Source: the official sampling, which takes the same indices for 8 frames.

    Example:
        >>> clip = np.arange(4, dtype=np.uint8)[:, None, None, None].repeat(3, axis=3)
        >>> load_frames(clip, 2)[:, 0, 0, 0].tolist()
        [0, 2]
    """
    file, name = _open(video, name)
    frames = _decode_frames(file, n_frames, name) if file is not None else _frame_array(video, name)
    if not len(frames):
        raise ValueError(f"{name} has no video: got 0 frames, expected at least 1. Leave it out.")
    if file is None:
        frames = frames[frame_indices(len(frames), n_frames)]
    return frames


def load_waveform(audio: Media, rate_hz: int, name: str = "audio") -> np.ndarray:
    """Read a mono float32 waveform at ``rate_hz``; several channels are averaged.

    Args:
        audio: A path, the bytes of a file, a datasets row ``{"bytes", "path"}`` or
            ``{"array", "sampling_rate"}``, a float array ``(samples,)`` already at ``rate_hz``, or
            a pair of such an array and its rate. A video file gives its audio track.
        rate_hz: Rate to resample to, in Hz.
        name: What to call the audio in errors that have no path.

    Returns:
        float32 ``(samples,)``. Silence is as good as any other audio.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: A URL, an unreadable file, no audio stream, no samples, samples that are not
            finite, or a wrong array.

    Example:
        >>> load_waveform((np.zeros(8000, dtype=np.float32), 8000), 16000).shape
        (16000,)
    """
    if isinstance(audio, Mapping) and "array" in audio:
        audio = (audio["array"], audio["sampling_rate"])
    file, name = _open(audio, name)
    if file is not None:
        wave, rate = _decode_audio(file, name)
    else:
        array, rate = audio if isinstance(audio, tuple) else (audio, rate_hz)
        wave = np.asarray(array)
        if wave.ndim != 1 or not np.issubdtype(wave.dtype, np.floating):
            raise ValueError(
                f"{name} is no mono waveform: got {wave.dtype} {wave.shape}, expected float "
                "(samples,). Average its channels and scale integers to [-1, 1]."
            )
    if not wave.size:
        raise ValueError(f"{name} has no audio: got 0 samples, expected at least 1. Leave it out.")
    if not np.isfinite(wave).all():
        raise ValueError(
            f"{name} is broken: got {int((~np.isfinite(wave)).sum())} samples that are not finite, "
            "expected none. Decode it again or leave it out."
        )
    if rate != rate_hz:
        wave = _require("soxr").resample(wave, rate, rate_hz)
    return np.ascontiguousarray(wave, dtype=np.float32)


def cut_clips(wave: np.ndarray, n_clips: int, clip_samples: int) -> np.ndarray:
    """Cut ``n_clips`` clips, evenly spaced from the start to the last that fits, each zero-mean.

    Args:
        wave: ``(samples,)``; shorter than one clip, it is padded with zeros at its end.
        n_clips: Clips to cut; they overlap where the waveform is short.
        clip_samples: Samples in each.

    Returns:
        float32 ``(n_clips, clip_samples)``.

    Source: the official placement; the mean of each clip is removed there too.

    Example:
        >>> cut_clips(np.array([1, 3, 5, 7, 9, 11], dtype=np.float32), 3, 2).tolist()
        [[-1.0, 1.0], [-1.0, 1.0], [-1.0, 1.0]]
    """
    wave = np.pad(wave, (0, max(0, clip_samples - len(wave))))
    starts = np.linspace(0, len(wave) - clip_samples, n_clips).astype(int)
    clips = np.stack([wave[start : start + clip_samples] for start in starts])
    return clips - clips.mean(axis=1, keepdims=True)


def frame_indices(n_available: int, n_frames: int) -> np.ndarray:
    """Give the indices of ``n_frames`` evenly spaced frames, the last repeated if there are fewer.

    Example:
        >>> frame_indices(49, 8).tolist(), frame_indices(2, 4).tolist()
        ([0, 6, 12, 18, 24, 30, 36, 42], [0, 1, 1, 1])
    """
    if n_available < n_frames:
        return np.minimum(np.arange(n_frames), n_available - 1)
    return np.arange(n_frames) * n_available // n_frames


def _open(media: Any, name: str) -> tuple[str | bytes | None, str]:
    """Give the path or the bytes to read, or None for an array, and what to call it."""
    if isinstance(media, Mapping):
        name = str(media.get("path") or name)
        media = media.get("bytes") if media.get("bytes") is not None else media.get("path")
        if media is None:
            raise ValueError(
                f"{name} is empty: got a row without `bytes` and `path`, expected one of them. "
                "Pass None for a sample without this modality."
            )
    if isinstance(media, bytes):
        return media, name
    if isinstance(media, str | os.PathLike):
        path = os.fspath(media)
        if "://" in path:
            raise ValueError(
                f"URLs are not read: got {path!r}, expected a path. Download the file first."
            )
        if not os.path.isfile(path):
            raise FileNotFoundError(f"{name} is not there: got {path!r}, expected a file.")
        return path, path
    return None, name


def _frame_array(video: Any, name: str) -> np.ndarray:
    frames = np.asarray(video)
    if frames.ndim != 4 or frames.shape[-1] != 3 or frames.dtype != np.uint8:
        raise ValueError(
            f"{name} is no RGB video: got {frames.dtype} {frames.shape}, expected uint8 "
            "(frames, height, width, 3). Convert it first."
        )
    return frames


def _decode_frames(file: str | bytes, n_frames: int, name: str) -> np.ndarray:
    av = _require("av")
    try:
        n_available = _count_frames(file, name)
        wanted = frame_indices(n_available, n_frames)
        taken: dict[int, np.ndarray] = {}
        with av.open(_source(file)) as container:
            stream = _stream(container.streams.video, "video", name)
            stream.thread_type = "AUTO"
            for index, frame in enumerate(container.decode(stream) if n_available else ()):
                if index in wanted:
                    taken[index] = frame.to_ndarray(format="rgb24")
                if index >= wanted[-1]:
                    break
    except av.FFmpegError as error:
        raise _unreadable(name, error) from error
    if not taken:
        return np.empty((0, 0, 0, 3), np.uint8)
    # Where fewer frames decode than the file promises, the last good one stands for the rest.
    return np.stack([taken[max(i for i in taken if i <= index)] for index in wanted])


def _count_frames(file: str | bytes, name: str) -> int:
    """Count a video's frames without decoding them: by its header, or else by its packets."""
    with _require("av").open(_source(file)) as container:
        stream = _stream(container.streams.video, "video", name)
        return stream.frames or sum(1 for packet in container.demux(stream) if packet.size)


def _decode_audio(file: str | bytes, name: str) -> tuple[np.ndarray, int]:
    soundfile = _require("soundfile")
    try:
        wave, rate = soundfile.read(_source(file), dtype="float32", always_2d=True)
        return wave.mean(axis=1), rate
    except soundfile.LibsndfileError:
        return _decode_audio_track(file, name)


def _decode_audio_track(file: str | bytes, name: str) -> tuple[np.ndarray, int]:
    av = _require("av")
    try:
        with av.open(_source(file)) as container:
            stream = _stream(container.streams.audio, "audio", name)
            to_float = av.AudioResampler(format="fltp")
            chunks = [
                part.to_ndarray().mean(axis=0)
                for frame in [*container.decode(stream), None]
                for part in to_float.resample(frame)
            ]
            rate = stream.rate
    except av.FFmpegError as error:
        raise _unreadable(name, error) from error
    return np.concatenate(chunks) if chunks else np.empty(0, np.float32), rate


def _source(file: str | bytes) -> str | io.BytesIO:
    return io.BytesIO(file) if isinstance(file, bytes) else file


def _stream(streams: Any, kind: str, name: str) -> Any:
    if not streams:
        raise ValueError(
            f"{name} has no {kind} stream: got 0, expected 1. Pass None for this sample's {kind}."
        )
    return streams[0]


def _unreadable(name: str, error: Exception) -> ValueError:
    return ValueError(
        f"{name} cannot be read: got {type(error).__name__} ({error}), expected a media file. "
        "Check that it is complete, or leave it out."
    )


def _require(package: str) -> Any:
    # By name, because transformers refuses remote code whose visible imports are not all there.
    try:
        return import_module(package)
    except ImportError as error:
        raise ImportError(
            f"`{package}` is not installed: needed to decode media. "
            "Install it with: pip install av soundfile soxr"
        ) from error
