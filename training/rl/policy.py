"""The model that is reinforced: a saved one with its towers held, and adapters on it or not."""

from typing import Any

from peft import PeftModel
from transformers import set_seed
from transformers.utils import find_adapter_config_file

from affecthub.training.model import load_model, lora_config
from affecthub.training.rl.recipe import GRPORecipe


def require_reference(recipe: GRPORecipe) -> None:
    """Refuse a KL penalty where there is nothing to compare with, before the model is loaded.

    Raises:
        ValueError: `beta` is above 0, and the model gets no adapters and has none.
    """
    beta = recipe.trainer.get("beta") or 0.0
    if beta and recipe.lora is None and find_adapter_config_file(recipe.model) is None:
        raise ValueError(
            f"`trainer.beta` needs a reference: got {beta} with lora=null and {recipe.model}, "
            "which holds no adapters; expected adapters, without which the model is its own "
            "reference. Set `lora`, or trainer.beta=0."
        )


def build_policy(recipe: GRPORecipe) -> tuple[Any, Any, Any]:
    """The model that a run starts from.

    Returns:
        The model, its processor, and the ``peft.LoraConfig`` of the adapters that the trainer is to
        put on it, None where it has its own or none are asked for.
    """
    set_seed(recipe.seed)
    model, processor = load_model(recipe.model)
    processor.require_fit(model.config)
    base = affectgpt_of(model)
    base.config.freeze_towers = True
    if isinstance(model, PeftModel):
        model.set_adapter("default")  # they were loaded to answer; now they get gradients
        return model.train(), processor, None
    model.train()
    # Tied weights are saved once; the trainer ties them again where it is told so.
    model._keys_to_ignore_on_save = list(model.all_tied_weights_keys)
    if recipe.lora is not None:
        return model, processor, lora_config(model, recipe.lora)
    return model, processor, None


def affectgpt_of(model: Any) -> Any:
    """The AffectGPT itself, without what holds its adapters."""
    return model.get_base_model() if isinstance(model, PeftModel) else model


def finished(model: Any) -> Any:
    """A trained model without the copy of its adapters that served as the reference."""
    if isinstance(model, PeftModel) and "ref" in model.peft_config:
        model.delete_adapter("ref")
    return model
