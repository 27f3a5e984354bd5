"""Media for generated folders: clips of the demo corpus in any container, and plain films."""

import io
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
import soundfile

from affecthub.datasets_scripts.demo.face import SIZE, act, cast_faces
from affecthub.datasets_scripts.demo.voice import RATE_HZ, cast_voices, speak

CODECS = {"mp4": ("libx264", "aac"), "avi": ("mpeg4", "mp3"), "mkv": ("libx264", "aac")}
CODECS |= {"flv": ("flv", "aac")}
FPS = Fraction(25, 2)


@cache
def demo_clip(i: int, duration_s: float = 0.8) -> tuple[np.ndarray, np.ndarray]:
    """Frames and sound of one of four invented people: ``(n, 112, 112, 3)`` and ``(m,)``."""
    rng = np.random.default_rng(i % 4)
    sound = speak(cast_voices(0, 4)[i % 4], "lilting", 1.0, duration_s, rng)
    frames = act(cast_faces(0, 4)[i % 4], "soft", 1.0, round(duration_s * FPS), rng)
    return frames, sound


def clip_wav(i: int, rate_hz: int = RATE_HZ, n_channels: int = 1) -> bytes:
    """The sound of a demo clip as a wav file."""
    _, sound = demo_clip(i)
    return _wav(i % 4, rate_hz, n_channels, sound.tobytes())


@cache
def _wav(i: int, rate_hz: int, n_channels: int, data: bytes) -> bytes:
    sound = np.frombuffer(data, np.float32)
    stream = io.BytesIO()
    soundfile.write(stream, np.stack([sound] * n_channels, axis=1), rate_hz, format="WAV")
    return stream.getvalue()


def clip_video(i: int, container: str = "mp4", *, sound: bool = True) -> bytes:
    """A demo clip as a film with or without its sound."""
    return _video(i % 4, container, sound)


@cache
def _video(i: int, container: str, with_sound: bool) -> bytes:
    frames, sound = demo_clip(i)
    video_codec, audio_codec = CODECS[container]
    stream = io.BytesIO()
    format_name = {"mkv": "matroska"}.get(container, container)
    with av.open(stream, "w", format=format_name) as file:
        video = file.add_stream(video_codec, rate=FPS)
        video.width, video.height, video.pix_fmt = SIZE, SIZE, "yuv420p"
        audio = file.add_stream(audio_codec, rate=RATE_HZ, layout="mono") if with_sound else None
        for image in frames:
            file.mux(video.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        file.mux(video.encode(None))
        if audio is not None:
            samples = av.AudioFrame.from_ndarray(sound[None], format="fltp", layout="mono")
            samples.sample_rate = RATE_HZ
            fifo = av.AudioFifo()
            fifo.write(samples)
            size = audio.codec_context.frame_size or 1152
            while (frame := fifo.read(size, partial=True)) is not None:
                file.mux(audio.encode(frame))
            file.mux(audio.encode(None))
    return stream.getvalue()


def put(path: Path, data: bytes) -> Path:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def write_video(
    path: Path, n_frames: int = 12, size: tuple[int, int] = (64, 48), **options: Any
) -> Path:
    """A film whose frame i has the grey value 20 * i in every pixel."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(options.pop("codec", "libx264"), rate=25)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.gop_size = options.pop("gop", 4)
        for i in range(n_frames):
            grey = np.full((size[1], size[0], 3), 20 * i % 256, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
        container.mux(stream.encode())
    return path
