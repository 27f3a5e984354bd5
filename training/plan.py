"""The plan of a run: whether it can be run, and what it will cost, before anything is downloaded.

``affecthub train RECIPE --data-dir D --plan`` prints it.
"""

import os
import warnings
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from affecthub.entries import entries
from affecthub.screen import Screen, Section
from affecthub.training.mixtures.folders import Folders
from affecthub.training.planning.bases import CACHE, FOLDER
from affecthub.training.planning.checks import (
    Check,
    Checked,
    check_bases,
    check_data,
    check_disk,
)
from affecthub.training.planning.costs import Costs, costs_of
from affecthub.training.planning.sketch import Sketch, sketch
from affecthub.training.planning.tokens import Tokens, tokens_of
from affecthub.training.recipe import Recipe

# Share of a device's peak that a step reaches, where none is given: an assumption, no measurement.
SHARE = 0.4
# Of clips that cannot be read: between 153 with labels and 300 with long descriptions.
ASSUMED = Tokens(mean=200.0, longest=400, counted=False, n_clips=0)
# Steps measured of a model from scratch, which are quick.
_QUICK = 3


@dataclass(repr=False)
class Plan(Screen):
    """What a run needs and costs.

    Args:
        checks: Everything that was looked at.
        tokens: Of a draw; None where the clips cannot be read.
        costs: None where the model or the clips are not known.
        seconds: Of the whole run, None where it is neither measured nor derived.
        seconds_from: How `seconds` was found.
    """

    checks: list[Check] = field(default_factory=list)
    tokens: Tokens | None = None
    costs: Costs | None = None
    seconds: float | None = None
    seconds_from: str = "not known: measure some steps (--measure N) or say the device's peak"

    @property
    def ok(self) -> bool:
        """Whether nothing stands against the run."""
        return all(check.ok for check in self.checks)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "ok": self.ok,
            "checks": [asdict(check) for check in self.checks],
            "tokens": None if self.tokens is None else asdict(self.tokens),
            "costs": None if self.costs is None else self.costs.to_dict(),
            "seconds": self.seconds,
            "seconds_from": self.seconds_from,
        }

    def sections(self) -> list[Section]:
        """The checks, and the costs with how each was found."""
        rows = [[check.what, "ok" if check.ok else "PROBLEM", check.told] for check in self.checks]
        return [
            Section("What the run needs", ["", "", "found"], rows),
            *(
                [Section("What it will cost", ["", "", "how that is known"], self._rows())]
                if self.costs
                else []
            ),
        ]

    def _rows(self) -> list[list[str]]:
        costs, tokens = self.costs, self.tokens
        assert costs is not None and tokens is not None, "the caller looked"
        fusion = costs.trained - costs.adapters
        counted = "counted with the model's tokenizer"
        if not tokens.counted:
            counted = "ESTIMATED by characters: the tokenizer is not on this disk"
        if not tokens.n_clips:
            counted = "ASSUMED, and as many clips as the corpus has on paper: none can be read"
        frozen = costs.parameters - costs.trained
        return [
            [
                "parameters trained",
                f"{costs.trained:,}",
                f"{costs.adapters:,} in adapters, {fusion:,} beside them",
            ],
            ["parameters frozen", f"{frozen:,}", "the model built without its weights"],
            ["steps", f"{costs.steps:,}", f"{costs.draws:,} clips drawn"],
            [
                "tokens a clip",
                f"{tokens.mean:,.1f}",
                f"longest {tokens.longest:,}; {counted}, {tokens.n_clips:,} clips",
            ],
            ["tokens", f"{costs.tokens:,.0f}", "prompts and answers, without padding"],
            [
                "FLOPs a clip",
                _si(costs.flops_of_towers + costs.flops_of_language, "FLOP"),
                f"towers {_si(costs.flops_of_towers, 'FLOP')}, counted by torch; language model "
                f"{_si(costs.flops_of_language, 'FLOP')}: 2 a weight and token forward, 2 backward "
                "(4 where it is trained)",
            ],
            ["FLOPs", _si(costs.flops, "FLOP"), "all clips drawn"],
            ["memory: weights", _bytes(costs.weights_bytes), "as they are loaded, nothing sharded"],
            ["memory: training", _bytes(costs.training_bytes), "gradients and optimiser"],
            [
                "memory: activations",
                _bytes(costs.activation_bytes),
                "an estimate, a batch of the longest clips",
            ],
            ["disk: checkpoints", _bytes(costs.checkpoint_bytes), "the last and the best"],
            [
                "disk: the model",
                _bytes(costs.final_bytes),
                "what is trained, as it is saved",
            ],
            ["time", "?" if self.seconds is None else _duration(self.seconds), self.seconds_from],
        ]


def plan_run(
    recipe: Recipe,
    *,
    data_dir: Folders | None,
    output_dir: str | Path,
    measure: int | None = None,
    peak_tflops: float | None = None,
    share: float = SHARE,
) -> Plan:
    """Check what a run needs and count what it costs; nothing is downloaded, nothing left behind.

    Args:
        recipe: The run.
        data_dir: As for ``sft.train``; None where no corpus is at hand, which is a problem.
        output_dir: Where the run would go.
        measure: Steps to run for the time of one; None runs a few where the model is made from
            scratch, 0 none. Left out where the model is not on this disk.
        peak_tflops: Peak of the device in 10^12 FLOP a second, for a time that is not measured.
        share: Of that peak which a step reaches.

    Returns:
        The plan; what stands against the run is in its checks, and raises nothing.
    """
    output_dir = Path(output_dir)
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what they say stands in the checks
        found = check_data(recipe, data_dir, output_dir)
        plan, drawn = Plan(found.checks), Sketch()
        try:
            drawn = sketch(recipe, (text for part in found.parts for text in part.texts()))
            plan.checks += check_bases(drawn.bases)
        except (ValueError, OSError) as error:
            plan.checks.append(Check("model", False, str(error)))
        n_clips = sum(len(part.rows) for part in found.parts)
        # What can be said without the clips, or without a question that can be asked, is said.
        plan.tokens = ASSUMED
        if found.parts:
            with suppress(ValueError):
                plan.tokens = tokens_of(found.parts, recipe, drawn.processor)
        n_clips = n_clips or _clips_on_paper(recipe)
        if drawn.model is not None and n_clips:
            plan.costs = costs_of(recipe, drawn, plan.tokens, n_clips, processes)
            downloads = sum(base.download_bytes or 0.0 for base in drawn.bases)
            needed = plan.costs.checkpoint_bytes + plan.costs.final_bytes
            plan.checks += check_disk(output_dir, needed, downloads)
            _time(plan, recipe, found, drawn, data_dir, measure, peak_tflops, share)
    return plan


def _clips_on_paper(recipe: Recipe) -> int:
    """Clips that the corpora of a recipe have by their own account; 0 where one does not say."""
    known = entries()
    sizes = [known[s.corpus].n_rows if s.corpus in known else None for s in recipe.sources()]
    return 0 if None in sizes else sum(size or 0 for size in sizes)


def _time(
    plan: Plan,
    recipe: Recipe,
    found: Checked,
    drawn: Sketch,
    data_dir: Folders | None,
    measure: int | None,
    peak_tflops: float | None,
    share: float,
) -> None:
    """Put the time of the run into its plan."""
    costs = plan.costs
    assert costs is not None, "the caller looked"
    steps = (_QUICK if recipe.scratch is not None else 0) if measure is None else measure
    is_here = all(base.where in (FOLDER, CACHE) for base in drawn.bases)
    if steps and is_here and plan.ok and found.splits is not None and data_dir is not None:
        from affecthub.training.planning.measure import measure_step

        of_step = measure_step(recipe, data_dir, found.splits, steps)
        plan.seconds = of_step * costs.steps
        plan.seconds_from = (
            f"{of_step:.3g} s a step, MEASURED here over {steps} steps; evaluations and answers "
            "after training are not in it"
        )
    elif peak_tflops is not None:
        processes = int(os.environ.get("WORLD_SIZE", "1"))
        plan.seconds = costs.flops / (peak_tflops * 1e12 * share * processes)
        plan.seconds_from = (
            f"DERIVED from {peak_tflops:g} TFLOP/s at a share of {share:g}, not measured"
        )
    elif steps and not is_here:
        plan.seconds_from = "not measured: the model is not on this disk. Say the device's peak"


def _si(value: float, unit: str) -> str:
    for power, prefix in ((18, "E"), (15, "P"), (12, "T"), (9, "G"), (6, "M")):
        if value >= 10**power:
            return f"{value / 10**power:.3g} {prefix}{unit}"
    return f"{value:.3g} {unit}"


def _bytes(value: float) -> str:
    return f"{value / 1e9:,.2f} GB" if value >= 1e9 else f"{value / 1e6:,.1f} MB"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:,.1f} h"
