"""BERTScore: captions compared token by token through contextual embeddings."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from affecthub.errors import unknown_name
from affecthub.metrics.captions.encoders import Encoder, load_encoder
from affecthub.metrics.captions.lexical import CaptionScore, mean_score

# The layers that the bert-score package takes, by the last part of a model's name.
LAYERS = {"bert-base-chinese": 8, "roberta-large": 17, "bert-base-multilingual-cased": 9}

_BATCH = 32


def layer_of(model: str, layer: int | None) -> int:
    """The layer to read: the one named, or the usual one of a known model.

    Raises:
        ValueError: The model has no usual layer and none is named, or the layer is below 1.
    """
    if layer is None:
        name = Path(model).name
        if name not in LAYERS:
            raise unknown_name("model for BERTScore without `bertscore_layer`", name, LAYERS)
        return LAYERS[name]
    if layer < 1:
        raise ValueError(f"`bertscore_layer` is {layer}, expected 1 or more.")
    return layer


def bertscore(
    candidates: Sequence[str],
    references: Sequence[Sequence[str]],
    model: str,
    *,
    layer: int | None = None,
    device: str = "cpu",
) -> dict[str, CaptionScore]:
    """BERTScore F, precision and recall, without weights of rarity and without rescaling.

    Every token is matched with the most similar token of the other caption; precision averages
    over the candidate's tokens, recall over the reference's, F is their harmonic mean. The special
    tokens at both ends are not averaged but can be matched.

    Args:
        candidates: One caption per clip.
        references: One or more captions per clip; the greatest precision, recall and F are taken,
            each for itself.
        model: A local folder, or the id of a model in the Hugging Face cache.
        layer: Which layer's embeddings, from 1; None for the usual one of a known model.
        device: Where the model runs.

    Returns:
        ``bertscore`` (F), ``bertscore_precision``, ``bertscore_recall``: means over clips, at most
        1, higher is better; values of unrelated captions depend on the model and can be high. An
        empty candidate scores 0. No clips give NaN.

    Raises:
        ImportError: torch or transformers is not installed.
        FileNotFoundError: The weights are not there.
        ValueError: The model has no usual layer and none is named, or not so many layers.

    Source: Zhang et al., "BERTScore: Evaluating Text Generation with BERT", ICLR 2020; equal to the
        bert-score package 0.3.13 to 2e-7.
    Differs: that package fails on an empty caption.
    """
    layer = layer_of(model, layer)
    encoder = load_encoder(model, "bertscore", device)
    n_layers = encoder.model.config.num_hidden_layers
    if layer > n_layers:
        raise ValueError(
            f"`bertscore_layer` is {layer}, but {model} has {n_layers} layers. Choose 1 to "
            f"{n_layers}."
        )
    # Columns: F, precision, recall. The worst cosine is where the maximum over references starts.
    scores = np.zeros((len(candidates), 3))
    filled = [clip for clip, caption in enumerate(candidates) if caption.strip()]
    scores[filled] = -1
    for start in range(0, len(filled), _BATCH):
        clips = filled[start : start + _BATCH]
        pairs = [(clip, reference) for clip in clips for reference in references[clip]]
        texts = sorted({candidates[clip] for clip in clips} | {text for _, text in pairs})
        tokens = dict(zip(texts, _token_embeddings(encoder, texts, layer), strict=True))
        for clip, reference in pairs:
            found = _match(tokens[candidates[clip]], tokens[reference])
            scores[clip] = np.maximum(scores[clip], found)
    names = ("bertscore", "bertscore_precision", "bertscore_recall")
    return {name: mean_score(column) for name, column in zip(names, scores.T, strict=True)}


def _token_embeddings(encoder: Encoder, texts: list[str], layer: int) -> list[tuple[Any, Any]]:
    """Unit vectors (token, dimension) and which of them are words, for each text."""
    import torch

    inputs, special = encoder.read(texts, encoder.max_length)
    with torch.inference_mode():
        hidden = encoder.model(**inputs, output_hidden_states=True).hidden_states[layer]
    vectors = torch.nn.functional.normalize(hidden, dim=-1).float().cpu().numpy()
    present = inputs["attention_mask"].bool().cpu().numpy()
    words = (~special).numpy()
    return [
        (vector[kept], word[kept])
        for vector, word, kept in zip(vectors, words, present, strict=True)
    ]


def _match(candidate: tuple[Any, Any], reference: tuple[Any, Any]) -> tuple[float, float, float]:
    """F, precision and recall of one pair of captions."""
    cosine = candidate[0] @ reference[0].T
    precision = cosine.max(axis=1)[candidate[1]]
    recall = cosine.max(axis=0)[reference[1]]
    if not len(precision) or not len(recall):
        return 0.0, 0.0, 0.0
    p, r = float(precision.mean()), float(recall.mean())
    return (2 * p * r / (p + r) if p + r else 0.0), p, r
