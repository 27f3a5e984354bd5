"""The captioner of a recipe: saved, put together from two pretrained models, or small and new."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from huggingface_hub.errors import StrictDataclassError
from transformers import AutoConfig, AutoModel, AutoProcessor, set_seed
from transformers.utils import find_adapter_config_file

from affecthub.modeling.captioner import (
    CaptionerConfig,
    CaptionerModel,
    CaptionerProcessor,
    lora_target_modules,
    new_modules,
)
from affecthub.training.captioning.recipe import CaptionRecipe, PartsRecipe, SmallRecipe
from affecthub.training.model import train_tokenizer
from affecthub.training.model_folder import require_model_folder

# Beside adapters: the two models and the fields that they are loaded onto.
PARTS = "bases.json"


def build_captioner(recipe: CaptionRecipe, texts: Iterable[str]) -> tuple[Any, CaptionerProcessor]:
    """The captioner that a recipe starts from and its processor.

    Args:
        recipe: Says where the weights come from and which of them are trained.
        texts: Training captions, and transcripts where they are given; a new model learns its
            vocabulary there.

    Returns:
        The model, a PEFT model where the recipe asks for adapters, and the processor.

    Raises:
        ValueError: A field of the configuration is unknown or does not fit.
    """
    set_seed(recipe.seed)
    if recipe.scratch is not None:
        return from_scratch(recipe.scratch, texts)
    if recipe.model is not None:
        return load_captioner(recipe.model, dtype=recipe.dtype)
    assert recipe.parts is not None, "the recipe checks that one of three is given"
    model, processor = from_parts(recipe.parts, recipe.dtype)
    if recipe.lora is None:
        return model, processor
    from peft import LoraConfig, get_peft_model

    adapters = LoraConfig(
        r=recipe.lora.r,
        lora_alpha=recipe.lora.alpha,
        lora_dropout=recipe.lora.dropout,
        target_modules=lora_target_modules(model),
        modules_to_save=new_modules(model),
    )
    return get_peft_model(model, adapters), processor


def from_scratch(
    scratch: SmallRecipe, texts: Iterable[str]
) -> tuple[CaptionerModel, CaptionerProcessor]:
    """A small captioner of random weights and a tokenizer learned from the texts."""
    tokenizer = train_tokenizer(texts, scratch.vocab_size)
    ids = {"pad_token_id": tokenizer.pad_token_id, "eos_token_id": tokenizer.eos_token_id}
    decoder = _config(
        scratch.decoder, "decoder", vocab_size=len(tokenizer), bos_token_id=None, **ids
    )
    encoder = _config(scratch.encoder, "encoder")
    try:
        config = CaptionerConfig(
            encoder_config=encoder,
            decoder_config=decoder,
            decoder_start_token_id=tokenizer.eos_token_id,
            **scratch.config,
        )
    except StrictDataclassError as error:
        raise ValueError(f"`scratch.config` does not fit: {error}") from error
    return CaptionerModel(config), CaptionerProcessor.from_config(config, tokenizer)


def from_parts(parts: PartsRecipe, dtype: str) -> tuple[CaptionerModel, CaptionerProcessor]:
    """Two pretrained models put together, with a new bridge."""
    try:
        model = CaptionerModel.from_parts(parts.encoder, parts.decoder, dtype=dtype, **parts.config)
    except StrictDataclassError as error:
        raise ValueError(f"`parts.config` does not fit: {error}") from error
    processor = CaptionerProcessor.from_parts(parts.encoder, parts.decoder, config=model.config)
    return model, processor


def load_captioner(folder_or_id: str | Path, **kwargs: Any) -> tuple[Any, CaptionerProcessor]:
    """A saved captioner, or the adapters of one on its two models, and its processor.

    Args:
        folder_or_id: Folder or Hub id.
        kwargs: Passed to ``from_pretrained``, for example ``dtype``.

    Raises:
        FileNotFoundError: A path that is not there.
        ValueError: The folder holds no captioner.
    """
    require_model_folder(folder_or_id)
    processor = AutoProcessor.from_pretrained(folder_or_id)
    if find_adapter_config_file(str(folder_or_id)) is not None:
        from peft import PeftModel

        told = json.loads((Path(folder_or_id) / PARTS).read_text(encoding="utf-8"))
        parts = PartsRecipe(encoder=told["audio"], decoder=told["text"], config=told["config"])
        base, _ = from_parts(parts, str(kwargs.get("dtype", "auto")))
        return PeftModel.from_pretrained(base, str(folder_or_id)).eval(), processor
    model = AutoModel.from_pretrained(folder_or_id, **kwargs)
    if not isinstance(model, CaptionerModel):
        raise ValueError(
            f"{folder_or_id} is a {model.config.model_type!r} model: expected 'captioner'."
        )
    return model, processor


def save_parts(recipe: CaptionRecipe, folder: Path) -> None:
    """Write beside adapters what they are loaded onto; folders by their whole path."""
    assert recipe.parts is not None, "adapters are of parts alone"
    names = {"audio": recipe.parts.encoder, "text": recipe.parts.decoder}
    whole = {
        kind: str(Path(name).resolve()) if Path(name).is_dir() else name
        for kind, name in names.items()
    }
    told = json.dumps(whole | {"config": recipe.parts.config}, indent=1)
    (folder / PARTS).write_text(told, encoding="utf-8")


def captioner_of(model: Any) -> CaptionerModel:
    """The captioner below adapters, or itself."""
    below: CaptionerModel = model.get_base_model() if hasattr(model, "peft_config") else model
    return below


def _config(given: dict[str, Any], what: str, **fixed: Any) -> Any:
    """A configuration of a family from its fields."""
    if "model_type" not in given:
        raise ValueError(
            f"`scratch.{what}` says no family: got {', '.join(given) or 'nothing'}, expected "
            "model_type and what else its configuration has."
        )
    fields = {key: value for key, value in given.items() if key != "model_type"}
    try:
        return AutoConfig.for_model(given["model_type"], **(fixed | fields))
    except (StrictDataclassError, TypeError, ValueError) as error:
        raise ValueError(f"`scratch.{what}` does not fit: {error}") from error
