"""Train a chat model, answer the test split and score it, over seeds and protocols."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from affecthub.hub_cards.models import write_model_card
from affecthub.training.arguments import settings
from affecthub.training.mixtures.folders import Folders, load_corpus
from affecthub.training.omni.answering import answer_clips
from affecthub.training.omni.recipe import OmniRecipe
from affecthub.training.omni.run import train_omni
from affecthub.training.omni.scoring import majority_scores, score_replies
from affecthub.training.processes import this_process, together
from affecthub.training.run_folder import SCORES_FILE, finished_run
from affecthub.training.splits import Splits, choose_splits
from affecthub.training.spread import mean_and_sd

SHOWN = ("accuracy", "macro_f1", "weighted_f1")


def run_omni(
    recipe: OmniRecipe,
    *,
    data_dir: Folders,
    output_dir: str | Path,
    seeds: Sequence[int],
    protocols: Sequence[str] = (),
    resume: bool = False,
    overwrite: bool = False,
    progress: bool = True,
) -> list[dict[str, Any]]:
    """Run a recipe for every protocol and seed, each in a folder of its own.

    Several processes of a launch train one model and share the clips to answer; the first writes.

    Args:
        recipe: What to run.
        data_dir: See `run.train_omni`.
        output_dir: Gets ``PROTOCOL/seed-N`` for every run, with `scores.json` and
            `predictions.jsonl` beside the adapters, and `scores.json` with what is returned.
        seeds: One run each.
        protocols: Those of the corpus to run under; none takes the recipe's.
        resume: Read runs at their end, go on with the others from their last checkpoint.
        overwrite: Write over runs that are there.
        progress: Show progress bars.

    Returns:
        For each protocol a row ``fine-tuned`` and a row ``majority``: `protocol`, `name`, `n`
        clips, `seeds`, `n_unread` over all seeds, and each of `SHOWN` with `mean` and sample
        standard deviation `sd` (None for one run). Empty where no clip has a label.
    """
    output_dir = Path(output_dir)
    table: list[dict[str, Any]] = []
    for protocol in dict.fromkeys(protocols or [recipe.protocol]):
        one = replace(recipe, protocol=protocol)
        asking = one.asking()
        corpus = load_corpus(asking, data_dir)
        splits = choose_splits(corpus, asking, validate=settings(asking)["eval_strategy"] != "no")
        records = []
        for seed in dict.fromkeys(seeds):
            run = replace(one, seed=seed)
            folder = output_dir / Path(protocol).stem / f"seed-{seed}"
            record = finished_run(folder, run.to_dict()) if resume else None
            if record is None:
                record = _run(run, splits, data_dir, folder, resume, overwrite, progress)
            records.append(record)
        table += _rows(protocol, records)
    with together("write the scores"):
        if this_process().index == 0:
            output_dir.mkdir(parents=True, exist_ok=True)
            _write(output_dir / SCORES_FILE, table)
    return table


def _run(
    recipe: OmniRecipe,
    splits: Splits,
    data_dir: Folders,
    folder: Path,
    resume: bool,
    overwrite: bool,
    progress: bool,
) -> dict[str, Any]:
    """Train one model, answer the test clips and score the answers."""
    (folder / SCORES_FILE).unlink(missing_ok=True)  # old scores must not stand beside a new model
    result = train_omni(
        recipe,
        data_dir=data_dir,
        output_dir=folder,
        resume=resume,
        overwrite=overwrite,
        progress=progress,
        splits=splits,
    )
    record: dict[str, Any] = {"recipe": recipe.to_dict(), "scores": {}, "majority": {}}
    if splits.test is not None:
        answers = answer_clips(result, splits.test, recipe, progress=progress)
        record["scores"] = score_replies(answers, splits.test, recipe)
        record["majority"] = majority_scores(splits.train, splits.test, recipe)
    with together("write the scores"):
        if this_process().index == 0:
            _write(folder / SCORES_FILE, record)
            write_model_card(folder)
    return record


def _rows(protocol: str, records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    scored = [each for each in records if each["scores"].get("n")]
    rows = []
    for name, key in (("fine-tuned", "scores"), ("majority", "majority")):
        found = [each[key] for each in scored if each[key]]
        if key == "majority":
            found = found[:1]  # the same for every seed
        if not found:
            continue
        row: dict[str, Any] = {"protocol": protocol, "name": name, "n": found[0]["n"]}
        row |= {"seeds": len(found), "n_unread": sum(each.get("n_unread", 0) for each in found)}
        rows.append(row | {score: mean_and_sd(e[score] for e in found) for score in SHOWN})
    return rows


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False), encoding="utf-8")
