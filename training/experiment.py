"""Train, answer and score: one run of a recipe, or the same recipe over seeds and protocols."""

import json
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import datasets

from affecthub.hub_cards.models import write_model_card
from affecthub.training.answer_intervals import answer_intervals
from affecthub.training.answer_scores import SCORES, label_names, majority_answers, score_answers
from affecthub.training.arguments import settings
from affecthub.training.mixtures.folders import Folders, load_corpus
from affecthub.training.predict import predict
from affecthub.training.processes import this_process, together
from affecthub.training.recipe import Recipe, load_recipe
from affecthub.training.run_folder import (
    PREDICTIONS,
    RECIPE,
    RECORD,
    SCORES_FILE,
    require_no_run,
)
from affecthub.training.sft import train
from affecthub.training.splits import choose_splits
from affecthub.training.spread import mean_and_sd


@dataclass
class Run:
    """One trained model, its answers to the test split, and their scores.

    Args:
        name: How tables call it.
        recipe: What was run.
        output_dir: Folder with the model, `predictions.jsonl` and `scores.json`.
        test: The clips that were asked; none where the protocol has no test split.
        answers: The model's answers, in the order of `test`.
        scores: See `score_answers`.
        majority: Scores of the training split's most frequent label on the same clips; empty where
            none of its clips has a label.
        majority_label: That label.
        losses: Loss by epoch, see `TrainingResult`.
        train_s: Seconds of training.
        record: What `training.json` says: how many clips, how many parameters, notes on the splits.
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
    record: dict[str, Any] = field(default_factory=dict)


def run_recipe(
    recipe: Recipe,
    *,
    data_dir: Folders,
    output_dir: str | Path,
    name: str | None = None,
    resume: bool = False,
    overwrite: bool = False,
    progress: bool = True,
) -> Run:
    """Fine-tune, answer the test split and score the answers.

    Several processes of a launch train one model, share the clips to answer, and have the same
    run; the first of them writes.

    Args:
        recipe: What to run.
        data_dir: The corpus' folder, see `train`.
        output_dir: Where the model, the answers and the scores go.
        name: How tables call the run; by default its modalities.
        resume: Go on from the last checkpoint and keep the answers that this model has written; a
            run that is at its end already is read from its folder.
        overwrite: Write over a run that is there.
        progress: Show progress bars.

    Raises:
        ValueError: See `train`; before training also where the test split has no such label.
    """
    output_dir = Path(output_dir)
    if not (resume or overwrite):
        require_no_run(output_dir)
    corpus = load_corpus(recipe, data_dir)
    validate = settings(recipe)["eval_strategy"] != "no"
    splits = choose_splits(corpus, recipe, validate=validate)
    test = splits.train.select([]) if splits.test is None else splits.test
    train_clips = corpus[recipe.train_split]
    label_names(test, recipe)  # a wrong column is told before hours of training
    name = name or " + ".join(recipe.modalities)
    if resume and (finished := read_run(output_dir, test, name)) and finished.recipe == recipe:
        return finished
    # Old scores must not stand beside a new model, should this be stopped before its own. Training
    # joins the processes of a launch; until then each may remove them.
    (output_dir / SCORES_FILE).unlink(missing_ok=True)
    started = time.perf_counter()
    trained = train(
        recipe,
        data_dir=data_dir,
        output_dir=output_dir,
        resume=resume,
        overwrite=overwrite,
        progress=progress,
        splits=splits,
    )
    train_s = time.perf_counter() - started
    predictions = output_dir / PREDICTIONS
    is_first = this_process().index == 0
    with together("remove old answers"):
        if is_first and not resume:
            predictions.unlink(missing_ok=True)
    answers = list(
        predict(
            trained.model,
            trained.processor,
            test,
            recipe,
            output_file=predictions,
            replace_answers=True,
            progress=progress,
        ).values()
    )
    scores = score_answers(answers, test, recipe)
    majority, label = {}, ""
    if len(test) and any(each is not None for each in label_names(train_clips, recipe)):
        said, label = majority_answers(train_clips, test, recipe)
        majority = score_answers(said, test, recipe)
    record = {
        "scores": scores,
        "majority": majority,
        "majority_label": label,
        "train_s": round(train_s, 1),
        **answer_intervals(answers, test, recipe, scores),
    }
    with together("write the scores"):
        if is_first:
            (output_dir / SCORES_FILE).write_text(_json(record), encoding="utf-8")
            write_model_card(output_dir)
    finished = read_run(output_dir, test, name)
    assert finished is not None, "it was written just now"
    return finished


def read_run(output_dir: str | Path, test: datasets.Dataset, name: str) -> Run | None:
    """A run that is at its end, as its folder holds it.

    Args:
        output_dir: Folder of `run_recipe`.
        test: The clips that were asked.
        name: How tables call it.

    Returns:
        None where there is no such run, or its answers are not those to these clips.
    """
    folder = Path(output_dir)
    if not all((folder / file).is_file() for file in (SCORES_FILE, RECIPE, RECORD)):
        return None
    record = json.loads((folder / SCORES_FILE).read_text("utf-8"))
    training = json.loads((folder / RECORD).read_text("utf-8"))
    answers = {}
    if (folder / PREDICTIONS).is_file():
        lines = (folder / PREDICTIONS).read_text("utf-8").split("\n")
        answers = {row["id"]: row["prediction"] for row in map(json.loads, filter(None, lines))}
    if not isinstance(record, dict) or any(clip_id not in answers for clip_id in test["id"]):
        return None
    return Run(
        name,
        load_recipe(folder / RECIPE),
        folder,
        test,
        [answers[clip_id] for clip_id in test["id"]],
        record["scores"],
        record["majority"],
        record["majority_label"],
        training["losses"],
        record.get("train_s", 0.0),
        training,
    )


def run_grid(
    recipe: Recipe,
    *,
    data_dir: Folders,
    output_dir: str | Path,
    seeds: Sequence[int],
    protocols: Sequence[str],
    resume: bool = False,
    overwrite: bool = False,
    progress: bool = True,
) -> list[Run]:
    """Run a recipe once for every protocol and seed, each in a folder of its own.

    A run that is there already is gone on with by `resume` and written over by `overwrite`; with
    neither it is an error.

    Returns:
        Those runs and what `output_dir` holds of the same recipe with other seeds and protocols,
        by protocol and seed. Runs of another recipe there are named in a warning.
    """
    asked = [
        run_recipe(
            replace(recipe, seed=seed, protocol=protocol),
            data_dir=data_dir,
            output_dir=Path(output_dir) / Path(protocol).stem / f"seed-{seed}",
            name=Path(protocol).stem,
            resume=resume,
            overwrite=overwrite,
            progress=progress,
        )
        for protocol in dict.fromkeys(protocols)
        for seed in dict.fromkeys(seeds)
    ]
    found = _found_runs(recipe, data_dir, Path(output_dir), {run.output_dir for run in asked})
    place = {name: i for i, name in enumerate(dict.fromkeys(run.name for run in asked + found))}
    return sorted(asked + found, key=lambda run: (place[run.name], run.recipe.seed))


def _found_runs(recipe: Recipe, data_dir: Folders, output_dir: Path, known: set[Path]) -> list[Run]:
    """Runs of the recipe that lie in a folder already, but for the known ones."""
    found = []
    for scores in sorted(output_dir.glob(f"*/seed-*/{SCORES_FILE}")):
        folder = scores.parent
        if folder in known or not (folder / RECIPE).is_file():
            continue
        theirs = load_recipe(folder / RECIPE)
        if replace(theirs, seed=recipe.seed, protocol=recipe.protocol) != recipe:
            warnings.warn(f"{folder} is of another recipe and not in the table.", stacklevel=3)
            continue
        corpus = load_corpus(theirs, data_dir)
        test = choose_splits(corpus, theirs, validate=False).test
        rows = corpus[theirs.train_split].select([]) if test is None else test
        if run := read_run(folder, rows, folder.parent.name):
            found.append(run)
    return found


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
        if run.majority:
            baselines.setdefault(name, run.majority)
    return rows + [_row(name, [scores], 1) for name, scores in baselines.items()]


def save_scores(runs: Sequence[Run], output_dir: str | Path) -> list[dict[str, Any]]:
    """Write the score table to `scores.json` in a folder, and give it."""
    table = score_table(runs)
    path = Path(output_dir) / "scores.json"
    path.write_text(_json(table), encoding="utf-8")
    return table


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False)


def _row(name: str, scores: list[dict[str, Any]], n_runs: int) -> dict[str, Any]:
    row: dict[str, Any] = {"name": name, "n": scores[0]["n"], "seeds": n_runs}
    for key in SCORES:
        if key in scores[0]:
            row[key] = mean_and_sd(each[key] for each in scores)
    return row
