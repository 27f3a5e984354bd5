"""One run: a model trained on dialogues, its answers to the test split, and what is left of it."""

import json
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml
from transformers import set_seed
from transformers.trainer_callback import PrinterCallback, ProgressCallback

from affecthub.hub_cards.models import write_model_card
from affecthub.training.checkpoints import newest_whole
from affecthub.training.conversations.answers import (
    predict,
    score_answers,
    score_apart,
    write_answers,
)
from affecthub.training.conversations.arguments import settings, training_arguments
from affecthub.training.conversations.baselines import MAJORITY, baseline_rows, targets
from affecthub.training.conversations.collating import DialogueSet, collator
from affecthub.training.conversations.preparing import Prepared, build_model
from affecthub.training.conversations.recipe import ConversationRecipe
from affecthub.training.conversations.trainer import DialogueTrainer, scores_of
from affecthub.training.model_folder import checkpoint_folder
from affecthub.training.progress import loss_shown
from affecthub.training.run_cost import run_cost
from affecthub.training.run_folder import PREDICTIONS, RECIPE, RECORD, SCORES_FILE
from affecthub.training.saving import tidy

SPLITS = ("train", "validation", "test")
# Which recogniser the baselines go by is nothing to the model.
FREE = ("recogniser",)
_PACKAGES = ("affecthub", "torch", "transformers", "datasets", "accelerate")


def run_once(
    recipe: ConversationRecipe,
    prepared: Prepared,
    *,
    output_dir: str | Path,
    resume: bool = False,
    progress: bool = True,
) -> dict[str, Any]:
    """Train by a recipe, keep the best weights on validation, answer and score the test split.

    Args:
        recipe: What to run.
        prepared: Dialogues and features.
        output_dir: Gets the model and its card, ``recipe.yaml``, ``training.json``,
            ``predictions.jsonl`` (an answer to every test utterance, those too that are not scored)
            and ``scores.json``.
        resume: Go on from the newest whole checkpoint of the same recipe.
        progress: Show a progress bar, or in a file a line each epoch.

    Returns:
        What ``scores.json`` says: ``recipe``; ``validation`` and ``test`` (see `score`; None where
        there are no dialogues); ``apart``, value to test scores; ``epoch`` of the best weights;
        ``train_s``; ``n_parameters``.

    Raises:
        ValueError: Nothing is asked for in the training or the validation split, or the recipe's
            `trainer` does not fit together.
    """
    output_dir = Path(output_dir)
    task = recipe.model_task
    asked = {name: targets(getattr(prepared.splits, name), task) for name in SPLITS}
    for name in SPLITS[:2]:
        if not asked[name]:
            raise ValueError(_nothing_asked(name, len(getattr(prepared.splits, name)), task))
    (output_dir / SCORES_FILE).unlink(missing_ok=True)  # must not stand beside a new model
    sets = {name: DialogueSet(getattr(prepared.splits, name), prepared.features) for name in SPLITS}
    trainer = _trainer(recipe, prepared, sets, output_dir, progress)
    last = _begin(checkpoint_folder(output_dir), recipe, resume)
    trainer.train(resume_from_checkpoint=last)
    trainer.save_model(str(output_dir))
    tidy(output_dir)
    n_classes = len(prepared.splits.labels)
    answers = {name: predict(trainer, sets[name]) for name in SPLITS[1:] if len(sets[name])}
    answered = answers.get("test", {})
    cost = run_cost(trainer)
    network: Any = trainer.model
    record = {
        "recipe": recipe.to_dict(),
        "validation": score_answers(answers["validation"], asked["validation"], n_classes),
        "test": score_answers(answered, asked["test"], n_classes),
        "apart": score_apart(answered, asked["test"], n_classes),
        "epoch": _best_epoch(trainer),
        "train_s": cost.get("train_s"),
        "n_parameters": sum(each.numel() for each in network.parameters()),
        **_for_the_card(score_answers(answered, asked["test"], n_classes), prepared, task),
    }
    write_answers(output_dir / PREDICTIONS, answered, asked["test"], prepared.splits.labels)
    facts = {
        "n_train": len(asked["train"]),
        "n_parameters": record["n_parameters"],
        "losses": _losses(trainer),
        "cost": cost,
    }
    _write_records(output_dir, recipe, prepared, facts)
    text = json.dumps(record, indent=1, ensure_ascii=False)
    (output_dir / SCORES_FILE).write_text(text, encoding="utf-8")
    write_model_card(output_dir)
    shutil.rmtree(checkpoint_folder(output_dir), ignore_errors=True)
    return record


def _trainer(
    recipe: ConversationRecipe,
    prepared: Prepared,
    sets: dict[str, DialogueSet],
    output_dir: Path,
    progress: bool,
) -> DialogueTrainer:
    arguments = training_arguments(recipe, output_dir, progress=progress)
    set_seed(recipe.seed)
    trainer = DialogueTrainer(
        recipe=recipe,
        model=build_model(prepared, recipe),
        args=arguments,
        data_collator=collator(recipe.model_task),
        train_dataset=sets["train"],
        eval_dataset=sets["validation"],
        compute_metrics=scores_of,
    )
    for each in (PrinterCallback, ProgressCallback):
        trainer.remove_callback(each)
    if progress:
        trainer.add_callback(loss_shown())
    return trainer


def _begin(checkpoints: Path, recipe: ConversationRecipe, resume: bool) -> str | None:
    """The checkpoint to go on from; None where the run begins.

    Raises:
        ValueError: Those that are to be gone on from are another recipe's.
    """
    file = checkpoints / RECIPE
    newest = newest_whole(checkpoints) if resume else None
    if newest is not None:
        kept = yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else {}
        wanted = yaml.safe_load(yaml.safe_dump(recipe.to_dict()))
        names = [n for n in wanted if kept.get(n) != wanted[n] and n not in FREE]
        if names:
            told = "; ".join(f"{n} was {kept.get(n)!r}, is {wanted[n]!r}" for n in names)
            raise ValueError(
                f"{checkpoints} holds checkpoints of another recipe: {told}. Give another output "
                "folder, or start again without --resume."
            )
        return str(newest)
    shutil.rmtree(checkpoints, ignore_errors=True)
    checkpoints.mkdir(parents=True)
    text = yaml.safe_dump(recipe.to_dict(), sort_keys=False, allow_unicode=True)
    file.write_text(text, encoding="utf-8")
    return None


def _nothing_asked(split: str, n_dialogues: int, task: str) -> str:
    longer = " in a dialogue of two or more" if task == "forecast" else ""
    return (
        f"nothing is asked for in the {split} split: got {n_dialogues} dialogues, expected an "
        f"utterance whose label is in the set{longer}. Look at `label`, `emotions` and `task`."
    )


def _best_epoch(trainer: DialogueTrainer) -> float | None:
    """The epoch whose weights were kept; None where the last ones were."""
    step = trainer.state.best_global_step
    epochs = [row["epoch"] for row in trainer.state.log_history if row["step"] == step]
    return float(epochs[-1]) if step and epochs else None


def _losses(trainer: DialogueTrainer) -> list[dict[str, float]]:
    """A row for each epoch: its loss, and the scores of the validation dialogues."""
    rows: dict[float, dict[str, float]] = {}
    for logged in trainer.state.log_history:
        row = rows.setdefault(logged["epoch"], {"epoch": logged["epoch"]})
        row |= {key: logged[key] for key in ("loss", "eval_loss", "eval_macro_f1") if key in logged}
    return list(rows.values())


def _for_the_card(
    test: dict[str, Any] | None, prepared: Prepared, task: str
) -> dict[str, dict[str, Any]]:
    """The scores under the names that every card of a model reads, and the majority's."""
    if test is None:
        return {}
    splits = prepared.splits
    rows = baseline_rows(targets(splits.test, task), splits.train, len(splits.labels))
    majority = next(row for row in rows if row["name"] == MAJORITY)
    names = {"accuracy": "wa", "macro_f1": "macro_f1", "waf": "weighted_f1", "n": "n"}
    return {
        key: {name: scores[own] for name, own in names.items()}
        for key, scores in (("scores", test), ("majority", majority))
    }


def _write_records(
    folder: Path, recipe: ConversationRecipe, prepared: Prepared, facts: dict[str, Any]
) -> None:
    """The recipe and what the run took, beside the model."""
    text = yaml.safe_dump(recipe.to_dict(), sort_keys=False, allow_unicode=True)
    (folder / RECIPE).write_text(text, encoding="utf-8")
    record = {
        "features": {"name": prepared.features.name, "width": prepared.features.width},
        "n_dialogues": {name: len(getattr(prepared.splits, name)) for name in SPLITS},
        "n_speakers": prepared.splits.n_speakers,
        "notes": prepared.notes,
        **facts,
        "trainer": settings(recipe),
        "versions": {name: version(name) for name in _PACKAGES},
    }
    (folder / RECORD).write_text(json.dumps(record, indent=1), encoding="utf-8")
