"""A padded batch of steps, and the same batch without its padding."""

import torch
from torch import Tensor, nn
from torch.nn import functional


class Grid:
    """Where the real steps of a batch lie, so that nothing is computed on padding.

    Args:
        mask: Real steps, (B, T) bool, padding behind them.

    Attributes:
        mask: As given.
        lengths: Real steps of each clip, (B,) long.
        index: Their places in the batch laid flat, (N,) long; None where all are real.
    """

    def __init__(self, mask: Tensor) -> None:
        self.mask = mask
        self.lengths = mask.sum(1)
        self.index = None if bool(mask.all()) else mask.flatten().nonzero().squeeze(1)

    @property
    def shape(self) -> tuple[int, int]:
        """Clips and steps, padding included."""
        return self.mask.shape[0], self.mask.shape[1]

    def pack(self, x: Tensor) -> Tensor:
        """The real steps one below the other, (B, T, D) to (N, D)."""
        flat = x.flatten(0, 1)
        return flat if self.index is None else flat.index_select(0, self.index)

    def unpack(self, rows: Tensor) -> Tensor:
        """Real steps back in their places, 0 elsewhere, (N, D) to (B, T, D)."""
        batch, steps = self.shape
        if self.index is not None:
            flat = rows.new_zeros(batch * steps, rows.shape[1])
            rows = flat.index_copy(0, self.index, rows)
        return rows.view(batch, steps, rows.shape[1])

    def last(self, x: Tensor, *, steps_first: bool = False) -> Tensor:
        """The last real step, (B, T, D), or (T, ..., B, D), to (B, D); 0 of a clip without any."""
        if steps_first:
            return self._last_of_steps(x)
        at = (self.lengths - 1).clamp(min=0)
        found = x[torch.arange(len(at), device=x.device), at]
        return found * (self.lengths > 0).unsqueeze(1).to(x.dtype)

    def _last_of_steps(self, x: Tensor) -> Tensor:
        at = (self.lengths - 1).clamp(min=0)
        clips = torch.arange(len(at), device=x.device)
        found = x[at, ..., clips, :]
        real = (self.lengths > 0).to(x.dtype)
        return found * real.view(-1, *[1] * (found.dim() - 1))

    def turn(self, x: Tensor) -> Tensor:
        """The real steps of each clip in the opposite order, padding where it was, (B, T, D)."""
        if self.index is None:
            return x.flip(1)
        steps = torch.arange(self.shape[1], device=x.device).unsqueeze(0)
        lengths = self.lengths.unsqueeze(1)
        at = torch.where(steps < lengths, lengths - 1 - steps, steps)
        return x.gather(1, at.unsqueeze(-1).expand_as(x))

    def linear(self, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        """A linear layer on the real steps, (B, T, D) to (B, T, K); 0 elsewhere."""
        return self.unpack(functional.linear(self.pack(x), weight, bias))

    def mean_square(self, rows: Tensor, targets: Tensor, counted: Tensor) -> Tensor:
        """The mean squared difference of rows, (N, D), of the clips that count, (B,); 0 of none."""
        weights = self.pack(counted.view(-1, 1, 1).expand(-1, self.shape[1], 1)).to(rows.dtype)
        total = ((rows - targets).square() * weights).sum()
        return total / (weights.sum() * rows.shape[1]).clamp(min=1)


def bare_networks(modules: nn.Module) -> None:
    """Turn the parameters of modules into buffers: they are saved, and no optimizer sees them."""
    for module in modules.modules():
        for name, value in list(module.named_parameters(recurse=False)):
            delattr(module, name)
            module.register_buffer(name, value.detach().requires_grad_())
