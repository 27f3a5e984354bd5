"""CLAPScore: captions compared with references, or with the sound itself, in CLAP's space."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from affecthub.metrics.captions.encoders import find_weights
from affecthub.metrics.captions.lexical import CaptionScore, mean_score

_BATCH = 32


def clapscore(
    candidates: Sequence[str],
    references: Sequence[Sequence[str]],
    model: str,
    *,
    device: str = "cpu",
) -> CaptionScore:
    """The cosine of captions and references as CLAP's text tower embeds them.

    Args:
        candidates: One caption per clip.
        references: One or more captions per clip; their cosines are averaged.
        model: A local folder, or the id of a model in the Hugging Face cache.
        device: Where the model runs.

    Returns:
        Mean over clips in [-1, 1], higher is better. An empty candidate scores 0. No clips give
        NaN. No sound is heard in this mode: it is a text similarity.

    Raises:
        ImportError: torch or transformers is not installed.
        FileNotFoundError: The weights are not there.

    Source: Elizalde et al. and Wu et al., "CLAP", ICASSP 2023, for the models; text against text as
        in the CLAP similarity of aac-metrics.
    """
    filled = [clip for clip, caption in enumerate(candidates) if caption.strip()]
    compared = [caption for clip in filled for caption in references[clip]]
    owner = np.repeat(np.arange(len(filled)), [len(references[clip]) for clip in filled])
    scores = np.zeros(len(candidates))
    if filled:
        ours = embed_texts([candidates[clip] for clip in filled], model, device=device)
        theirs = embed_texts(compared, model, device=device)
        cosine = np.einsum("ij,ij->i", ours[owner], theirs, dtype=np.float64)
        scores[filled] = np.bincount(owner, cosine) / np.bincount(owner)
    return mean_score(scores)


def clapscore_of_audio(
    candidates: Sequence[str],
    audio: Sequence[ArrayLike],
    rate_hz: int,
    model: str,
    *,
    device: str = "cpu",
) -> CaptionScore:
    """The cosine of captions and the sound they describe.

    Args:
        candidates: One caption per clip.
        audio: One mono waveform (sample,) per clip, float.
        rate_hz: Sampling rate of all of them; it must be the model's.
        model: A local folder, or the id of a model in the Hugging Face cache.
        device: Where the model runs.

    Returns:
        Mean over clips in [-1, 1], higher is better; usually far below that of text against text.
        An empty candidate scores 0. No clips give NaN.

    Raises:
        ImportError: torch or transformers is not installed.
        FileNotFoundError: The weights are not there.
        ValueError: Lengths differ, a waveform is empty or not mono, or the rate is not the
            model's.

    Source: Wu et al., "Large-scale Contrastive Language-Audio Pretraining", ICASSP 2023.
    Differs: of a sound longer than the model hears, the middle is taken, not a random part, so
        that scores repeat.
    """
    if len(audio) != len(candidates):
        raise ValueError(
            f"`audio` and `predictions` differ in length: got {len(audio)} waveforms for "
            f"{len(candidates)} captions. Align them by clip first."
        )
    filled = [clip for clip, caption in enumerate(candidates) if caption.strip()]
    scores = np.zeros(len(candidates))
    if filled:
        texts = embed_texts([candidates[clip] for clip in filled], model, device=device)
        sounds = embed_audio([audio[clip] for clip in filled], rate_hz, model, device=device)
        scores[filled] = np.einsum("ij,ij->i", texts, sounds, dtype=np.float64)
    return mean_score(scores)


def embed_texts(texts: Sequence[str], model: str, *, device: str = "cpu") -> NDArray[np.float32]:
    """Unit vectors (text, dimension) of CLAP's text tower."""
    clap = _load(model, device)

    def features(batch: Sequence[Any]) -> Any:
        inputs = clap.tokenizer(
            list(batch), padding=True, truncation=True, max_length=77, return_tensors="pt"
        )
        return clap.model.get_text_features(
            input_ids=inputs["input_ids"].to(device),
            attention_mask=inputs["attention_mask"].to(device),
        )

    return _unit_vectors(texts, features)


def embed_audio(
    audio: Sequence[ArrayLike], rate_hz: int, model: str, *, device: str = "cpu"
) -> NDArray[np.float32]:
    """Unit vectors (waveform, dimension) of CLAP's audio tower.

    Raises:
        ValueError: A waveform is empty or not mono, or the rate is not the model's.
    """
    clap = _load(model, device)
    extractor = clap.extractor
    if rate_hz != extractor.sampling_rate:
        raise ValueError(
            f"`rate_hz` is {rate_hz}, but {model} hears {extractor.sampling_rate} Hz. Resample the "
            "waveforms first."
        )

    def features(batch: Sequence[Any]) -> Any:
        inputs = extractor(
            [_middle(sound, extractor.nb_max_samples) for sound in batch],
            sampling_rate=rate_hz,
            # A model without fusion takes one window; the extractor's own default makes four.
            truncation="fusion" if clap.model.config.audio_config.enable_fusion else "rand_trunc",
            return_tensors="pt",
        )
        return clap.model.get_audio_features(**{k: v.to(device) for k, v in inputs.items()})

    return _unit_vectors(audio, features)


def _middle(sound: ArrayLike, n_samples: int) -> NDArray[np.float32]:
    waveform = np.asarray(sound, dtype=np.float32)
    if waveform.ndim != 1 or not len(waveform):
        raise ValueError(
            f"a waveform in `audio` has shape {waveform.shape}, expected (samples,) with at least "
            "one sample. Average the channels first."
        )
    start = max(len(waveform) - n_samples, 0) // 2
    return waveform[start : start + n_samples]


def _unit_vectors(items: Sequence[Any], features: Any) -> NDArray[np.float32]:
    import torch

    rows = []
    for start in range(0, len(items), _BATCH):
        with torch.inference_mode():
            pooled = features(items[start : start + _BATCH]).pooler_output
        rows.append(torch.nn.functional.normalize(pooled, dim=-1).float().cpu().numpy())
    return np.concatenate(rows)


class _Clap:
    def __init__(self, model: str, device: str) -> None:
        folder = find_weights(model, "clapscore")
        from transformers import AutoTokenizer, ClapFeatureExtractor, ClapModel

        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.extractor = ClapFeatureExtractor.from_pretrained(folder)
        loaded: Any = ClapModel.from_pretrained(folder)
        self.model = loaded.to(device).eval()


@lru_cache(maxsize=1)
def _load(model: str, device: str) -> _Clap:
    return _Clap(model, device)
