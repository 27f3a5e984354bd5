"""Adam over slices of stacks, each with its own learning rate, by the kernel of torch.optim."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from affecthub.training.fusion.settings import Settings

BETAS, EPS = (0.9, 0.999), 1e-8


class Slices:
    """Slices of weights of one learning rate, and what Adam remembers of them.

    Args:
        weights: Contiguous views of stacked weights.
        rate: Of learning.
        settings: Which Adam, and the decay.
    """

    def __init__(self, weights: Sequence[Tensor], rate: float, settings: Settings) -> None:
        self.weights = list(weights)
        self.means = [torch.zeros_like(each) for each in self.weights]
        self.squares = [torch.zeros_like(each) for each in self.weights]
        is_adam = settings.optimizer == "adam"
        self._kernel: Any = torch._fused_adam_ if is_adam else torch._fused_adamw_
        self._how: dict[str, Any] = {"lr": rate, "beta1": BETAS[0], "beta2": BETAS[1], "eps": EPS}
        self._how |= {"weight_decay": settings.weight_decay}

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor], count: Tensor) -> None:
        """Move the weights.

        Args:
            gradients: Of the weights, in their order.
            count: How many steps this makes, from 1, a float of no dimensions.
        """
        self._kernel(
            self.weights,
            list(gradients),
            self.means,
            self.squares,
            [],
            [count] * len(self.weights),
            **self._how,
            amsgrad=False,
            maximize=False,
        )
