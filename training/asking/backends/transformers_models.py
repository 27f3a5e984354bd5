"""Loading a chat model of transformers, whichever it is, and saying which it was."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForMultimodalLM
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING,
    MODEL_FOR_MULTIMODAL_LM_MAPPING,
)

from affecthub.errors import require
from affecthub.training.asking.backends.transformers_processors import load_processor

# Whole checkpoints of models that also speak: the part that hears, sees and writes is taken out.
THINKERS = {
    "qwen2_5_omni": "Qwen2_5OmniThinkerForConditionalGeneration",
    "qwen3_omni_moe": "Qwen3OmniMoeThinkerForConditionalGeneration",
}
ADAPTER = "adapter_config.json"
# Ids in a model's config that stand for media and never are words.
_MEDIA_ID = re.compile(r"(image|video|audio|vision|boi|eoi|boa|eoa)_.*(token_id|token_index)")
_MEDIA_ID_SHORT = re.compile(r"(boi|eoi|boa|eoa)_token_(id|index)")
_MEDIA_TOKEN = re.compile(r"((image|video|audio|vision)_.*token|(boi|eoi|boa|eoa)_token)")


def load_chat_model(
    model_id: str | Path,
    *,
    dtype: str | None = None,
    device: str | None = None,
    revision: str | None = None,
) -> tuple[Any, Any]:
    """Load a model and its processor, from a folder or the Hub; safetensors only.

    Args:
        model_id: Folder or Hub id of a model that reads text, and perhaps images, films or sound;
            or a folder of adapters, which names the model they are for.
        dtype: "float32", "bfloat16", "float16"; None as the checkpoint says.
        device: "cuda", "cpu" and the like; "auto" spreads the model over what there is; None takes
            a GPU where there is one.
        revision: Of the Hub's.

    Returns:
        The model, in eval mode, and its processor, which pads on the left.

    Raises:
        ValueError: No such model, or one that does not chat, or whose weights are not safetensors.
    """
    if (Path(model_id) / ADAPTER).is_file():
        base = base_of(Path(model_id))
        model, processor = load_chat_model(base, dtype=dtype, device=device, revision=revision)
        peft = require("peft", "train", "load adapters")
        model = peft.PeftModel.from_pretrained(model, str(model_id)).eval()
        if (Path(model_id) / "processor_config.json").is_file():
            processor = load_processor(model_id, model.config)
        return model, processor
    try:
        config = AutoConfig.from_pretrained(model_id, revision=revision)
    except (OSError, ValueError) as error:
        raise ValueError(f"no model to be asked at {model_id}: {error}") from error
    kind = _model_class(config)
    place = device or ("cuda" if torch.cuda.is_available() else "cpu")
    settings = {"device_map": "auto"} if place == "auto" else {}
    try:
        model = kind.from_pretrained(
            model_id, dtype=dtype or "auto", revision=revision, use_safetensors=True, **settings
        )
    except (OSError, ImportError) as error:
        raise ValueError(f"{model_id} cannot be loaded: {error}") from error
    if place != "auto":
        model = model.to(place)
    return model.eval(), load_processor(model_id, config, revision)


def base_of(adapters: Path) -> str:
    """The model that a folder of adapters is for: a folder, beside it or in it, or a Hub id.

    Raises:
        ValueError: It names none.
    """
    stated = json.loads((adapters / ADAPTER).read_text(encoding="utf-8"))
    base = stated.get("base_model_name_or_path")
    if not base or Path(base) == adapters:
        raise ValueError(
            f"{adapters / ADAPTER} names no model that the adapters are for: got {base!r} as "
            "`base_model_name_or_path`, expected a folder or a Hub id."
        )
    near = adapters / base
    return str(near if near.is_dir() else base)


def _model_class(config: Any) -> Any:
    """What loads a model of this kind."""
    if config.model_type in THINKERS:
        return getattr(transformers, THINKERS[config.model_type])
    if type(config) in MODEL_FOR_MULTIMODAL_LM_MAPPING:
        return AutoModelForMultimodalLM
    if type(config) in MODEL_FOR_CAUSAL_LM_MAPPING:
        return AutoModelForCausalLM
    raise ValueError(
        f"a model of this kind cannot be asked: got {config.model_type!r}, expected one that "
        "transformers knows to write text from images, films, sound or text "
        f"(transformers {transformers.__version__})."
    )


def media_tokens(model: Any, processor: Any) -> list[int]:
    """Ids of tokens that stand for media; a model that wrote one would break its positions."""
    tokenizer = getattr(processor, "tokenizer", processor)
    found = {
        value
        for name, value in _fields(model.config)
        if _MEDIA_ID.fullmatch(name) or _MEDIA_ID_SHORT.fullmatch(name)
        if isinstance(value, int)
    }
    for owner in (processor, tokenizer):
        for name in {*vars(owner), *getattr(tokenizer, "special_tokens_map", {})}:
            token = getattr(owner, name, None) if _MEDIA_TOKEN.fullmatch(name) else None
            if isinstance(token, str):
                found.add(tokenizer.convert_tokens_to_ids(token))
    ends = {tokenizer.eos_token_id, tokenizer.pad_token_id, tokenizer.unk_token_id, None}
    return sorted(found - ends)


def _fields(config: Any) -> Iterable[tuple[str, Any]]:
    """A config's own fields, under the names it stores them by."""
    return config.to_dict().items()
