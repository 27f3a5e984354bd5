# Copied from src/affecthub/media/sound.py by `make copies`; change it there.
"""Mono waveforms of whatever holds sound, and the pieces that the model hears.

WAV, AIFF, FLAC and Ogg are read by soundfile, everything else by PyAV; soxr resamples.
"""

from collections.abc import Iterator
from itertools import groupby, islice
from math import ceil, gcd
from numbers import Real
from operator import itemgetter
from typing import Any

import numpy as np

from .media_sources import (
    Media,
    MediaError,
    beginning_s,
    first_bytes,
    is_encoded,
    is_tensor,
    opened,
    require,
    require_reached,
    require_span,
    require_stream,
    rewound,
    to_numpy,
    unreadable,
    unwrap,
)

_SOUNDFILE_MAGIC = (b"RIFF", b"RF64", b"FORM", b"fLaC", b"OggS")
_MAX_CHANNELS = 8
_MIN_RATE_HZ, _MAX_RATE_HZ = 1_000, 768_000
# So much is read at a time and averaged at once, that eight channels never lie in memory whole:
# samples of soundfile, or frames of PyAV, about a thousand samples each.
_BLOCK = 1 << 18
_N_FRAMES = 128
# Of longer files only the pieces are read, and this much around each for the resampler's filter.
_LONG_S = 60
_MARGIN_S = 0.25
# Compressed sound needs some packets before the wanted ones to decode as it would in full.
_PREROLL_S = 0.5


def load_waveform(
    audio: Media,
    rate_hz: int = 16000,
    name: str = "audio",
    *,
    start_s: float | None = None,
    end_s: float | None = None,
) -> np.ndarray:
    """Read a mono float32 waveform at ``rate_hz``; several channels are averaged.

    Args:
        audio: A path, the bytes of a file, a file opened with ``"rb"``, a datasets row ``{"bytes",
            "path"}`` or ``{"array", "sampling_rate"}``, an open PyAV container, a torchcodec
            ``AudioDecoder`` or its ``AudioSamples``, an array or tensor already at ``rate_hz``, or
            a pair of such an array and its rate. A video file gives its audio track.

            Arrays are ``(samples,)`` or have up to 8 channels: tensors ``(channels, samples)``,
            NumPy arrays in either order, as long as only one dimension can be the channels.
            Floats are taken as they are, full scale being 1. Integers are PCM and are divided by
            their range: int8, int16 and int32 by 2^7, 2^15 and 2^31, uint8 by 2^7 less its middle.
        rate_hz: Rate to resample to, in Hz.
        name: What to call the audio in errors where it has no path.
        start_s: Where the wanted span begins, in seconds; None is the beginning. Spans are of
            encoded sound only.
        end_s: Where it ends, exclusive; None is the end of the file.

    Returns:
        float32 ``(samples,)``. Silence is as good as any other audio. A file that is cut off gives
        what is there. Sound that begins late begins at sample 0, and where the rate changes inside
        of a file, all is brought to ``rate_hz``.

    Raises:
        FileNotFoundError: There is no such file.
        MediaError: An unreadable file, no audio stream, no samples, samples that are not finite, or
            a span that lies past the end of the file.
        ValueError: A URL, a wrong array, a rate that is no whole number from 1,000 to 768,000 Hz,
            or an empty span.

    Differs: soxr at high quality resamples where the official loader uses torchaudio's windowed
    sinc.

    Example:
        >>> load_waveform((np.zeros(8000, dtype=np.float32), 8000), 16000).shape
        (16000,)
    """
    require_span(start_s, end_s)
    source, name = unwrap(audio, name)
    if is_encoded(source):
        parts = _decode(source, name, start_s, end_s)
    elif start_s is not None or end_s is not None:
        raise ValueError(
            f"{name} is in memory: got {type(source).__name__} with a span, expected a file. "
            "Cut it first."
        )
    else:
        parts = [_samples(source, rate_hz, name)]
    waves = [_at_rate(wave, rate, rate_hz, name) for wave, rate in parts]
    wave = np.concatenate(waves) if waves else np.empty(0, np.float32)
    if not wave.size:
        raise MediaError(f"{name} has no audio: got 0 samples, expected at least 1. Leave it out.")
    return wave


def load_pieces(
    audio: Media,
    rate_hz: int,
    n_pieces: int,
    piece_samples: int,
    name: str = "audio",
    *,
    to_end: bool = True,
) -> np.ndarray:
    """Read what :func:`cut_pieces` cuts out of :func:`load_waveform`.

    Args:
        audio: As for ``load_waveform``. Of a WAV, AIFF or FLAC file longer than a minute no more
            is read than the pieces.
        rate_hz: Rate to resample to, in Hz.
        n_pieces: Clips to cut.
        piece_samples: Samples in each, at ``rate_hz``.
        name: What to call the audio in errors where it has no path.
        to_end: As for ``cut_pieces``.

    Returns:
        float32 ``(n_pieces, piece_samples)``, each zero-mean. The same as in the long way, up to
        the resampler's rounding (below 1e-5 of full scale).

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: As for ``load_waveform``; in a long file only what is read can be found broken.
    """
    source, name = unwrap(audio, name)
    form = (n_pieces, piece_samples)
    file = open_soundfile(source) if is_encoded(source) else None
    if file is None:
        return cut_pieces(load_waveform(source, rate_hz, name), *form, to_end=to_end)
    with file:
        rate = _checked_rate(file.samplerate, name)
        total = round(file.frames * rate_hz / rate)
        if file.frames <= _LONG_S * rate or total < piece_samples:
            return cut_pieces(load_waveform(source, rate_hz, name), *form, to_end=to_end)
        pieces = np.stack(
            [
                _stretch(file, start, piece_samples, rate_hz, name)
                for start in _starts(total, *form, to_end=to_end)
            ]
        )
    return pieces - pieces.mean(axis=1, keepdims=True)


def cut_pieces(
    wave: np.ndarray, n_pieces: int, piece_samples: int, *, to_end: bool = True
) -> np.ndarray:
    """Cut ``n_pieces`` pieces, evenly spaced from the start on, each zero-mean.

    Args:
        wave: ``(samples,)``; shorter than one piece, it is padded with zeros at its end.
        n_pieces: Clips to cut; they overlap where the waveform is short.
        piece_samples: Samples in each.
        to_end: Whether the last piece ends where the waveform does. Otherwise it begins one spacing
            before the last that fits, as if there were one piece more.

    Returns:
        float32 ``(n_pieces, piece_samples)``.

    Source: pytorchvideo's ConstantClipsPerVideoSampler, which the official code calls: in its
    repository the last piece ends where the sound does (commit 9368f30), in the 0.1.5 of the
    package index it does not, and the official environment pins 0.1.5, which both are called.
    The mean of each piece is removed in the official code too.

    Example:
        >>> cut_pieces(np.array([1, 3, 5, 7, 9, 11], dtype=np.float32), 3, 2).tolist()
        [[-1.0, 1.0], [-1.0, 1.0], [-1.0, 1.0]]
    """
    wave = np.pad(wave, (0, max(0, piece_samples - len(wave))))
    starts = _starts(len(wave), n_pieces, piece_samples, to_end=to_end)
    pieces = np.stack([wave[start : start + piece_samples] for start in starts])
    return pieces - pieces.mean(axis=1, keepdims=True)


def _starts(n_samples: int, n_pieces: int, piece_samples: int, *, to_end: bool) -> list[int]:
    starts = np.linspace(0, n_samples - piece_samples, n_pieces, endpoint=to_end)
    return starts.astype(int).tolist()


def _stretch(file: Any, start: int, n_samples: int, rate_hz: int, name: str) -> np.ndarray:
    """Read samples from ``start`` on, both counted at ``rate_hz``, out of a soundfile."""
    common = gcd(file.samplerate, rate_hz)
    up, down = rate_hz // common, file.samplerate // common
    margin = ceil(_MARGIN_S * rate_hz)
    # Every `up` samples of the result one falls together with a sample of the file.
    first = max(0, start - margin) // up
    file.seek(first * down)
    n_read = ceil((start + n_samples + margin) * down / up) - first * down
    wave = _at_rate(_read(file, n_read, name), file.samplerate, rate_hz, name)
    return wave[start - first * up :][:n_samples]


def _at_rate(wave: np.ndarray, rate: int, rate_hz: int, name: str) -> np.ndarray:
    """Resample a waveform once it is known to be sound."""
    _checked_rate(rate, name)
    # The energy is finite only where all samples are, and much cheaper than a look at each.
    if not np.isfinite(np.dot(wave, wave)) and not np.isfinite(wave).all():
        raise MediaError(
            f"{name} is broken: got {int((~np.isfinite(wave)).sum())} samples that are not finite, "
            "expected none. Decode it again or leave it out."
        )
    if rate != rate_hz:
        resampled = require("soxr").resample(wave, int(rate), rate_hz, quality="HQ")
        # Of what is shorter than a sample one is left.
        wave = resampled if len(resampled) else wave[:1]
    return np.ascontiguousarray(wave, dtype=np.float32)


def _checked_rate(rate: Any, name: str) -> int:
    if isinstance(rate, Real) and not isinstance(rate, bool):
        number = float(rate)
        if number.is_integer() and _MIN_RATE_HZ <= number <= _MAX_RATE_HZ:
            return int(number)
    raise MediaError(
        f"{name} has no sampling rate that makes sense: got {rate!r}, expected a whole number from "
        f"{_MIN_RATE_HZ} to {_MAX_RATE_HZ} Hz. Pass a pair of the samples and their rate."
    )


def _samples(source: Any, rate_hz: int, name: str) -> tuple[np.ndarray, int]:
    """Samples in memory as a mono waveform, and their rate."""
    if hasattr(source, "get_all_samples"):
        source = source.get_all_samples()
    if hasattr(source, "sample_rate") and hasattr(source, "data"):
        source = (source.data, source.sample_rate)
    if not isinstance(source, tuple):
        source = (source, rate_hz)
    if len(source) != 2 or np.ndim(source[0]) == 0:
        kinds = ", ".join(type(part).__name__ for part in source)
        raise ValueError(
            f"{name} is no waveform: got ({kinds}), expected samples or a pair of samples and "
            "their rate in Hz, in this order."
        )
    return _mono(to_numpy(source[0]), is_tensor(source[0]), name), source[1]


def _mono(samples: np.ndarray, channels_first: bool, name: str) -> np.ndarray:
    """Average the channels of samples in memory."""
    full_scale = _full_scale(samples.dtype)
    if not samples.size and samples.ndim in (1, 2):
        return np.empty(0, np.float32)
    axes = [axis for axis, length in enumerate(samples.shape) if length <= _MAX_CHANNELS]
    if channels_first:
        axes = [axis for axis in axes if axis == 0]
    if full_scale is None or samples.ndim not in (1, 2) or (samples.ndim == 2 and len(axes) != 1):
        raise ValueError(
            f"{name} is no waveform: got {samples.dtype} {samples.shape}, expected floats or PCM "
            f"(samples,), or (channels, samples) with up to {_MAX_CHANNELS} channels. Average its "
            "channels, and scale other integers to [-1, 1]."
        )
    wave = _scaled(samples)
    return wave if wave.ndim == 1 else wave.mean(axis=axes[0])


def _full_scale(dtype: np.dtype) -> float | None:
    """The full scale of samples of this type, or None if they are no sound."""
    if dtype.kind == "f":
        return 1.0
    return 2.0 ** (8 * dtype.itemsize - 1) if dtype in ("i1", "i2", "i4", "u1") else None


def _scaled(samples: np.ndarray) -> np.ndarray:
    """Samples as float32; integers are PCM, unsigned ones with their zero in the middle."""
    full_scale = _full_scale(samples.dtype)
    with np.errstate(over="ignore"):  # A float64 that becomes infinite is reported as such.
        wave = samples.astype(np.float32, copy=False)
    if samples.dtype.kind == "u":
        wave = wave - np.float32(full_scale)
    return wave if full_scale == 1 else wave / np.float32(full_scale)


def _decode(
    source: Any, name: str, start_s: float | None, end_s: float | None
) -> list[tuple[np.ndarray, int]]:
    """Decode stretches of one rate each: a mono waveform and its rate."""
    file = open_soundfile(source)
    if file is not None:
        with file:
            n_samples = _to_span(file, start_s, end_s, name)
            return [(_read(file, n_samples, name), file.samplerate)]
    spanned = start_s is not None or end_s is not None
    first_s, reaches_end = 0.0, True
    parts: list[tuple[int, np.ndarray]] = []
    with opened(source, name) as container:
        stream = require_stream(container, "audio", name)
        zero_s = beginning_s(container)
        if start_s:
            at_s = zero_s + max(0.0, start_s - _PREROLL_S)
            container.seek(round(at_s / stream.time_base), stream=stream)
        frames = container.decode(stream)
        if spanned:
            found: list[Any] = []
            for frame in frames:
                time_s = (frame.time or 0.0) - zero_s
                first_s = first_s if found else time_s
                if end_s is not None and time_s >= end_s:
                    reaches_end = False
                    break
                found.append(frame)
            frames = iter(found)
        for (rate, is_planar, n_channels, _), alike in groupby(frames, _form):
            while some := list(islice(alike, _N_FRAMES)):
                samples = _scaled(np.concatenate([f.to_ndarray() for f in some], axis=1))
                # (channels, samples), or one row of the first sample's channels, the second's ...
                mono = (
                    samples.mean(axis=0)
                    if is_planar
                    else samples.reshape(-1, n_channels).mean(axis=1)
                )
                parts.append((rate, mono))
    stretches = [
        (np.concatenate([mono for _, mono in stretch]), rate)
        for rate, stretch in groupby(parts, itemgetter(0))
    ]
    if not spanned:
        return stretches
    if reaches_end:
        length_s = first_s + sum(len(mono) / rate for mono, rate in stretches)
        require_reached(name, start_s, end_s, length_s)
    return _within(stretches, first_s, start_s or 0.0, end_s)


def _within(
    stretches: list[tuple[np.ndarray, int]], first_s: float, start_s: float, end_s: float | None
) -> list[tuple[np.ndarray, int]]:
    """Cut a span out of stretches of which the first begins at ``first_s``."""
    cut = []
    for mono, rate in stretches:
        begin = max(0, round((start_s - first_s) * rate))
        end = None if end_s is None else max(0, round((end_s - first_s) * rate))
        cut.append((mono[begin:end], rate))
        first_s += len(mono) / rate
    return cut


def _to_span(file: Any, start_s: float | None, end_s: float | None, name: str) -> int | None:
    """Go to a span's first sample in a soundfile, and say how many samples it has; None is all."""
    if start_s is None and end_s is None:
        return None
    rate = file.samplerate
    require_reached(name, start_s, end_s, file.frames / rate)
    begin = file.seek(round((start_s or 0.0) * rate))
    return file.frames - begin if end_s is None else round(end_s * rate) - begin


def _form(frame: Any) -> tuple[int, bool, int, str]:
    """What frames must have in common to be joined."""
    kind = frame.format
    return frame.sample_rate, kind.is_planar, frame.layout.nb_channels, kind.name


def open_soundfile(source: Any) -> Any:
    """Open what soundfile reads; None for what it does not. Told by the first bytes."""
    head = first_bytes(source)
    if head[:4] not in _SOUNDFILE_MAGIC or head[8:12] == b"AVI ":
        return None
    soundfile = require("soundfile")
    try:
        return soundfile.SoundFile(rewound(source))
    except soundfile.LibsndfileError:
        return None  # A codec that libsndfile lacks.


def _read(file: Any, n_samples: int | None, name: str) -> np.ndarray:
    """Read on from where a soundfile is, averaging the channels; None reads to the end."""
    blocks = list(_blocks(file, n_samples, name))
    # Most sounds are one block, which need not be copied.
    return blocks[0] if len(blocks) == 1 else np.concatenate([np.empty(0, np.float32), *blocks])


def _blocks(file: Any, n_samples: int | None, name: str) -> Iterator[np.ndarray]:
    left = file.frames if n_samples is None else n_samples
    try:
        while left > 0:
            block = file.read(min(left, _BLOCK), dtype="float32", always_2d=True)
            if not len(block):
                return
            left -= len(block)
            yield block[:, 0] if block.shape[1] == 1 else block.mean(axis=1)
    except require("soundfile").LibsndfileError as error:
        raise unreadable(name, error) from error
