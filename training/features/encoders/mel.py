"""Whisper: the encoder's steps inside of the clip, or the decoder's states as published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import AutoFeatureExtractor

from affecthub.media import load_waveform
from affecthub.training.features.encoders.kinds import alike, on_model, plain, regrouped
from affecthub.training.features.encoders.loading import told
from affecthub.training.features.encoders.rules import Wanted, combine
from affecthub.training.features.encoders.table import Named

# Spectrograms of 30 s that are encoded together.
_TOGETHER = 8
# A step of the encoder hears two of the spectrogram.
_STRIDE = 2


@dataclass(frozen=True)
class MelReader:
    """Reads a clip's sound as log-mel spectrograms of 30 s.

    Args:
        extractor: Whisper's feature extractor.
        is_official: Whether what is beyond 30 s is left out, as in MERBench.
    """

    extractor: Any
    is_official: bool

    def __call__(self, row: Mapping[str, Any]) -> tuple[torch.Tensor, list[int]]:
        """Spectrograms ``(windows, bins, frames)``, and how many encoder steps the clip fills.

        Raises:
            MediaError: The sound cannot be read.
        """
        extractor = self.extractor
        wave = load_waveform(row["audio"], extractor.sampling_rate)
        longest = extractor.n_samples
        parts = [wave[start : start + longest] for start in range(0, len(wave), longest)]
        step = extractor.hop_length * _STRIDE
        if self.is_official:
            parts = parts[:1]
        elif len(parts) > 1 and len(parts[-1]) < step:
            parts.pop()
        given = {"sampling_rate": extractor.sampling_rate, "return_tensors": "pt"}
        mels = [extractor(part, **given)["input_features"][0] for part in parts]
        return torch.stack(mels), [max(1, round(len(part) / step)) for part in parts]


class MelEncoder:
    """Whisper.

    Source: MERBench: the decoder's last states for its start token, given twice: two vectors a clip
        that tell of its first 30 s, at either level.

    Differs: ``style="clean"`` takes the encoder's steps (50 a second) inside of the clip, and
        windows of 30 s of longer ones; the decoder is not loaded.

    Args:
        named: The encoder.
        model: ``WhisperModel`` for the decoder's states, else its encoder.
        wanted: What is asked for.

    Raises:
        ValueError: Layers are asked for of the decoder's states.
    """

    medium = "audio"
    batch_size = 8

    def __init__(self, named: Named, model: Any, wanted: Wanted) -> None:
        if wanted.is_official and wanted.layers not in (None, "last"):
            raise ValueError(
                f"`layers`: got {wanted.layers!r} of Whisper's decoder, which MERBench takes the "
                'last state of. Expected none, or style "clean".'
            )
        self.model = model
        self.is_official = wanted.is_official
        self.layers = wanted.layers or "last"
        extractor = told(named, lambda: AutoFeatureExtractor.from_pretrained(named.where))
        self.reader = MelReader(extractor, wanted.is_official)
        self.width = int(model.config.d_model)
        self.key = {
            "states": "decoder" if wanted.is_official else "encoder",
            "layers": self.layers,
            "settings": plain(extractor.to_dict()),
        }
        self.key["settings"].pop("mel_filters", None)

    @torch.inference_mode()
    def steps(self, clips: Sequence[tuple[torch.Tensor, list[int]]]) -> list[torch.Tensor]:
        """Vectors of clips, float32 ``(steps, width)`` each, on the CPU."""
        windows = [mel for mels, _ in clips for mel in mels]
        lengths = [length for _, within in clips for length in within]
        made: list[Any] = [None] * len(windows)
        for places, values in alike(windows, _TOGETHER):
            found = self._states(on_model(self.model, values))
            for place, steps in zip(places, found, strict=True):
                made[place] = steps if self.is_official else steps[: lengths[place]]
        return regrouped(made, [len(within) for _, within in clips])

    def _states(self, mels: torch.Tensor) -> torch.Tensor:
        if self.is_official:
            start = self.model.config.decoder_start_token_id
            words = torch.full((len(mels), 2), start, device=mels.device)
            last: torch.Tensor = self.model(mels, decoder_input_ids=words).last_hidden_state
            return last
        output = self.model(mels, output_hidden_states=True)
        hidden = output.hidden_states
        return combine(self.layers, hidden, output.last_hidden_state, hidden[-1])
