"""A batch of clips that have the same kinds of media, padded on the left."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from affecthub.training.omni.encoding import INTERLEAVED
from affecthub.training.omni.families import ChatFamily
from affecthub.training.order import IGNORED

# What the model is told where sound stands between frames; nothing in it looks at the tokens.
FLAG = "use_audio_in_video"
# Tensors of one row of tokens, and what fills them on the left.
_TOKENS = {"attention_mask": 0, "labels": IGNORED, "mm_token_type_ids": 0}
# Tensors of sounds, padded at their end.
_SOUNDS = ("input_features", "feature_attention_mask")


def collate(
    examples: Sequence[Mapping[str, torch.Tensor]], *, family: ChatFamily, pad_token_id: int
) -> dict[str, Any]:
    """One batch of several clips.

    Args:
        examples: Each of `Encoder.encode`.
        family: Of the model.
        pad_token_id: What fills shorter rows on the left.

    Returns:
        Tokens of shape (batch, n_tokens); media one after the other, in the order of the clips. For
        a model that can hear between frames, `use_audio_in_video`, true or false for the batch.

    Raises:
        ValueError: The clips have other kinds of media, or some have their sound between frames and
            others have not: the model would place the tokens of some wrongly, without an error.
    """
    kinds = {frozenset(each) for each in examples}
    between = {bool(each[INTERLEAVED]) for each in examples}
    if len(kinds) > 1 or len(between) > 1:
        differ = sorted(frozenset.union(*kinds) - frozenset.intersection(*kinds))
        raise ValueError(
            f"a batch of clips with other kinds of media: got {', '.join(differ) or 'sound'} in "
            "some alone, expected the same in all. Group them by their kinds."
        )
    longest = max(each["input_ids"].shape[1] for each in examples)
    filled = {"input_ids": pad_token_id} | _TOKENS
    batch: dict[str, Any] = {}
    for name in examples[0]:
        if name == INTERLEAVED:
            continue
        tensors = [each[name] for each in examples]
        if name in filled:
            tensors = [_left(each, longest, filled[name]) for each in tensors]
        elif name in _SOUNDS:
            most = max(each.shape[-1] for each in tensors)
            tensors = [torch.nn.functional.pad(each, (0, most - each.shape[-1])) for each in tensors]
        batch[name] = torch.cat(tensors)
    if family.interleaves:
        batch[FLAG] = between.pop()
    return batch


def _left(row: torch.Tensor, length: int, value: int) -> torch.Tensor:
    return torch.nn.functional.pad(row, (length - row.shape[1], 0), value=value)
