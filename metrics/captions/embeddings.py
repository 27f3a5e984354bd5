"""Similarity of captions by sentence embeddings: SECap's SIM, and FENSE with its penalty."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from affecthub.metrics.captions.encoders import find_weights, load_encoder
from affecthub.metrics.captions.lexical import CaptionScore, Scores, mean_score

ErrorDetector = Callable[[list[str]], Sequence[float]]

SIM_THRESHOLDS = (0.5, 0.6, 0.8)
FENSE_PENALTY = 0.9
FENSE_THRESHOLD = 0.9
_BATCH = 64


def embed(
    texts: Sequence[str], model: str, *, metric: str = "sim", device: str = "cpu"
) -> NDArray[np.float32]:
    """One unit vector per text: the mean of the last layer over its tokens.

    Args:
        texts: Captions.
        model: A local folder, or the id of a model in the Hugging Face cache.
        metric: What it is for, by the key of `models`.
        device: Where the model runs.

    Returns:
        Array (text, dimension), float32; no texts give shape (0, 0).

    Raises:
        ImportError: torch or transformers is not installed.
        FileNotFoundError: The weights are not there.
        ValueError: The model folder says that its sentences are not pooled by mean.
    """
    encoder = load_encoder(model, metric, device)
    max_length = _sentence_length(find_weights(model, metric), encoder.max_length)
    import torch

    # Each distinct text once, in batches of similar length.
    distinct = sorted(set(texts), key=lambda text: (len(text), text))
    rows: list[Any] = []
    for start in range(0, len(distinct), _BATCH):
        inputs, _ = encoder.read(distinct[start : start + _BATCH], max_length)
        with torch.inference_mode():
            hidden = encoder.model(**inputs).last_hidden_state
        mask = inputs["attention_mask"][..., None].to(hidden.dtype)
        pooled = (hidden * mask).sum(1) / mask.sum(1)
        rows.extend(torch.nn.functional.normalize(pooled, dim=-1).float().cpu().numpy())
    row_of = {text: row for row, text in enumerate(distinct)}
    if not rows:
        return np.zeros((0, 0), dtype=np.float32)
    return np.stack(rows)[[row_of[text] for text in texts]]


def _sentence_length(folder: Path, limit: int) -> int:
    """The number of tokens a sentence model reads, after a look at how it pools."""
    pooling = folder / "1_Pooling" / "config.json"
    if pooling.is_file():
        modes = json.loads(pooling.read_text(encoding="utf-8"))
        if not modes.get("pooling_mode_mean_tokens", True):
            raise ValueError(
                f"{folder} does not pool by mean: got {modes}, expected pooling_mode_mean_tokens. "
                "Choose a sentence model with mean pooling."
            )
    sentence = folder / "sentence_bert_config.json"
    if sentence.is_file():
        limit = min(limit, json.loads(sentence.read_text(encoding="utf-8"))["max_seq_length"])
    return limit


def similarity(
    candidates: Sequence[str],
    references: Sequence[Sequence[str]],
    model: str,
    *,
    metric: str = "sim",
    device: str = "cpu",
) -> Scores:
    """The cosine of each candidate with its references, averaged over the references.

    Returns:
        Array (clip,) in [-1, 1], higher is better; an empty candidate scores 0.

    Raises:
        ImportError, FileNotFoundError, ValueError: As in `embed`.
    """
    filled = [clip for clip, caption in enumerate(candidates) if caption.strip()]
    captions = [candidates[clip] for clip in filled]
    compared = [caption for clip in filled for caption in references[clip]]
    owner = np.repeat(np.arange(len(filled)), [len(references[clip]) for clip in filled])
    vectors = embed([*captions, *compared], model, metric=metric, device=device)
    scores = np.zeros(len(candidates))
    if filled:
        cosine = np.einsum("ij,ij->i", vectors[owner], vectors[len(filled) :], dtype=np.float64)
        scores[filled] = np.bincount(owner, cosine) / np.bincount(owner)
    return scores


def sim(
    candidates: Sequence[str],
    references: Sequence[Sequence[str]],
    model: str,
    *,
    device: str = "cpu",
) -> dict[str, CaptionScore]:
    """SECap's sentence similarity and the shares of clips above its thresholds.

    Args:
        candidates: One caption per clip.
        references: One or more captions per clip.
        model: A local folder, or the id of a model in the Hugging Face cache.
        device: Where the model runs.

    Returns:
        ``sim``, in [-1, 1], and ``sim_over_0.5``, ``sim_over_0.6``, ``sim_over_0.8`` in [0, 1];
        higher is better. An empty candidate scores 0. No clips give NaN.

    Raises:
        ImportError, FileNotFoundError, ValueError: As in `embed`.

    Source: Xu et al., "SECap: Speech Emotion Captioning with Large Language Model", AAAI 2024, and
        the similarity script of its repository (mean pooling, cosine).
    Differs: several references are averaged; there is one there.
    """
    cosine = similarity(candidates, references, model, device=device)
    shares = {
        f"sim_over_{threshold}": mean_score((cosine > threshold).astype(np.float64))
        for threshold in SIM_THRESHOLDS
    }
    return {"sim": mean_score(cosine), **shares}


def fense(
    candidates: Sequence[str],
    references: Sequence[Sequence[str]],
    model: str,
    error_detector: ErrorDetector,
    *,
    device: str = "cpu",
) -> CaptionScore:
    """FENSE: sentence similarity, nine tenths of which are lost where a caption is not fluent.

    Args:
        candidates: One caption per clip.
        references: One or more captions per clip.
        model: A local folder, or the id of a model in the Hugging Face cache.
        error_detector: Function from captions to the probability that each is not fluent.
        device: Where the model runs.

    Returns:
        Mean over clips, at most 1, higher is better. An empty candidate scores 0. No clips give
        NaN.

    Raises:
        ImportError, FileNotFoundError, ValueError: As in `embed`.
        ValueError: The detector does not give one probability per caption.

    Source: Zhou et al., "Can Audio Captions Be Evaluated with Image Caption Metrics?", ICASSP 2022.
    """
    cosine = similarity(candidates, references, model, metric="fense", device=device)
    probability = np.asarray(error_detector(list(candidates)), dtype=np.float64)
    return mean_score(penalise(cosine, probability))


def penalise(similarity: Scores, error_probability: Scores) -> Scores:
    """Take FENSE's penalty off the similarities of captions that are probably not fluent.

    Args:
        similarity: Array (clip,).
        error_probability: Array (clip,) in [0, 1].

    Returns:
        Array (clip,).

    Raises:
        ValueError: The two differ in shape or a probability is outside [0, 1].

    Example:
        >>> penalise(np.array([0.5, 0.5]), np.array([0.95, 0.9])).round(3).tolist()
        [0.05, 0.5]
    """
    if similarity.shape != error_probability.shape:
        raise ValueError(
            "`error_detector` does not give one probability per caption: got shape "
            f"{error_probability.shape}, expected {similarity.shape}."
        )
    if not ((error_probability >= 0) & (error_probability <= 1)).all():
        raise ValueError(
            f"`error_detector` gives no probabilities: got values from {error_probability.min()} "
            f"to {error_probability.max()}, expected 0 to 1."
        )
    return np.where(
        error_probability > FENSE_THRESHOLD, similarity * (1 - FENSE_PENALTY), similarity
    )
