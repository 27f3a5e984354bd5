"""Translation of one modality into another: a bidirectional encoder, attention, a decoder."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from .modeling_grid import Grid
from .modeling_recurrence import lstm_step, lstm_weights, run_layer


class TranslationEncoder(nn.Module):
    """Both directions of an LSTM, summed: the joint representation of the two modalities."""

    def __init__(self, in_dim: int, width: int) -> None:
        super().__init__()
        self.rnn = nn.LSTM(in_dim, width, bidirectional=True)
        self.fc = nn.Linear(width, width, bias=False)

    def forward(self, x: Tensor, grid: Grid) -> tuple[Tensor, Tensor]:
        """Steps and the decoder's first state, (B, T, D) to (B, T, H) and (B, H)."""
        states, ends = run_layer(self.rnn, x, grid)
        joint = states.sum(2) * grid.mask.unsqueeze(-1).to(states.dtype)
        return joint, torch.tanh(self.fc(ends.sum(1)))


class TranslationAttention(nn.Module):
    """Additive attention of the decoder's state over the encoder's steps."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.attn = nn.Linear(2 * width, width, bias=False)
        self.v = nn.Linear(width, 1, bias=False)

    def keys(self, joint: Tensor) -> Tensor:
        """What the steps, (..., H), add to the energy, the same for each state."""
        return functional.linear(joint, self.attn.weight[:, joint.shape[-1] :])

    def forward(self, s: Tensor, joint: Tensor, keys: Tensor, hidden: Tensor | None) -> Tensor:
        """The mean of the steps, (B, T, H), as a state, (B, H), weighs them, (B, H).

        Args:
            s: The state.
            joint: Steps.
            keys: Of the steps.
            hidden: Steps that it may not look at, (B, T) bool; None is none.
        """
        query = functional.linear(s, self.attn.weight[:, : s.shape[1]])
        energy = self.v(torch.tanh(query.unsqueeze(1) + keys)).squeeze(2)
        if hidden is not None:
            energy = energy.masked_fill(hidden, torch.finfo(energy.dtype).min)
        return (energy.softmax(dim=1).unsqueeze(1) @ joint).squeeze(1)


class TranslationDecoder(nn.Module):
    """Two LSTM cells, summed, that read the step before and what the attention finds."""

    def __init__(self, out_dim: int, width: int) -> None:
        super().__init__()
        self.out_dim = out_dim
        self.rnn = nn.LSTM(out_dim + width, width, bidirectional=True)
        self.fc_out = nn.Linear(2 * width, out_dim)


def translate(
    decoder: TranslationDecoder,
    attention: TranslationAttention,
    joint: Tensor,
    s: Tensor,
    target: Tensor,
    grid: Grid,
    truth: Tensor,
) -> Tensor:
    """Decode every step of the target from what was decoded, or stood, in the step before.

    Args:
        decoder: With its attention.
        attention: Over ``joint``.
        joint: The encoder's steps, (B, T, H).
        s: The first state of the two cells and of the attention, (B, H).
        target: (B, T, D).
        grid: Where real steps lie.
        truth: Whether a step is decoded from the target's step before it, (B, T) bool; else from
            the decoder's own output. Nothing stands before the first step.

    Returns:
        The decoded real steps, (N, D).
    """
    dim = target.shape[2]
    weight, bias, recurrent = lstm_weights(decoder.rnn)
    from_step, from_found = weight[:, :dim], weight[:, decoder.out_dim :]
    out_weight, out_bias = decoder.fc_out.weight[:dim], decoder.fc_out.bias[:dim]
    keys, recurrent = attention.keys(joint), recurrent.mT
    hidden = None if grid.index is None else ~grid.mask & (grid.lengths > 0).unsqueeze(1)
    h = torch.stack([s, s])
    c, before, said = torch.zeros_like(h), None, []
    for t in range(grid.shape[1]):
        found = attention(s, joint, keys, hidden)
        gates = functional.linear(found, from_found, bias)
        if before is not None:
            kept = torch.where(truth[:, t : t + 1], target[:, t - 1], before)
            gates = gates + functional.linear(kept, from_step)
        gates = gates.unflatten(1, (2, -1)).transpose(0, 1)
        h, c = lstm_step(torch.baddbmm(gates, h, recurrent), c)
        s = h.sum(0)
        said.append(functional.linear(torch.cat([s, found], dim=1), out_weight, out_bias))
        before = said[-1]
    return grid.pack(torch.stack(said, dim=1))


def translate_official(
    decoder: TranslationDecoder,
    attention: TranslationAttention,
    joint: Tensor,
    s: Tensor,
    target: Tensor,
) -> Tensor:
    """Decode as released: from the truth only, without the state of the cells, step 0 left at 0.

    Args:
        decoder: With its attention.
        attention: Over ``joint``.
        joint: The encoder's steps, (B, T, H).
        s: The first state of the attention, (B, H).
        target: (B, T, D), as wide as the decoder.

    Returns:
        The decoded steps, (B, T, D).
    """
    keys = attention.keys(joint)
    weight, bias, recurrent = lstm_weights(decoder.rnn)
    given = functional.linear(target[:, :-1], weight[:, : decoder.out_dim], bias)
    nothing = s.new_zeros(2, *s.shape)
    said = [torch.zeros_like(target[:, 0])]
    for gates in given.unbind(1):
        found = attention(s, joint, keys, None)
        gates = gates + functional.linear(found, weight[:, decoder.out_dim :])
        gates = gates.unflatten(1, (2, -1)).transpose(0, 1)
        h, _ = lstm_step(torch.baddbmm(gates, nothing, recurrent.mT), nothing)
        s = h.sum(0)
        said.append(decoder.fc_out(torch.cat([s, found], dim=1)))
    return torch.stack(said, dim=1)
