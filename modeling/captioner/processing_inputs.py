"""Lists of clips and texts as arrays, and the feature extractor that an encoder usually has."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from .configuration_captioner import CaptionerConfig

# Seconds of sound that encoders with a fixed window hear, by the encoder's configuration.
WINDOWS_S = {
    "whisper": lambda config: config.max_source_positions / 50,
    "audio-spectrogram-transformer": lambda config: config.max_length / 100,
    "clap_audio_model": lambda config: 10.0,
}
# Between characters that are written without spaces; BERT's tokenizer puts some there.
_UNSPACED = r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]"


def usual_extractor(config: CaptionerConfig) -> Any:
    """The feature extractor that a family of encoders is usually given."""
    from transformers import (
        ASTFeatureExtractor,
        ClapFeatureExtractor,
        Wav2Vec2FeatureExtractor,
        WhisperFeatureExtractor,
    )

    encoder, rate = config.encoder_config, config.sampling_rate
    if encoder.model_type == "whisper":
        if encoder.max_source_positions % 50:
            raise ValueError(
                "`max_source_positions` is no window of whole seconds: got "
                f"{encoder.max_source_positions}, expected a multiple of 50."
            )
        return WhisperFeatureExtractor(
            feature_size=encoder.num_mel_bins,
            sampling_rate=rate,
            chunk_length=encoder.max_source_positions // 50,
        )
    if encoder.model_type == "clap_audio_model":
        return ClapFeatureExtractor(
            feature_size=encoder.num_mel_bins,
            sampling_rate=rate,
            truncation="fusion" if encoder.enable_fusion else "rand_trunc",
        )
    if encoder.model_type == "audio-spectrogram-transformer":
        return ASTFeatureExtractor(
            num_mel_bins=encoder.num_mel_bins, max_length=encoder.max_length, sampling_rate=rate
        )
    return Wav2Vec2FeatureExtractor(
        sampling_rate=rate, do_normalize=True, return_attention_mask=True
    )


def tidied(text: str) -> str:
    """A text on one line, without the spaces that a tokenizer puts between Chinese characters.

    Example:
        >>> tidied("声 音 低 沉 ， a low voice")
        '声音低沉，a low voice'
    """
    text = " ".join(text.split())
    text = re.sub(rf"({_UNSPACED}) (?={_UNSPACED})", r"\1", text)
    return re.sub(r"(?<=[\u3000-\u303f\uff00-\uffef]) ", "", text)


def listed(given: Any, name: str) -> list[Any]:
    """Several as a list, one as a list of one.

    Raises:
        ValueError: There is nothing.
    """
    if given is None:
        raise ValueError(f"`{name}` is missing: got None, expected one for each clip.")
    if isinstance(given, list):
        numbers = given and all(isinstance(each, int | float) for each in given)
        return [given] if numbers else given
    is_pair = isinstance(given, tuple) and len(given) == 2 and np.ndim(given[1]) == 0
    return list(given) if isinstance(given, tuple) and not is_pair else [given]


def padded(rows: Sequence[Sequence[int]]) -> np.ndarray:
    """Rows of ids as one array, -100 behind the shorter ones."""
    width = max(map(len, rows))
    return np.array([[*row, *[-100] * (width - len(row))] for row in rows], dtype=np.int64)


def padded_in_front(rows: Sequence[Sequence[int]], pad: int) -> dict[str, np.ndarray]:
    """Prompts as ``prompt_ids`` and ``prompt_mask``, padded in front."""
    width = max(map(len, rows))
    gaps = [width - len(row) for row in rows]
    ids = [[*[pad] * gap, *row] for gap, row in zip(gaps, rows, strict=True)]
    here = [[*[0] * gap, *[1] * len(row)] for gap, row in zip(gaps, rows, strict=True)]
    return {"prompt_ids": np.array(ids, np.int64), "prompt_mask": np.array(here, np.int64)}


def stacked(rows: Sequence[torch.Tensor], fill: int) -> torch.Tensor:
    """Rows of one shape, or of one axis and padded behind."""
    if all(row.shape == rows[0].shape for row in rows):
        return torch.stack(list(rows))
    return torch.nn.utils.rnn.pad_sequence(list(rows), batch_first=True, padding_value=fill)
