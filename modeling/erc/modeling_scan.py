"""A bidirectional LSTM that takes both directions in one step, for processors.

torch's own LSTM runs one direction after the other there, and adds up its weights' gradients step
by step; both take longer than the rest of DialogueGCN. On a GPU its own kernels are faster.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from .modeling_dialogues import Dialogues, on_utterances


class LSTMScan(torch.autograd.Function):
    """States of several LSTMs side by side over projected inputs; the gradient is written out."""

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, weights: Tensor) -> Tensor:
        """Inputs of shape (T, S, B, 4 H), weights (S, H, 4 H), to states (T, S, B, H)."""
        width = weights.shape[1]
        gates = torch.empty_like(inputs)
        states, cells, tops = (inputs.new_empty(*inputs.shape[:-1], width) for _ in range(3))
        hidden = cell = inputs.new_zeros(inputs.shape[1:-1] + (width,))
        for t in range(len(inputs)):
            raw = torch.baddbmm(inputs[t], hidden, weights)
            torch.sigmoid(raw, out=gates[t])
            new = gates[t][..., 2 * width : 3 * width]
            torch.tanh(raw[..., 2 * width : 3 * width], out=new)
            enter, keep, new, leave = gates[t].split(width, -1)
            cell = torch.addcmul(keep * cell, enter, new, out=cells[t])
            hidden = torch.mul(leave, torch.tanh(cell, out=tops[t]), out=states[t])
        ctx.save_for_backward(gates, states, cells, tops, weights)
        return states

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_states: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        """Of the states' gradient those of the inputs and of the weights."""
        gates, states, cells, tops, weights = ctx.saved_tensors
        width = weights.shape[1]
        enter, keep, new, leave = gates.split(width, -1)
        before = torch.cat([torch.zeros_like(cells[:1]), cells[:-1]])
        of_cell = torch.cat(
            [new * enter * (1 - enter), before * keep * (1 - keep), enter * (1 - new * new)], -1
        )
        of_state = tops * leave * (1 - leave)
        through = leave * (1 - tops * tops)
        d_gates = torch.empty_like(gates)
        back = weights.transpose(1, 2)
        d_cell = torch.zeros_like(cells[0])
        d_hidden = torch.zeros_like(cells[0])
        for t in reversed(range(len(gates))):
            d_hidden = d_hidden + d_states[t]
            d_cell = torch.addcmul(d_cell, d_hidden, through[t])
            d_gates[t, ..., : 3 * width] = of_cell[t] * d_cell.repeat(1, 1, 3)
            torch.mul(of_state[t], d_hidden, out=d_gates[t, ..., 3 * width :])
            d_hidden = torch.bmm(d_gates[t], back)
            d_cell = d_cell * keep[t]
        d_weights = torch.einsum("tsbh,tsbg->shg", states[:-1], d_gates[1:])
        return d_gates, d_weights


def read_lstm(rnn: nn.LSTM, dialogues: Dialogues, official: bool) -> Tensor:
    """What ``rnn`` gives over dialogues, of shape (B, L, H or 2 H).

    Args:
        rnn: Of any number of layers and one or two directions.
        dialogues: The batch.
        official: Whether the padding is read, too, as by a layer that is not told of it. Its
            features are zeros.
    """
    states = dialogues.features
    sides = ["", "_reverse"] if rnn.bidirectional else [""]
    for layer in range(rnn.num_layers):
        names = [f"l{layer}{side}" for side in sides]
        weight = torch.cat([getattr(rnn, f"weight_ih_{name}") for name in names])
        bias = torch.cat(
            [getattr(rnn, f"bias_ih_{n}") + getattr(rnn, f"bias_hh_{n}") for n in names]
        )
        if layer:
            projected = nn.functional.linear(states, weight, bias)
        else:
            projected = on_utterances(states, dialogues.mask, weight.T, bias)
        hidden = torch.stack([getattr(rnn, f"weight_hh_{name}").T for name in names])
        states = _scan(projected, hidden, dialogues, official)
        if layer + 1 < rnn.num_layers:
            states = nn.functional.dropout(states, rnn.dropout, rnn.training)
    return states


def _scan(projected: Tensor, weights: Tensor, dialogues: Dialogues, official: bool) -> Tensor:
    """Both directions over (B, L, S * 4 H), the second from each dialogue's end."""

    def turned(values: Tensor) -> Tensor:
        return values.flip(1) if official else dialogues.backwards(values)

    sides = list(projected.chunk(len(weights), -1))
    sides[1:] = [turned(each) for each in sides[1:]]
    inputs = torch.stack(sides).permute(2, 0, 1, 3).contiguous()
    kind = torch.promote_types(inputs.dtype, weights.dtype)
    with torch.autocast(inputs.device.type, enabled=False):
        states = LSTMScan.apply(inputs.to(kind), weights.to(kind)).permute(1, 2, 0, 3)
    return torch.cat([states[0], *[turned(each) for each in states[1:]]], -1)
