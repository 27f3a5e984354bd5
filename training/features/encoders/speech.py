"""Speech encoders: of every step the layers that are wanted, in windows where clips are long."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import torch
from transformers import AutoFeatureExtractor

from affecthub.media import load_waveform
from affecthub.training.features.encoders.kinds import alike, on_model, plain, regrouped
from affecthub.training.features.encoders.loading import told
from affecthub.training.features.encoders.rules import Wanted, combine
from affecthub.training.features.encoders.table import Named

WINDOW_S = 10.0
# A rest that is shorter goes with the window before it.
_REST_S = 1.0
# Windows of one length that are encoded together.
_TOGETHER = 16
# Of these numbers of samples wav2vec 2.0 and its kin make a step.
_FIELD = 400


@dataclass(frozen=True)
class WaveReader:
    """Reads a clip's sound as windows of the extractor's input.

    Args:
        extractor: The encoder's feature extractor.
        rate_hz: The rate that it takes.
        is_official: Whether the last window is filled up with zeros, as in MERBench.
        window_s: Longest window.
    """

    extractor: Any
    rate_hz: int
    is_official: bool
    window_s: float = WINDOW_S

    def __call__(self, row: Mapping[str, Any]) -> list[dict[str, torch.Tensor]]:
        """Windows, each of name to tensor without the batch axis.

        Raises:
            MediaError: The sound cannot be read.
            ValueError: It is too short for a single step.
        """
        wave = load_waveform(row["audio"], self.rate_hz)
        if len(wave) < _FIELD:
            raise ValueError(
                f"the sound is too short: got {len(wave)} samples at {self.rate_hz} Hz, expected "
                f"at least {_FIELD}"
            )
        longest = round(self.window_s * self.rate_hz)
        (main,) = self.extractor.model_input_names[:1]
        if main == "input_values":
            # Normalised as a whole, as in MERBench, so that windows are as loud as the clip.
            whole = self._extracted(wave)[main]
            return [{main: part} for part in self._windows(whole, longest)]
        return [self._extracted(np.asarray(part)) for part in self._windows(wave, longest)]

    def _windows(self, samples: Any, longest: int) -> list[Any]:
        length = len(samples)
        if length <= longest:
            return [samples]
        if self.is_official:
            missing = ceil(length / longest) * longest - length
            samples = torch.nn.functional.pad(torch.as_tensor(samples), (0, missing))
            return list(samples.split(longest))
        starts = list(range(0, length, longest))
        if length - starts[-1] < _REST_S * self.rate_hz:
            starts.pop()
        ends = [*starts[1:], length]
        return [samples[start:end] for start, end in zip(starts, ends, strict=True)]

    def _extracted(self, wave: np.ndarray) -> dict[str, torch.Tensor]:
        found = self.extractor(wave, sampling_rate=self.rate_hz, return_tensors="pt")
        return {name: values[0] for name, values in found.items()}


class WaveEncoder:
    """Wav2vec 2.0, HuBERT, WavLM and whatever makes a vector for each step of sound.

    Source: MERBench: the sum of the last four hidden states of every step; clips of more than 10 s
        in windows of 10 s, the last filled up with zeros, the steps of the zeros kept.

    Differs: ``style="clean"`` takes the mean of the four layers, which is on the scale of one, and
        windows end where the clip does. Clips are never padded to a common length, in either
        style, so that none depends on those it is encoded with.

    Args:
        named: The encoder.
        model: Loaded.
        wanted: What is asked for.
    """

    medium = "audio"
    batch_size = 16

    def __init__(self, named: Named, model: Any, wanted: Wanted) -> None:
        self.model = model
        self.layers = wanted.layers or ("sum:4" if wanted.is_official else "mean:4")
        extractor = told(named, lambda: AutoFeatureExtractor.from_pretrained(named.where))
        self.reader = WaveReader(extractor, extractor.sampling_rate, wanted.is_official)
        self.width = int(model.config.hidden_size)
        self.key = {
            "layers": self.layers,
            "window_s": WINDOW_S,
            "zeros_at_the_end": wanted.is_official,
            "extractor": type(extractor).__name__,
            "do_normalize": getattr(extractor, "do_normalize", None),
            "sampling_rate": extractor.sampling_rate,
            "settings": plain(extractor.to_dict()),
        }

    @torch.inference_mode()
    def steps(self, clips: Sequence[list[dict[str, torch.Tensor]]]) -> list[torch.Tensor]:
        """Vectors of clips, float32 ``(steps, width)`` each, on the CPU."""
        windows = [window for clip in clips for window in clip]
        made: list[Any] = [None] * len(windows)
        (main,) = self.reader.extractor.model_input_names[:1]
        for places, values in alike([window[main] for window in windows], _TOGETHER):
            given = {main: on_model(self.model, values)}
            if "attention_mask" in windows[places[0]] and main != "input_values":
                masks = [windows[place]["attention_mask"] for place in places]
                given["attention_mask"] = torch.stack(masks).to(self.model.device)
            output = self.model(**given, output_hidden_states=True)
            hidden = output.hidden_states
            last = combine(self.layers, hidden, output.last_hidden_state, hidden[-1])
            for place, steps in zip(places, last, strict=True):
                made[place] = steps
        return regrouped(made, [len(clip) for clip in clips])
