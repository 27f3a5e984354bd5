"""What follows the encoders, of all runs of one width at once: LMF and Attention.

Each takes hidden vectors as (run, modality, feature, clip) and gives (run, feature, clip).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from affecthub.training.fusion.noise import LEVELS
from affecthub.training.fusion.stacked.layout import Run

# Name in the stack -> its weights, the first dimension being runs, or ranks of runs.
Weights = dict[str, Tensor]


class StackedLMF:
    """LMF of several runs, whose ranks may differ: the products of all ranks stand side by side.

    Args:
        runs: Of one width.
    """

    NAMES = ("factors", "fusion_weights", "fusion_bias")

    def __init__(self, runs: Sequence[Run], device: torch.device) -> None:
        self.ranks = [run.job.config.option.rank for run in runs]
        self.ends = [0]
        for rank in self.ranks:
            self.ends.append(self.ends[-1] + rank)
        counts = torch.tensor(self.ranks, device=device)
        self.run_of = torch.repeat_interleave(torch.arange(len(runs), device=device), counts)
        self.membership = torch.zeros(len(runs), self.ends[-1], device=device)
        self.membership[self.run_of, torch.arange(self.ends[-1], device=device)] = 1

    def stacked(self, models: Sequence[Any]) -> Weights:
        """Weights of models in one."""
        names = ("audio_factor", "text_factor", "video_factor")
        factors = [torch.stack([getattr(m.fusion, n) for n in names], 1) for m in models]
        return {
            # (ranks, modality, output, input and 1)
            "factors": torch.cat(factors).transpose(2, 3).contiguous(),
            "fusion_weights": torch.cat([m.fusion.fusion_weights.view(-1) for m in models]),
            "fusion_bias": torch.stack([m.fusion.fusion_bias.view(-1, 1) for m in models]),
        }

    def rows(self, name: str, first: int, end: int) -> slice:
        """Where some runs' weights stand."""
        by_rank = name in ("factors", "fusion_weights")
        return slice(self.ends[first], self.ends[end]) if by_rank else slice(first, end)

    def of_run(self, weights: Mapping[str, Tensor], place: int) -> dict[str, Tensor]:
        """One run's weights, by the names of its model."""
        rows = self.rows("factors", place, place + 1)
        audio, text, video = weights["factors"][rows].transpose(2, 3).unbind(1)
        return {
            "fusion.audio_factor": audio,
            "fusion.text_factor": text,
            "fusion.video_factor": video,
            "fusion.fusion_weights": weights["fusion_weights"][rows].view(1, -1),
            "fusion.fusion_bias": weights["fusion_bias"][place].view(1, -1),
        }

    def __call__(self, hidden: Tensor, weights: Weights, draws: Any) -> Tensor:
        """From (runs, 3, H, clips) to (runs, H/2, clips)."""
        ranked = hidden[self.run_of]
        ranked = torch.cat([torch.ones_like(ranked[:, :, :1]), ranked], dim=2)
        audio, text, vision = torch.matmul(weights["factors"], ranked).unbind(1)
        products = audio * vision * text
        mixing = self.membership * weights["fusion_weights"]
        summed = (mixing @ products.flatten(1)).view(len(self.ranks), *products.shape[1:])
        return summed + weights["fusion_bias"]


class StackedAttention:
    """Attention of several runs.

    Args:
        runs: Of one width, all of one fidelity.
    """

    NAMES = ("weight_1", "bias_1", "weight_2", "bias_2", "weight_3", "bias_3", "weight_4", "bias_4")

    def __init__(self, runs: Sequence[Run], device: torch.device) -> None:
        self.is_official = runs[0].job.config.is_official
        self.n_runs = len(runs)
        rates = torch.tensor([run.dropout for run in runs], dtype=torch.float64, device=device)
        self.least = ((rates * LEVELS).round() - LEVELS // 2).to(torch.int32).view(-1, 1, 1)
        self.scale = (1 / (1 - rates)).float().view(-1, 1, 1)
        self.seeds = [run.job.seed for run in runs]

    @staticmethod
    def _layers(model: Any) -> list[Any]:
        mlp = model.fusion.attention_mlp
        return [mlp.linear_1, mlp.linear_2, mlp.linear_3, model.fusion.fc_att]

    def stacked(self, models: Sequence[Any]) -> Weights:
        """Weights of models in one."""
        found = {}
        for number in range(4):
            layers = [self._layers(model)[number] for model in models]
            found[f"weight_{number + 1}"] = torch.stack([layer.weight for layer in layers])
            found[f"bias_{number + 1}"] = torch.stack([layer.bias.view(-1, 1) for layer in layers])
        return found

    def rows(self, name: str, first: int, end: int) -> slice:
        """Where some runs' weights stand."""
        return slice(first, end)

    def of_run(self, weights: Mapping[str, Tensor], place: int) -> dict[str, Tensor]:
        """One run's weights, by the names of its model."""
        names = [f"fusion.attention_mlp.linear_{n}" for n in (1, 2, 3)] + ["fusion.fc_att"]
        found = {}
        for number, name in enumerate(names, start=1):
            found[f"{name}.weight"] = weights[f"weight_{number}"][place]
            found[f"{name}.bias"] = weights[f"bias_{number}"][place].view(-1)
        return found

    def __call__(self, hidden: Tensor, weights: Weights, draws: Any) -> Tensor:
        """From (runs, 3, H, clips) to (runs, H, clips)."""
        x = hidden.flatten(1, 2)
        if draws is not None:
            drawn = draws((x.shape[2], x.shape[1]))
            noise = torch.stack([drawn[seed] for seed in self.seeds]).transpose(1, 2)
            x = x * (noise >= self.least).to(x.dtype).mul_(self.scale)
        for number in (1, 2, 3):
            x = torch.baddbmm(weights[f"bias_{number}"], weights[f"weight_{number}"], x).relu()
        shares = torch.baddbmm(weights["bias_4"], weights["weight_4"], x)
        if not self.is_official:
            shares = shares.softmax(1)
        return (hidden * shares.unsqueeze(2)).sum(1)


STACKED = {"lmf": StackedLMF, "attention": StackedAttention}
