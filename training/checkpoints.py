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
_FREE = ("predict_batch_size", "max_new_tokens", "test_split", "label", "cache_media")
_FREE_OF_TRAINER = (
    "num_train_epochs",
    "max_steps",
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


def begin(folder: Path, recipe: Recipe, clip_ids: list[str]) -> None:
    """Start anew: remove the checkpoints of an earlier run and write down whose come now."""
    for path in (*folder.glob("checkpoint-*"), folder / "evaluation"):
        shutil.rmtree(path, ignore_errors=not path.exists())
    for path in folder.glob("broken-clips-*.jsonl"):
        path.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    started = {"recipe": recipe.to_dict(), "clips": content_key("\n".join(clip_ids))}
    text = json.dumps(started, indent=1, ensure_ascii=False, default=str)
    (folder / STARTED).write_text(text, encoding="utf-8")


def require_same(folder: Path, recipe: Recipe, clip_ids: list[str]) -> None:
    """Refuse to go on from the checkpoints of another recipe, or of other clips.

    The length of the run may differ, and what changes no weight.

    Raises:
        ValueError: They are another run's; the fields that differ are named.
    """
    anew = "Give another output folder, or start again without --resume."
    if not (folder / STARTED).is_file():
        raise ValueError(
            f"{folder} does not say which recipe its checkpoints are of: got no {STARTED}. {anew}"
        )
    started = json.loads((folder / STARTED).read_text("utf-8"))
    if told := differences(started["recipe"], recipe):
        raise ValueError(f"{folder} holds checkpoints of another recipe: {told}. {anew}")
    if started["clips"] != content_key("\n".join(clip_ids)):
        raise ValueError(
            f"{folder} holds checkpoints of other training clips: the corpus has changed. {anew}"
        )


def differences(before: Mapping[str, Any], recipe: Recipe) -> str:
    """The fields of a run that another recipe has otherwise, in words; length and the like apart.

    Returns:
        Empty where there are none.
    """
    was = _binding(json.loads(json.dumps(before, default=str)))
    now = _binding(json.loads(json.dumps(recipe.to_dict(), default=str)))
    names = [name for name in {**was, **now} if was.get(name) != now.get(name)]
    return "; ".join(f"{name} was {was.get(name)!r}, is {now.get(name)!r}" for name in names)


def _binding(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that a run cannot change on the way, flat."""
    trainer = recipe.get("trainer") or {}
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
