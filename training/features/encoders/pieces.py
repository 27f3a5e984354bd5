"""Audio towers that give one vector for a whole window: AST, CLAP."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import transformers

from affecthub.media import load_waveform
from affecthub.modeling.affectgpt.modeling_towers import AudioFamily, sound_features
from affecthub.training.features.encoders.kinds import alike, on_model, plain, regrouped
from affecthub.training.features.encoders.rules import Wanted
from affecthub.training.features.encoders.table import Named

_TOGETHER = 16
# A rest that is shorter is left out of a longer clip.
_REST_S = 1.0


@dataclass(frozen=True)
class PieceReader:
    """Reads a clip's sound as windows of the extractor's input.

    Args:
        extractor: The encoder's feature extractor.
        rate_hz: The rate that it takes.
        window_s: What it pads every piece to.
    """

    extractor: Any
    rate_hz: int
    window_s: float

    def __call__(self, row: Mapping[str, Any]) -> torch.Tensor:
        """Windows, stacked.

        Raises:
            MediaError: The sound cannot be read.
        """
        wave = load_waveform(row["audio"], self.rate_hz)
        longest = int(self.window_s * self.rate_hz)
        parts = [wave[start : start + longest] for start in range(0, len(wave), longest)]
        if len(parts) > 1 and len(parts[-1]) < _REST_S * self.rate_hz:
            parts.pop()
        (main,) = self.extractor.model_input_names[:1]
        given = {"sampling_rate": self.rate_hz, "return_tensors": "pt"}
        return torch.stack([self.extractor(part, **given)[main][0] for part in parts])


class PieceEncoder:
    """An audio tower of AffectGPT's table that has one vector for a window of sound.

    Args:
        named: The encoder.
        model: Loaded.
        family: Its family.
        wanted: What is asked for.

    Raises:
        ValueError: Layers are asked for.
    """

    medium = "audio"
    batch_size = 16

    def __init__(self, named: Named, model: Any, family: AudioFamily, wanted: Wanted) -> None:
        if wanted.layers is not None:
            raise ValueError(
                f"`layers`: got {wanted.layers!r} of {named.name}, which gives one vector for "
                "each window. Expected none."
            )
        self.model, self.family = model, family
        extractor = getattr(transformers, family.extractor)(**family.options(model.config))
        assert family.window_s is not None, "other towers have steps"
        window_s = family.window_s(model.config)
        self.reader = PieceReader(extractor, family.rate_hz, window_s)
        config = model.config
        self.width = int(
            config.projection_dim if family.feature == "projection" else config.hidden_size
        )
        self.key = {
            "feature": family.feature,
            "window_s": window_s,
            "extractor": family.extractor,
            "sampling_rate": family.rate_hz,
            "settings": plain(family.options(model.config)),
        }

    @torch.inference_mode()
    def steps(self, clips: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Vectors of clips, float32 ``(windows, width)`` each, on the CPU."""
        windows = [window for clip in clips for window in clip]
        made: list[Any] = [None] * len(windows)
        for places, values in alike(windows, _TOGETHER):
            found = sound_features(
                self.model, on_model(self.model, values), self.family.feature, 1, 0.0
            )
            for place, vector in zip(places, found, strict=True):
                made[place] = vector[None]
        return regrouped(made, [len(clip) for clip in clips])
