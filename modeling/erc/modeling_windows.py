"""What lies up to each utterance, as places in the dialogue instead of copies of it."""

import torch
from torch import Tensor


def window(mask: Tensor, size: int | None) -> tuple[Tensor, Tensor]:
    """Places of the utterances up to each utterance, itself the last.

    Args:
        mask: Booleans of shape (B, L).
        size: Most of them; None: all.

    Returns:
        Places of shape (L, K), the same for every dialogue, 0 where there is none, and booleans of
        shape (B, L, K) that say where there is one. K is no longer than the dialogues need.
    """
    length = mask.shape[1]
    k = length if size is None else min(size, length)
    here = torch.arange(length, device=mask.device)
    places = here[:, None] + torch.arange(k, device=mask.device) - k + 1
    return places.clamp(min=0), (places >= 0) & mask[:, :, None]


def gather(values: Tensor, places: Tensor) -> Tensor:
    """Values of shape (B, L, ...) at places of shape (L, K) or (B, L, K): (B, L, K, ...)."""
    if places.dim() == 2:
        return values[:, places]
    rows = torch.arange(values.shape[0], device=values.device)[:, None, None]
    return values[rows, places]


def turns(
    values: Tensor, speakers: Tensor, mask: Tensor, size: int | None
) -> tuple[Tensor, Tensor, Tensor]:
    """The turns up to each utterance: consecutive utterances of one speaker, averaged.

    The last turn is as long as it is by then; nothing later is in it.

    Args:
        values: Floats of shape (B, L, D), 0 in the padding.
        speakers: Of shape (B, L).
        mask: Booleans of shape (B, L).
        size: Most turns, the present one included; None: all.

    Returns:
        For each utterance the average of its turn so far, (B, L, D); places of the last utterance
        of each turn, (B, L, K), 0 where there is none; booleans of shape (B, L, K).
    """
    length = mask.shape[1]
    k = length if size is None else min(size, length)
    here = torch.arange(length, device=mask.device)
    changes = torch.ones_like(mask)
    changes[:, 1:] = speakers[:, 1:] != speakers[:, :-1]
    number = changes.cumsum(1) - 1
    so_far = (number[:, :, None] == number[:, None, :]) & (here[:, None] >= here)
    shares = so_far.to(values.dtype) / so_far.sum(-1, keepdim=True)
    averages = shares @ values
    ends = torch.zeros_like(number).scatter_reduce(1, number, here.expand_as(number), "amax")
    back = torch.arange(k, device=mask.device) - k + 1
    wanted = number[..., None] + back
    places = gather(ends, wanted.clamp(min=0))
    places = torch.cat([places[..., :-1], here.expand_as(number)[..., None]], -1)
    there = (wanted >= 0) & mask[..., None]
    return averages, places.masked_fill(~there, 0), there
