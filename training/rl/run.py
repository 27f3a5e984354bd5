"""One run of GRPO: clips, policy, rewards and trainer put together, and what is left of it."""

import json
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import yaml
from datasets import Dataset, DatasetDict
from transformers.trainer_callback import PrinterCallback, ProgressCallback

from affecthub.datasets_scripts import load_dataset
from affecthub.errors import require_extras, unknown_name
from affecthub.hub_cards.models import write_model_card
from affecthub.training.checkpoints import begin, newest_whole, require_same
from affecthub.training.clips import Part, training_parts
from affecthub.training.examples import Examples, usable
from affecthub.training.features.using import open_for
from affecthub.training.model import device, warn_of_coarse_weights
from affecthub.training.model_folder import checkpoint_folder
from affecthub.training.progress import loss_shown
from affecthub.training.rl.arguments import grpo_arguments, settings
from affecthub.training.rl.clips import Clips
from affecthub.training.rl.policy import affectgpt_of, build_policy, finished, require_reference
from affecthub.training.rl.recipe import GRPORecipe
from affecthub.training.rl.rewarding import labels_of, rewards_of
from affecthub.training.run_cost import run_cost
from affecthub.training.saving import tidy
from affecthub.training.splits import Splits, choose_splits

# What a run's folder holds beside the model; recipe.yaml says how it is asked.
RECIPE = "grpo.yaml"
RECORD = "training.json"
_SHOWN = ("loss", "reward", "reward_std", "kl", "entropy", "completions/mean_length")


@dataclass
class GRPOResult:
    """What a run leaves.

    Args:
        output_dir: Folder with the model, its processor, `recipe.yaml`, `grpo.yaml` and
            `training.json`.
        model: The trained model, ready to answer.
        processor: Its processor.
        rewards: One row per log: `step`, `epoch`, `loss`, `kl` where there is a reference; and
            where answers were sampled since the last row, `reward` (the weighted sum's mean over
            them), `reward_std` and each reward's own mean by name.
        n_train: Clips trained on.
        n_left_out: Training clips without labels, without any of the modalities or unreadable.
        notes: What a reader must know of the splits, see `Splits`.
    """

    output_dir: Path
    model: Any
    processor: Any
    rewards: list[dict[str, float]] = field(default_factory=list)
    n_train: int = 0
    n_left_out: int = 0
    notes: tuple[str, ...] = ()


def run_grpo(
    recipe: GRPORecipe,
    *,
    data_dir: str | Path,
    output_dir: str | Path,
    resume: bool = False,
    progress: bool = True,
    corpus: DatasetDict | None = None,
    splits: Splits | None = None,
) -> GRPOResult:
    """Reinforce and save the model of a recipe.

    Args:
        recipe: What to train, on what and how.
        data_dir: The corpus' folder.
        output_dir: Where the model and the run's records go; checkpoints go to the folder
            `checkpoint_folder` names, beside it.
        resume: Go on from the newest whole checkpoint. A run that samples anew at every step goes
            on as if it had never stopped; one that uses its answers several times begins a round.
        progress: Show a progress bar, or in a file a line each epoch.
        corpus: Splits that are loaded already; by default the recipe's corpus is loaded.
        splits: What is trained on, where that is chosen already.

    Raises:
        ValueError: The recipe's `trainer` does not fit together, the corpus has no such column or
            split, no clip can be used, a round of answers asks for more clips than there are, or
            the checkpoints to go on from are another recipe's.
        ImportError: trl is not installed.
    """
    require_extras("rl", purpose="train by rewards")
    from affecthub.training.rl.trainer import ClipGRPOTrainer

    output_dir = Path(output_dir)
    arguments = grpo_arguments(recipe, output_dir, progress=progress)
    require_reference(recipe)
    is_validated = arguments.eval_strategy != "no"
    if splits is None:
        corpus = corpus or load_dataset(
            recipe.corpus, recipe.config, data_dir=data_dir, protocol=recipe.protocol
        )
        splits = choose_splits(corpus, recipe.asking(), validate=is_validated)
    part = training_clips(splits.train, recipe)
    rows = part.rows
    _require_enough(rows, arguments)
    last = None
    with arguments.main_process_first(local=False, desc="look at checkpoints"):
        checkpoints = checkpoint_folder(output_dir)
        if resume:
            only_weights = bool(recipe.trainer.get("save_only_model"))
            last = newest_whole(checkpoints, weights_suffice=only_weights)
        if last is not None:
            require_same(checkpoints, cast(Any, recipe), rows["id"])
        elif arguments.process_index == 0:
            begin(checkpoints, cast(Any, recipe), rows["id"])

    model, processor, adapters = build_policy(recipe)
    warn_of_coarse_weights(model)
    model.to(device())
    read = partial(_read, recipe=recipe, model=model, processor=processor, progress=progress)
    clips, training = read(rows, part.features)
    _require_enough(training, arguments)
    eval_clips = validated = None
    if is_validated and splits.validation is not None:
        cache = open_for(recipe.asking(), splits.validation)
        kept = usable(splits.validation, recipe.asking(), cache)
        eval_clips, validated = read(kept, cache)
    trainer = ClipGRPOTrainer(
        clips=clips,
        eval_clips=eval_clips,
        model=model,
        reward_funcs=rewards_of(recipe),
        args=arguments,
        train_dataset=training,
        eval_dataset=validated,
        processing_class=processor,
        peft_config=adapters,
    )
    trainer.remove_callback(PrinterCallback)
    trainer.remove_callback(ProgressCallback)
    if progress:
        trainer.add_callback(loss_shown())
    trainer.train(resume_from_checkpoint=None if last is None else str(last))

    assert trainer.model is not None, "it was given one"
    result = GRPOResult(
        output_dir,
        finished(trainer.model),
        processor,
        _trace(trainer.state.log_history, recipe),
        n_train=len(training),
        n_left_out=part.n_left_out + len(rows) - len(training),
        notes=splits.notes,
    )
    trainer.save_model(str(output_dir))
    if trainer.is_world_process_zero():
        _save_records(recipe, result, run_cost(trainer))
        tidy(output_dir)
        write_model_card(output_dir)
    return result


def training_clips(train: Dataset, recipe: GRPORecipe) -> Part:
    """The clips to train on in the run's own order.

    Raises:
        ValueError: The corpus has no such column, or no clip has labels and a modality.
    """
    for column in (*recipe.modalities, recipe.labels):
        if column not in train.column_names:
            raise unknown_name(f"column of {recipe.corpus}", column, train.column_names)
    (part,), _ = training_parts(recipe.asking(), train, None)
    return part


def _read(
    rows: Dataset, cache: Any, *, recipe: GRPORecipe, model: Any, processor: Any, progress: bool
) -> tuple[Clips, Dataset]:
    """Clips with the towers' outputs, and the rows that trl repeats and shuffles."""
    if cache is not None:
        cache.require_fit(affectgpt_of(model), processor)
    examples = Examples(rows, processor, recipe.asking(), with_answer=False, features=cache)
    clips = Clips(examples, processor.pad)
    n_workers = recipe.trainer.get("dataloader_num_workers", 0)
    numbers = clips.fill(affectgpt_of(model), n_workers=n_workers, progress=progress)
    labels = [labels_of(rows[number], rows.features, recipe.labels) for number in numbers]
    question = [recipe.question] * len(numbers)
    return clips, Dataset.from_dict({"prompt": question, "clip": numbers, "labels": labels})


def _require_enough(rows: Dataset, arguments: Any) -> None:
    """Refuse a round of answers to more clips than there are: trl would then train on none."""
    needed = arguments.generation_batch_size // arguments.num_generations
    if len(rows) < needed:
        raise ValueError(
            f"a round of answers asks for more clips than there are: got {len(rows)} clips, "
            f"expected {needed} at least, for {arguments.generation_batch_size} answers, "
            f"{arguments.num_generations} to each. Set trainer.per_device_train_batch_size or "
            "trainer.gradient_accumulation_steps lower, or trainer.num_generations higher."
        )


def _trace(history: list[dict[str, Any]], recipe: GRPORecipe) -> list[dict[str, float]]:
    """The logs of a run that a reader follows it by."""
    names = {f"rewards/{name}/mean": name for name in recipe.rewards}
    names |= {name: name.rpartition("/")[2] for name in ("step", "epoch", *_SHOWN)}
    return [
        {short: float(entry[name]) for name, short in names.items() if entry.get(name) is not None}
        for entry in history
        if "loss" in entry
    ]


def _save_records(recipe: GRPORecipe, result: GRPOResult, cost: dict[str, Any]) -> None:
    """Write the recipes and the run's numbers beside the model."""
    folder = result.output_dir
    result.processor.save_pretrained(folder)
    for name, said in ((RECIPE, recipe), ("recipe.yaml", recipe.asking())):
        text = yaml.safe_dump(said.to_dict(), sort_keys=False, allow_unicode=True)
        (folder / name).write_text(text, encoding="utf-8")
    packages = ("affecthub", "torch", "transformers", "datasets", "accelerate", "peft", "trl")
    record = {
        "n_train": result.n_train,
        "n_left_out": result.n_left_out,
        "notes": list(result.notes),
        "trainer": settings(recipe),
        "rewards": result.rewards,
        "cost": cost,
        "versions": {name: version(name) for name in packages},
    }
    (folder / RECORD).write_text(json.dumps(record, indent=1), encoding="utf-8")
