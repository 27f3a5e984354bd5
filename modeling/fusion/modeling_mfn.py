"""MFN: what the cells of three LSTMs did since the last step goes into a memory."""

import torch
from torch import Tensor, nn

from .configuration_fusion import FusionConfig
from .modeling_grid import Grid
from .modeling_memory import MemoryFusion, with_previous


class MFNFusion(MemoryFusion):
    """The cell states of this step and the one before, weighed by a softmax over their channels.

    Source: Memory Fusion Network (Zadeh et al., 2018), equations 1 to 7; MERBench's widths.
    Differs: With ``fixed`` padding writes nothing and the last real step is read; the released
    code starts at the padding in front of a clip, which moves the states and the memory.
    """

    def __init__(self, config: FusionConfig) -> None:
        width = config.hidden_dim
        super().__init__(config, attended_dim=6 * width)
        self.att1_fc1 = nn.Linear(6 * width, width)
        self.att1_fc2 = nn.Linear(width, 6 * width)
        self.add_output(config)

    def attend(self, hidden: Tensor, cells: Tensor, grid: Grid) -> Tensor:
        """The weighted cell states, (N, 6 H)."""
        window = grid.pack(with_previous(cells).transpose(2, 3).flatten(2))
        scores = self.att1_fc2(self.drop(torch.relu(self.att1_fc1(window))))
        return scores.softmax(dim=1) * window
