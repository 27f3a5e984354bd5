"""What a run leaves beside the weights, and in which precision the weights are saved."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
import yaml
from transformers.trainer import TRAINING_ARGS_NAME

from affecthub.training.arguments import settings
from affecthub.training.recipe import Recipe

_PACKAGES = ("affecthub", "torch", "transformers", "datasets", "accelerate", "peft")


def tidy(folder: Path) -> None:
    """Leave in a saved model's folder what its users may read, and no pickle.

    The arguments stand in ``recipe.yaml`` and ``training.json``. Weights are written for their
    owner's eyes alone; they get the rights that every other file of the folder has.
    """
    (folder / TRAINING_ARGS_NAME).unlink(missing_ok=True)
    others = [*folder.glob("*.json")]
    for weights in folder.glob("*.safetensors"):
        for other in others[:1]:
            weights.chmod(other.stat().st_mode)


def gathered_weights(trainer: Any) -> dict[str, torch.Tensor] | None:
    """The weights of a split model on the first process, those of a frozen base left out.

    Every process has to call it.

    Returns:
        None where each process holds them all, as with ZeRO-2.
    """
    adapters_alone = hasattr(trainer.accelerator.unwrap_model(trainer.model), "peft_config")
    if trainer.is_deepspeed_enabled:
        engine = trainer.model_wrapped
        if engine.zero_optimization_stage() < 3:
            return None
        weights: dict[str, torch.Tensor] | None = engine._zero3_consolidated_16bit_state_dict(
            exclude_frozen_parameters=adapters_alone
        )
        return weights
    from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict

    options = StateDictOptions(
        full_state_dict=True, cpu_offload=True, ignore_frozen_params=adapters_alone
    )
    gathered: Any = get_model_state_dict(trainer.model_wrapped, options=options)
    return {name: value for name, value in gathered.items() if torch.is_tensor(value)}


@contextmanager
def own_classes(model: torch.nn.Module) -> Iterator[None]:
    """Give modules that FSDP2 has wrapped their own classes while a model is saved.

    A folder names the model's class and holds the files of its module, not of torch's.
    """
    from torch.distributed.fsdp import FSDPModule

    wrapped = [each for each in model.modules() if isinstance(each, FSDPModule)]
    classes = [type(each) for each in wrapped]
    for module, given in zip(wrapped, classes, strict=True):
        module.__class__ = given.__mro__[2]  # behind the wrapper's own and FSDPModule
    try:
        yield
    finally:
        for module, given in zip(wrapped, classes, strict=True):
            module.__class__ = given


def saved_dtype(recipe: Recipe) -> torch.dtype | None:
    """The precision of the weights in the run's folder; None leaves each as it was trained."""
    if recipe.save_dtype is not None:
        return {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}[
            recipe.save_dtype
        ]
    halved = recipe.lora is not None and bool(recipe.trainer.get("bf16"))
    return torch.bfloat16 if halved else None


@torch.no_grad()
def convert_saved(folder: Path, dtype: torch.dtype) -> None:
    """Write the weights of a folder in another precision; whole numbers stay as they are."""
    from safetensors import safe_open
    from safetensors.torch import save_file

    for path in folder.glob("*.safetensors"):
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata()
            kept = {key: file.get_tensor(key) for key in file.keys()}
        cast = {
            key: value.to(dtype) if value.is_floating_point() else value
            for key, value in kept.items()
        }
        partial = path.with_suffix(".part")
        save_file(cast, partial, metadata=metadata)
        partial.replace(path)
    config = folder / "config.json"
    if config.is_file():
        values = json.loads(config.read_text("utf-8"))
        values["dtype"] = str(dtype).removeprefix("torch.")
        config.write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", "utf-8")


@torch.no_grad()
def round_trained(model: torch.nn.Module, dtype: torch.dtype) -> None:
    """Give the trained weights in memory the values that the folder holds of them."""
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.copy_(parameter.to(dtype))


def write_records(folder: Path, recipe: Recipe, facts: dict[str, Any]) -> None:
    """Write the recipe and the run's numbers beside the model.

    Args:
        folder: The run's.
        recipe: What was run.
        facts: What ``training.json`` says beside the settings and the versions.
    """
    text = yaml.safe_dump(recipe.to_dict(), sort_keys=False, allow_unicode=True)
    (folder / "recipe.yaml").write_text(text, encoding="utf-8")
    record = facts | {
        "trainer": settings(recipe),
        "versions": {name: version(name) for name in _PACKAGES},
    }
    (folder / "training.json").write_text(json.dumps(record, indent=1), encoding="utf-8")
