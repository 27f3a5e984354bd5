"""Chance in training, so that it can be repeated: the order of clips, and what dropout drops.

What is drawn at a step follows from the seed and the number of the step alone, and not from the
rate of dropout: so runs of other rates share their draws, and many runs side by side have those
that each has alone.
"""

from typing import Any

import torch
from torch import Tensor, nn

from affecthub.modeling.fusion import modeling_dropout

LEVELS = 1 << 16


def mixed(*numbers: int) -> int:
    """A seed of 63 bits out of several numbers; near numbers give seeds far apart.

    Example:
        >>> mixed(0, 1) != mixed(1, 0)
        True
    """
    state = 0x9E3779B97F4A7C15
    for number in numbers:
        state = (state ^ (number & (1 << 64) - 1)) * 0xBF58476D1CE4E5B9 % (1 << 64)
        state = (state ^ state >> 31) * 0x94D049BB133111EB % (1 << 64)
        state ^= state >> 29
    return state >> 1


def seed_step(seed: int, step: int, device: torch.device) -> None:
    """Have everything that is drawn from here on follow from the seed and the step."""
    number = mixed(seed, step)
    torch.default_generator.manual_seed(number)
    if device.type == "cuda":
        torch.cuda.manual_seed(number)


def draw(shape: torch.Size | tuple[int, ...], device: torch.device) -> Tensor:
    """Whole numbers from -32768 to 32767, all as likely, int16.

    Four are cut out of each number of 64 bits, which is what takes time on a CPU.
    """
    n_numbers = int(torch.Size(shape).numel())
    words = torch.empty(-(-n_numbers // 4), dtype=torch.int64, device=device)
    return words.random_(-(1 << 63), None).view(torch.int16)[:n_numbers].view(shape)


def kept(drawn: Tensor, rate: float) -> Tensor:
    """Which of the numbers drawn say that a feature stays, bool.

    Args:
        drawn: See `draw`.
        rate: Share that is dropped, from 0 to below 1, taken to the nearest of 65,536 levels.
    """
    return drawn >= round(rate * LEVELS) - LEVELS // 2


class Dropout(nn.Module):
    """Dropout by `draw`.

    Differs: from ``torch.nn.Dropout`` in the draws, and in that rates are multiples of 1 / 65,536.

    Args:
        rate: Share that is dropped, from 0 to below 1.
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        """Drop features of any shape and scale those that stay."""
        if not self.training or not self.rate:
            return x
        stay = kept(draw(x.shape, x.device), self.rate)
        return x * stay.to(x.dtype).mul_(1 / (1 - self.rate))


def with_own_dropout(model: nn.Module) -> list[tuple[Any, str, nn.Module]]:
    """Put our dropout in the place of torch's, and give what `restore` needs to take it back."""
    changed: list[tuple[Any, str, nn.Module]] = []
    for module in model.modules():
        for name, child in module.named_children():
            if isinstance(child, nn.Dropout | modeling_dropout.Dropout):
                changed.append((module, name, child))
    for module, name, child in changed:
        ours = Dropout(float(child.p))  # type: ignore[arg-type]
        setattr(module, name, ours.train(child.training))
    return changed


def restore(changed: list[tuple[Any, str, nn.Module]]) -> None:
    """Put modules back where they were."""
    for module, name, child in changed:
        setattr(module, name, child.train(getattr(module, name).training))
