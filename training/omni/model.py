"""A published chat model with new adapters on its language model."""

from pathlib import Path
from typing import Any

from transformers import AutoConfig, set_seed

from affecthub.training.asking.backends.transformers_models import load_chat_model
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
    # A folder is named by its whole path, so that adapters find it from other directories.
    here = Path(recipe.model)
    name = str(here.resolve()) if here.is_dir() else recipe.model
    if (here / "adapter_config.json").is_file():
        raise ValueError(
            f"{recipe.model} holds adapters: expected a whole model to train new ones on. Name the "
            "model below them, or go on with a run by --resume."
        )
    config = AutoConfig.from_pretrained(name, revision=recipe.revision)
    family = chat_family(config.model_type)
    require_taken(recipe, family)
    model, processor = load_chat_model(
        name,
        dtype=None if recipe.dtype == "auto" else recipe.dtype,
        device=recipe.device_map or "cpu",  # the Trainer takes it where it computes
        revision=recipe.revision,
    )
    set_seed(recipe.seed)
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
