"""Train captioners over seeds, score the test split, and put the best constant beside them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import datasets

from affecthub.hub_cards.models import write_model_card
from affecthub.training.captioning.clips import load_corpus, usable_clips
from affecthub.training.captioning.recipe import CaptionRecipe
from affecthub.training.captioning.run import train_captioner
from affecthub.training.captioning.scoring import best_constant, score_captions, write_captions
from affecthub.training.run_folder import RECORD, SCORES_FILE, finished_run
from affecthub.training.spread import mean_and_sd

PREDICTIONS = "captions.jsonl"


def run_captioner(
    recipe: CaptionRecipe,
    *,
    data_dir: str | Path,
    output_dir: str | Path,
    seeds: Sequence[int],
    protocols: Sequence[str] = (),
    resume: bool = False,
    progress: bool = True,
) -> list[dict[str, Any]]:
    """Run a recipe once for every protocol and seed, each in a folder of its own.

    Args:
        recipe: What to run.
        data_dir: The corpus' folder.
        output_dir: Gets ``PROTOCOL/seed-N`` for every run, with `scores.json` and
            `captions.jsonl` beside the model, and `scores.json` with what is returned.
        seeds: One run each.
        protocols: Those of the corpus to run under; none takes the recipe's.
        resume: Read runs at their end, go on with the others from their last checkpoint.
        progress: Show progress bars.

    Returns:
        For each protocol a row ``captioner`` and a row ``best constant``: `protocol`, `name`, `n`
        clips, `seeds`, and `scores`, each with `mean` and sample standard deviation `sd` (None for
        one run); `unavailable`, reasons by score. Empty where there is no test split.
    """
    output_dir = Path(output_dir)
    rows: list[dict[str, Any]] = []
    for protocol in dict.fromkeys(protocols or [recipe.protocol]):
        one = replace(recipe, protocol=protocol)
        corpus = load_corpus(one, data_dir)
        records = []
        for seed in dict.fromkeys(seeds):
            run = replace(one, seed=seed)
            folder = output_dir / Path(protocol).stem / f"seed-{seed}"
            record = finished_run(folder, run.to_dict()) if resume else None
            if record is None:
                record = _run(run, corpus, data_dir, folder, resume, progress)
            records.append(record)
        for name in ("captioner", "best constant"):
            found = [record[name] for record in records if record.get(name)]
            if found:
                rows.append({"protocol": protocol, "name": name, **joined(found)})
    output_dir.mkdir(parents=True, exist_ok=True)
    text = json.dumps(rows, indent=1, ensure_ascii=False)
    (output_dir / SCORES_FILE).write_text(text, encoding="utf-8")
    return rows


def joined(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The scores of several runs as mean and sample standard deviation."""
    scores = {}
    for name in found[0]["scores"]:
        scores[name] = mean_and_sd(each["scores"][name] for each in found)
    first = found[0]
    return {
        "n": first["n"],
        "seeds": len(found),
        "scores": scores,
        "unavailable": first["unavailable"],
    }


def _run(
    recipe: CaptionRecipe,
    corpus: datasets.DatasetDict,
    data_dir: str | Path,
    folder: Path,
    resume: bool,
    progress: bool,
) -> dict[str, Any]:
    """Train one captioner, caption the test clips and score them."""
    (folder / SCORES_FILE).unlink(missing_ok=True)  # old scores must not stand beside a new model
    result = train_captioner(
        recipe,
        data_dir=data_dir,
        output_dir=folder,
        resume=resume,
        progress=progress,
        corpus=corpus,
    )
    record: dict[str, Any] = {"recipe": recipe.to_dict()}
    test = corpus.get(recipe.test_split or "test")
    if test is None and recipe.test_split is not None:
        raise ValueError(
            f"`test_split` of {recipe.corpus}: got {recipe.test_split!r}, expected one of "
            f"{', '.join(corpus)}."
        )
    if test is not None and len(test):
        clips = usable_clips(test, recipe, "test")
        said = write_captions(
            result.model,
            result.processor,
            clips,
            recipe,
            output_file=folder / PREDICTIONS,
            progress=progress,
        )
        references = clips.captions()
        record["captioner"] = score_captions(said, references, recipe)
        text, scores = best_constant(result.training.captions(), references, recipe)
        record["best constant"] = scores | {"caption": text}
    text = json.dumps(record, indent=1, ensure_ascii=False)
    (folder / SCORES_FILE).write_text(text, encoding="utf-8")
    _tell_the_card(folder, record)
    return record


def _tell_the_card(folder: Path, record: Mapping[str, Any]) -> None:
    """Put the scores among the run's records, and write the card that shows them."""
    file = folder / RECORD
    told = json.loads(file.read_text("utf-8"))
    told["captions"] = {key: record[key] for key in record if key != "recipe"}
    if "captioner" not in told["captions"]:
        del told["captions"]
    file.write_text(json.dumps(told, indent=1, ensure_ascii=False), encoding="utf-8")
    write_model_card(folder)
