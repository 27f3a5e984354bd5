"""Supervised fine-tuning from a recipe: of AffectGPT here, of a chat model in ``training.omni``.

One process, or many through accelerate, with the same arguments:

    affecthub train demo --data-dir demo/corpus --output-dir runs/demo
    accelerate launch -m affecthub.training.sft demo --data-dir demo/corpus --output-dir runs/demo
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from accelerate.state import AcceleratorState
from datasets import Dataset, DatasetDict
from transformers.integrations.deepspeed import unset_hf_deepspeed_config
from transformers.trainer_callback import PrinterCallback, ProgressCallback, TrainerCallback

from affecthub.cache import content_key
from affecthub.hub_cards.models import write_model_card
from affecthub.training.arguments import CHOSEN_BY, training_arguments
from affecthub.training.checkpoints import begin, newest_whole, require_same
from affecthub.training.clips import (
    Mixture,
    clip_names,
    draw_sampler,
    training_parts,
)
from affecthub.training.evaluation.of_recipe import add_evaluation, evaluation_record
from affecthub.training.evaluation.readable import BrokenClips, Collator, Readable
from affecthub.training.examples import Examples, usable
from affecthub.training.launch import (
    Launch,
    join_on_cpu,
    n_whole,
    require_machine,
    require_together,
)
from affecthub.training.mixtures.folders import Folders, load_corpus, parse_folders
from affecthub.training.mixtures.packing import collator
from affecthub.training.mixtures.questions import (
    Asked,
    main_question,
    require_questions,
    training_questions,
)
from affecthub.training.model import (
    build_model,
    load_model,
    save_bases,
    warn_of_coarse_weights,
)
from affecthub.training.model_folder import checkpoint_folder
from affecthub.training.progress import loss_shown, only_our_bars
from affecthub.training.recipe import Recipe
from affecthub.training.run_cost import run_cost
from affecthub.training.run_folder import require_no_run, require_same_run
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
        losses: One row per log: `epoch` and `loss`, `eval_loss` or `eval_set_f` and its like.
        n_train: Clips trained on.
        n_left_out: Training clips without an answer or without any of the modalities.
        n_there: Training clips of the protocol, those held out for validation not counted.
        n_seen: How often a clip was trained on, over all epochs and processes.
        n_parameters: Parameters of the model.
        n_trained: Those of them that training moves.
        launch: How the run was shared among processes.
        notes: What a reader must know of the splits, see `Splits`.
        corpora: How many clips of each corpus.
        trained: The trained model where each process holds all of it; see `model`.
        evaluation: By what the weights were chosen, and clips that could not be read, see
            `evaluation_record`.
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
    evaluation: dict[str, Any] = field(default_factory=dict)
    corpora: list[dict[str, Any]] = field(default_factory=list)
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
    data_dir: Folders,
    output_dir: str | Path,
    resume: bool = False,
    overwrite: bool = False,
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
        resume: Go on from the newest whole checkpoint, with the same order of clips; the number of
            processes may be another. With none there, start from the beginning, as without it.
        overwrite: Write over a run that is there, and remove its checkpoints.
        progress: Show a progress bar, or in a file a line each epoch.
        corpus: Splits that are loaded already; by default the recipe's corpus is loaded.
        splits: What is trained and validated on, where that is chosen already.
        callbacks: What else is called while training.

    Raises:
        ImportError: The launcher asks for DeepSpeed, which is not installed.
        ValueError: The recipe's `trainer` does not fit together, the corpus has no such column,
            label or split, no clip of the training split can be used, `output_dir` has a run and
            neither `resume` nor `overwrite` is given, what is to be gone on from is another
            recipe's, or the run is not what its launcher asked for.
        NonFiniteLossError: The loss is NaN or infinite; names the step and the clips.
    """
    output_dir = Path(output_dir)
    if not (resume or overwrite):
        require_no_run(output_dir)
    asked = require_machine(recipe.trainer)
    join_on_cpu(asked)
    if asked.kind.startswith("zero"):
        AcceleratorState._reset_state()  # a second run would keep the first one's DeepSpeed
    # They come before the model and are kept: under ZeRO-3 they have its weights split as read.
    arguments = training_arguments(recipe, output_dir, progress=progress)
    require_together(asked, arguments.world_size)
    require_questions(recipe)
    if splits is None:
        corpus = corpus or load_corpus(recipe, data_dir)
        splits = choose_splits(corpus, recipe, validate=arguments.eval_strategy != "no")
    validation = splits.validation if arguments.eval_strategy != "no" else None
    parts, notes = training_parts(recipe, splits.train, data_dir, validation)
    draws = draw_sampler(parts, recipe)
    validated = None
    if validation is not None:
        validated = _validation_clips(validation, recipe, parts[0].features)
    last = _last_checkpoint(
        recipe, arguments, output_dir, clip_names(parts), resume=resume, overwrite=overwrite
    )

    texts = (text for part in parts for text in part.texts())
    model, processor = build_model(recipe, texts)
    warn_of_coarse_weights(model)
    examples = Mixture([part.examples(model, processor) for part in parts], draws)
    held_out = None
    if validated is not None:
        held_out = Examples(
            validated, processor, recipe, with_answer=True, features=parts[0].features
        )
    if recipe.cache_media and arguments.dataloader_num_workers:
        examples.fill(arguments.dataloader_num_workers)
        if held_out is not None:
            held_out.fill(arguments.dataloader_num_workers)
        arguments.dataloader_num_workers = 0  # nothing is left to decode

    readable = Readable(examples, clip_names(parts))
    trainer = ClipTrainer(
        model=model,
        args=arguments,
        train_dataset=readable,
        eval_dataset=None if held_out is None else Readable(held_out, held_out.rows["id"]),
        data_collator=Collator(collator(recipe, processor), readable.stand_in),
        processing_class=processor,
        callbacks=list(callbacks),
        asked=asked,
        say=progress or asked.n_processes > 1,
    )
    trainer.draws = examples.draws
    trainer.batches = examples.pack(recipe.max_packed_tokens, arguments.world_size)
    trainer.broken = BrokenClips(checkpoint_folder(output_dir), arguments.process_index)
    trainer.remove_callback(PrinterCallback)
    trainer.remove_callback(ProgressCallback)
    add_evaluation(
        trainer, recipe, validated, checkpoint_folder(output_dir), features=parts[0].features
    )
    if progress:
        trainer.add_callback(loss_shown())
    trainer.train(resume_from_checkpoint=None if last is None else str(last))

    assert trainer.model is not None and trainer.launched is not None, "it was trained"
    parameters = list(trainer.model.parameters())
    result = TrainingResult(
        output_dir,
        processor,
        _losses(trainer),
        n_train=len(examples),
        n_left_out=sum(part.n_left_out for part in parts),
        n_there=sum(part.n_there for part in parts),
        n_seen=trainer.n_seen,
        n_parameters=sum(map(n_whole, parameters)),
        n_trained=sum(n_whole(each) for each in parameters if each.requires_grad),
        launch=trainer.launched,
        notes=(*splits.notes, *notes),
        corpora=[part.record() for part in parts],
        evaluation=evaluation_record(trainer),
        trained=None if trainer.is_split else trainer.accelerator.unwrap_model(trainer.model),
    )
    own, *others = parts
    data = {"train": _fingerprint(own.rows, training_questions(own.recipe))}
    for other in others:
        name = f"train, {other.recipe.corpus}"
        data[name] = _fingerprint(other.rows, training_questions(other.recipe))
    if validated is not None:
        data["validation"] = _fingerprint(validated, [main_question(recipe)])
    _save(trainer, recipe, result, data)
    if trainer.is_deepspeed_enabled:
        unset_hf_deepspeed_config()  # what is loaded from now on is whole, and answers alone
    return result


def _last_checkpoint(
    recipe: Recipe,
    arguments: Any,
    output_dir: Path,
    clip_ids: list[str],
    *,
    resume: bool,
    overwrite: bool,
) -> Path | None:
    """Where to go on from; a run that starts is written down by the first process."""
    folder = checkpoint_folder(output_dir)
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
        elif resume and not overwrite:
            require_same_run(output_dir, recipe)
        if last is None and arguments.process_index == 0:
            begin(folder, recipe, clip_ids, global_batch_size=n_of_step)
    return last


def _losses(trainer: ClipTrainer) -> list[dict[str, float]]:
    shown = ("epoch", "step", "loss", *CHOSEN_BY)
    return [
        {key: float(entry[key]) for key in shown if key in entry}
        for entry in trainer.state.log_history
        if {*entry} & {*shown[2:]}
    ]


def _fingerprint(rows: Dataset, asked: Sequence[Asked]) -> dict[str, Any]:
    """How many clips, and a digest of their names, words and answers in their order."""
    columns = dict.fromkeys(["id", "text", *(name for each in asked for name in each.columns)])
    parts = [
        "\t".join(
            [row["id"], str(row["text"]), *(str(e.answer(row, rows.features)) for e in asked)]
        )
        for row in rows.select_columns(list(columns))
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
            "corpora": result.corpora,
            **result.evaluation,
            "launch": result.launch.to_dict(),
            "global_batch_size": trainer.n_of_step,
            "cost": run_cost(trainer),
            "data": data,
            "losses": result.losses,
        }
        save_bases(recipe, trainer.accelerator.unwrap_model(trainer.model), folder)
        write_records(folder, recipe, facts)
        write_model_card(folder)
        tidy(folder)
    trainer.accelerator.wait_for_everyone()


def _validation_clips(rows: Dataset, recipe: Recipe, features: Any) -> Dataset:
    """The clips whose loss chooses the weights."""
    kept = usable(rows, recipe, features)
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
    from affecthub.training.recipe_kinds import LOADERS, ON_PROCESSES, function_of, kind_of

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
    parser.add_argument("--overwrite", action="store_true", help="write over a run that is there")
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
    only_our_bars()
    kind = kind_of(given.recipe)
    is_other = kind in ON_PROCESSES
    load = function_of(LOADERS[kind]) if is_other else load_recipe
    run = function_of(ON_PROCESSES[kind]) if is_other else train
    run(
        load(given.recipe, **parse_overrides(given.set)),
        data_dir=folders,
        output_dir=given.output_dir,
        resume=given.resume,
        overwrite=given.overwrite,
    )


if __name__ == "__main__":
    main()
