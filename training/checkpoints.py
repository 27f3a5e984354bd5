"""Checkpoints of a run: where they lie, which of them is whole, and whose they are.

They lie beside the model's folder and not in it, so that the folder can be passed on as it is.
"""

import json
import shutil
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from affecthub.cache import content_key
from affecthub.training.recipe import Recipe

# What began here: the recipe and the clips. Compared before a run goes on.
STARTED = "started.json"

# Fields that change neither the weights nor the order of clips up to a step.
_FREE = (
    "predict_batch_size",
    "max_new_tokens",
    "test_split",
    "label",
    "cache_media",
    "save_dtype",
    "features",
)
# Of them only the product with the number of processes matters.
_BATCHES = ("per_device_train_batch_size", "gradient_accumulation_steps")
_DEFAULTS = json.loads(json.dumps(Recipe(corpus="", model="").to_dict()))
_FREE_OF_TRAINER = (
    "num_train_epochs",
    "max_steps",
    "deepspeed",
    "fsdp",
    "fsdp_config",
    "report_to",
    "run_name",
    "dataloader_num_workers",
    "dataloader_persistent_workers",
    "dataloader_prefetch_factor",
    "dataloader_pin_memory",
    "per_device_eval_batch_size",
    "eval_strategy",
    "eval_steps",
    "save_strategy",
    "save_steps",
    "save_total_limit",
    "save_only_model",
    "load_best_model_at_end",
    "eval_on_start",
    "logging_steps",
    "logging_strategy",
)


def newest_whole(folder: str | Path, *, weights_suffice: bool = False) -> Path | None:
    """The checkpoint to go on from: the newest that was written to its end.

    Newer ones that a kill cut off are named in a warning.

    Args:
        folder: See `model_folder.checkpoint_folder`.
        weights_suffice: Whether the recipe saves weights alone, without the optimiser.

    Returns:
        Its folder, None where there is none.
    """
    found = {
        int(path.name.rpartition("-")[2]): path
        for path in Path(folder).glob("checkpoint-*")
        if path.name.rpartition("-")[2].isdecimal() and path.is_dir()
    }
    for step in sorted(found, reverse=True):
        lacking = _lacking(found[step], weights_suffice)
        if lacking is None:
            return found[step]
        warnings.warn(f"{found[step]} is not whole and is passed over: {lacking}", stacklevel=2)
    return None


def begin(
    folder: Path, recipe: Recipe, clip_ids: list[str], *, global_batch_size: int | None = None
) -> None:
    """Start anew: remove the checkpoints of an earlier run and write down whose come now.

    Args:
        folder: See `model_folder.checkpoint_folder`.
        recipe: What is run.
        clip_ids: What it is trained on, in order.
        global_batch_size: Clips of a step over all processes.
    """
    for path in (*folder.glob("checkpoint-*"), folder / "evaluation"):
        shutil.rmtree(path, ignore_errors=not path.exists())
    for path in folder.glob("broken-clips-*.jsonl"):
        path.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    started = {
        "recipe": recipe.to_dict(),
        "clips": content_key("\n".join(clip_ids)),
        "global_batch_size": global_batch_size,
    }
    text = json.dumps(started, indent=1, ensure_ascii=False, default=str)
    (folder / STARTED).write_text(text, encoding="utf-8")


def require_same(
    folder: Path, recipe: Recipe, clip_ids: list[str], *, global_batch_size: int | None = None
) -> None:
    """Refuse to go on from the checkpoints of another recipe, or of other clips.

    The length of the run may differ, and what changes no weight. So may the number of processes:
    of the sizes of batches only what a step takes over all of them has to be the same.

    Raises:
        ValueError: They are another run's; the fields that differ are named.
    """
    anew = "Give another output folder, or start again without --resume."
    if not (folder / STARTED).is_file():
        raise ValueError(
            f"{folder} does not say which recipe its checkpoints are of: got no {STARTED}. {anew}"
        )
    started = json.loads((folder / STARTED).read_text("utf-8"))
    told = differences(
        started["recipe"], recipe, started.get("global_batch_size"), global_batch_size
    )
    if told:
        raise ValueError(f"{folder} holds checkpoints of another recipe: {told}. {anew}")
    if started["clips"] != content_key("\n".join(clip_ids)):
        raise ValueError(
            f"{folder} holds checkpoints of other training clips: the corpus has changed. {anew}"
        )


def differences(
    before: Mapping[str, Any],
    recipe: Recipe,
    n_before: int | None = None,
    n_now: int | None = None,
) -> str:
    """The fields of a run that another recipe has otherwise, in words; length and the like apart.

    Args:
        before: The recipe of the run, as plain values.
        recipe: The other one.
        n_before: Clips of a step of the run over all processes, where that is known.
        n_now: The same of what is to come.

    Returns:
        Empty where there are none.
    """
    now_plain = json.loads(json.dumps(recipe.to_dict(), default=str))
    # Fields that came after a run began have in it the value that changes nothing.
    later = {name: value for name, value in _DEFAULTS.items() if name in now_plain}
    was = _binding(later | json.loads(json.dumps(before, default=str)), n_before, n_now)
    now = _binding(now_plain, n_now, n_before)
    names = [name for name in {**was, **now} if was.get(name) != now.get(name)]
    return "; ".join(f"{name} was {was.get(name)!r}, is {now.get(name)!r}" for name in names)


def _binding(
    recipe: Mapping[str, Any], n_of_step: int | None, n_of_other: int | None
) -> dict[str, Any]:
    """The fields that a run cannot change on the way, flat."""
    trainer = recipe.get("trainer") or {}
    if n_of_step and n_of_other:
        recipe = {key: value for key, value in recipe.items() if key != "global_batch_size"}
        trainer = {key: value for key, value in trainer.items() if key not in _BATCHES}
        recipe |= {"clips of a step over all processes": n_of_step}
    binding = {key: value for key, value in recipe.items() if key != "trainer" and key not in _FREE}
    return binding | {
        f"trainer.{key}": value for key, value in trainer.items() if key not in _FREE_OF_TRAINER
    }


def _lacking(checkpoint: Path, weights_suffice: bool) -> str | None:
    """What a checkpoint lacks; the Trainer writes its state last."""
    state = checkpoint / "trainer_state.json"
    try:
        json.loads(state.read_text("utf-8"))
    except FileNotFoundError:
        return "it has no trainer_state.json"
    except (OSError, ValueError):
        return "its trainer_state.json is cut off"
    from safetensors import SafetensorError, safe_open

    for weights in checkpoint.glob("*.safetensors"):
        try:
            with safe_open(weights, framework="pt"):
                pass
        except SafetensorError as error:
            return f"{weights.name} cannot be read ({error})"
    for part, patterns in (
        ("optimiser", ("optimizer*", "global_step*")),
        ("random state", ("rng_state*",)),
    ):
        if not weights_suffice and not any(list(checkpoint.glob(pattern)) for pattern in patterns):
            return f"it has no {part}"
    return None
