"""A published chat model with adapters on its language model, new or as a run left it."""

from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, set_seed

from affecthub.training.asking.backends.transformers_processors import load_processor
from affecthub.training.model_folder import require_model_folder
from affecthub.training.omni.families import TOWERS, ChatFamily, chat_family
from affecthub.training.omni.recipe import ChatLoraRecipe, OmniRecipe


def build_omni(recipe: OmniRecipe) -> tuple[Any, Any, ChatFamily]:
    """The model that a recipe starts from with new adapters, its processor, and its family.

    Args:
        recipe: Names the model and says how it is loaded.

    Returns:
        A ``PeftModel`` of which the adapters alone are trained, the processor, and the family.

    Raises:
        FileNotFoundError: The model is a path that is not there.
        ValueError: It is no chat model that can be fine-tuned here, or takes not what the recipe
            gives; or its processor cannot be loaded.
    """
    from peft import get_peft_model

    require_model_folder(recipe.model)
    config = AutoConfig.from_pretrained(recipe.model, revision=recipe.revision)
    family = chat_family(config.model_type)
    require_taken(recipe, family)
    processor = load_processor(recipe.model, config, recipe.revision)
    set_seed(recipe.seed)
    model = load_base(recipe.model, family, recipe)
    set_seed(recipe.seed)  # however many numbers were drawn while the model was read
    return get_peft_model(model, lora_config(recipe.lora, family)), processor, family


def require_taken(recipe: OmniRecipe, family: ChatFamily) -> None:
    """Refuse media that a model does not take.

    Raises:
        ValueError: The recipe gives some, or wants sound between frames where that cannot be.
    """
    given = {*recipe.modalities} - {"text"}
    if given - family.takes:
        raise ValueError(
            f"{recipe.model} takes no {' and no '.join(sorted(given - family.takes))}: got "
            f"modalities {', '.join(recipe.modalities)}, expected some of "
            f"{', '.join(sorted(family.takes))} and text. Set modalities."
        )
    if recipe.sound == "in_video" and not family.interleaves:
        raise ValueError(
            f"{recipe.model} has no place for sound between frames: got sound='in_video', expected "
            "'slot'."
        )


def load_base(name: str, family: ChatFamily, recipe: OmniRecipe) -> Any:
    """The part of a model that answers, without adapters.

    A folder is named by its whole path, so that adapters find it from other directories.
    """
    name = str(Path(name).resolve()) if Path(name).is_dir() else name
    how: dict[str, Any] = {"dtype": recipe.dtype, "revision": recipe.revision or "main"}
    if recipe.device_map is not None:
        how["device_map"] = recipe.device_map
    return family.load(name, **how)


def lora_config(lora: ChatLoraRecipe, family: ChatFamily) -> Any:
    """The ``peft.LoraConfig`` of adapters on the language model of a family.

    The fused gate and up of an expert have one adapter of the rank together.

    Raises:
        ValueError: Experts are to have adapters with dropout, which fused weights cannot.
    """
    from peft import LoraConfig

    experts = list(family.experts) if lora.experts else []
    if experts and lora.dropout:
        raise ValueError(
            f"adapters of fused experts have no dropout: got lora.dropout={lora.dropout:g} with "
            "lora.experts=true, expected 0. Set one of them otherwise."
        )
    return LoraConfig(
        r=lora.r,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=family.linears(),
        exclude_modules=TOWERS,
        target_parameters=experts or None,
    )


def load_omni(folder: str | Path, *, dtype: str | torch.dtype = "auto") -> tuple[Any, Any]:
    """The adapters that a run left, on the model that they were trained on, and its processor.

    Args:
        folder: Of the run.
        dtype: Of the model below.

    Returns:
        A ``PeftModel`` that answers, and the processor.

    Raises:
        FileNotFoundError: The folder, or the model below, is not there.
        ValueError: It holds no adapters of a chat model.
    """
    from peft import PeftConfig, PeftModel

    require_model_folder(folder)
    if not (Path(folder) / "adapter_config.json").is_file():
        raise ValueError(
            f"{folder} holds no adapters: expected adapter_config.json in it, as a run leaves it."
        )
    adapters = PeftConfig.from_pretrained(str(folder))
    below = str(adapters.base_model_name_or_path)
    require_model_folder(below)
    config = AutoConfig.from_pretrained(folder)
    family = chat_family(config.model_type)
    base = family.load(below, dtype=dtype, revision=adapters.revision or "main")
    model = PeftModel.from_pretrained(base, str(folder)).eval()
    return model, load_processor(folder, config)
