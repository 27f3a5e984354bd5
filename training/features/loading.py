"""The towers of a saved model without its language model, which is most of it."""

from pathlib import Path
from typing import Any

from transformers import AutoConfig, AutoProcessor
from transformers.utils import find_adapter_config_file

from affecthub.modeling.affectgpt import AffectGPTConfig, AffectGPTForConditionalGeneration
from affecthub.modeling.affectgpt.convert_adapters import has_bases, read_bases
from affecthub.modeling.affectgpt.modeling_towers import (
    audio_family,
    load_tower,
    no_load_report,
    tower_type,
    vision_family,
)
from affecthub.training.features.towers import Towers, towers_of
from affecthub.training.model import load_model
from affecthub.training.model_folder import require_model_folder


def load_towers(folder_or_id: str | Path) -> tuple[Towers, Any, dict[str, Any]]:
    """Load the towers of a saved AffectGPT, or of adapters on one, and its processor.

    Args:
        folder_or_id: What `load_model` takes.

    Returns:
        The towers in their saved precision, the processor, and where the towers come from: ids
        and, where the Hub says them, revisions.

    Raises:
        FileNotFoundError: A path that is not there.
        ValueError: It holds no model, another one, or one without its towers.
    """
    require_model_folder(folder_or_id)
    if Path(folder_or_id).is_dir():
        folder_or_id = Path(folder_or_id).resolve()
    processor = AutoProcessor.from_pretrained(folder_or_id)
    name = str(folder_or_id)
    # Who is given the features may not know this disk.
    shown = Path(name).name if Path(name).is_dir() else name
    if find_adapter_config_file(name) is not None:
        if has_bases(name):
            towers, source = _of_bases(name)
            return towers, processor, {"model": shown, **source}
        from peft import PeftConfig

        # Adapters leave the towers of their base as they are.
        name = str(PeftConfig.from_pretrained(name).base_model_name_or_path)
    config = AutoConfig.from_pretrained(name)
    if not isinstance(config, AffectGPTConfig):
        raise ValueError(f"{name} is a {config.model_type!r} model: expected 'affectgpt'.")
    source = {"model": shown, "revision": getattr(config, "_commit_hash", None)}
    if getattr(config, "quantization_config", None) is not None:
        return towers_of(load_model(folder_or_id)[0]), processor, source
    return _beside_a_stub(name, config), processor, source


def _of_bases(folder: str) -> tuple[Towers, dict[str, Any]]:
    """The towers that converted adapters name."""
    config, bases = AffectGPTConfig.from_pretrained(folder), read_bases(folder)
    vision, audio = bases["vision"], bases["audio"]
    towers = Towers(
        load_tower(vision_family(tower_type(vision)), vision, "auto", config.vision_feature),
        load_tower(audio_family(tower_type(audio)), audio, "auto", config.audio_feature),
        config,
    )
    source: dict[str, Any] = {}
    for kind, tower in (("vision", towers.vision), ("audio", towers.audio)):
        here = Path(bases[kind])
        source[kind] = here.name if here.is_dir() else bases[kind]
        source[f"{kind}_revision"] = getattr(tower.config, "_commit_hash", None)
    return towers, source


def _beside_a_stub(name: str, config: Any) -> Towers:
    """Load a model whose language model is replaced by next to nothing, which stays random."""
    stub = AutoConfig.for_model(
        "qwen2",
        vocab_size=1 + max(config.placeholders.values()),
        hidden_size=8,
        intermediate_size=8,
        num_hidden_layers=1,
        num_attention_heads=1,
        num_key_value_heads=1,
    )
    small = AffectGPTConfig.from_dict(config.to_dict() | {"text_config": stub.to_dict()})
    small.dtype = config.dtype
    with no_load_report():
        model, found = AffectGPTForConditionalGeneration.from_pretrained(
            name, config=small, ignore_mismatched_sizes=True, output_loading_info=True
        )
    lacking = [
        str(key)
        for key in (*found["missing_keys"], *found["mismatched_keys"])
        if "vision_tower." in str(key) or "audio_tower." in str(key)
    ]
    if lacking:
        raise ValueError(
            f"{name} does not hold its towers: got no {', '.join(lacking[:3])}, expected all of "
            "their weights."
        )
    return towers_of(model)
