"""The encoders of a stack: the first layers by hand, whose input all runs share.

Activations lie as (run, feature, clip), so that runs that stand side by side are one product. A
first layer is trained a few rows at a time: their gradient, Adam, and their outputs for the next
batch come one after the other while the rows are in the processor's cache. First layers are most of
all weights, and memory is what they wait for.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from affecthub.training.fusion.settings import Settings
from affecthub.training.fusion.stacked.adam import Slices
from affecthub.training.fusion.stacked.layout import Part, Run, parts_of
from affecthub.training.fusion.table import MODALITIES

# Numbers of a first layer that are trained together: what fits a cache.
BLOCK = 1 << 19
NAMES = {"audio": "audio_encoder", "text": "text_encoder", "vision": "video_encoder"}

# (seed, dropout) -> a modality's features with some dropped, (clips, width).
Inputs = Mapping[tuple[int, float], Tensor]


@dataclass
class _Block:
    """Some rows of a first layer: where they lie, whose input they have, their Adam."""

    rows: slice
    key: tuple[int, float]
    adam: Slices


class FirstLayer:
    """The first layer of one modality's encoder, of all runs of a stack.

    Args:
        weight: ``(runs * width, features)``.
        bias: ``(runs * width, 1)``.
        runs: Of the stack.
        settings: How they are trained, but for the learning rate.
    """

    def __init__(
        self, weight: Tensor, bias: Tensor, runs: Sequence[Run], settings: Settings
    ) -> None:
        self.weight, self.bias = weight, bias
        self.width = runs[0].width
        self.clips = clip_bounds(runs, weight.device)
        self._blocks = list(self._cut(runs, settings))
        most = max(block.rows.stop - block.rows.start for block in self._blocks)
        self._gradient = torch.empty(most, weight.shape[1], device=weight.device)

    def _cut(self, runs: Sequence[Run], settings: Settings) -> Iterator[_Block]:
        keys = [(run.rate, (run.job.seed, run.dropout)) for run in runs]
        size = max(1, BLOCK // self.weight.shape[1])
        for part in parts_of(keys):
            rate, key = part.value
            end = part.end * self.width
            for first in range(part.first * self.width, end, size):
                rows = slice(first, min(first + size, end))
                yield _Block(rows, key, Slices([self.weight[rows]], rate, settings))

    def forward(self, inputs: Inputs) -> Tensor:
        """Outputs before ReLU, ``(runs, width, clips)``; nothing is kept for a gradient."""
        found = self._room(inputs)
        for block in self._blocks:
            self._outputs(block, inputs, found)
        return found.view(-1, self.width, found.shape[1])

    def backward(
        self, outer: Tensor, inputs: Inputs, count: Tensor, following: Inputs | None
    ) -> Tensor | None:
        """Take the gradient of the outputs to the weights, and move these; biases have moved.

        Args:
            outer: Gradient of what `forward` gave.
            inputs: What it was given.
            count: See `Slices.step`.
            following: The inputs of the next step, None where there is none.

        Returns:
            What `forward` gives for `following`.
        """
        outer = outer.reshape(-1, outer.shape[2])
        found = None if following is None else self._room(following)
        for block in self._blocks:
            rows = block.rows
            gradient = self._gradient[: rows.stop - rows.start]
            torch.mm(outer[rows], inputs[block.key], out=gradient)
            if self.clips is not None:
                bound = self.clips.repeat_interleave(self.width)[rows].unsqueeze(1)
                gradient.clamp_(min=-bound, max=bound)
            block.adam.step([gradient], count)
            if following is not None and found is not None:
                self._outputs(block, following, found)
        return None if found is None else found.view(-1, self.width, found.shape[1])

    def _room(self, inputs: Inputs) -> Tensor:
        first = next(iter(inputs.values()))
        return torch.empty(len(self.weight), len(first), device=first.device)

    def _outputs(self, block: _Block, inputs: Inputs, found: Tensor) -> None:
        rows = block.rows
        torch.addmm(self.bias[rows], self.weight[rows], inputs[block.key].T, out=found[rows])


def clip_bounds(runs: Sequence[Run], device: torch.device) -> Tensor | None:
    """To what each run's gradients are cut, infinity where they are not; None where none are."""
    values = [run.job.settings.clip_value for run in runs]
    if all(value is None for value in values):
        return None
    infinite = float("inf")
    return torch.tensor([infinite if v is None else v for v in values], device=device)


def dropped(
    features: Mapping[str, Tensor],
    draws: Mapping[str, Tensor] | None,
    parts: Sequence[Part],
    seed: int,
) -> dict[str, dict[tuple[int, float], Tensor]]:
    """Features of a seed's batch as runs of several rates of dropout are given them.

    Args:
        features: Modality to ``(clips, width)``.
        draws: Modality to what was drawn for it, see `noise.draw`; None drops nothing.
        parts: Seeds and rates of dropout that there are.
        seed: Which batch this is.
    """
    from affecthub.training.fusion.noise import kept

    found: dict[str, dict[tuple[int, float], Tensor]] = {name: {} for name in MODALITIES}
    for rate in dict.fromkeys(part.value[1] for part in parts if part.value[0] == seed):
        for name in MODALITIES:
            x = features[name]
            if draws is not None and rate:
                x = x * kept(draws[name], rate).to(x.dtype).mul_(1 / (1 - rate))
            found[name][seed, rate] = x
    return found
