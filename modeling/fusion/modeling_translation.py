"""Translation of one modality into another: a bidirectional encoder, attention, a decoder."""

from collections.abc import Callable

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

    What is fed back is found first, without gradients; then all steps meet the wide input weights
    at once, and gradients flow as if the fed steps were data.

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

    Source: Scheduled sampling (Bengio et al., 2015), section 2.4.
    """
    decoding = _Decoding(decoder, attention, joint, s, target.shape[2], grid)
    with torch.no_grad():
        fed, said = decoding.roll_out(target, truth)
    return decoding.decode(fed) if torch.is_grad_enabled() else said


class _Decoding:
    """One translation: its weights taken apart, and the loop over its steps."""

    def __init__(
        self,
        decoder: TranslationDecoder,
        attention: TranslationAttention,
        joint: Tensor,
        s: Tensor,
        dim: int,
        grid: Grid,
    ) -> None:
        self.attention, self.joint, self.first, self.grid = attention, joint, s, grid
        weights, biases, recurrent = lstm_weights(decoder.rnn)
        sizes = (dim, decoder.out_dim - dim, joint.shape[2])
        parts = [weight.split(sizes, dim=1) for weight in weights]
        self.of_step = [part[0] for part in parts]
        self.of_found = torch.stack([part[2] for part in parts]).mT
        self.biases, self.recurrent = torch.stack(biases).unsqueeze(1), recurrent.mT
        out = decoder.fc_out
        whole = dim == decoder.out_dim
        self.out = (out.weight, out.bias) if whole else (out.weight[:dim], out.bias[:dim])
        self.keys = attention.keys(joint)
        padding = ~grid.mask & (grid.lengths > 0).unsqueeze(1)
        self.hidden = None if grid.index is None else padding

    def roll_out(self, target: Tensor, truth: Tensor) -> tuple[Tensor, Tensor]:
        """What each step but the first is fed, (B, T - 1, D), and the decoded steps, (N, D)."""
        fed: list[Tensor] = []
        said: list[Tensor] = []

        def feed(t: int, state: Tensor | None) -> Tensor:
            if state is None:
                return self.biases.expand(-1, len(target), -1)
            said.append(functional.linear(state, *self.out))
            fed.append(torch.where(truth[:, t : t + 1], target[:, t - 1], said[-1]))
            return torch.stack([functional.linear(fed[-1], w) for w in self.of_step]) + self.biases

        states = self._run(feed)
        said.append(functional.linear(states[-1], *self.out))
        before = torch.stack(fed, dim=1) if fed else target[:, :0]
        return before, self.grid.pack(torch.stack(said, dim=1))

    def decode(self, fed: Tensor) -> Tensor:
        """The decoded real steps, (N, D), of what each step but the first is fed."""
        later = Grid(self.grid.mask[:, 1:])
        rows = later.pack(fed)
        ways = [later.unpack(functional.linear(rows, weight)) for weight in self.of_step]
        given = functional.pad(torch.stack(ways), (0, 0, 1, 0)).permute(2, 0, 1, 3) + self.biases
        states = self._run(lambda t, state: given[t])
        return functional.linear(self.grid.pack(torch.stack(states, dim=1)), *self.out)

    def _run(self, feed: Callable[[int, Tensor | None], Tensor]) -> list[Tensor]:
        """States and what attention found, (B, 2 H) after each step.

        Args:
            feed: What the step before adds to the gates of the two cells, (2, B, 4 H), given the
                number of this step and the state before, None at the first.
        """
        s = self.first
        h = torch.stack([s, s])
        c = torch.zeros_like(h)
        states: list[Tensor] = []
        for t in range(self.grid.shape[1]):
            found = self.attention(s, self.joint, self.keys, self.hidden)
            gates = feed(t, states[-1] if states else None)
            gates = torch.baddbmm(gates, found.expand(2, -1, -1), self.of_found)
            h, c = lstm_step(torch.baddbmm(gates, h, self.recurrent), c)
            s = h.sum(0)
            states.append(torch.cat([s, found], dim=1))
        return states


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
    weights, biases, recurrent = lstm_weights(decoder.rnn)
    parts = [weight.split((decoder.out_dim, joint.shape[2]), dim=1) for weight in weights]
    pairs = zip(parts, biases, strict=True)
    given = torch.stack([functional.linear(target[:, :-1], p[0], bias) for p, bias in pairs])
    of_found = torch.stack([part[1] for part in parts]).mT
    nothing = s.new_zeros(2, *s.shape)
    said = [torch.zeros_like(target[:, 0])]
    for gates in given.unbind(2):
        found = attention(s, joint, keys, None)
        gates = torch.baddbmm(gates, found.expand(2, -1, -1), of_found)
        h, _ = lstm_step(torch.baddbmm(gates, nothing, recurrent.mT), nothing)
        s = h.sum(0)
        said.append(decoder.fc_out(torch.cat([s, found], dim=1)))
    return torch.stack(said, dim=1)
