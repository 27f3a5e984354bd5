"""How alike batches of vectors are: central moments, and what two spaces have in common."""

import torch
from torch import Tensor

_MOMENTS = 5
# Under the root: its slope at 0 is infinite, and batches of one clip, or equal ones, are there.
_EPS = 1e-12


def mean_over(x: Tensor, counted: Tensor) -> Tensor:
    """The mean over the clips that count, (B, D) and (B,) to (D,); 0 where none does."""
    weights = counted.to(x.dtype)
    return (x * weights.unsqueeze(1)).sum(0) / weights.sum().clamp(min=1)


def moment_distance(x: Tensor, y: Tensor, counted: Tensor, *, official: bool) -> Tensor:
    """How far the central moments of two batches are apart, to the fifth.

    Args:
        x: (B, D).
        y: (B, D).
        counted: Clips that count, (B,) bool.
        official: Without an epsilon under the root, whose gradient at equal moments is NaN.

    Source: Zellinger et al., 2017; MISA (Hazarika et al., 2020), equation 7.
    """
    x_mean, y_mean = mean_over(x, counted), mean_over(y, counted)
    distance = _norm(x_mean - y_mean, official=official)
    x, y = x - x_mean, y - y_mean
    for order in range(2, _MOMENTS + 1):
        gap = mean_over(x**order, counted) - mean_over(y**order, counted)
        distance = distance + _norm(gap, official=official)
    return distance


def overlap(x: Tensor, y: Tensor, counted: Tensor) -> Tensor:
    """What two spaces have in common: the mean square of their correlations over the batch.

    Args:
        x: (B, D).
        y: (B, D).
        counted: Clips that count, (B,) bool.

    Source: MISA (Hazarika et al., 2020), equation 9; rows are centred and of length 1, and no
        gradient passes their length.
    """
    x, y = _unit_rows(x, counted), _unit_rows(y, counted)
    return torch.matmul(x.t(), y).square().mean()


def _unit_rows(x: Tensor, counted: Tensor) -> Tensor:
    x = (x - mean_over(x, counted)) * counted.unsqueeze(1).to(x.dtype)
    return x / (torch.linalg.vector_norm(x.detach(), dim=1, keepdim=True) + 1e-6)


def _norm(gap: Tensor, *, official: bool) -> Tensor:
    squared = gap.square().sum()
    return squared.sqrt() if official else (squared + _EPS).sqrt()
