"""Batches of clips that were read one by one: words padded on the left, media one after another."""

from collections.abc import Sequence
from typing import Any

import torch

_PER_TOKEN = ("input_ids", "attention_mask", "mm_token_type_ids", "token_type_ids")
# Sound of different length goes in one batch: what follows the shorter is masked.
_MASKED = ("input_features", "input_features_mask", "feature_attention_mask")


def sizes(tensors: dict[str, Any]) -> tuple[Any, ...]:
    """What the tensors of one clip must share with another's to be in one batch with it.

    Args:
        tensors: Of a batch of one.

    Returns:
        Their names, and the sizes of those that cannot be padded.
    """
    fixed = {
        name: tuple(each.shape[1:])
        for name, each in tensors.items()
        if isinstance(each, torch.Tensor) and name not in (*_PER_TOKEN, *_MASKED)
    }
    return (*sorted(tensors), *sorted(fixed.items()))


def collate(clips: Sequence[dict[str, Any]], pad_token_id: int) -> dict[str, Any]:
    """One batch of clips of the same `sizes`.

    Args:
        clips: Batches of one, in order.
        pad_token_id: What fills prompts up, on their left: answers begin where all of them end.

    Returns:
        Tokens of shape (n_clips, longest); media along the first axis, in order.

    Raises:
        ValueError: They are not of the same media, or there are none.
    """
    names = {tuple(sorted(clip)) for clip in clips}
    if len(names) != 1:
        raise ValueError(
            f"a batch is of clips of the same media: got {sorted(names)}. Group them by `sizes`."
        )
    batch: dict[str, Any] = {}
    for name in clips[0]:
        values = [clip[name] for clip in clips]
        if name in _PER_TOKEN:
            batch[name] = _left_padded(values, pad_token_id if name == "input_ids" else 0)
        elif name in _MASKED:
            batch[name] = _stacked(values)
        elif isinstance(values[0], torch.Tensor):
            batch[name] = torch.cat(values)
        else:
            batch[name] = [each for value in values for each in value]
    return batch


def _left_padded(rows: Sequence[torch.Tensor], fill: int) -> torch.Tensor:
    """Rows of tokens, each ending where the longest does."""
    longest = max(row.shape[1] for row in rows)
    padded = rows[0].new_full((len(rows), longest), fill)
    for place, row in enumerate(rows):
        padded[place, longest - row.shape[1] :] = row[0]
    return padded


def _stacked(parts: Sequence[torch.Tensor]) -> torch.Tensor:
    """Sounds one after the other; zeros follow the shorter."""
    shape = [max(lengths) for lengths in zip(*(part.shape[1:] for part in parts), strict=True)]
    whole = parts[0].new_zeros((sum(len(part) for part in parts), *shape))
    start = 0
    for part in parts:
        place = tuple(slice(length) for length in part.shape[1:])
        whole[(slice(start, start + len(part)), *place)] = part
        start += len(part)
    return whole
