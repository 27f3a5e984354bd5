"""Runs of one width and one algorithm: their weights, one step of all, and each by itself again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from affecthub.training.fusion.fitting import new_model
from affecthub.training.fusion.settings import Settings
from affecthub.training.fusion.stacked.adam import Slices
from affecthub.training.fusion.stacked.encoders import NAMES, FirstLayer, Inputs, clip_bounds
from affecthub.training.fusion.stacked.fusions import STACKED
from affecthub.training.fusion.stacked.layout import Run, parts_of
from affecthub.training.fusion.table import MODALITIES

# Seed to what was drawn for a shape after the features' own draws.
Draws = Callable[[tuple[int, ...]], Mapping[int, Tensor]]


@dataclass
class Prepared:
    """A batch as stacks take it.

    Args:
        inputs: Modality to what `FirstLayer.forward` takes.
        targets: Seed to labels or scores of its batch ``(clips,)``.
        draws: For the dropout behind the encoders.
    """

    inputs: Mapping[str, Inputs]
    targets: Mapping[int, Tensor]
    draws: Draws


class Stack:
    """Several runs of one width.

    Args:
        runs: In the order of `stacks_of`.
        settings: How they are trained, but for what is each run's own.
        device: Where.
    """

    def __init__(self, runs: Sequence[Run], settings: Settings, device: torch.device) -> None:
        self.runs = list(runs)
        models = [new_model(run.job.config, run.job.seed).to(device) for run in runs]
        self.is_score = not runs[0].job.config.num_labels
        self.fusion: Any = STACKED[runs[0].job.config.algorithm](runs, device)
        with torch.no_grad():
            self.first = {name: self._first(models, name, settings) for name in MODALITIES}
            self.weights = self._upper(models)
        for weight in self.weights.values():
            weight.requires_grad_()
        # Outputs of the first layers for the batch that comes next, where it was known.
        self._ahead: list[Tensor] = []
        self._bounds = clip_bounds(runs, device)
        self._adam = []
        for part in parts_of([run.rate for run in runs]):
            rows = {name: self._rows(name, part.first, part.end) for name in self.weights}
            slices = [self.weights[name].detach()[rows[name]] for name in rows]
            biases = [
                layer.bias[part.first * layer.width : part.end * layer.width]
                for layer in self.first.values()
            ]
            self._adam.append((part, rows, Slices([*slices, *biases], part.value, settings)))

    def _first(self, models: Sequence[Any], name: str, settings: Settings) -> FirstLayer:
        layers = [getattr(model.fusion, NAMES[name]).linear_1 for model in models]
        weight = torch.cat([layer.weight for layer in layers])
        bias = torch.cat([layer.bias for layer in layers]).unsqueeze(1)
        return FirstLayer(weight, bias, self.runs, settings)

    def _upper(self, models: Sequence[Any]) -> dict[str, Tensor]:
        """All weights behind the first layers."""
        found: dict[str, Tensor] = {}
        for number in (2, 3):
            layers = [
                [getattr(getattr(m.fusion, NAMES[n]), f"linear_{number}") for n in MODALITIES]
                for m in models
            ]
            found[f"encoder_{number}"] = torch.stack(
                [torch.stack([layer.weight for layer in row]) for row in layers]
            )
            found[f"encoder_bias_{number}"] = torch.stack(
                [torch.stack([layer.bias.view(-1, 1) for layer in row]) for row in layers]
            )
        found |= self.fusion.stacked(models)
        heads = [m.fc_out_2 if self.is_score else m.fc_out_1 for m in models]
        found["head"] = torch.stack([head.weight for head in heads])
        found["head_bias"] = torch.stack([head.bias.view(-1, 1) for head in heads])
        return {name: each.detach().clone().contiguous() for name, each in found.items()}

    def _rows(self, name: str, first: int, end: int) -> slice:
        if name in self.fusion.NAMES:
            rows: slice = self.fusion.rows(name, first, end)
            return rows
        return slice(first, end)

    def answers(self, outputs: Sequence[Tensor], draws: Draws | None) -> Tensor:
        """From outputs of the first layers to logits ``(runs, classes, clips)``."""
        weights = self.weights
        hidden = torch.stack(list(outputs), 1).relu()
        n_runs, _, width, n_clips = hidden.shape
        x = hidden.view(-1, width, n_clips)
        for number in (2, 3):
            weight = weights[f"encoder_{number}"].flatten(0, 1)
            x = torch.baddbmm(weights[f"encoder_bias_{number}"].flatten(0, 1), weight, x).relu()
        fused = self.fusion(x.view(n_runs, 3, width, n_clips), weights, draws)
        return torch.baddbmm(weights["head_bias"], weights["head"], fused)

    def step(self, batch: Prepared, count: Tensor, following: Prepared | None) -> Tensor:
        """One step of all runs.

        Args:
            batch: What to learn from.
            count: See `Slices.step`.
            following: What the next step learns from, None where this is not known.

        Returns:
            The loss of every run, ``(runs,)``.
        """
        with torch.no_grad():
            outputs = self._ahead or [
                self.first[name].forward(batch.inputs[name]) for name in MODALITIES
            ]
        for output in outputs:
            output.requires_grad_()
        answers = self.answers(outputs, batch.draws)
        wanted = torch.stack([batch.targets[run.job.seed] for run in self.runs])
        losses = self.losses(answers, wanted)
        names = list(self.weights)
        found = torch.autograd.grad(losses.sum(), [*outputs, *self.weights.values()])
        outer = dict(zip(MODALITIES, found[:3], strict=True))
        with torch.no_grad():
            gradients = dict(zip(names, found[3:], strict=True))
            biases = {name: each.sum(2, keepdim=True) for name, each in outer.items()}
            self._cut(gradients, biases)
            for part, rows, adam in self._adam:
                of_bias = [each[part.first : part.end].flatten(0, 1) for each in biases.values()]
                adam.step([*(gradients[n][rows[n]] for n in names), *of_bias], count)
            self._ahead = []
            for name in MODALITIES:
                to_come = None if following is None else following.inputs[name]
                made = self.first[name].backward(outer[name], batch.inputs[name], count, to_come)
                self._ahead += [] if made is None else [made]
        return losses.detach()

    def losses(self, answers: Tensor, wanted: Tensor) -> Tensor:
        """Mean loss of every run, ``(runs,)``."""
        if self.is_score:
            return (answers.squeeze(1) - wanted).square().mean(1)
        return functional.cross_entropy(answers, wanted, reduction="none").mean(1)

    def _cut(self, gradients: dict[str, Tensor], biases: dict[str, Tensor]) -> None:
        """Cut gradients number by number, where runs say so; first layers see to themselves."""
        if self._bounds is None:
            return
        for gradient in (*gradients.values(), *biases.values()):
            bound = self._bounds
            if len(gradient) != len(self.runs):
                bound = bound[self.fusion.run_of]
            bound = bound.view(-1, *[1] * (gradient.dim() - 1))
            gradient.clamp_(min=-bound, max=bound)

    def state_of(self, place: int) -> dict[str, Tensor]:
        """One run's weights by the names of its model; views."""
        found: dict[str, Tensor] = {}
        weights = {name: weight.detach() for name, weight in self.weights.items()}
        for at, (name, encoder) in enumerate(NAMES.items()):
            layer = self.first[name]
            rows = slice(place * layer.width, (place + 1) * layer.width)
            found[f"fusion.{encoder}.linear_1.weight"] = layer.weight[rows]
            found[f"fusion.{encoder}.linear_1.bias"] = layer.bias[rows].view(-1)
            for number in (2, 3):
                weight = weights[f"encoder_{number}"][place, at]
                found[f"fusion.{encoder}.linear_{number}.weight"] = weight
                bias = weights[f"encoder_bias_{number}"][place, at].view(-1)
                found[f"fusion.{encoder}.linear_{number}.bias"] = bias
        found |= self.fusion.of_run(weights, place)
        head = "fc_out_2" if self.is_score else "fc_out_1"
        found[f"{head}.weight"] = weights["head"][place]
        found[f"{head}.bias"] = weights["head_bias"][place].view(-1)
        return found
