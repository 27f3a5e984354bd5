"""Run a recipe of a fusion over protocols and seeds, or search, and keep what comes out."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
import yaml

from affecthub.entries import entry_of
from affecthub.hub_cards.models import write_model_card
from affecthub.training.fusion.fitting import Fitted, config_for, fit
from affecthub.training.fusion.loading import load_table
from affecthub.training.fusion.recipe import FusionRecipe
from affecthub.training.fusion.scoring import majority_scores
from affecthub.training.fusion.searching import search, summed_up
from affecthub.training.fusion.table import FeatureTable
from affecthub.training.model import device
from affecthub.training.run_folder import PREDICTIONS, RECIPE, RECORD, SCORES_FILE, finished_run

Tell = Callable[[str], None]


def run_fusion(
    recipe: FusionRecipe,
    *,
    data_dir: str | Path,
    output_dir: str | Path,
    seeds: Sequence[int] = (),
    protocols: Sequence[str] = (),
    resume: bool = False,
    tell: Tell | None = None,
) -> list[dict[str, Any]]:
    """Train, score and save.

    Args:
        recipe: What to run; its ``features`` name the folder of caches.
        data_dir: The corpus' folder.
        output_dir: Gets ``PROTOCOL/seed-N`` for every run, with the model, `recipe.yaml`,
            `training.json`, `scores.json` and `predictions.jsonl` of the test split, and
            ``scores.json`` with what is returned. A search keeps its journal in ``PROTOCOL``.
        seeds: One run each; none takes the recipe's, and of a search its own.
        protocols: None takes the recipe's.
        resume: Keep runs that are at their end, and what a search has tried.
        tell: Is told how far it is.

    Returns:
        A row for every protocol and one for its majority baseline: ``name``, ``protocol``, ``n``
        (test clips), ``seeds``, each score as ``mean`` and ``sd`` (sample standard deviation, None
        for one run), ``notes`` of the table and, of a search, ``draw``.

    Raises:
        FileNotFoundError: A folder is not there.
        ValueError: The recipe names no features, or as `load_table` and `fit`.
    """
    if recipe.features is None:
        raise ValueError(
            "`features` is not set: expected the folder of the corpus' feature caches. Say "
            f"--features DIR, and fill it: affecthub features {recipe.corpus} --encoder NAME"
        )
    rows: list[dict[str, Any]] = []
    for protocol in protocols or [recipe.protocol or ""]:
        _, chosen = entry_of(recipe.corpus).choose(recipe.config, protocol or None)
        one = replace(recipe, protocol=chosen)
        table = table_for(one, data_dir)
        folder = Path(output_dir) / Path(str(table.facts["protocol"])).stem
        if one.search is not None:
            rows.append(_searched(one, table, folder, list(seeds), resume, tell))
        else:
            rows.append(_trained(one, table, folder, list(seeds), resume, tell))
        test = table.splits.get("test")
        if test is not None and len(test):
            baseline = majority_scores(table.labels, table.splits["train"], test)
            name = f"majority ({baseline.pop('answer')})"
            rows.append(_row(name, table, [baseline]))
    path = Path(output_dir) / SCORES_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_json(rows), encoding="utf-8")
    return rows


def table_for(recipe: FusionRecipe, data_dir: str | Path) -> FeatureTable:
    """The table that a recipe describes, on the device."""
    assert recipe.features is not None, "it was asked for"
    table = load_table(
        recipe.corpus,
        data_dir,
        recipe.features,
        label=recipe.label,
        classes=recipe.classes,
        protocol=recipe.protocol,
        config=recipe.config,
        modalities=recipe.modalities,
        level=recipe.level,
        compress=recipe.compress,
        align=recipe.align,
        missing=recipe.missing,
        normalize=recipe.normalize,
        device=device(),
    )
    return table.tripled(recipe.modalities[0]) if recipe.feed == "thrice" else table


def _trained(
    recipe: FusionRecipe,
    table: FeatureTable,
    folder: Path,
    seeds: list[int],
    resume: bool,
    tell: Tell | None,
) -> dict[str, Any]:
    """The recipe once for every seed."""
    config = config_for(
        table,
        recipe.algorithm,
        options=options_of(recipe, table),
        hidden_dim=recipe.hidden_dim,
        dropout=recipe.dropout,
        fidelity=recipe.fidelity,
    )
    scores = []
    for seed in dict.fromkeys(seeds or [recipe.seed]):
        one, place = replace(recipe, seed=seed), folder / f"seed-{seed}"
        kept = finished_run(place, one.to_dict()) if resume else None
        found = kept and kept["result"]
        if found is None:
            fitted = fit(config, table, seed=seed, settings=recipe.settings())
            save(fitted, table, one, place)
            found = fitted.scores
        scores.append(found)
        if tell is not None:
            tell(f"seed {seed}: " + ", ".join(f"{k} {v:.4f}" for k, v in _shown(found)))
    return _row(recipe.algorithm, table, scores)


def _searched(
    recipe: FusionRecipe,
    table: FeatureTable,
    folder: Path,
    seeds: list[int],
    resume: bool,
    tell: Tell | None,
) -> dict[str, Any]:
    """The published search; the runs of the best draw are saved."""
    wanted = recipe.search
    assert wanted is not None, "the caller has looked"
    if not resume:
        (folder / "search.jsonl").unlink(missing_ok=True)
    found = search(
        recipe.algorithm,
        table,
        draws=wanted.draws,
        runs=wanted.runs,
        seeds=seeds or None,
        settings=recipe.settings(),
        space=wanted.space,
        fidelity=recipe.fidelity,
        options=options_of(recipe, table),
        draw_seed=wanted.draw_seed,
        folder=folder,
        tell=tell,
    )
    for fitted in found.fitted:
        save(fitted, table, replace(recipe, seed=fitted.seed), folder / f"seed-{fitted.seed}")
    row = _row(recipe.algorithm, table, [run["scores"] for run in found.runs])
    return row | {"draw": found.best.plain()}


def options_of(recipe: FusionRecipe, table: FeatureTable) -> dict[str, Any]:
    """A recipe's options; one modality alone is the table's own where it has but one."""
    options = dict(recipe.options)
    if recipe.algorithm == "unimodal" and "modality" not in options:
        if len(table.blocks) != 1:
            raise ValueError(
                f"`unimodal` takes one modality: got features of {', '.join(table.blocks)}. Say "
                "which one: modalities=[audio], or options={modality: audio}."
            )
        options["modality"] = next(iter(table.blocks))
    return options


def save(fitted: Fitted, table: FeatureTable, recipe: FusionRecipe, folder: Path) -> None:
    """Write a run's model, card, scores and answers.

    The scores come last but for the card, since they say that the run is whole. The files have the
    fields that every run's have, so that cards, pushes and tables read them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SCORES_FILE).unlink(missing_ok=True)
    fitted.model.save_pretrained(folder)
    text = yaml.safe_dump(recipe.to_dict(), sort_keys=False, allow_unicode=True)
    (folder / RECIPE).write_text(text, encoding="utf-8")
    record = {
        **fitted.record(),
        "history": fitted.history,
        "facts": dict(table.facts),
        "notes": list(table.notes),
        "clips": {name: len(index) for name, index in table.splits.items()},
        "n_train": len(table.splits["train"]),
        "n_parameters": sum(each.numel() for each in fitted.model.parameters()),
        "encoders": dict(table.facts.get("features", {})),
        "versions": {name: version(name) for name in ("torch", "transformers")},
    }
    (folder / RECORD).write_text(_json(record), encoding="utf-8")
    if "test" in fitted.answers:
        lines = _predictions(fitted, table)
        (folder / PREDICTIONS).write_text(lines, encoding="utf-8")
    test = table.splits.get("test")
    majority: dict[str, Any] = {}
    if test is not None and len(test):
        majority = majority_scores(table.labels, table.splits["train"], test)
    scores = {
        "recipe": recipe.to_dict(),
        "scores": _named(fitted.scores, table),
        "majority": _named(majority, table),
        "majority_label": majority.get("answer", ""),
        "result": fitted.scores,
        "validation": fitted.validation,
        "seed": fitted.seed,
    }
    (folder / SCORES_FILE).write_text(_json(scores), encoding="utf-8")
    write_model_card(folder)


def _named(scores: dict[str, Any], table: FeatureTable) -> dict[str, Any]:
    """Scores by the names that cards have for them: of classes ``acc`` is the accuracy."""
    first = "accuracy" if table.labels.names else "acc"
    named = {first if name == "acc" else name: value for name, value in scores.items()}
    return {name: value for name, value in named.items() if isinstance(value, int | float)}


def _predictions(fitted: Fitted, table: FeatureTable) -> str:
    """A line for each test clip: its answer, and the probabilities of all classes."""
    answers = fitted.answers["test"].float().cpu()
    ids = [table.ids[i] for i in table.splits["test"].tolist()]
    names = table.labels.names
    lines = []
    if not names:
        for clip_id, score in zip(ids, answers.tolist(), strict=True):
            lines.append({"id": clip_id, "prediction": round(score, 6)})
    else:
        shares = torch.softmax(answers, 1)
        for clip_id, share in zip(ids, shares.tolist(), strict=True):
            told = {name: round(each, 6) for name, each in zip(names, share, strict=True)}
            lines.append({"id": clip_id, "prediction": max(told, key=told.__getitem__), **told})
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _row(name: str, table: FeatureTable, scores: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": name,
        "protocol": table.facts["protocol"],
        "n": scores[0].get("n", 0),
        "seeds": len(scores),
        "notes": list(table.notes),
        **summed_up(scores),
    }


def _shown(scores: dict[str, Any]) -> list[tuple[str, float]]:
    return [(name, scores[name]) for name in ("acc", "waf") if name in scores]


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False)
