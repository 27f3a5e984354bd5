"""LSTMs over whole sequences that give every state, several side by side."""

import torch
from torch import Tensor, nn

from .modeling_grid import Grid


def scan(gates: Tensor, weight_hh: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Run G LSTMs of one width side by side.

    Args:
        gates: What input and biases add to the four gates, (T, G, B, 4 H), in the order of torch.
        weight_hh: Recurrent weights, (G, 4 H, H).
        state: The first hidden state, (G, B, H); None is 0.

    Returns:
        Hidden and cell states after each step, (T, G, B, H) each.
    """
    groups, batch = gates.shape[1:3]
    h = gates.new_zeros(groups, batch, weight_hh.shape[2]) if state is None else state
    c = torch.zeros_like(h)
    weights, hidden, cells = weight_hh.mT, [], []
    for step in gates.unbind(0):
        h, c = lstm_step(torch.baddbmm(step, h, weights), c)
        hidden.append(h)
        cells.append(c)
    return torch.stack(hidden), torch.stack(cells)


def lstm_step(gates: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """Hidden and cell state from the four gates, (..., 4 H), and the cell state before."""
    i, f, g, o = gates.chunk(4, dim=-1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def run_cells(cells: list[nn.LSTMCell], xs: list[Tensor], grid: Grid) -> tuple[Tensor, Tensor]:
    """Each LSTM over its own sequence; only real steps meet the input weights.

    Args:
        cells: G of one width.
        xs: G sequences, (B, T, D) each.
        grid: Their real steps.

    Returns:
        Hidden and cell states, (T, G, B, H) each; what stands behind the real steps means nothing.
    """
    gates = [
        grid.linear(x, cell.weight_ih, cell.bias_ih + cell.bias_hh)
        for cell, x in zip(cells, xs, strict=True)
    ]
    stacked = torch.stack(gates, dim=0).permute(2, 0, 1, 3).contiguous()
    return scan(stacked, torch.stack([cell.weight_hh for cell in cells]))
