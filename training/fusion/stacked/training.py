"""The loop that trains stacks; what comes out is what single runs with the same seeds give."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from affecthub.modeling.fusion import FusionModel
from affecthub.training.fusion.fitting import Fitted
from affecthub.training.fusion.job import Job
from affecthub.training.fusion.noise import draw, seed_step
from affecthub.training.fusion.order import Batches
from affecthub.training.fusion.scoring import CHOSEN_BY, better, scores_of
from affecthub.training.fusion.settings import Settings
from affecthub.training.fusion.stacked.encoders import dropped
from affecthub.training.fusion.stacked.layout import Part, Run, parts_of, stacks_of
from affecthub.training.fusion.stacked.stack import Prepared, Stack
from affecthub.training.fusion.table import MODALITIES, FeatureTable


def train_stacked(jobs: Sequence[Job], table: FeatureTable) -> list[Fitted]:
    """Train runs side by side.

    Args:
        jobs: See `grouping.groups_of`.
        table: What to train, validate and test on.

    Returns:
        What `fit` gives for each, in their order, but for rounding; their ``seconds`` are each
        one's share of the whole.
    """
    started = time.perf_counter()
    settings = jobs[0].settings
    devices = [table.device.index or 0] if table.device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        loop = _Loop(jobs, table, settings)
        for epoch in range(settings.epochs):
            loop.train(epoch)
            loop.validate(epoch)
    seconds = (time.perf_counter() - started) / len(jobs)
    return loop.fitted(seconds)


class _Loop:
    """All stacks, and the best weights of every run so far."""

    def __init__(self, jobs: Sequence[Job], table: FeatureTable, settings: Settings) -> None:
        self.jobs, self.table, self.settings = jobs, table, settings
        self.stacks = [Stack(runs, settings, table.device) for runs in stacks_of(jobs)]
        self.seeds = list(dict.fromkeys(job.seed for job in jobs))
        self.parts = _distinct([run for stack in self.stacks for run in stack.runs])
        self.batches = {
            seed: Batches(table, "train", settings.batch_size, seed=seed, shuffle=settings.shuffle)
            for seed in self.seeds
        }
        self.n_steps = 0
        self.best = [_Best() for _ in jobs]

    def train(self, epoch: int) -> None:
        """One round over the training clips."""
        indices = {}
        for seed, batches in self.batches.items():
            batches.set_epoch(epoch)
            indices[seed] = batches.indices()
        steps = [
            dict(zip(indices, each, strict=True)) for each in zip(*indices.values(), strict=True)
        ]
        batch = self._prepared(steps[0], self.n_steps)
        for number in range(len(steps)):
            following = None
            if number + 1 < len(steps):
                following = self._prepared(steps[number + 1], self.n_steps + 1)
            self.n_steps += 1
            count = torch.tensor(float(self.n_steps), device=self.table.device)
            for stack in self.stacks:
                stack.step(batch, count, following)
            if following is not None:
                batch = following

    def _prepared(self, indices: Mapping[int, Tensor], step: int) -> Prepared:
        """A batch of every seed, with what its runs drop at that step."""
        device = self.table.device
        inputs: dict[str, dict[tuple[int, float], Tensor]] = {name: {} for name in MODALITIES}
        targets, states = {}, {}
        for seed, index in indices.items():
            batch = self.table.batch(index)
            seed_step(seed, step, device)
            draws = {name: draw(batch[name].shape, device) for name in MODALITIES}
            states[seed] = _state(device)
            for name, made in dropped(batch, draws, self.parts, seed).items():
                inputs[name].update(made)
            targets[seed] = batch["labels" if "labels" in batch else "scores"]

        def further(shape: tuple[int, ...]) -> dict[int, Tensor]:
            found = {}
            for seed, state in states.items():
                _set_state(device, state)
                found[seed] = draw(shape, device)
            return found

        return Prepared(inputs, targets, further)

    @torch.no_grad()
    def validate(self, epoch: int) -> None:
        """Score the validation clips and keep the weights of runs that are better than before."""
        split = "validation"
        if not len(self.table.splits.get(split, ())):
            return
        answers, losses = self.answers(split)
        clips = self.table.splits[split]
        for stack in self.stacks:
            for place, run in enumerate(stack.runs):
                scores = scores_of(answers[run.place], self.table.labels, clips)
                scores["loss"] = losses[run.place]
                best = self.best[run.place]
                best.history.append({"epoch": epoch + 1, **scores})
                if better(scores[CHOSEN_BY], best.score) or not best.weights:
                    best.score, best.scores = scores[CHOSEN_BY], {**scores, "epoch": epoch + 1}
                    best.epoch = epoch + 1
                    best.keep(stack.state_of(place))

    @torch.no_grad()
    def answers(self, split: str) -> tuple[dict[int, Tensor], dict[int, float]]:
        """Job to answers to a split's clips, and to the mean loss."""
        settings = self.settings
        size = settings.batch_size if settings.pad == "split" else settings.eval_batch_size
        found: dict[int, list[Tensor]] = {i: [] for i in range(len(self.jobs))}
        losses = dict.fromkeys(found, 0.0)
        clips = self.table.splits[split]
        for index in clips.split(size):
            batch = self.table.batch(index)
            wanted = batch["labels" if "labels" in batch else "scores"]
            inputs: dict[str, dict[tuple[int, float], Tensor]] = {n: {} for n in MODALITIES}
            for seed in self.seeds:
                for name, made in dropped(batch, None, self.parts, seed).items():
                    inputs[name].update(made)
            for stack in self.stacks:
                outputs = [stack.first[name].forward(inputs[name]) for name in MODALITIES]
                told = stack.answers(outputs, None)
                each = stack.losses(told, wanted.expand(len(stack.runs), -1)).tolist()
                for place, run in enumerate(stack.runs):
                    of_run = told[place, 0] if stack.is_score else told[place].T
                    found[run.place].append(of_run)
                    losses[run.place] += each[place] * len(index) / len(clips)
        return {place: torch.cat(parts) for place, parts in found.items()}, losses

    def fitted(self, seconds: float) -> list[Fitted]:
        """Every run with a model of its own."""
        from affecthub.training.fusion.trainer import answers_to

        found: dict[int, Fitted] = {}
        for stack in self.stacks:
            for place, run in enumerate(stack.runs):
                job, best = run.job, self.best[run.place]
                model: Any = FusionModel(job.config)
                model.to(self.table.device)
                model.load_state_dict(best.weights or stack.state_of(place))
                model.eval()
                one = Fitted({}, best.scores, model, job.config, job.settings, job.seed, best.epoch)
                one.history, one.seconds = best.history, seconds
                for split in ("validation", "test"):
                    if len(self.table.splits.get(split, ())):
                        answers, _ = answers_to(model, self.table, split, job.settings)
                        one.answers[split] = answers
                if "test" in one.answers:
                    clips = self.table.splits["test"]
                    one.scores = scores_of(one.answers["test"], self.table.labels, clips)
                found[run.place] = one
        return [found[place] for place in range(len(self.jobs))]


class _Best:
    """The best epoch of one run so far."""

    def __init__(self) -> None:
        self.score = float("nan")
        self.scores: dict[str, Any] = {}
        self.epoch = 0
        self.weights: dict[str, Tensor] = {}
        self.history: list[dict[str, float]] = []

    def keep(self, weights: Mapping[str, Tensor]) -> None:
        """Copy weights, into the same memory every time."""
        for name, value in weights.items():
            if name in self.weights:
                self.weights[name].copy_(value)
            else:
                self.weights[name] = value.clone()


def _distinct(runs: Sequence[Run]) -> list[Part]:
    """Every seed and rate of dropout once."""
    return parts_of(sorted({(run.job.seed, run.dropout) for run in runs}))


def _state(device: torch.device) -> Tensor:
    """Where the random numbers of a device stand."""
    is_cuda = device.type == "cuda"
    return torch.cuda.get_rng_state(device) if is_cuda else torch.random.get_rng_state()


def _set_state(device: torch.device, state: Tensor) -> None:
    if device.type == "cuda":
        torch.cuda.set_rng_state(state, device)
    else:
        torch.random.set_rng_state(state)
