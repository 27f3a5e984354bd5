"""A recipe's model without its weights: as large as the true one, on no device."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoProcessor, AutoTokenizer

from affecthub.modeling.affectgpt import (
    AffectGPTConfig,
    AffectGPTForConditionalGeneration,
    AffectGPTProcessor,
)
from affecthub.modeling.affectgpt.configuration_placeholders import placeholder_ids
from affecthub.training.model import add_lora, from_scratch
from affecthub.training.planning.bases import Base, locate, tower_config
from affecthub.training.recipe import Recipe


@dataclass
class Sketch:
    """A model to count with.

    Args:
        bases: The models that the recipe names; none for one from scratch.
        config: Of the model, None where a base is not known.
        model: On the meta device, with adapters where the recipe has some; None as the config.
        processor: With its tokenizer, None where that is not on this disk.
    """

    bases: list[Base] = field(default_factory=list)
    config: Any = None
    model: Any = None
    processor: Any = None


def named_bases(recipe: Recipe) -> dict[str, str]:
    """The models that a recipe names, by kind."""
    if recipe.towers is not None:
        return {kind: getattr(recipe.towers, kind) for kind in ("vision", "audio", "text")}
    return {} if recipe.model is None else {"model": recipe.model}


def sketch(recipe: Recipe, texts: Iterable[str]) -> Sketch:
    """Make a recipe's model without weights; nothing is downloaded.

    Args:
        recipe: Names the model.
        texts: What a model from scratch learns its vocabulary from.

    Raises:
        FileNotFoundError: A folder is not there.
        ValueError: A folder holds no model, or fields of the configuration do not fit.
    """
    drawn = Sketch([locate(kind, name) for kind, name in named_bases(recipe).items()])
    if recipe.scratch is not None:
        model, drawn.processor = from_scratch(
            recipe.scratch, texts, freeze_towers=recipe.freeze_towers
        )
        drawn.config = model.config
    elif recipe.towers is not None:
        _of_towers(recipe, drawn)
    else:
        _of_model(drawn)
    if drawn.config is None:
        return drawn
    drawn.config.freeze_towers = recipe.freeze_towers
    with torch.device("meta"):
        drawn.model = AffectGPTForConditionalGeneration(drawn.config)
        if recipe.lora is not None:
            drawn.model = add_lora(drawn.model, recipe.lora)
    return drawn


def _of_towers(recipe: Recipe, drawn: Sketch) -> None:
    configs = {base.kind: tower_config(base) for base in drawn.bases}
    if any(config is None for config in configs.values()):
        return
    assert recipe.towers is not None, "the caller looked"
    fields = dict(recipe.towers.config)
    text, base = configs["text"], drawn.bases[-1]
    if isinstance(text, dict):
        text = AutoConfig.for_model(**text)
    tokenizer = None if base.path is None else AutoTokenizer.from_pretrained(base.path)
    if tokenizer is not None and not any(name.endswith("_token_id") for name in fields):
        fields |= placeholder_ids(tokenizer, **fields)
        needed = 1 + max(value for name, value in fields.items() if name.endswith("_token_id"))
        if needed > text.vocab_size:
            text.vocab_size = -(-needed // 64) * 64
    drawn.config = AffectGPTConfig(
        vision_config=configs["vision"], audio_config=configs["audio"], text_config=text, **fields
    )
    if tokenizer is not None:
        drawn.processor = AffectGPTProcessor.from_config(drawn.config, tokenizer)


def _of_model(drawn: Sketch) -> None:
    (base,) = drawn.bases
    if base.path is None:
        return
    drawn.processor = AutoProcessor.from_pretrained(base.path)
    folder = base.path
    if not (folder / "config.json").is_file():
        from peft import PeftConfig

        under = PeftConfig.from_pretrained(str(folder)).base_model_name_or_path
        found = locate("model", str(under))
        if found.path is None:
            return
        folder = found.path
    drawn.config = AutoConfig.from_pretrained(Path(folder))
