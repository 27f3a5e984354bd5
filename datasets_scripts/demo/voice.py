"""Invented voices: a pulse-and-breath source shaped by vowel resonances, in NumPy.

The syllables are vowels drawn at random. They carry no words, because a voice that spoke the
transcript would also leak the cue of the text.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16_000

_FRAME = 512  # samples per window of the resonance filter; a hop is a quarter of it
_HOP = 128

# First three resonances in Hz of the vowels in heed, head, hod, hawed and who'd.
# Source: Peterson and Barney (1952), Table II, averages of men.
_VOWELS_HZ = np.array(
    [[270, 2290, 3010], [530, 1840, 2480], [730, 1090, 2440], [570, 840, 2410], [300, 870, 2240]]
)
_BANDWIDTHS_HZ = np.array([90.0, 130.0, 180.0])
_RESONANCE_GAINS = np.array([1.0, 0.7, 0.4])


@dataclass(frozen=True)
class Voice:
    """How one speaker sounds whatever they feel.

    Attributes:
        pitch_hz: Middle of the speaker's pitch range.
        tract: Factor on the resonances; above 1 is a shorter vocal tract.
        tilt_db: Fall of the spectrum in dB per octave.
        breath: Share of noise in the source, 0 to 1.
        vibrato_hz: Rate of the small pitch wobble that everyone has.
    """

    pitch_hz: float
    tract: float
    tilt_db: float
    breath: float
    vibrato_hz: float


@dataclass(frozen=True)
class Delivery:
    """How one cue changes a voice, at full strength.

    Attributes:
        shift: Semitones up or down from the speaker's own pitch.
        swing: Depth in semitones of the pitch swing over a syllable or two.
        slope: Semitones that the pitch rises over the clip.
        rate_hz: Syllables per second.
        attack_s: Rise time of a syllable.
        floor: Level between syllables, 0 (staccato) to 1 (no gap).
        tilt_db: Added fall of the spectrum in dB per octave; negative is brighter.
        breath: Added share of noise.
        gain: Loudness of the clip, 0 to 1.
    """

    shift: float
    swing: float
    slope: float
    rate_hz: float
    attack_s: float
    floor: float
    tilt_db: float
    breath: float
    gain: float


_PLAIN = Delivery(0, 1, -1, 4.0, 0.04, 0.2, 0.0, 0.0, 0.45)
DELIVERIES = {
    "tense": Delivery(6, 1.0, 3, 6.0, 0.012, 0.0, -4.0, 0.05, 0.8),
    "subdued": Delivery(-4, 0.3, -3, 2.3, 0.12, 0.25, 5.0, 0.35, 0.25),
    "lilting": Delivery(3, 5.0, 0, 3.6, 0.06, 0.75, 0.0, -0.1, 0.6),
}


def cast_voices(seed: int, n_speakers: int) -> list[Voice]:
    """Draw one voice per speaker, their pitches spread evenly from 100 to 230 Hz.

    Args:
        seed: Same seed, same voices.
        n_speakers: How many; 0 gives an empty list.
    """
    rng = np.random.default_rng([seed, 1])
    height = rng.permutation(n_speakers) / max(n_speakers - 1, 1)
    return [
        Voice(
            pitch_hz=float(100 * 2.3**h),
            # A higher voice tends to have the shorter tract; the rest is the speaker's own.
            tract=float(0.95 + 0.2 * h + rng.uniform(-0.04, 0.04)),
            tilt_db=float(rng.uniform(6.0, 8.5)),
            breath=float(rng.uniform(0.08, 0.18)),
            vibrato_hz=float(rng.uniform(4.5, 6.5)),
        )
        for h in height
    ]


def speak(
    voice: Voice, cue: str, strength: float, duration_s: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """One utterance as mono samples at 16 kHz, in [-1, 1].

    Args:
        voice: Who speaks.
        cue: Key of ``DELIVERIES``.
        strength: How far from plain speech, 0 to 1.
        duration_s: Length; the result has ``round(duration_s * RATE_HZ)`` samples.
        rng: Draws the vowels and the variation between clips.

    Returns:
        Samples ``(n,)``.
    """
    n = round(duration_s * RATE_HZ)
    time_s = np.arange(n) / RATE_HZ
    manner = _blend(_PLAIN, DELIVERIES[cue], strength * rng.uniform(0.9, 1.1))
    onsets = _onsets(manner.rate_hz, duration_s, rng)

    semitones = manner.shift + manner.slope * (time_s / duration_s - 0.5)
    semitones += manner.swing * np.sin(2 * np.pi * (manner.rate_hz / 2 * time_s + rng.random()))
    semitones += 0.3 * np.sin(2 * np.pi * (voice.vibrato_hz * time_s + rng.random()))
    semitones += rng.normal(0, 0.5)
    pitch_hz = voice.pitch_hz * 2 ** (semitones / 12)

    breath = np.clip(voice.breath + manner.breath, 0.02, 0.9)
    source = (1 - breath) * _pulses(pitch_hz) + breath * rng.standard_normal(n)
    source *= _syllables(onsets, time_s, manner)
    sound = _resonate(source, voice, manner.tilt_db, onsets, rng)
    sound *= manner.gain * rng.uniform(0.85, 1.1) / np.abs(sound).max()
    sound += 0.002 * rng.standard_normal(n)  # the room
    return np.clip(sound, -1, 1).astype(np.float32)


def _blend(start: Delivery, end: Delivery, weight: float) -> Delivery:
    """Go from one delivery towards another; a weight of 1 arrives."""
    return Delivery(
        **{k: v + weight * (vars(end)[k] - v) for k, v in vars(start).items()},
    )


def _onsets(rate_hz: float, duration_s: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """The start times of the syllables, at an uneven but steady rate."""
    gaps = rng.uniform(0.8, 1.2, size=int(2 * rate_hz * duration_s) + 1) / rate_hz
    onsets = rng.uniform(0.05, 0.12) + np.concatenate([[0.0], np.cumsum(gaps)])
    return onsets[onsets < duration_s - 0.15]


def _pulses(pitch_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum the harmonics up to 7.5 kHz in closed form (Dirichlet kernel), at unit power."""
    phase = 2 * np.pi * np.cumsum(pitch_hz) / RATE_HZ
    n_harmonics = int(7_500 / pitch_hz.max())
    half = np.sin(phase / 2)
    near = np.abs(half) < 1e-4  # the kernel's limit where both sines vanish
    ratio = np.sin((n_harmonics + 0.5) * phase) / np.where(near, 1.0, half)
    kernel = (np.where(near, 2 * n_harmonics + 1, ratio) - 1) / 2
    return kernel / np.sqrt(n_harmonics / 2)


def _syllables(
    onsets: NDArray[np.float64], time_s: NDArray[np.float64], manner: Delivery
) -> NDArray[np.float64]:
    """The loudness over time: a rise and a fall per syllable, silence around them."""
    which = np.searchsorted(onsets, time_s, side="right") - 1
    since = time_s - onsets[np.maximum(which, 0)]
    length_s = 0.8 / manner.rate_hz
    rise = np.clip(since / manner.attack_s, 0, 1)
    fall = np.clip((length_s - since) / (0.5 * length_s), 0, 1)
    level = manner.floor + (1 - manner.floor) * rise * fall
    spoken = (which >= 0) & (time_s < onsets[-1] + length_s)
    smooth = np.hanning(161)  # 10 ms: no clicks at the gates
    return np.convolve(np.where(spoken, level, 0.0), smooth / smooth.sum(), mode="same")


def _resonate(
    source: NDArray[np.float64],
    voice: Voice,
    tilt_db: float,
    onsets: NDArray[np.float64],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Shape the source window by window with the resonances of one vowel per syllable."""
    n_frames = len(source) // _HOP + 4
    padded = np.pad(source, (_FRAME - _HOP, n_frames * _HOP - len(source)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::_HOP]
    window = np.hanning(_FRAME + 1)[:-1]
    spectra = np.fft.rfft(windows * window, axis=1)  # (frame, frequency)

    frame_s = np.arange(len(windows)) * _HOP / RATE_HZ
    syllable = np.maximum(np.searchsorted(onsets, frame_s, side="right") - 1, 0)
    vowels = _VOWELS_HZ[rng.integers(len(_VOWELS_HZ), size=len(onsets))] * voice.tract
    glide = np.lib.stride_tricks.sliding_window_view(np.pad(syllable, 3, mode="edge"), 7)
    peaks_hz = vowels[glide].mean(axis=1)  # (frame, resonance); some 50 ms from vowel to vowel
    frequency_hz = np.fft.rfftfreq(_FRAME, 1 / RATE_HZ)
    away = (frequency_hz - peaks_hz[:, :, None]) / _BANDWIDTHS_HZ[:, None]
    gain = 0.05 + np.einsum("r,trf->tf", _RESONANCE_GAINS, 1 / (1 + away**2))
    octaves = np.log2(np.maximum(frequency_hz, 100) / 500)
    gain *= 10 ** (-(voice.tilt_db + tilt_db) * octaves / 20)

    shaped = np.fft.irfft(spectra * gain, n=_FRAME, axis=1) * window
    sound = np.zeros(len(padded))
    for start, frame in zip(range(0, len(padded), _HOP), shaped, strict=False):
        sound[start : start + _FRAME] += frame
    return sound[_FRAME - _HOP :][: len(source)]
