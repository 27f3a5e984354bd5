"""Recurrent layers whose input is projected before it is cut into windows, and skips padding.

A window of ten utterances at every utterance would project each of them ten times. Here the first
layer's projection is made once per utterance, and what is gathered is a projection.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

Step = Callable[[Tensor, Tensor, Tensor | None], tuple[Tensor, Tensor | None]]


def scan(
    inputs: Tensor, mask: Tensor | None, width: int, step: Step, backwards: bool = False
) -> tuple[Tensor, Tensor]:
    """Run a cell over projected inputs; where the mask is False the state stays as it is.

    Args:
        inputs: Floats of shape (N, K, ...); K may be 0.
        mask: Booleans of shape (N, K), or None for every step.
        width: Of the state.
        step: From an input, a state and a cell's memory (LSTM) to the next state and memory.
        backwards: Whether to start with the last step.

    Returns:
        States of shape (N, K, width), 0 where the mask is False; the last state of shape (N,
        width), 0 where there was no step at all.
    """
    n, k = inputs.shape[:2]
    hidden = memory = inputs.new_zeros(n, width)
    states: list[Tensor] = []
    for i in reversed(range(k)) if backwards else range(k):
        new, new_memory = step(inputs[:, i], hidden, memory)
        if mask is None:
            hidden, memory = new, memory if new_memory is None else new_memory
            states.append(hidden)
            continue
        here = mask[:, i, None]
        hidden = new.where(here, hidden)
        memory = memory if new_memory is None else new_memory.where(here, memory)
        states.append(new.masked_fill(~here, 0))
    if not states:
        return inputs.new_zeros(n, 0, width), hidden
    return torch.stack(states[::-1] if backwards else states, 1), hidden


def gru_step(projected: Tensor, hidden: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """One step of a GRU whose input is projected: reset, update and new gate, in that order."""
    i_r, i_z, i_n = projected.chunk(3, -1)
    h_r, h_z, h_n = nn.functional.linear(hidden, weight, bias).chunk(3, -1)
    update = torch.sigmoid(i_z + h_z)
    new = torch.tanh(i_n + torch.sigmoid(i_r + h_r) * h_n)
    return new + update * (hidden - new)


def lstm_step(
    projected: Tensor, hidden: Tensor, memory: Tensor, weight: Tensor, bias: Tensor
) -> tuple[Tensor, Tensor]:
    """One step of an LSTM whose input is projected: input, forget, cell and output gate."""
    gates = projected + nn.functional.linear(hidden, weight, bias)
    i, f, g, o = gates.chunk(4, -1)
    memory = torch.sigmoid(f) * memory + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(memory), memory


class WindowRNN(nn.Module):
    """A GRU or LSTM of several layers, with the parameters of torch's, that reads windows.

    Args:
        kind: ``"gru"`` or ``"lstm"``.
        input_dim: Width of an utterance.
        hidden_dim: Width of a state of one direction.
        num_layers: How many.
        dropout: Between layers.
        bidirectional: Whether a second one reads each window from its end.
    """

    def __init__(
        self,
        kind: str,
        input_dim: int,
        hidden_dim: int,
        num_layers: int,
        dropout: float,
        bidirectional: bool,
    ) -> None:
        super().__init__()
        layers = {"gru": nn.GRU, "lstm": nn.LSTM}[kind]
        self.rnn = layers(input_dim, hidden_dim, num_layers, bidirectional=bidirectional)
        self.dropout = nn.Dropout(dropout)
        self.directions = 1 + bidirectional
        self.output_dim = hidden_dim * self.directions

    def project(self, utterances: Tensor) -> Tensor:
        """The first layer's input side, once per utterance: (..., D) to (..., both directions)."""
        return self._inputs(utterances, 0)

    def forward(self, projected: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Read windows.

        Args:
            projected: What :meth:`project` gave, gathered to (N, K, ...).
            mask: Booleans of shape (N, K).

        Returns:
            States of the last layer of shape (N, K, output_dim), 0 where the mask is False, and the
            last state of each direction side by side, of shape (N, output_dim).
        """
        states = last = projected
        for layer in range(self.rnn.num_layers):
            if layer:
                projected = self._inputs(self.dropout(states), layer)
            parts = projected.chunk(self.directions, -1)
            found = [self._scan(part, mask, layer, back) for back, part in enumerate(parts)]
            states = torch.cat([each for each, _ in found], -1)
            last = torch.cat([each for _, each in found], -1)
        return states, last

    def _inputs(self, values: Tensor, layer: int) -> Tensor:
        """The input side of a layer, of all directions."""
        return torch.cat([self._input(values, layer, back) for back in range(self.directions)], -1)

    def _weight(self, name: str, layer: int, back: int) -> Tensor:
        return getattr(self.rnn, f"{name}_l{layer}{'_reverse' if back else ''}")

    def _input(self, values: Tensor, layer: int, back: int) -> Tensor:
        weight = self._weight("weight_ih", layer, back)
        return nn.functional.linear(values, weight, self._weight("bias_ih", layer, back))

    def _scan(self, part: Tensor, mask: Tensor, layer: int, back: int) -> tuple[Tensor, Tensor]:
        weight = self._weight("weight_hh", layer, back)
        bias = self._weight("bias_hh", layer, back)

        def step(one: Tensor, hidden: Tensor, memory: Tensor | None):
            if isinstance(self.rnn, nn.GRU):
                return gru_step(one, hidden, weight, bias), None
            assert memory is not None, "scan starts with zeros"
            return lstm_step(one, hidden, memory, weight, bias)

        return scan(part, mask, self.rnn.hidden_size, step, backwards=bool(back))


def packed(rnn: nn.Module, values: Tensor, lengths: Tensor) -> Tensor:
    """A recurrent layer of torch over padded dialogues, as if each were alone.

    Args:
        rnn: With ``batch_first=True``.
        values: Of shape (B, L, D).
        lengths: Of shape (B,), each 1 or more.

    Returns:
        States of shape (B, L, H), 0 in the padding.
    """
    rows = nn.utils.rnn.pack_padded_sequence(
        values, lengths.cpu(), batch_first=True, enforce_sorted=False
    )
    states, _ = nn.utils.rnn.pad_packed_sequence(
        rnn(rows)[0], batch_first=True, total_length=values.shape[1]
    )
    return states
