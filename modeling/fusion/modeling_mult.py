"""MulT: each modality attends to the other two, over time and without alignment."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from .configuration_fusion import FusionConfig
from .modeling_crossmodal import CrossmodalEncoder
from .modeling_grid import Grid
from .modeling_sequences import Masks

# Letters as in the released names: text (language), audio, vision.
LETTERS = ("l", "a", "v")


class MulTFusion(nn.Module):
    """Six crossmodal encoders, three self-attention encoders over pairs of them, the last steps.

    Modalities may have steps of their own, as many as they like.

    Source: Multimodal Transformer (Tsai et al., 2019), section 3; MERBench's sizes.
    Differs: With ``fixed`` no attention reaches padding, positions count real steps (``positions``
    is on), the convolution keeps the number of steps by zeros at both ends, and the last real step
    is read. The released code has no positions and no masks; where ``positions`` switches them on,
    as in the authors' code, a step whose first channel is exactly 0 has none.
    """

    def __init__(self, config: FusionConfig) -> None:
        super().__init__()
        option, width = config.option, config.hidden_dim
        self.is_official, self.dropout = config.is_official, config.dropout
        positions = option.positions
        if positions is None:
            positions = not config.is_official
        kernel = option.conv1d_kernel_size
        self.proj_l = nn.Conv1d(config.text_dim, width, kernel, bias=False)
        self.proj_a = nn.Conv1d(config.audio_dim, width, kernel, bias=False)
        self.proj_v = nn.Conv1d(config.vision_dim, width, kernel, bias=False)

        def encoder(dim: int, layers: int) -> CrossmodalEncoder:
            sizes = {"heads": option.num_heads, "layers": layers, "dropout": config.dropout}
            return CrossmodalEncoder(
                dim, **sizes, positions=positions, count_real=not config.is_official
            )

        for target in LETTERS:
            for source in LETTERS:
                if source != target:
                    name = f"trans_{target}_with_{source}"
                    setattr(self, name, encoder(width, option.layers))
            setattr(self, f"trans_{target}_mem", encoder(2 * width, max(option.layers, 3)))
        self.proj1 = nn.Linear(6 * width, 6 * width)
        self.proj2 = nn.Linear(6 * width, 6 * width)
        self.out_layer = nn.Linear(6 * width, width // 2)
        self.features_dim = width // 2

    def forward(
        self, audio: Tensor, text: Tensor, vision: Tensor, masks: Masks
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """From features and masks to (B, H // 2), without losses of its own."""
        given = ((text, masks.text), (audio, masks.audio), (vision, masks.vision))
        seen = {
            letter: self._project(letter, x, mask)
            for letter, (x, mask) in zip(LETTERS, given, strict=True)
        }
        last = torch.cat([self._read(target, seen) for target in LETTERS], dim=1)
        inner = functional.dropout(torch.relu(self.proj1(last)), self.dropout, self.training)
        return self.out_layer(self.proj2(inner) + last), {}

    def _read(self, target: str, seen: dict[str, tuple[Tensor, Grid]]) -> Tensor:
        """The last step of one modality after it has attended to the others, (B, 2 H)."""
        x, grid = seen[target]
        pair = [
            getattr(self, f"trans_{target}_with_{source}")(x, grid, *seen[source])
            for source in LETTERS
            if source != target
        ]
        return getattr(self, f"trans_{target}_mem").last(torch.cat(pair, dim=1), grid)

    def _project(self, letter: str, x: Tensor, mask: Tensor) -> tuple[Tensor, Grid]:
        """The convolution over the real steps, (N, H), and where they lie."""
        weight = getattr(self, f"proj_{letter}").weight
        kernel = weight.shape[2]
        grid = Grid(torch.ones_like(mask) if self.is_official else mask)
        if letter == "l":
            x = functional.dropout(x, self.dropout, self.training)
        if kernel == 1:
            return functional.linear(grid.pack(x), weight[:, :, 0]), grid
        steps = grid.shape[1]
        if self.is_official and steps < kernel:
            raise ValueError(
                f"too few steps for the convolution: got {steps}, expected {kernel} or more "
                "(`conv1d_kernel_size`). Pad the batch, or take fidelity='fixed'."
            )
        taps = [grid.linear(x, tap) for tap in weight.unbind(2)]
        before = 0 if self.is_official else (kernel - 1) // 2
        total = sum(_shifted(tap, i - before) for i, tap in enumerate(taps))
        if not self.is_official:
            return grid.pack(total), grid
        kept = steps - kernel + 1
        return total[:, :kept].flatten(0, 1), Grid(mask.new_ones(len(mask), kept))


def _shifted(x: Tensor, by: int) -> Tensor:
    """Steps moved to the front by as many, and 0 where nothing is left, (B, T, D)."""
    steps = x.shape[1]
    if by >= 0:
        return functional.pad(x[:, by:], (0, 0, 0, min(by, steps)))
    return functional.pad(x[:, : max(steps + by, 0)], (0, 0, min(-by, steps), 0))
