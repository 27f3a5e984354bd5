"""Ways in which a media file can be damaged, and which columns of its rows that must cost."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import av
import numpy as np
import soundfile

from corpus_trees.damage import POINTER
from corpus_trees.media import clip_video, clip_wav

EVERY = frozenset({"audio", "video", "face"})
NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Damage:
    """A damaged media file.

    Attributes:
        data: Its bytes.
        lost: Columns that must become null where they point at it, with a reason.
        kept: Columns that must stay. Of the others either is right, as long as what stays decodes.
    """

    data: bytes
    lost: frozenset[str] = NONE
    kept: frozenset[str] = NONE


Mutation = Callable[[bytes, Random], Damage]


# Any file.


def empty(data: bytes, rng: Random) -> Damage:
    """Nothing left."""
    return Damage(b"", lost=EVERY)


def blank(data: bytes, rng: Random) -> Damage:
    """Zeros of the same length."""
    return Damage(bytes(len(data)), lost=EVERY)


def page(data: bytes, rng: Random) -> Damage:
    """The web page that says the download is not allowed."""
    return Damage(b"<!DOCTYPE html>\n<html><body>Sign in, please</body></html>\n", lost=EVERY)


def pointer(data: bytes, rng: Random) -> Damage:
    """What a clone without Git LFS leaves."""
    return Damage(POINTER, lost=EVERY)


def stub(data: bytes, rng: Random) -> Damage:
    """The first bytes only, too few for any header."""
    return Damage(data[: rng.randrange(1, 9)], lost=EVERY)


def truncated(data: bytes, rng: Random) -> Damage:
    """The end is missing."""
    return Damage(data[: rng.randrange(1, len(data))])


def beheaded(data: bytes, rng: Random) -> Damage:
    """The beginning is something else."""
    n = rng.randrange(4, 64)
    return Damage(rng.randbytes(n) + data[n:])


def hole(data: bytes, rng: Random) -> Damage:
    """A piece in the middle is missing, or zero."""
    start = rng.randrange(len(data))
    end = min(len(data), start + rng.randrange(1, 4096))
    return Damage(data[:start] + rng.choice((b"", bytes(end - start))) + data[end:])


def flipped(data: bytes, rng: Random) -> Damage:
    """Some bytes are others."""
    changed = bytearray(data)
    for _ in range(rng.randrange(1, 200)):
        changed[rng.randrange(len(data))] = rng.randrange(256)
    return Damage(bytes(changed))


# Sound files.


def _wav(samples: np.ndarray, rate_hz: int = 16000, **options: Any) -> bytes:
    stream = io.BytesIO()
    soundfile.write(stream, samples, rate_hz, **{"format": "WAV", "subtype": "FLOAT", **options})
    return stream.getvalue()


def _noise(rng: Random, *shape: int) -> np.ndarray:
    return np.random.default_rng(rng.randrange(2**32)).uniform(-0.5, 0.5, shape).astype(np.float32)


def not_a_number(data: bytes, rng: Random) -> Damage:
    """Samples that are no numbers."""
    samples = _noise(rng, 4000)
    samples[rng.randrange(4000)] = rng.choice((np.nan, np.inf, -np.inf))
    return Damage(_wav(samples), lost=frozenset({"audio"}))


def no_samples(data: bytes, rng: Random) -> Damage:
    """A header, and no sound."""
    return Damage(_wav(np.empty(0, np.float32)), lost=frozenset({"audio"}))


def silence(data: bytes, rng: Random) -> Damage:
    """Sound that is all zero: worth a note, not a reason to drop it."""
    return Damage(_wav(np.zeros(4000, np.float32)), kept=frozenset({"audio"}))


def odd_wav(data: bytes, rng: Random) -> Damage:
    """A rare but right form of sound."""
    shape = rng.choice(((1,), (7, 8), (4001, 2), (4001, 1)))
    options = {"subtype": rng.choice(("PCM_U8", "PCM_24", "DOUBLE", "ULAW"))}
    if rng.random() < 0.3 and len(shape) == 1:
        options = {"format": "FLAC", "subtype": "PCM_16"}
    rate_hz = rng.choice((8000, 11025, 96000))
    return Damage(_wav(_noise(rng, *shape) + 0.1, rate_hz, **options), kept=frozenset({"audio"}))


def film_as_wav(data: bytes, rng: Random) -> Damage:
    """A film under the name of a sound: its sound will do."""
    return Damage(clip_video(0, rng.choice(("mp4", "avi", "mkv"))), kept=frozenset({"audio"}))


def silent_film_as_wav(data: bytes, rng: Random) -> Damage:
    """A film without sound under the name of a sound."""
    return Damage(clip_video(0, sound=False), lost=frozenset({"audio"}))


# Films.


def _film(container: str, n_frames: int, width: int, height: int, **options: Any) -> bytes:
    """A film without sound."""
    stream = io.BytesIO()
    with av.open(stream, "w", format=container) as file:
        video = file.add_stream(options.get("codec", "libx264"), rate=25)
        video.width, video.height = width, height
        video.pix_fmt = options.get("pix_fmt", "yuv444p")
        for i in range(n_frames):
            image = np.full((height, width, 3), 20 * i % 256, np.uint8)
            file.mux(video.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        file.mux(video.encode(None))
    return stream.getvalue()


def no_sound(data: bytes, rng: Random) -> Damage:
    """A film without a sound track."""
    silent = clip_video(0, rng.choice(("mp4", "avi", "mkv")), sound=False)
    return Damage(silent, lost=frozenset({"audio"}), kept=frozenset({"video"}))


def no_picture(data: bytes, rng: Random) -> Damage:
    """A sound track without a film."""
    stream = io.BytesIO()
    with av.open(stream, "w", format="mp4") as file:
        audio = file.add_stream("aac", rate=16000, layout="mono")
        frame = av.AudioFrame.from_ndarray(_noise(rng, 1, 1024), format="fltp", layout="mono")
        frame.sample_rate = 16000
        for _ in range(4):
            frame.pts = None
            file.mux(audio.encode(frame))
        file.mux(audio.encode(None))
    return Damage(stream.getvalue(), lost=frozenset({"video"}), kept=frozenset({"audio"}))


def wav_as_film(data: bytes, rng: Random) -> Damage:
    """A sound under the name of a film."""
    return Damage(clip_wav(0), lost=frozenset({"video"}), kept=frozenset({"audio"}))


def other_container(data: bytes, rng: Random) -> Damage:
    """A whole film under the suffix of another container."""
    film = clip_video(rng.randrange(4), rng.choice(("mp4", "avi", "mkv")))
    return Damage(film, kept=frozenset({"audio", "video"}))


def odd_film(data: bytes, rng: Random) -> Damage:
    """A film of a rare size, or of one frame."""
    size = rng.choice(((1, 1), (2, 2), (17, 33), (513, 3), (640, 2)))
    return Damage(_film("mp4", rng.choice((1, 2, 30)), *size), kept=frozenset({"video"}))


def no_frames(data: bytes, rng: Random) -> Damage:
    """A header of a film, and no frame."""
    return Damage(_film("matroska", 0, 32, 32), lost=frozenset({"video"}))


# Face arrays.


def _npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


def odd_faces(data: bytes, rng: Random) -> Damage:
    """An array that is no film of faces."""
    arrays = (
        np.zeros((0, 112, 112, 3), np.uint8),
        np.zeros((5, 112, 112, 3), np.float32),
        np.zeros((5, 112, 112), np.uint8),
        np.zeros((), np.uint8),
        np.array([{"a": 1}], object),
    )
    return Damage(_npy(rng.choice(arrays)), lost=frozenset({"face"}))


def small_faces(data: bytes, rng: Random) -> Damage:
    """Faces of a rare size."""
    size = rng.choice(((1, 1, 1, 3), (2, 7, 5, 3)))
    return Damage(_npy(np.ones(size, np.uint8)), kept=frozenset({"face"}))


ANY: tuple[Mutation, ...] = (empty, blank, page, pointer, stub, truncated, beheaded)
ANY += (hole, flipped)
SOUND: tuple[Mutation, ...] = (not_a_number, no_samples, silence, odd_wav, film_as_wav)
SOUND += (silent_film_as_wav,)
FILM: tuple[Mutation, ...] = (no_sound, no_picture, wav_as_film, other_container, odd_film)
FILM += (no_frames,)
FACES: tuple[Mutation, ...] = (odd_faces, small_faces)
MUTATIONS: dict[str, tuple[Mutation, ...]] = {
    ".wav": (*ANY, *SOUND),
    ".mp4": (*ANY, *FILM),
    ".avi": (*ANY, *FILM),
    ".flv": (*ANY, *FILM),
    ".npy": (*ANY, *FACES),
}


def damage(data: bytes, suffix: str, rng: Random) -> tuple[str, Damage]:
    """Damage a file in one way that changes it; give the way's name and the file."""
    while True:
        mutation = rng.choice(MUTATIONS[suffix])
        damaged = mutation(data, rng)
        if damaged.data != data:
            return mutation.__name__, damaged
