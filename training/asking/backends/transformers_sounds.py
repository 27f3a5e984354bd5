"""Sounds as a model can hear them: at its rate, and no longer than what it reads at once."""

import logging
import math
from collections.abc import Callable
from functools import cached_property
from typing import Any, Literal

import numpy as np

from affecthub.media import load_waveform
from affecthub.training.asking.asks import Sound

LongSound = Literal["refuse", "split"]
_log = logging.getLogger(__name__)
# How many tokens of sound may be missing to rounding, and which share of them.
_ROUNDING, _SHARE = 3, 0.02


class Hearing:
    """Brings sounds to a processor, and sees to it that none is cut there without a word.

    Args:
        processor: Its feature extractor's rate holds.
        long_sound: "refuse" sound that would be cut, or "split" it into pieces of equal length.
        count: Tokens that the processor makes of so many samples of silence; None where they
            cannot be counted.
    """

    def __init__(
        self, processor: Any, long_sound: LongSound, count: Callable[[int], int] | None
    ) -> None:
        self.processor, self.long_sound, self.count = processor, long_sound, count
        self.rate_hz: int = feature_extractor_of(processor).sampling_rate

    @cached_property
    def longest_s(self) -> float:
        """Seconds after which the processor cuts a sound; infinite where it does not.

        Whisper's feature extractor states its samples, Gemma's processor its tokens. Some
        processors read past what is stated, window by window, so that it is tried out.
        """
        stated = _stated_s(self.processor)
        if self.count is None or math.isinf(stated):
            return stated
        samples = int(stated * self.rate_hz)
        return stated if self.count(samples * 3 // 2) <= self.count(samples) else math.inf

    @cached_property
    def tokens_per_s(self) -> float:
        """Tokens that a second of sound makes; 0 where their number does not grow with it."""
        if self.count is None:
            return 0.0
        return (self.count(4 * self.rate_hz) - self.count(2 * self.rate_hz)) / 2

    def pieces(self, sound: Sound, name: str, *, splits: bool = True) -> list[np.ndarray]:
        """A sound in the pieces the model hears it in, mostly one.

        Args:
            sound: Of any rate.
            name: Of the clip.
            splits: Whether it may be in several pieces at all.

        Raises:
            ValueError: It is too long, or empty.
        """
        if not len(sound.wave):
            raise ValueError(
                f"{name} has no sound: got 0 samples, expected at least 1. Leave it out."
            )
        wave = sound.wave
        if sound.rate_hz != self.rate_hz:
            wave = load_waveform((wave, sound.rate_hz), self.rate_hz, name)
        if len(wave) <= _stated_s(self.processor) * self.rate_hz:
            return [wave]
        n_pieces = max(1, math.ceil(len(wave) / self.rate_hz / self.longest_s))
        if n_pieces == 1:
            return [wave]
        if self.long_sound == "refuse" or not splits:
            how = (
                'Split it by `long_sound="split"`.'
                if splits
                else 'Sound that is woven into a film cannot be split: pass `sound="slot"`.'
            )
            raise ValueError(
                f"the sound of {name} is too long: got {sound.seconds:.1f} s, expected at most "
                f"{self.longest_s:g} s, after which this model's processor cuts it without a word. "
                + how
            )
        _log.info(
            "%s: a sound of %.1f s is longer than the %g s that are heard at once; it is handed "
            "over in %d pieces",
            *(name, sound.seconds, self.longest_s, n_pieces),
        )
        return np.array_split(wave, n_pieces)

    def check(self, sound: Sound, name: str, n_tokens: int) -> None:
        """Whether as many tokens stand for a sound as its length makes.

        Raises:
            ValueError: There are fewer.
        """
        expected = self.tokens_per_s * sound.seconds
        if n_tokens < (1 - _SHARE) * expected - _ROUNDING:
            raise ValueError(
                f"the sound of {name} was cut: got {n_tokens} tokens of {sound.seconds:.1f} s, "
                f"expected about {expected:.0f}. Cut the clip into shorter ones."
            )


def feature_extractor_of(processor: Any) -> Any:
    """What makes features of sound in a processor, or None."""
    return getattr(processor, "feature_extractor", getattr(processor, "audio_processor", None))


def _stated_s(processor: Any) -> float:
    """The longest sound a processor states, in seconds; infinite where it states none."""
    hearing = feature_extractor_of(processor)
    if samples := getattr(hearing, "n_samples", None):
        return samples / hearing.sampling_rate
    tokens = getattr(processor, "audio_seq_length", None)
    if tokens and (per_token := getattr(processor, "audio_ms_per_token", None)):
        return tokens * per_token / 1000
    return math.inf
