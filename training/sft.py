"""Supervised fine-tuning of AffectGPT from a recipe.

One process, or many through accelerate, with the same arguments:

    affecthub train demo --data-dir demo/corpus --output-dir runs/demo
    accelerate launch -m affecthub.training.sft demo --data-dir demo/corpus --output-dir runs/demo
"""

import json
import warnings
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml
from datasets import Dataset, DatasetDict
from transformers.trainer_callback import PrinterCallback, ProgressCallback

from affecthub.datasets_scripts import load_dataset
from affecthub.datasets_scripts.rows.answers import answer_of
from affecthub.training.arguments import CHOSEN_BY, settings, training_arguments
from affecthub.training.checkpoints import begin, newest_whole, require_same
from affecthub.training.evaluation.of_recipe import add_evaluation, evaluation_record
from affecthub.training.evaluation.readable import BrokenClips, Collator, Readable
from affecthub.training.examples import Examples, usable
from affecthub.training.model import build_model, warn_of_coarse_weights
from affecthub.training.model_folder import checkpoint_folder
from affecthub.training.progress import loss_shown, only_our_bars
from affecthub.training.recipe import Recipe
from affecthub.training.run_folder import require_no_run, require_same_run
from affecthub.training.splits import Splits, choose_splits
from affecthub.training.trainer import ClipTrainer, tidy


@dataclass
class TrainingResult:
    """What a run leaves.

    Args:
        output_dir: Folder with the model, its processor, `recipe.yaml` and `training.json`.
        model: The trained model, ready to answer.
        processor: Its processor.
        losses: One row per log: `epoch` and `loss`, `eval_loss` or `eval_set_f` and its like.
        n_train: Clips trained on.
        n_left_out: Training clips without an answer or without any of the modalities.
        n_there: Training clips of the protocol, those held out for validation not counted.
        n_parameters: Parameters of the model.
        n_trained: Those of them that training moves.
        notes: What a reader must know of the splits, see `Splits`.
        evaluation: By what the weights were chosen, and clips that could not be read, see
            `evaluation_record`.
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
    evaluation: dict[str, Any] = field(default_factory=dict)


def train(
    recipe: Recipe,
    *,
    data_dir: str | Path,
    output_dir: str | Path,
    resume: bool = False,
    overwrite: bool = False,
    progress: bool = True,
    corpus: DatasetDict | None = None,
    splits: Splits | None = None,
) -> TrainingResult:
    """Fine-tune and save the model of a recipe.

    Args:
        recipe: What to train, on what and how.
        data_dir: The corpus' folder.
        output_dir: Where the model and the run's records go; checkpoints go to the folder
            `checkpoint_folder` names, beside it.
        resume: Go on from the newest whole checkpoint, with the same order of clips. With none
            there, start from the beginning, as without it.
        overwrite: Write over a run that is there, and remove its checkpoints.
        progress: Show a progress bar, or in a file a line each epoch.
        corpus: Splits that are loaded already; by default the recipe's corpus is loaded.
        splits: What is trained and validated on, where that is chosen already.

    Raises:
        ValueError: The recipe's `trainer` does not fit together, the corpus has no such column,
            label or split, no clip of the training split can be used, `output_dir` has a run and
            neither `resume` nor `overwrite` is given, or what is to be gone on from is another
            recipe's.
        NonFiniteLossError: The loss is NaN or infinite; names the step and the clips.
    """
    output_dir = Path(output_dir)
    if not (resume or overwrite):
        require_no_run(output_dir)
    arguments = training_arguments(recipe, output_dir, progress=progress)
    if splits is None:
        corpus = corpus or load_dataset(
            recipe.corpus, recipe.config, data_dir=data_dir, protocol=recipe.protocol
        )
        splits = choose_splits(corpus, recipe, validate=arguments.eval_strategy != "no")
    kept, n_left_out = _training_clips(splits, recipe)
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
            require_same(checkpoints, recipe, kept["id"])
        elif resume and not overwrite:
            require_same_run(output_dir, recipe)
        if last is None and arguments.process_index == 0:
            begin(checkpoints, recipe, kept["id"])

    columns = list(dict.fromkeys([*recipe.answer, "text"]))
    texts = (
        text
        for row in kept.select_columns(columns)
        for text in (row["text"], answer_of(row, kept.features, recipe.answer))
        if text
    )
    model, processor = build_model(recipe, texts)
    warn_of_coarse_weights(model)
    examples = Examples(kept, processor, recipe, with_answer=True, drop_modalities=True)
    held_out = None
    if validated is not None:
        held_out = Examples(validated, processor, recipe, with_answer=True)
    if recipe.cache_media and arguments.dataloader_num_workers:
        for part in (examples, held_out):
            if part is not None:
                part.fill(arguments.dataloader_num_workers)
        arguments.dataloader_num_workers = 0  # nothing is left to decode

    readable = Readable(examples, kept["id"])
    trainer = ClipTrainer(
        model=model,
        args=arguments,
        train_dataset=readable,
        eval_dataset=None if held_out is None else Readable(held_out, held_out.rows["id"]),
        data_collator=Collator(processor.pad, readable.stand_in),
        processing_class=processor,
    )
    trainer.broken = BrokenClips(checkpoints, arguments.process_index)
    trainer.remove_callback(PrinterCallback)
    trainer.remove_callback(ProgressCallback)
    add_evaluation(trainer, recipe, validated, checkpoints)
    if progress:
        trainer.add_callback(loss_shown())
    trainer.train(resume_from_checkpoint=None if last is None else str(last))

    shown = ("epoch", "step", "loss", *CHOSEN_BY)
    losses = [
        {key: float(entry[key]) for key in shown if key in entry}
        for entry in trainer.state.log_history
        if {*entry} & {*shown[2:]}
    ]
    assert trainer.model is not None, "it was given one"
    parameters = list(trainer.model.parameters())
    result = TrainingResult(
        output_dir,
        trainer.model,
        processor,
        losses,
        n_train=len(kept),
        n_left_out=n_left_out,
        n_there=len(splits.train),
        n_parameters=sum(each.numel() for each in parameters),
        n_trained=sum(each.numel() for each in parameters if each.requires_grad),
        notes=splits.notes,
        evaluation=evaluation_record(trainer),
    )
    trainer.save_model(str(output_dir))
    if trainer.is_world_process_zero():
        _save_records(recipe, result)
        tidy(output_dir)
    return result


def _training_clips(splits: Splits, recipe: Recipe) -> tuple[Dataset, int]:
    """The clips to train on in the run's own order, and how many can not be used."""
    rows = splits.train.shuffle(seed=recipe.seed)
    kept = usable(rows, recipe)
    if len(kept) == 0:
        raise ValueError(
            f"no training clip of {recipe.corpus!r} can be used: got {len(rows)} clips, expected "
            f"some with {' or '.join(recipe.modalities)} and {' and '.join(recipe.answer)}."
        )
    n_left_out = len(rows) - len(kept)
    if n_left_out:
        warnings.warn(
            f"{n_left_out} of {len(rows)} training clips of {recipe.corpus!r} are left out: they "
            f"have no {' or '.join(recipe.modalities)}, or no {' and '.join(recipe.answer)}.",
            stacklevel=3,
        )
    if recipe.max_train_clips is not None:
        kept = kept.select(range(min(recipe.max_train_clips, len(kept))))
    return kept, n_left_out


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
        **result.evaluation,
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
    parser.add_argument("--data-dir", required=True, help="the corpus' folder")
    parser.add_argument(
        "--output-dir",
        required=True,
        help="where the model goes; checkpoints go beside it, to OUTPUT_DIR-checkpoints",
    )
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--overwrite", action="store_true", help="write over a run that is there")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="replace a field, for example trainer.max_steps=3",
    )
    given = parser.parse_args()
    only_our_bars()
    train(
        load_recipe(given.recipe, **parse_overrides(given.set)),
        data_dir=given.data_dir,
        output_dir=given.output_dir,
        resume=given.resume,
        overwrite=given.overwrite,
    )


if __name__ == "__main__":
    main()
