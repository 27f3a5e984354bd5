"""Supervised fine-tuning of AffectGPT from a recipe.

One process, or many through accelerate, with the same arguments:

    affecthub train demo --data-dir demo/corpus --output-dir runs/demo
    accelerate launch -m affecthub.training.sft demo --data-dir demo/corpus --output-dir runs/demo
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml
from datasets import Dataset, DatasetDict
from transformers.trainer_callback import PrinterCallback, ProgressCallback, TrainerCallback

from affecthub.training.arguments import settings, training_arguments
from affecthub.training.checkpoints import begin, newest_whole, require_same
from affecthub.training.examples import Examples, usable
from affecthub.training.mixtures.clips import (
    Mixture,
    clip_names,
    draw_sampler,
    training_parts,
)
from affecthub.training.mixtures.folders import Folders, load_corpus, parse_folders
from affecthub.training.mixtures.packing import collator
from affecthub.training.mixtures.questions import require_questions
from affecthub.training.model import build_model, save_bases, warn_of_coarse_weights
from affecthub.training.model_folder import checkpoint_folder
from affecthub.training.progress import loss_shown
from affecthub.training.recipe import Recipe
from affecthub.training.splits import Splits, choose_splits
from affecthub.training.trainer import ClipTrainer, tidy


@dataclass
class TrainingResult:
    """What a run leaves.

    Args:
        output_dir: Folder with the model, its processor, `recipe.yaml` and `training.json`.
        model: The trained model, ready to answer.
        processor: Its processor.
        losses: One row per log: `epoch` and `loss` or `eval_loss`.
        n_train: Clips trained on.
        n_left_out: Training clips without an answer or without any of the modalities.
        n_there: Training clips of the protocol, those held out for validation not counted.
        n_parameters: Parameters of the model.
        n_trained: Those of them that training moves.
        notes: What a reader must know of the splits, see `Splits`.
        corpora: How many clips of each corpus.
    """

    output_dir: Path
    model: Any
    processor: Any
    losses: list[dict[str, float]] = field(default_factory=list)
    n_train: int = 0
    n_left_out: int = 0
    n_there: int = 0
    n_parameters: int = 0
    n_trained: int = 0
    notes: tuple[str, ...] = ()
    corpora: list[dict[str, Any]] = field(default_factory=list)


def train(
    recipe: Recipe,
    *,
    data_dir: Folders,
    output_dir: str | Path,
    resume: bool = False,
    progress: bool = True,
    corpus: DatasetDict | None = None,
    splits: Splits | None = None,
    callbacks: Sequence[TrainerCallback] = (),
) -> TrainingResult:
    """Fine-tune and save the model of a recipe.

    Args:
        recipe: What to train, on what and how.
        data_dir: The corpus' folder; of several corpora, see `mixtures.folders.corpus_folder`.
        output_dir: Where the model and the run's records go; checkpoints go to the folder
            `checkpoint_folder` names, beside it.
        resume: Go on from the newest whole checkpoint, with the same order of clips. With none
            there, start from the beginning, as without it; then earlier checkpoints are removed.
        progress: Show a progress bar, or in a file a line each epoch.
        corpus: Splits that are loaded already; by default the recipe's corpus is loaded.
        splits: What is trained and validated on, where that is chosen already.
        callbacks: What else is called while training.

    Raises:
        ValueError: The recipe's `trainer` does not fit together, the corpus has no such column,
            label or split, no clip of the training split can be used, or the checkpoints to go on
            from are another recipe's.
    """
    output_dir = Path(output_dir)
    arguments = training_arguments(recipe, output_dir, progress=progress)
    require_questions(recipe)
    if splits is None:
        corpus = corpus or load_corpus(recipe, data_dir)
        splits = choose_splits(corpus, recipe, validate=arguments.eval_strategy != "no")
    parts, notes = training_parts(recipe, splits.train, data_dir)
    draws = draw_sampler(parts, recipe)
    validated = None
    if splits.validation is not None and arguments.eval_strategy != "no":
        validated = _validation_clips(splits.validation, recipe)
    checkpoints = checkpoint_folder(output_dir)
    last = None
    with arguments.main_process_first(local=False, desc="look at checkpoints"):
        if resume:
            only_weights = bool(recipe.trainer.get("save_only_model"))
            last = newest_whole(checkpoints, weights_suffice=only_weights)
        if last is not None:
            require_same(checkpoints, recipe, clip_names(parts))
        elif arguments.process_index == 0:
            begin(checkpoints, recipe, clip_names(parts))

    texts = (text for part in parts for text in part.texts())
    model, processor = build_model(recipe, texts)
    warn_of_coarse_weights(model)
    drawn = [
        Examples(part.rows, processor, part.recipe, with_answer=True, training=True)
        for part in parts
    ]
    examples = Mixture(drawn, draws)
    held_out = None
    if validated is not None:
        held_out = Examples(validated, processor, recipe, with_answer=True)
    if recipe.cache_media and arguments.dataloader_num_workers:
        for part in (examples, held_out):
            if part is not None:
                part.fill(arguments.dataloader_num_workers)
        arguments.dataloader_num_workers = 0  # nothing is left to decode

    trainer = ClipTrainer(
        model=model,
        args=arguments,
        train_dataset=examples,
        eval_dataset=held_out,
        data_collator=collator(recipe, processor),
        processing_class=processor,
        callbacks=list(callbacks),
    )
    trainer.draws, trainer.eval_collator = examples.draws, processor.pad
    trainer.batches = examples.pack(recipe.max_packed_tokens, arguments.world_size)
    trainer.remove_callback(PrinterCallback)
    trainer.remove_callback(ProgressCallback)
    if progress:
        trainer.add_callback(loss_shown())
    trainer.train(resume_from_checkpoint=None if last is None else str(last))

    shown = ("epoch", "step", "loss", "eval_loss")
    losses = [
        {key: float(entry[key]) for key in shown if key in entry}
        for entry in trainer.state.log_history
        if "loss" in entry or "eval_loss" in entry
    ]
    assert trainer.model is not None, "it was given one"
    parameters = list(trainer.model.parameters())
    result = TrainingResult(
        output_dir,
        trainer.model,
        processor,
        losses,
        n_train=len(examples),
        n_left_out=sum(part.n_left_out for part in parts),
        n_there=sum(part.n_there for part in parts),
        n_parameters=sum(each.numel() for each in parameters),
        n_trained=sum(each.numel() for each in parameters if each.requires_grad),
        notes=(*splits.notes, *notes),
        corpora=[part.record() for part in parts],
    )
    trainer.save_model(str(output_dir))
    if trainer.is_world_process_zero():
        save_bases(recipe, result.model, output_dir)
        _save_records(recipe, result)
        tidy(output_dir)
    return result


def _validation_clips(rows: Dataset, recipe: Recipe) -> Dataset:
    """The clips whose loss chooses the weights."""
    kept = usable(rows, recipe)
    if len(kept) == 0:
        raise ValueError(
            f"no validation clip of {recipe.corpus!r} can be used: got {len(rows)} clips, expected "
            f"some with {' or '.join(recipe.modalities)} and {' and '.join(recipe.answer)}. Set "
            "trainer.eval_strategy=no to keep the last weights."
        )
    return kept


def _save_records(recipe: Recipe, result: TrainingResult) -> None:
    """Write the recipe and the run's numbers beside the model."""
    result.processor.save_pretrained(result.output_dir)
    recipe_text = yaml.safe_dump(recipe.to_dict(), sort_keys=False, allow_unicode=True)
    (result.output_dir / "recipe.yaml").write_text(recipe_text, encoding="utf-8")
    packages = ("affecthub", "torch", "transformers", "datasets", "accelerate", "peft")
    record = {
        "n_train": result.n_train,
        "n_left_out": result.n_left_out,
        "n_there": result.n_there,
        "n_parameters": result.n_parameters,
        "n_trained": result.n_trained,
        "notes": list(result.notes),
        "corpora": result.corpora,
        "trainer": settings(recipe),
        "losses": result.losses,
        "versions": {name: version(name) for name in packages},
    }
    (result.output_dir / "training.json").write_text(json.dumps(record, indent=1), encoding="utf-8")


def main() -> None:
    """Run as a program: what ``accelerate launch -m affecthub.training.sft`` starts."""
    import argparse

    from affecthub.settings import parse_overrides
    from affecthub.training.recipe import load_recipe

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("recipe", help="installed name or YAML file")
    parser.add_argument(
        "--data-dir",
        required=True,
        action="append",
        help="the corpus' folder; NAME=PATH for each of several, or one that has a folder of each",
    )
    parser.add_argument(
        "--output-dir",
        required=True,
        help="where the model goes; checkpoints go beside it, to OUTPUT_DIR-checkpoints",
    )
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="replace a field, for example trainer.max_steps=3",
    )
    given = parser.parse_args()
    folders = parse_folders(given.data_dir)
    assert folders is not None, "the parser requires one"
    train(
        load_recipe(given.recipe, **parse_overrides(given.set)),
        data_dir=folders,
        output_dir=given.output_dir,
        resume=given.resume,
    )


if __name__ == "__main__":
    main()
