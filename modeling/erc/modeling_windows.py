"""What lies before each utterance, as places in the dialogue instead of copies of it."""

import torch
from torch import Tensor


def window(mask: Tensor, size: int | None, *, inclusive: bool) -> tuple[Tensor, Tensor]:
    """Places of the utterances before each utterance, the nearest last.

    Args:
        mask: Booleans of shape (B, L).
        size: Most of them; None: all.
        inclusive: Whether the utterance itself is the last of its window.

    Returns:
        Places of shape (L, K), the same for every dialogue, 0 where there is none, and booleans of
        shape (B, L, K) that say where there is one. K is no longer than the dialogues need.
    """
    length = mask.shape[1]
    longest = length if inclusive else length - 1
    k = longest if size is None else min(size, longest)
    return fixed_window(mask, k, inclusive=inclusive)


def fixed_window(mask: Tensor, k: int, *, inclusive: bool) -> tuple[Tensor, Tensor]:
    """The same with exactly ``k`` places, whatever the dialogues need."""
    here = torch.arange(mask.shape[1], device=mask.device)
    back = torch.arange(k, device=mask.device) - k + inclusive
    places = here[:, None] + back
    return places.clamp(min=0), (places >= 0) & mask[:, :, None]


def gather(values: Tensor, places: Tensor) -> Tensor:
    """Values of shape (B, L, ...) at places of shape (L, K) or (B, L, K): (B, L, K, ...)."""
    if places.dim() == 2:
        return values[:, places]
    rows = torch.arange(values.shape[0], device=values.device)[:, None, None]
    return values[rows, places]
