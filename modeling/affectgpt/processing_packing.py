"""Samples of unequal length one behind the other, in a single row without padding."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .processing_batch import require_keys, stack_media, token_columns


def pack_samples(samples: Sequence[Mapping[str, Any]]) -> dict[str, np.ndarray]:
    """Lay samples behind each other.

    Args:
        samples: See :meth:`AffectGPTProcessor.pack`.

    Returns:
        ``input_ids``, ``position_ids`` that begin at 0 with each sample, and ``labels`` where there
        are any, all ``(1, tokens)`` int64; media as :func:`processing_batch.stack_media` gives
        them, one row a sample.

    Raises:
        ValueError: No sample, keys that are not of a batch, columns or media that do not line up,
            labels of some only, or a sample without tokens.
    """
    require_keys(samples)
    rows = [_without_padding(token_columns(sample, i), i) for i, sample in enumerate(samples)]
    packed = {
        "input_ids": np.concatenate([row["input_ids"] for row in rows]),
        "position_ids": np.concatenate([np.arange(len(row["input_ids"])) for row in rows]),
    }
    if "labels" in rows[0]:
        # A sample's first token would be learnt from the end of the sample before it.
        labels = [np.concatenate([[-100], row["labels"][1:]]) for row in rows]
        packed["labels"] = np.concatenate(labels)
    tokens = {name: column.astype(np.int64)[None] for name, column in packed.items()}
    return {**tokens, **stack_media(samples)}


def _without_padding(row: dict[str, np.ndarray], index: int) -> dict[str, np.ndarray]:
    """A sample's tokens without those that its mask leaves out."""
    is_real = row["attention_mask"].astype(bool)
    if not is_real.any():
        raise ValueError(
            f"sample {index} has no tokens: got {len(is_real)} of padding, expected at least 1. "
            "Leave it out."
        )
    return {name: column[is_real] for name, column in row.items()}
