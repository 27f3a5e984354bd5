"""What Whisper's encoder makes of a clip's sound, over the parts in which somebody speaks."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from affecthub.errors import require
from affecthub.media import load_waveform
from affecthub.training.pretrained.whisper import whisper_folder

SPEECH_PACKAGE = "silero-vad"
RATE_HZ = 16000
STEPS_PER_S = 50
WINDOW_S = 30
_SAMPLES_PER_STEP = RATE_HZ // STEPS_PER_S

Span = tuple[float, float]


class SpeechFinder:
    """Silero VAD: where in a waveform there is speech.

    Raises:
        ImportError: `silero-vad` is not installed.
    """

    def __init__(self) -> None:
        self._silero = require("silero_vad", "pretrained", "find speech")
        self._model = self._silero.load_silero_vad()

    def __call__(self, wave: NDArray[np.float32]) -> list[Span]:
        """Spans of speech.

        Args:
            wave: ``(samples,)`` at 16 kHz, full scale 1.

        Returns:
            Begin and end in seconds, in order; empty where nobody speaks.
        """
        found = self._silero.get_speech_timestamps(torch.from_numpy(wave), self._model)
        return [(span["start"] / RATE_HZ, span["end"] / RATE_HZ) for span in found]


class SoundEncoder:
    """Whisper's frozen encoder as a function from a row's sound to one vector.

    Whisper hears windows of 30 s. Of a shorter clip only as many whole seconds are computed as it
    lasts, with the first of its positions: a clip of 2 s takes a fifteenth of the time, and its
    last layer differs (cosine 0.92 on a clip of the demo corpus) from that of a full window.

    Raises:
        ImportError: The packages with the weights are not installed.
    """

    def __init__(self) -> None:
        from transformers import WhisperFeatureExtractor, WhisperModel

        folder = whisper_folder()
        self._extract = WhisperFeatureExtractor.from_pretrained(folder)
        model = WhisperModel.from_pretrained(folder, dtype=torch.float32)
        self._encoder: Any = model.get_encoder().eval()
        self._positions = self._encoder.embed_positions.weight.detach().clone()
        self._speech = SpeechFinder()

    def __call__(self, row: Mapping[str, Any]) -> NDArray[np.float32]:
        """Describe a clip's sound.

        Args:
            row: A row of a corpus with ``audio``.

        Returns:
            float32 ``(1024,)``: mean and standard deviation over the steps with speech (over all
            steps where none is found), each averaged over the layers.

        Raises:
            MediaError: The sound cannot be read.
        """
        wave = load_waveform(row["audio"], RATE_HZ)
        steps = self.steps(wave)
        spoken = _within(self._speech(wave), steps.shape[1])
        steps = steps[:, spoken] if spoken.any() else steps
        both = np.concatenate([steps.mean(axis=1), steps.std(axis=1)], axis=1)
        return both.mean(axis=0)

    def steps(self, wave: NDArray[np.float32]) -> NDArray[np.float32]:
        """All layers' outputs, 50 a second.

        Args:
            wave: ``(samples,)`` at 16 kHz; longer than 30 s, it is heard in windows of 30 s.

        Returns:
            float32 ``(7, steps, 512)``: what goes into the first layer, and what comes out of each.
        """
        size = WINDOW_S * RATE_HZ
        return np.concatenate(
            [self._window(wave[i : i + size]) for i in range(0, len(wave), size)], axis=1
        )

    def _window(self, wave: NDArray[np.float32]) -> NDArray[np.float32]:
        n_s = max(1, -(-len(wave) // RATE_HZ))
        n_positions = n_s * STEPS_PER_S
        self._encoder.config.max_source_positions = n_positions
        self._encoder.embed_positions = torch.nn.Embedding.from_pretrained(
            self._positions[:n_positions]
        )
        mel = self._extract(
            wave,
            sampling_rate=RATE_HZ,
            padding="max_length",
            max_length=n_s * RATE_HZ,
            return_tensors="pt",
        )["input_features"]
        with torch.inference_mode():
            layers = self._encoder(mel, output_hidden_states=True).hidden_states
        n_steps = max(1, round(len(wave) / _SAMPLES_PER_STEP))
        found: NDArray[np.float32] = torch.cat(layers)[:, :n_steps].numpy()
        return found


def _within(spans: list[Span], n_steps: int) -> NDArray[np.bool_]:
    """Which steps lie inside of spans."""
    inside = np.zeros(n_steps, dtype=bool)
    for start, end in spans:
        inside[int(start * STEPS_PER_S) : int(np.ceil(end * STEPS_PER_S))] = True
    return inside
