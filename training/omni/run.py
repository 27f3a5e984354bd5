"""One run of a chat model: clips, adapters and Trainer put together, and what is left of it."""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, cast

import datasets
from transformers.trainer_callback import PrinterCallback, ProgressCallback

from affecthub.hub_cards.models import write_model_card
from affecthub.training.arguments import training_arguments
from affecthub.training.asking.backends.transformers_reading import ChatReader
from affecthub.training.asking.fitting import require_fit
from affecthub.training.asking.prompts.registry import Prompt, load_prompt
from affecthub.training.checkpoints import begin, newest_whole, require_same
from affecthub.training.clips import Part, training_parts
from affecthub.training.evaluation.readable import BrokenClips, Collator, Readable
from affecthub.training.examples import usable
from affecthub.training.launch import join_on_cpu, n_whole, require_machine, require_together
from affecthub.training.mixtures.folders import Folders, load_corpus
from affecthub.training.model_folder import checkpoint_folder
from affecthub.training.omni.collating import collate
from affecthub.training.omni.encoding import Encoder
from affecthub.training.omni.examples import ChatExamples
from affecthub.training.omni.model import build_omni
from affecthub.training.omni.recipe import OmniRecipe
from affecthub.training.omni.trainer import OmniTrainer
from affecthub.training.progress import loss_shown
from affecthub.training.run_cost import run_cost
from affecthub.training.run_folder import require_no_run
from affecthub.training.saving import (
    convert_saved,
    round_trained,
    saved_dtype,
    tidy,
    write_records,
)
from affecthub.training.splits import Splits, choose_splits


@dataclass
class OmniResult:
    """What a run leaves.

    Args:
        output_dir: Folder with the adapters, the processor, `recipe.yaml` and `training.json`.
        model: The trained model, ready to answer.
        processor: Its processor.
        encoder: What makes tensors of its clips.
        losses: Steps with `epoch`, `loss` and `eval_loss`.
        record: What `training.json` says.
    """

    output_dir: Path
    model: Any
    processor: Any
    encoder: Encoder
    losses: list[dict[str, float]] = field(default_factory=list)
    record: dict[str, Any] = field(default_factory=dict)


def train_omni(
    recipe: OmniRecipe,
    *,
    data_dir: Folders,
    output_dir: str | Path,
    resume: bool = False,
    overwrite: bool = False,
    progress: bool = True,
    corpus: datasets.DatasetDict | None = None,
    splits: Splits | None = None,
) -> OmniResult:
    """Fine-tune adapters of a chat model and save them.

    Args:
        recipe: What to train, on what and how.
        data_dir: The corpus' folder, or those of it and its roots by name.
        output_dir: Where the adapters and the run's records go; checkpoints go to the folder
            `checkpoint_folder` names, beside it.
        resume: Go on from the newest whole checkpoint, with the same order of clips.
        overwrite: Write over a run that is there.
        progress: Show a progress bar, or in a file a line each epoch.
        corpus: Splits that are loaded already.
        splits: What is trained and validated on, where that is chosen already.

    Raises:
        ValueError: The corpus has no such column or split, no clip can be used, the model takes
            not what is given, a run is there, or its checkpoints are another recipe's.
        NonFiniteLossError: The loss is NaN or infinite; names the step and the clips.
    """
    output_dir = Path(output_dir)
    if not (resume or overwrite):
        require_no_run(output_dir)
    asked = require_machine(recipe.trainer)
    require_unsplit(asked.kind)
    require_shuffled(recipe)
    prompt = load_prompt(recipe.prompt)
    require_words(prompt, recipe)
    join_on_cpu(asked)
    arguments = training_arguments(cast(Any, recipe), output_dir, progress=progress)
    require_together(asked, arguments.world_size)
    asking = recipe.asking()
    is_validated = arguments.eval_strategy != "no"
    if splits is None:
        corpus = load_corpus(asking, data_dir) if corpus is None else corpus
        splits = choose_splits(corpus, asking, validate=is_validated)
    (part,), notes = training_parts(asking, splits.train, data_dir)
    validated = None
    if is_validated:
        assert splits.validation is not None, "some are held out where there are none"
        validated = usable(splits.validation, asking)
    last = _last_checkpoint(recipe, arguments, output_dir, part.rows["id"], resume)

    model, processor, family = build_omni(recipe)
    encoder = Encoder(ChatReader(processor, **reading(recipe)), family)
    examples = ChatExamples(part.rows, encoder, recipe, prompt)
    held_out = None
    if validated is not None:
        held_out = ChatExamples(validated, encoder, recipe, prompt)
    readable = Readable(examples, part.rows["id"])
    pad = partial(collate, family=family, pad_token_id=encoder.reader.tokenizer.pad_token_id or 0)
    trainer = OmniTrainer(
        model=model,
        args=arguments,
        train_dataset=readable,
        eval_dataset=None if held_out is None else Readable(held_out, held_out.rows["id"]),
        data_collator=Collator(pad, readable.stand_in),
        processing_class=processor,
        asked=asked,
        say=progress or asked.n_processes > 1,
        kinds=examples.kinds(),
        eval_kinds=held_out.kinds() if held_out is not None else (),
    )
    trainer.broken = BrokenClips(checkpoint_folder(output_dir), arguments.process_index)
    trainer.remove_callback(PrinterCallback)
    trainer.remove_callback(ProgressCallback)
    if progress:
        trainer.add_callback(loss_shown())
    trainer.train(resume_from_checkpoint=None if last is None else str(last))

    assert trainer.model is not None, "it was given one"
    trained = trainer.accelerator.unwrap_model(trainer.model).eval()
    result = OmniResult(output_dir, trained, processor, encoder, _losses(trainer))
    result.record = _facts(trainer, result, part, (*splits.notes, *notes), prompt.key)
    _save(trainer, recipe, result)
    return result


def reading(recipe: OmniRecipe) -> dict[str, Any]:
    """How media are read, as ``ChatReader`` and ``TransformersBackend`` are told it."""
    return {
        "sound": recipe.sound,
        "long_sound": recipe.long_sound,
        "frame_pixels": (recipe.frames.min_pixels, recipe.frames.max_pixels),
    }


def require_words(prompt: Prompt, recipe: OmniRecipe) -> None:
    """Refuse a prompt that does not fit what is given.

    Raises:
        ValueError: It says the transcript where that is not given, or see `require_fit`.
    """
    if "subtitle" in prompt.placeholders and "text" not in recipe.modalities:
        raise ValueError(
            f"prompt {prompt.name} says what is said in a clip: got modalities "
            f"{', '.join(recipe.modalities)}, expected text among them. Add it, or take a prompt "
            "without {subtitle}."
        )
    require_fit(prompt, {*recipe.modalities}, {*recipe.modalities} - {"text"})


def require_unsplit(kind: str) -> None:
    """Refuse a launch that spreads the weights over processes.

    Raises:
        ValueError: It would.
    """
    if kind in ("fsdp2", "zero3"):
        raise ValueError(
            f"chat models are not split over processes: got {kind}, expected ddp, zero1 or zero2, "
            "of which each process holds the whole model. One process spreads it over several "
            "devices with device_map=auto."
        )


def require_shuffled(recipe: OmniRecipe) -> None:
    """Refuse an order of clips that takes no heed of their media.

    Raises:
        ValueError: The recipe asks for one.
    """
    order = recipe.trainer.get("train_sampling_strategy", "random")
    if order != "random":
        raise ValueError(
            f"clips of a chat model are grouped by their media: got "
            f"trainer.train_sampling_strategy={order!r}, expected 'random'. Leave it out."
        )


def _last_checkpoint(
    recipe: OmniRecipe, arguments: Any, output_dir: Path, clip_ids: list[str], resume: bool
) -> Path | None:
    """Where to go on from; a run that starts is written down by the first process."""
    folder, like = checkpoint_folder(output_dir), cast(Any, recipe)
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
            require_same(folder, like, clip_ids, global_batch_size=n_of_step)
        elif arguments.process_index == 0:
            begin(folder, like, clip_ids, global_batch_size=n_of_step)
    return last


def _losses(trainer: OmniTrainer) -> list[dict[str, float]]:
    shown = ("epoch", "step", "loss", "eval_loss")
    return [
        {key: float(entry[key]) for key in shown if key in entry}
        for entry in trainer.state.log_history
        if {*entry} & {"loss", "eval_loss"}
    ]


def _facts(
    trainer: OmniTrainer, result: OmniResult, part: Part, notes: tuple[str, ...], prompt: str
) -> dict[str, Any]:
    """What `training.json` says of the run, beside its settings and versions."""
    parameters = list(result.model.parameters())
    assert trainer.launched is not None and trainer.broken is not None, "it was trained"
    return {
        "n_train": len(part.rows),
        "n_left_out": part.n_left_out,
        "n_there": part.n_there,
        "n_seen": trainer.n_seen,
        "broken": dict(sorted(trainer.broken.reasons.items())),
        "n_parameters": sum(map(n_whole, parameters)),
        "n_trained": sum(n_whole(each) for each in parameters if each.requires_grad),
        "notes": list(notes),
        "corpora": [part.record()],
        "prompt": prompt,
        "launch": trainer.launched.to_dict(),
        "global_batch_size": trainer.n_of_step,
        "cost": run_cost(trainer),
        "losses": result.losses,
    }


def _save(trainer: OmniTrainer, recipe: OmniRecipe, result: OmniResult) -> None:
    """Write the adapters, the processor, the records and the card; the first process does."""
    folder, dtype = result.output_dir, saved_dtype(cast(Any, recipe))
    trainer.save_model(str(folder))
    if dtype is not None:
        round_trained(result.model, dtype)
    if trainer.is_world_process_zero():
        if dtype is not None:
            convert_saved(folder, dtype)
        result.processor.save_pretrained(folder)
        result.model.get_base_model().config.save_pretrained(folder)
        write_records(folder, cast(Any, recipe), result.record)
        write_model_card(folder)
        tidy(folder)
    trainer.accelerator.wait_for_everyone()
