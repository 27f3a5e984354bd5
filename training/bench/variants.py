"""A recipe with another rank of the adapters, or another pre-fusion."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from affecthub.training.recipe import Recipe


def with_rank(recipe: Recipe, rank: int) -> Recipe:
    """The recipe with adapters of another rank, whose product is scaled as before.

    Args:
        recipe: One with adapters.
        rank: At least 1.

    Raises:
        ValueError: The recipe has no adapters.

    Example:
        >>> from affecthub.training.recipe import load_recipe
        >>> with_rank(load_recipe("affectgpt"), 8).lora
        LoraRecipe(r=8, alpha=16, dropout=0.05)
    """
    if recipe.lora is None:
        raise ValueError(
            "the recipe has no adapters: got lora null, expected a rank to change. A model from "
            "scratch is trained in full; name a saved one in `model`."
        )
    alpha = recipe.lora.alpha * rank / recipe.lora.r
    return replace(recipe, lora=replace(recipe.lora, r=rank, alpha=max(1, round(alpha))))


def with_fusion(recipe: Recipe, fusion: str, folder: Path) -> Recipe:
    """The recipe with another pre-fusion; of no fusion the prompt does not speak, either.

    Args:
        recipe: With a model from scratch, or a saved one.
        fusion: ``"none"``, ``"qformer"`` or ``"attention"``.
        folder: Where a saved model with that fusion is written, as ``base-<fusion>``: all of its
            weights but those of the fusion, which are drawn by the recipe's seed. One that is there
            is used again.

    Raises:
        ValueError: The saved model is not an AffectGPT.
        FileNotFoundError: It is not there.
    """
    if recipe.scratch is not None:
        from affecthub.modeling.affectgpt import AffectGPTConfig

        config = recipe.scratch.config
        prompt = config.get("prompt") or AffectGPTConfig.tiny().prompt
        changed = config | {"fusion": fusion, "prompt": without_fused(prompt, fusion)}
        return replace(recipe, scratch=replace(recipe.scratch, config=changed))
    assert recipe.model is not None, "a recipe has one of the two"
    base = folder / f"base-{fusion}"
    if not (base / "processor_config.json").is_file():
        _write_base(recipe, fusion, base)
    return replace(recipe, model=str(base))


def without_fused(prompt: list[str], fusion: str) -> list[str]:
    """A prompt's parts; those that name the fused token alone are left out without fusion.

    Example:
        >>> without_fused(["Both: {fused}", "{audio}"], "none")
        ['{audio}']
    """
    return [part for part in prompt if fusion != "none" or "{fused}" not in part]


def _write_base(recipe: Recipe, fusion: str, base: Path) -> None:
    """Save the recipe's model with another fusion."""
    from transformers import set_seed

    from affecthub.modeling.affectgpt import (
        AffectGPTForConditionalGeneration,
        AffectGPTProcessor,
    )
    from affecthub.training.model import load_model

    old, processor = load_model(str(recipe.model))
    fields: dict[str, Any] = old.config.to_dict()
    fields |= {"fusion": fusion, "prompt": without_fused(list(old.config.prompt), fusion)}
    set_seed(recipe.seed)
    new = AffectGPTForConditionalGeneration(type(old.config)(**fields))
    ours = new.state_dict()
    kept = {
        name: value
        for name, value in old.state_dict().items()
        if name in ours and ours[name].shape == value.shape
    }
    new.load_state_dict(kept, strict=False)
    new = new.to(old.dtype)
    new.save_pretrained(base)
    AffectGPTProcessor.from_config(new.config, processor.tokenizer).save_pretrained(base)
