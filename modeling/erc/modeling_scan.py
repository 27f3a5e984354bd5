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
    def forward(ctx: Any, inputs: Tensor, weights: Tensor, counts: tuple[int, ...]) -> Tensor:
        """Run them.

        Args:
            ctx: Of autograd.
            inputs: Of shape (T, S, B, 4 H), sequences from the longest to the shortest.
            weights: Of shape (S, H, 4 H).
            counts: How many sequences are that long, for each of the T steps.

        Returns:
            States of shape (T, S, B, H), 0 where a sequence has ended.
        """
        width = weights.shape[1]
        gates = torch.zeros_like(inputs)
        states, cells, tops = (inputs.new_zeros(*inputs.shape[:-1], width) for _ in range(3))
        hidden = cell = inputs.new_zeros(inputs.shape[1:-1] + (width,))
        for t, n in enumerate(counts):
            raw = torch.baddbmm(inputs[t, :, :n], hidden[:, :n], weights)
            here = gates[t, :, :n]
            torch.sigmoid(raw, out=here)
            enter, keep, new, leave = here.split(width, -1)
            torch.tanh(raw[..., 2 * width : 3 * width], out=new)
            cell = torch.addcmul(keep * cell[:, :n], enter, new, out=cells[t, :, :n])
            top = torch.tanh(cell, out=tops[t, :, :n])
            hidden = torch.mul(leave, top, out=states[t, :, :n])
        ctx.save_for_backward(gates, states, cells, tops, weights)
        ctx.counts = counts
        return states

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_states: Tensor) -> tuple[Tensor, Tensor, None]:  # type: ignore[override]
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
        d_gates = torch.zeros_like(gates)
        back = weights.transpose(1, 2)
        d_cell = cells.new_zeros(cells.shape[1:])
        d_hidden = torch.zeros_like(d_cell)
        for t in reversed(range(len(gates))):
            n = ctx.counts[t]
            d_here, d_memory = d_hidden[:, :n], d_cell[:, :n]
            d_here += d_states[t, :, :n]
            d_memory.addcmul_(d_here, through[t, :, :n])
            found = d_gates[t, :, :n]
            wanted = found[..., : 3 * width].unflatten(-1, (3, width))
            three = of_cell[t, :, :n].unflatten(-1, (3, width))
            torch.mul(three, d_memory[..., None, :], out=wanted)
            torch.mul(of_state[t, :, :n], d_here, out=found[..., 3 * width :])
            d_here.copy_(torch.bmm(found, back))
            d_memory.mul_(keep[t, :, :n])
        d_weights = torch.einsum("tsbh,tsbg->shg", states[:-1], d_gates[1:])
        return d_gates, d_weights, None


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
        if layer and official:
            projected = nn.functional.linear(states, weight, bias)
        else:
            projected = on_utterances(states, dialogues.mask, weight.T, bias)
        hidden = torch.stack([getattr(rnn, f"weight_hh_{name}").T for name in names])
        states = _scan(projected, hidden, dialogues, official)
        if layer + 1 < rnn.num_layers:
            states = nn.functional.dropout(states, rnn.dropout, rnn.training)
    return states


def _scan(projected: Tensor, weights: Tensor, dialogues: Dialogues, official: bool) -> Tensor:
    """Both directions over (B, L, S * 4 H), the second from each dialogue's end.

    Dialogues go from the longest to the shortest, so that those that ended are left out.
    """
    n, length = dialogues.mask.shape
    here = torch.arange(length, device=projected.device).expand(n, -1)
    if official:
        order = torch.arange(n, device=projected.device)
        counts = (n,) * length
        sides = (here, here.flip(1))
    else:
        order = dialogues.lengths.argsort(descending=True, stable=True)
        counts = tuple(dialogues.mask.sum(0).tolist())
        sides = (here, dialogues.from_end)
    parts = [
        part[order[:, None], side[order]]
        for part, side in zip(projected.chunk(len(weights), -1), sides, strict=False)
    ]
    inputs = torch.stack([part.transpose(0, 1) for part in parts], 1)
    kind = torch.promote_types(inputs.dtype, weights.dtype)
    with torch.autocast(inputs.device.type, enabled=False):
        states = LSTMScan.apply(inputs.to(kind), weights.to(kind), counts)
    back = order.argsort()[:, None]
    found = [states[:, i].transpose(0, 1)[back, sides[i]] for i in range(len(weights))]
    return torch.cat(found, -1)
