"""Steps, masks and padding: which steps of a clip are real, and where they lie."""

from typing import NamedTuple

import torch
from torch import Tensor

from .modeling_checks import may_look


class Masks(NamedTuple):
    """Which steps are real, or which clips have the modality.

    Attributes:
        audio: (B, T) bool beside steps, (B,) bool beside one vector per clip.
        text: The same.
        vision: The same.
    """

    audio: Tensor
    text: Tensor
    vision: Tensor

    @property
    def present(self) -> Tensor:
        """Which clips have which modality, (B, 3) bool in the order audio, text, vision."""
        return torch.stack([mask if mask.dim() == 1 else mask.any(1) for mask in self], dim=1)


def move_steps(x: Tensor, mask: Tensor, *, to_end: bool = False) -> tuple[Tensor, Tensor]:
    """Put the real steps of each clip side by side, in their order, and padding behind them.

    Args:
        x: Steps, (B, T, D).
        mask: Real ones, (B, T) bool.
        to_end: Put them at the end and padding before them, as the released code pads.

    Returns:
        The same steps and their mask, moved.
    """
    order = torch.sort(mask.to(torch.uint8), dim=1, descending=not to_end, stable=True).indices
    moved = mask.gather(1, order)
    if may_look([x, mask], training=True) and torch.equal(moved, mask):
        return x, mask  # in place already, and looking cost nothing
    return x.gather(1, order.unsqueeze(-1).expand_as(x)), moved


def masked_mean(x: Tensor, mask: Tensor) -> Tensor:
    """The mean over real steps, (B, T, D) to (B, D); 0 of a clip without any."""
    real = mask.unsqueeze(-1).to(x.dtype)
    return (x * real).sum(1) / real.sum(1).clamp(min=1)


def last_step(x: Tensor, mask: Tensor) -> Tensor:
    """The last real step, (B, T, D) to (B, D), of steps padded at the end; 0 of a clip without."""
    length = mask.sum(1)
    index = (length - 1).clamp(min=0).view(-1, 1, 1).expand(-1, 1, x.shape[2])
    return x.gather(1, index).squeeze(1) * (length > 0).unsqueeze(1).to(x.dtype)
