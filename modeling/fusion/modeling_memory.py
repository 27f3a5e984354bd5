"""What MFN and Graph-MFN share: three LSTMs and a memory that two gates write."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from .configuration_fusion import FusionConfig
from .modeling_alignment import align
from .modeling_grid import Grid
from .modeling_recurrence import run_cells
from .modeling_sequences import Masks


class MemoryFusion(nn.Module):
    """Three LSTMs side by side, and a memory of what they say together.

    At each step ``attend`` makes a vector of the three LSTMs' states; the memory keeps a share of
    itself (first gate) and takes a share of a candidate (second gate), all read off that vector.
    Everything but the two recurrences runs over all steps at once.

    Args:
        config: Sizes.
        attended_dim: Width of what ``attend`` gives.
    """

    features_dim: int

    def __init__(self, config: FusionConfig, attended_dim: int) -> None:
        super().__init__()
        width, memory = config.hidden_dim, config.option.mem_dim
        self.is_official, self.dropout, self.mem_dim = config.is_official, config.dropout, memory
        self.lstm_l = nn.LSTMCell(config.text_dim, width)
        self.lstm_a = nn.LSTMCell(config.audio_dim, width)
        self.lstm_v = nn.LSTMCell(config.vision_dim, width)
        self.att2_fc1 = nn.Linear(attended_dim, width)
        self.att2_fc2 = nn.Linear(width, memory)
        self.gamma1_fc1 = nn.Linear(attended_dim + memory, width)
        self.gamma1_fc2 = nn.Linear(width, memory)
        self.gamma2_fc1 = nn.Linear(attended_dim + memory, width)
        self.gamma2_fc2 = nn.Linear(width, memory)

    @property
    def cells(self) -> list[nn.LSTMCell]:
        """The LSTMs of text, sound and faces."""
        return [self.lstm_l, self.lstm_a, self.lstm_v]

    def add_output(self, config: FusionConfig) -> None:
        """Add the two layers from the last states to the features."""
        width = config.hidden_dim
        self.out_fc1 = nn.Linear(3 * width + self.mem_dim, width)
        self.out_fc2 = nn.Linear(width, width // 2)
        self.features_dim = width // 2

    def attend(self, hidden: Tensor, cells: Tensor, grid: Grid) -> Tensor:
        """From the states, (T, 3, B, H) each, to a vector for each real step, (N, W)."""
        raise NotImplementedError

    def summarise(self, hidden: Tensor, cells: Tensor, grid: Grid) -> Tensor:
        """The last states of the LSTMs and of the memory, (B, 3 H + M)."""
        memory = self._remember(self.attend(hidden, cells, grid), grid)
        last = grid.last(hidden, steps_first=True).flatten(1)
        return torch.cat([last, grid.last(memory, steps_first=True)], dim=1)

    def forward(
        self, audio: Tensor, text: Tensor, vision: Tensor, masks: Masks
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """From features and masks to (B, H // 2), without losses of its own."""
        xs, grid = align(audio, text, vision, masks, official=self.is_official)
        last = self.summarise(*run_cells(self.cells, xs, grid), grid)
        return self.out_fc2(self.drop(torch.relu(self.out_fc1(last)))), {}

    def drop(self, x: Tensor) -> Tensor:
        """Dropout in training."""
        return functional.dropout(x, self.dropout, self.training)

    def _remember(self, attended: Tensor, grid: Grid) -> Tensor:
        """The memory after each step, (T, B, M)."""
        seen = attended.shape[1]
        candidate = torch.tanh(self.att2_fc2(self.drop(torch.relu(self.att2_fc1(attended)))))
        candidates = grid.unpack(candidate).transpose(0, 1)
        first, second = (self.gamma1_fc1, self.gamma2_fc1), (self.gamma1_fc2, self.gamma2_fc2)
        read = [functional.linear(attended, fc.weight[:, :seen], fc.bias) for fc in first]
        reads = torch.stack([grid.unpack(each) for each in read]).permute(2, 0, 1, 3).contiguous()
        recall = torch.stack([fc.weight[:, seen:] for fc in first]).mT
        weights = torch.stack([fc.weight for fc in second]).mT
        biases = torch.stack([fc.bias for fc in second]).unsqueeze(1)
        memory = attended.new_zeros(grid.shape[0], self.mem_dim)
        found = []
        for candidate, step in zip(candidates.unbind(0), reads.unbind(0), strict=True):
            inner = torch.baddbmm(step, memory.expand(2, -1, -1), recall)
            keep, take = torch.sigmoid(torch.baddbmm(biases, self.drop(torch.relu(inner)), weights))
            memory = keep * memory + take * candidate
            found.append(memory)
        return torch.stack(found)


def with_previous(states: Tensor) -> Tensor:
    """Each step's states behind those of the step before, (T, G, B, H) to (B, T, G, 2, H)."""
    before = torch.cat([torch.zeros_like(states[:1]), states[:-1]])
    return torch.stack([before, states], dim=3).permute(2, 0, 1, 3, 4)
