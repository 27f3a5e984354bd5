"""Reinforce over seeds and score the test split before and after."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import datasets

from affecthub.datasets_scripts import load_dataset
from affecthub.hub_cards.models import write_model_card
from affecthub.training.model import load_model
from affecthub.training.rl.curve import draw_rewards, read_rewards
from affecthub.training.rl.recipe import GRPORecipe
from affecthub.training.rl.run import run_grpo
from affecthub.training.rl.scores import score_clips
from affecthub.training.run_folder import SCORES_FILE, finished_run
from affecthub.training.splits import choose_splits
from affecthub.training.spread import mean_and_sd

PREDICTIONS = "predictions.jsonl"
CURVE = "rewards.svg"


def run_seeds(
    recipe: GRPORecipe,
    *,
    data_dir: str | Path,
    output_dir: str | Path,
    seeds: Sequence[int],
    resume: bool = False,
    progress: bool = True,
) -> list[dict[str, Any]]:
    """Run a recipe once for every seed, each in a folder of its own.

    Args:
        recipe: What to run.
        data_dir: The corpus' folder.
        output_dir: Gets ``PROTOCOL/seed-N`` for every run, with `scores.json` and
            `predictions.jsonl` beside the model, `scores.json` with what is returned, and
            `rewards.svg`, the mean reward by step.
        seeds: One run each.
        resume: Go on from the last checkpoint of each; runs at their end are read.
        progress: Show progress bars.

    Returns:
        A row ``before`` and one ``after``, each with `name`, `n` (clips), `seeds`, and every score
        of `score_clips` as `mean` and sample standard deviation `sd` (None for one run). Empty
        where the protocol has no test split.
    """
    corpus = load_dataset(recipe.corpus, recipe.config, data_dir=data_dir, protocol=recipe.protocol)
    before: dict[str, float] | None = None
    records, folders = [], []
    for seed in dict.fromkeys(seeds):
        one = replace(recipe, seed=seed)
        folder = Path(output_dir) / Path(recipe.protocol).stem / f"seed-{seed}"
        record = finished_run(folder, one.to_dict()) if resume else None
        if record is None:
            if before is None and recipe.score_before:
                before = _before(one, corpus, progress)  # the model is the same for every seed
            record = _run(one, corpus, data_dir, folder, before or {}, resume, progress)
        records.append(record)
        folders.append(folder)
    table = [
        _row(name, [record[name] for record in records if record[name].get("n")])
        for name in ("before", "after")
        if any(record[name].get("n") for record in records)
    ]
    Path(output_dir).mkdir(parents=True, exist_ok=True)
    (Path(output_dir) / SCORES_FILE).write_text(json.dumps(table, indent=1), encoding="utf-8")
    draw_rewards(read_rewards(folders), Path(output_dir) / CURVE)
    return table


def _before(recipe: GRPORecipe, corpus: datasets.DatasetDict, progress: bool) -> dict[str, float]:
    """The scores of the model that a run starts from."""
    test = choose_splits(corpus, recipe.asking(), validate=False).test
    if test is None:
        return {}
    model, processor = load_model(recipe.model)
    return score_clips(model, processor, test, recipe, progress=progress)


def _run(
    recipe: GRPORecipe,
    corpus: datasets.DatasetDict,
    data_dir: str | Path,
    folder: Path,
    before: dict[str, float],
    resume: bool,
    progress: bool,
) -> dict[str, Any]:
    (folder / SCORES_FILE).unlink(missing_ok=True)  # old scores must not stand beside a new model
    result = run_grpo(
        recipe,
        data_dir=data_dir,
        output_dir=folder,
        resume=resume,
        progress=progress,
        corpus=corpus,
    )
    test = choose_splits(corpus, recipe.asking(), validate=False).test
    after: dict[str, float] = {}
    if test is not None:
        after = score_clips(
            result.model,
            result.processor,
            test,
            recipe,
            output_file=folder / PREDICTIONS,
            progress=progress,
        )
    record = {"recipe": recipe.to_dict(), "before": before, "after": after}
    (folder / SCORES_FILE).write_text(json.dumps(record, indent=1), encoding="utf-8")
    write_model_card(folder)
    return record


def _row(name: str, scores: list[dict[str, float]]) -> dict[str, Any]:
    row: dict[str, Any] = {"name": name, "n": scores[0]["n"], "seeds": len(scores)}
    for key in scores[0]:
        if key != "n":
            row[key] = mean_and_sd(each[key] for each in scores)
    return row
