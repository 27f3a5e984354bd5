"""A question about a clip as the body of a request: film, then sound, then words.

A server that is handed a film drops its sound track without a word, so that sound is always a part
of its own. Both travel inside the request, as base64.
"""

import base64
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from affecthub.media import load_waveform, mp4, wav
from affecthub.training.asking.asks import Ask, Film, Sound

VideoForm = Literal["frames", "mp4"]
AudioForm = Literal["input_audio", "audio_url"]
VIDEO_FORMS: tuple[VideoForm, ...] = ("frames", "mp4")
AUDIO_FORMS: tuple[AudioForm, ...] = ("input_audio", "audio_url")

# What speech encoders hear.
RATE_HZ = 16000
# Quantizer of the JPEG encoder, 2 (best) to 31; with colour in full resolution.
_QUANTIZER = 2
_Part = dict[str, Any]


def messages_of(ask: Ask, video: VideoForm, audio: AudioForm) -> list[dict[str, Any]]:
    """The messages that ask one question.

    Args:
        ask: The question and its media.
        video: "frames" sends each frame as a JPEG (``image_url``), "mp4" all of them as a film
            without sound (``video_url``).
        audio: "input_audio" sends a wav of 16 kHz in OpenAI's form, "audio_url" the same wav as a
            data URL, in vLLM's.

    Raises:
        ValueError: Sound without samples or with some that are not finite, or pictures that are no
            film.
    """
    parts: list[_Part] = []
    if ask.film is not None:
        parts += _film_parts(ask.film, video)
    if ask.sound is not None:
        parts.append(_sound_part(ask.sound, audio))
    asked = {"role": "user", "content": [*parts, {"type": "text", "text": ask.question}]}
    return [*([{"role": "system", "content": ask.system}] if ask.system else []), asked]


def _film_parts(film: Film, form: VideoForm) -> list[_Part]:
    if form == "mp4":
        return [_by_url("video_url", "video/mp4", mp4(film.frames, film.fps))]
    if not len(film.frames):
        raise ValueError("the film is empty: got 0 frames, expected at least 1.")
    return [_by_url("image_url", "image/jpeg", jpeg(frame)) for frame in film.frames]


def _sound_part(sound: Sound, form: AudioForm) -> _Part:
    file = wav(load_waveform((sound.wave, sound.rate_hz), RATE_HZ, "the sound"), RATE_HZ)
    if form == "audio_url":
        return _by_url("audio_url", "audio/wav", file)
    return {"type": form, form: {"data": base64.b64encode(file).decode(), "format": "wav"}}


def _by_url(kind: str, media_type: str, file: bytes) -> _Part:
    url = f"data:{media_type};base64,{base64.b64encode(file).decode()}"
    return {"type": kind, kind: {"url": url}}


def jpeg(picture: np.ndarray) -> bytes:
    """Write a picture as a JPEG file, its colours in full resolution.

    Args:
        picture: uint8 RGB of shape ``(height, width, 3)``.

    Raises:
        ValueError: It has another form.
    """
    import av

    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or not picture.size:
        raise ValueError(
            f"a frame is no picture: got {picture.dtype} {picture.shape}, expected uint8 "
            "(height, width, 3)."
        )
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
    best = {"qmin": str(_QUANTIZER), "qmax": str(_QUANTIZER)}
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height = frame.width, frame.height
    encoder.pix_fmt, encoder.time_base, encoder.options = "yuvj444p", Fraction(1, 25), best
    full = frame.reformat(format="yuvj444p", dst_color_range="JPEG")
    return b"".join(bytes(packet) for packet in [*encoder.encode(full), *encoder.encode(None)])
