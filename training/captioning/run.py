"""One run of a captioner: clips, model and Trainer put together, and what is left of it."""

import json
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import datasets
import yaml
from transformers import Trainer
from transformers.trainer_callback import PrinterCallback, ProgressCallback

from affecthub.training.arguments import settings, training_arguments
from affecthub.training.captioning.clips import CaptionClips, load_corpus, usable_clips
from affecthub.training.captioning.examples import CaptionExamples, collate
from affecthub.training.captioning.model import build_captioner, captioner_of, save_parts
from affecthub.training.captioning.recipe import CaptionRecipe
from affecthub.training.checkpoints import begin, newest_whole, require_same
from affecthub.training.model import device, warn_of_coarse_weights
from affecthub.training.model_folder import checkpoint_folder
from affecthub.training.progress import loss_shown
from affecthub.training.run_cost import run_cost
from affecthub.training.run_folder import RECIPE, RECORD
from affecthub.training.saving import tidy


@dataclass
class CaptionResult:
    """What a run leaves.

    Args:
        output_dir: Folder with the model, its processor, `recipe.yaml` and `training.json`.
        model: The trained captioner, ready to write.
        processor: Its processor.
        training: The clips it was trained on.
        losses: Steps with `epoch`, `loss` and `eval_loss`.
    """

    output_dir: Path
    model: Any
    processor: Any
    training: CaptionClips
    losses: list[dict[str, float]] = field(default_factory=list)


def train_captioner(
    recipe: CaptionRecipe,
    *,
    data_dir: str | Path,
    output_dir: str | Path,
    resume: bool = False,
    progress: bool = True,
    corpus: datasets.DatasetDict | None = None,
) -> CaptionResult:
    """Train and save the captioner of a recipe.

    Args:
        recipe: What to train, on what and how.
        data_dir: The corpus' folder.
        output_dir: Where the model and the run's records go; checkpoints go to the folder
            `checkpoint_folder` names, beside it.
        resume: Go on from the newest whole checkpoint.
        progress: Show a progress bar, or in a file a line each epoch.
        corpus: Splits that are loaded already.

    Raises:
        ValueError: The corpus has no such column, no clip can be used, a clip's sound cannot be,
            or the checkpoints to go on from are another recipe's.
    """
    output_dir = Path(output_dir)
    corpus = load_corpus(recipe, data_dir) if corpus is None else corpus
    training = _training_clips(corpus, recipe)
    arguments = training_arguments(cast(Any, recipe), output_dir, progress=progress)
    validation = None
    if arguments.eval_strategy != "no":
        if not len(corpus.get("validation", [])):
            raise ValueError(
                f"protocol {recipe.protocol!r} of {recipe.corpus} has no validation clips: got "
                f"splits {', '.join(corpus)}. Set trainer.eval_strategy=no."
            )
        validation = usable_clips(corpus["validation"], recipe, "validation")
    model, processor = build_captioner(recipe, _texts(training, recipe))
    warn_of_coarse_weights(model)
    model.to(device())
    make = partial(
        CaptionExamples,
        model=captioner_of(model),
        processor=processor,
        recipe=recipe,
        with_captions=True,
    )
    trainer = Trainer(
        model=model,
        args=arguments,
        train_dataset=make(training),
        eval_dataset=None if validation is None else make(validation),
        data_collator=partial(collate, processor),
    )
    trainer.remove_callback(PrinterCallback)
    trainer.remove_callback(ProgressCallback)
    if progress:
        trainer.add_callback(loss_shown())
    last = _last_checkpoint(recipe, output_dir, training, resume)
    trainer.train(resume_from_checkpoint=None if last is None else str(last))
    assert trainer.model is not None, "it was given one"
    result = CaptionResult(output_dir, trainer.model.eval(), processor, training, _losses(trainer))
    _save(trainer, recipe, result)
    return result


def _training_clips(corpus: datasets.DatasetDict, recipe: CaptionRecipe) -> CaptionClips:
    """The training clips in the run's own order."""
    if not len(corpus.get("train", [])):
        raise ValueError(
            f"protocol {recipe.protocol!r} of {recipe.corpus} has nothing to train on: got splits "
            f"{', '.join(corpus)}, expected `train`."
        )
    clips = usable_clips(corpus["train"].shuffle(seed=recipe.seed), recipe, "training")
    if recipe.max_train_clips is None:
        return clips
    rows = clips.rows.select(range(min(recipe.max_train_clips, len(clips.rows))))
    return CaptionClips(rows, clips.column, clips.n_there, clips.left_out)


def _texts(clips: CaptionClips, recipe: CaptionRecipe) -> list[str]:
    """What a new vocabulary is learned from."""
    texts = [text for captions in clips.captions() for text in captions]
    if "text" in recipe.modalities:
        texts += [text for text in clips.rows["text"] if text]
    return [*texts, *recipe.prompts]


def _last_checkpoint(
    recipe: CaptionRecipe, output_dir: Path, clips: CaptionClips, resume: bool
) -> Path | None:
    """The checkpoint to go on from; None where the run begins."""
    folder = checkpoint_folder(output_dir)
    last = newest_whole(folder) if resume else None
    if last is None:
        begin(folder, cast(Any, recipe), clips.rows["id"])
    else:
        require_same(folder, cast(Any, recipe), clips.rows["id"])
    return last


def _losses(trainer: Trainer) -> list[dict[str, float]]:
    shown = ("epoch", "step", "loss", "eval_loss")
    return [
        {key: float(entry[key]) for key in shown if key in entry}
        for entry in trainer.state.log_history
        if {*entry} & {"loss", "eval_loss"}
    ]


def _save(trainer: Trainer, recipe: CaptionRecipe, result: CaptionResult) -> None:
    """Write the model, its processor and the records."""
    folder, clips = result.output_dir, result.training
    trainer.save_model(str(folder))
    result.processor.save_pretrained(folder)
    captioner = captioner_of(result.model)
    if recipe.lora is not None:
        save_parts(recipe, folder)
        captioner.config.save_pretrained(folder)
    captioner.generation_config.save_pretrained(folder)
    text = yaml.safe_dump(recipe.to_dict(), sort_keys=False, allow_unicode=True)
    (folder / RECIPE).write_text(text, encoding="utf-8")
    parameters = list(result.model.parameters())
    packages = ("affecthub", "torch", "transformers", "datasets", "accelerate", "peft")
    record = {
        "n_train": len(clips.rows),
        "n_there": clips.n_there,
        "left_out": clips.left_out,
        "n_parameters": sum(each.numel() for each in parameters),
        "n_trained": sum(each.numel() for each in parameters if each.requires_grad),
        "trainer": settings(cast(Any, recipe)),
        "losses": result.losses,
        "cost": run_cost(trainer),
        "versions": {name: version(name) for name in packages},
    }
    (folder / RECORD).write_text(json.dumps(record, indent=1, default=str), encoding="utf-8")
    tidy(folder)
