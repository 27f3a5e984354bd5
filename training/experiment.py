"""Train, answer and score: one run of a recipe, or the same recipe over seeds and protocols."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import datasets

from affecthub.datasets_scripts import load_dataset
from affecthub.training.answer_scores import SCORES, majority_answers, score_answers
from affecthub.training.predict import predict
from affecthub.training.recipe import Recipe
from affecthub.training.sft import train


@dataclass
class Run:
    """One trained model, its answers to the test split, and their scores.

    Args:
        name: How tables call it.
        recipe: What was run.
        output_dir: Folder with the model, `predictions.jsonl` and `scores.json`.
        test: The clips that were asked.
        answers: The model's answers, in the order of `test`.
        scores: See `score_answers`.
        majority: Scores of the training split's most frequent label on the same clips.
        majority_label: That label.
        losses: Loss by epoch, see `TrainingResult`.
        train_s: Seconds of training.
    """

    name: str
    recipe: Recipe
    output_dir: Path
    test: datasets.Dataset
    answers: list[str]
    scores: dict[str, Any]
    majority: dict[str, Any]
    majority_label: str
    losses: list[dict[str, float]] = field(default_factory=list)
    train_s: float = 0.0


def run_recipe(
    recipe: Recipe,
    *,
    data_dir: str | Path,
    output_dir: str | Path,
    name: str | None = None,
    resume: bool = False,
    progress: bool = True,
) -> Run:
    """Fine-tune, answer the test split and score the answers.

    Args:
        recipe: What to run.
        data_dir: The corpus' folder.
        output_dir: Where the model, the answers and the scores go.
        name: How tables call the run; by default its modalities.
        resume: Go on from the last checkpoint and keep answers that are written.
        progress: Show progress bars.
    """
    output_dir = Path(output_dir)
    corpus = load_dataset(recipe.corpus, recipe.config, data_dir=data_dir, protocol=recipe.protocol)
    started = time.perf_counter()
    trained = train(
        recipe,
        data_dir=data_dir,
        output_dir=output_dir,
        resume=resume,
        progress=progress,
        corpus=corpus,
    )
    train_s = time.perf_counter() - started
    predictions = output_dir / "predictions.jsonl"
    if not resume:
        predictions.unlink(missing_ok=True)
    test = corpus["test"]
    answers = list(
        predict(
            trained.model,
            trained.processor,
            test,
            recipe,
            output_file=predictions,
            progress=progress,
        ).values()
    )
    majority, majority_label = majority_answers(corpus["train"], test, recipe)
    run = Run(
        name or " + ".join(recipe.modalities),
        recipe,
        output_dir,
        test,
        answers,
        score_answers(answers, test, recipe),
        score_answers(majority, test, recipe),
        majority_label,
        trained.losses,
        train_s,
    )
    record = {"scores": run.scores, "majority": run.majority, "majority_label": majority_label}
    (output_dir / "scores.json").write_text(json.dumps(record, indent=1), encoding="utf-8")
    return run


def run_grid(
    recipe: Recipe,
    *,
    data_dir: str | Path,
    output_dir: str | Path,
    seeds: Sequence[int],
    protocols: Sequence[str],
    resume: bool = False,
    progress: bool = True,
) -> list[Run]:
    """Run a recipe once for every protocol and seed, each in a folder of its own."""
    return [
        run_recipe(
            replace(recipe, seed=seed, protocol=protocol),
            data_dir=data_dir,
            output_dir=Path(output_dir) / Path(protocol).stem / f"seed-{seed}",
            name=Path(protocol).stem,
            resume=resume,
            progress=progress,
        )
        for protocol in protocols
        for seed in seeds
    ]


def score_table(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """One row per run name and per majority baseline, in the order of the runs.

    Returns:
        Rows with `name`, `n` (clips), `seeds`, and for each score that was computed its `mean` and
        its sample standard deviation `sd` over the runs of that name (None for one run).
    """
    rows = []
    for name in dict.fromkeys(run.name for run in runs):
        same = [run for run in runs if run.name == name]
        rows.append(_row(name, [run.scores for run in same], len(same)))
    baselines: dict[str, dict[str, Any]] = {}
    for run in runs:
        several = len({run.recipe.protocol for run in runs}) > 1
        name = f"majority ({run.majority_label})"
        name = f"{run.recipe.protocol}, {name}" if several else name
        baselines.setdefault(name, run.majority)
    return rows + [_row(name, [scores], 1) for name, scores in baselines.items()]


def save_scores(runs: Sequence[Run], output_dir: str | Path) -> list[dict[str, Any]]:
    """Write the score table to `scores.json` in a folder, and give it."""
    table = score_table(runs)
    path = Path(output_dir) / "scores.json"
    path.write_text(json.dumps(table, indent=1, ensure_ascii=False), encoding="utf-8")
    return table


def _row(name: str, scores: list[dict[str, Any]], n_runs: int) -> dict[str, Any]:
    row: dict[str, Any] = {"name": name, "n": scores[0]["n"], "seeds": n_runs}
    for key in SCORES:
        if key in scores[0]:
            values = [s[key] for s in scores]
            row[key] = {"mean": mean(values), "sd": stdev(values) if n_runs > 1 else None}
    return row
