"""LSTMs over whole sequences that give every state, several side by side."""

import torch
from torch import Tensor, nn
from torch.nn import functional

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


def run_layer(rnn: nn.LSTM, x: Tensor, grid: Grid) -> tuple[Tensor, Tensor]:
    """One layer of an LSTM in one direction or two over the real steps of each clip.

    Features narrower than the layer meet its first columns, as if they were padded with 0.

    Args:
        rnn: Of one layer; its weights alone are used.
        x: (B, T, D).
        grid: Real steps.

    Returns:
        States of each direction, (B, T, G, H), and their ends, (B, G, H): what stands behind the
        real steps means nothing.
    """
    weights, biases, recurrent = lstm_weights(rnn)
    rows = grid.pack(x)
    ways = [
        grid.unpack(functional.linear(rows, first_columns(weight, x.shape[2]), bias))
        for weight, bias in zip(weights, biases, strict=True)
    ]
    if len(ways) == 2:
        ways[1] = grid.turn(ways[1])
    gates = torch.stack(ways).permute(2, 0, 1, 3).contiguous()
    hidden, _ = scan(gates, recurrent)
    ends, states = grid.last(hidden, steps_first=True), hidden.permute(2, 0, 1, 3)
    if len(ways) == 2:
        states = torch.stack([states[:, :, 0], grid.turn(states[:, :, 1])], dim=2)
    return states, ends


def lstm_weights(rnn: nn.LSTM) -> tuple[list[Tensor], list[Tensor], Tensor]:
    """Of a layer's G directions: weights (4 H, D) of the input, biases (4 H), and (G, 4 H, H)."""
    ways = ("", "_reverse") if rnn.bidirectional else ("",)
    inputs = [getattr(rnn, f"weight_ih_l0{way}") for way in ways]
    biases = [getattr(rnn, f"bias_ih_l0{w}") + getattr(rnn, f"bias_hh_l0{w}") for w in ways]
    return inputs, biases, torch.stack([getattr(rnn, f"weight_hh_l0{way}") for way in ways])


def first_columns(weight: Tensor, width: int) -> Tensor:
    """The weights of the first features; those of all are not copied."""
    return weight if weight.shape[1] == width else weight[:, :width]
