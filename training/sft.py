"""Supervised fine-tuning of AffectGPT from a recipe.

One process, or many through accelerate, with the same arguments:

    affecthub train demo --data-dir demo/corpus --output-dir runs/demo
    accelerate launch -m affecthub.training.sft demo --data-dir demo/corpus --output-dir runs/demo
"""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datasets import Dataset, DatasetDict
from transformers.trainer_callback import PrinterCallback, ProgressCallback, TrainerCallback

from affecthub.cache import content_key
from affecthub.datasets_scripts import load_dataset
from affecthub.datasets_scripts.rows.answers import answer_of
from affecthub.training.arguments import training_arguments
from affecthub.training.checkpoints import begin, newest_whole, require_same
from affecthub.training.examples import Examples, usable
from affecthub.training.launch import Launch, n_whole, require_machine, require_together
from affecthub.training.model import build_model, load_model, warn_of_coarse_weights
from affecthub.training.model_card import write_card
from affecthub.training.model_folder import checkpoint_folder
from affecthub.training.progress import loss_shown
from affecthub.training.recipe import Recipe
from affecthub.training.saving import (
    convert_saved,
    round_trained,
    saved_dtype,
    tidy,
    write_records,
)
from affecthub.training.splits import Splits, choose_splits
from affecthub.training.trainer import ClipTrainer


@dataclass
class TrainingResult:
    """What a run leaves.

    Args:
        output_dir: Folder with the model, its processor, `recipe.yaml` and `training.json`.
        processor: The model's processor.
        losses: One row per log: `epoch` and `loss` or `eval_loss`.
        n_train: Clips trained on.
        n_left_out: Training clips without an answer or without any of the modalities.
        n_there: Training clips of the protocol, those held out for validation not counted.
        n_seen: How often a clip was trained on, over all epochs and processes.
        n_parameters: Parameters of the model.
        n_trained: Those of them that training moves.
        launch: How the run was shared among processes.
        notes: What a reader must know of the splits, see `Splits`.
        trained: The trained model where each process holds all of it; see `model`.
    """

    output_dir: Path
    processor: Any
    losses: list[dict[str, float]] = field(default_factory=list)
    n_train: int = 0
    n_left_out: int = 0
    n_there: int = 0
    n_seen: int = 0
    n_parameters: int = 0
    n_trained: int = 0
    launch: Launch = field(default_factory=Launch)
    notes: tuple[str, ...] = ()
    trained: Any = None

    @property
    def model(self) -> Any:
        """The trained model, ready to answer; of a split one each process reads the folder."""
        if self.trained is None:
            self.trained, _ = load_model(self.output_dir)
        return self.trained


def train(
    recipe: Recipe,
    *,
    data_dir: str | Path,
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
        data_dir: The corpus' folder.
        output_dir: Where the model and the run's records go; checkpoints go to the folder
            `checkpoint_folder` names, beside it.
        resume: Go on from the newest whole checkpoint, with the same order of clips; the number of
            processes may be another. With none there, start from the beginning, as without it;
            then earlier checkpoints are removed.
        progress: Show a progress bar, or in a file a line each epoch.
        corpus: Splits that are loaded already; by default the recipe's corpus is loaded.
        splits: What is trained and validated on, where that is chosen already.
        callbacks: What else is called while training.

    Raises:
        ImportError: The launcher asks for DeepSpeed, which is not installed.
        ValueError: The recipe's `trainer` does not fit together, the corpus has no such column,
            label or split, no clip of the training split can be used, the checkpoints to go on
            from are another recipe's, or the run is not what its launcher asked for.
    """
    output_dir = Path(output_dir)
    asked = require_machine(recipe.trainer)
    # They come before the model and are kept: under ZeRO-3 they have its weights split as read.
    arguments = training_arguments(recipe, output_dir, progress=progress)
    require_together(asked, arguments.world_size)
    if splits is None:
        corpus = corpus or load_dataset(
            recipe.corpus, recipe.config, data_dir=data_dir, protocol=recipe.protocol
        )
        splits = choose_splits(corpus, recipe, validate=arguments.eval_strategy != "no")
    kept, n_left_out = _training_clips(splits, recipe)
    validated = None
    if splits.validation is not None and arguments.eval_strategy != "no":
        validated = _validation_clips(splits.validation, recipe)
    last = _last_checkpoint(recipe, arguments, checkpoint_folder(output_dir), kept["id"], resume)

    model, processor = build_model(recipe, _words(kept, recipe))
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

    trainer = ClipTrainer(
        model=model,
        args=arguments,
        train_dataset=examples,
        eval_dataset=held_out,
        data_collator=processor.pad,
        processing_class=processor,
        callbacks=list(callbacks),
        asked=asked,
        say=progress or asked.n_processes > 1,
    )
    trainer.remove_callback(PrinterCallback)
    trainer.remove_callback(ProgressCallback)
    if progress:
        trainer.add_callback(loss_shown())
    trainer.train(resume_from_checkpoint=None if last is None else str(last))

    assert trainer.model is not None and trainer.launched is not None, "it was trained"
    parameters = list(trainer.model.parameters())
    result = TrainingResult(
        output_dir,
        processor,
        _losses(trainer),
        n_train=len(kept),
        n_left_out=n_left_out,
        n_there=len(splits.train),
        n_seen=trainer.n_seen,
        n_parameters=sum(map(n_whole, parameters)),
        n_trained=sum(n_whole(each) for each in parameters if each.requires_grad),
        launch=trainer.launched,
        notes=splits.notes,
        trained=None if trainer.is_split else trainer.accelerator.unwrap_model(trainer.model),
    )
    data = {"train": _fingerprint(kept, recipe)}
    if validated is not None:
        data["validation"] = _fingerprint(validated, recipe)
    _save(trainer, recipe, result, data)
    return result


def _last_checkpoint(
    recipe: Recipe, arguments: Any, folder: Path, clip_ids: list[str], resume: bool
) -> Path | None:
    """Where to go on from; a run that starts is written down by the first process."""
    n_of_step = (
        arguments.per_device_train_batch_size
        * arguments.gradient_accumulation_steps
        * max(arguments.world_size, arguments.n_gpu)
    )
    last = None
    with arguments.main_process_first(local=False, desc="look at checkpoints"):
        if resume:
            only_weights = bool(recipe.trainer.get("save_only_model"))
            last = newest_whole(folder, weights_suffice=only_weights)
        if last is not None:
            require_same(folder, recipe, clip_ids, global_batch_size=n_of_step)
        elif arguments.process_index == 0:
            begin(folder, recipe, clip_ids, global_batch_size=n_of_step)
    return last


def _words(kept: Dataset, recipe: Recipe) -> Iterator[str]:
    """Transcripts and answers, which a model from scratch learns its words from."""
    columns = list(dict.fromkeys([*recipe.answer, "text"]))
    for row in kept.select_columns(columns):
        for text in (row["text"], answer_of(row, kept.features, recipe.answer)):
            if text:
                yield text


def _losses(trainer: ClipTrainer) -> list[dict[str, float]]:
    shown = ("epoch", "step", "loss", "eval_loss")
    return [
        {key: float(entry[key]) for key in shown if key in entry}
        for entry in trainer.state.log_history
        if "loss" in entry or "eval_loss" in entry
    ]


def _fingerprint(rows: Dataset, recipe: Recipe) -> dict[str, Any]:
    """How many clips, and a digest of their names, words and answers in their order."""
    columns = list(dict.fromkeys(["id", "text", *recipe.answer]))
    parts = [
        f"{row['id']}\t{row['text']}\t{answer_of(row, rows.features, recipe.answer)}"
        for row in rows.select_columns(columns)
    ]
    return {"n": len(rows), "sha256": content_key("\n".join(parts))}


def _save(
    trainer: ClipTrainer, recipe: Recipe, result: TrainingResult, data: dict[str, Any]
) -> None:
    """Write the model, its processor, the records and the card; the first process does."""
    folder = result.output_dir
    dtype = saved_dtype(recipe)
    trainer.save_model(str(folder))
    if result.trained is not None and dtype is not None:
        round_trained(result.trained, dtype)
    if trainer.is_world_process_zero():
        if dtype is not None:
            convert_saved(folder, dtype)
        result.processor.save_pretrained(folder)
        facts = {
            "n_train": result.n_train,
            "n_left_out": result.n_left_out,
            "n_there": result.n_there,
            "n_seen": result.n_seen,
            "n_parameters": result.n_parameters,
            "n_trained": result.n_trained,
            "notes": list(result.notes),
            "launch": result.launch.to_dict(),
            "global_batch_size": trainer.n_of_step,
            "data": data,
            "losses": result.losses,
        }
        write_records(folder, recipe, facts)
        write_card(folder, recipe, facts)
        tidy(folder)
    trainer.accelerator.wait_for_everyone()


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
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="replace a field, for example trainer.max_steps=3",
    )
    given = parser.parse_args()
    train(
        load_recipe(given.recipe, **parse_overrides(given.set)),
        data_dir=given.data_dir,
        output_dir=given.output_dir,
        resume=given.resume,
    )


if __name__ == "__main__":
    main()
