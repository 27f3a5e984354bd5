"""Sounds as a model can hear them: at its rate, and no longer than what it reads at once."""

import logging
import math
from typing import Any, Literal

import numpy as np

from affecthub.media import load_waveform
from affecthub.training.asking.asks import Sound

LongSound = Literal["refuse", "split"]
_log = logging.getLogger(__name__)


def hearing_of(processor: Any) -> Any:
    """What makes features of sound in a processor, or None."""
    return getattr(processor, "feature_extractor", getattr(processor, "audio_processor", None))


def longest_sound_s(processor: Any) -> float:
    """Seconds after which a processor cuts a sound without a word; infinite where none are stated.

    Whisper's feature extractor states its samples, Gemma's processor its tokens.
    """
    hearing = hearing_of(processor)
    if samples := getattr(hearing, "n_samples", None):
        return samples / hearing.sampling_rate
    tokens = getattr(processor, "audio_seq_length", None)
    if tokens and (per_token := getattr(processor, "audio_ms_per_token", None)):
        return tokens * per_token / 1000
    return math.inf


def heard(
    sound: Sound, processor: Any, *, long_sound: LongSound, name: str, splits: bool
) -> list[np.ndarray]:
    """A sound in the pieces a model hears it in, mostly one.

    Args:
        sound: Of any rate.
        processor: Its rate and its longest sound hold.
        long_sound: "refuse" one that would be cut, or "split" it into pieces of equal length.
        name: Of the clip.
        splits: Whether it may be in several pieces at all.

    Raises:
        ValueError: It is too long, or empty.
    """
    if not len(sound.wave):
        raise ValueError(f"{name} has no sound: got 0 samples, expected at least 1. Leave it out.")
    rate = hearing_of(processor).sampling_rate
    wave = sound.wave
    if sound.rate_hz != rate:
        wave = load_waveform((wave, sound.rate_hz), rate, name)
    longest = longest_sound_s(processor)
    n_pieces = max(1, math.ceil(len(wave) / rate / longest))
    if n_pieces == 1:
        return [wave]
    if long_sound == "refuse" or not splits:
        why = "" if splits else ", and sound that is woven into a film cannot be split"
        raise ValueError(
            f"the sound of {name} is too long: got {sound.seconds:.1f} s, expected at most "
            f"{longest:g} s, after which this model's processor would cut it without a word{why}. "
            'Split it by `long_sound="split"`, with `sound="slot"`.'
        )
    _log.info(
        "%s: a sound of %.1f s is longer than the %g s that are heard at once; it is handed over "
        "in %d pieces",
        *(name, sound.seconds, longest, n_pieces),
    )
    return np.array_split(wave, n_pieces)
