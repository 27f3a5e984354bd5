"""The models that a recipe starts from: where they lie, and what is known of them without weights.

Of a model that is not on this disk only its configuration matters here. Those of the usual bases
stand in a table, so that nothing has to be asked of a hub.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from affecthub.modeling.affectgpt.configuration_sizes import CLIP_VIT_L14, HUBERT_LARGE, QWEN2_5_7B
from affecthub.training.model_folder import require_model_folder

FOLDER, CACHE, HUB = "folder", "cache", "hub"
QWEN = "Qwen2.5 technical report, Table 1, and the model's config.json"


@dataclass(frozen=True)
class Known:
    """A base of which the sizes are known here.

    Args:
        config: What ``AffectGPTConfig`` takes for it.
        download_bytes: Of its weights, about.
        source: Of both.
    """

    config: Mapping[str, Any]
    download_bytes: float
    source: str


def _qwen(download_bytes: float, **sizes: Any) -> Known:
    config = {"model_type": "qwen2", **QWEN2_5_7B, **sizes}
    return Known(config, download_bytes, QWEN)


_SMALL_QWEN = {"vocab_size": 151936, "tie_word_embeddings": True}
KNOWN = {
    "openai/clip-vit-large-patch14": Known(
        {"model_type": "clip_vision_model", **CLIP_VIT_L14},
        1.71e9,
        "the model's config.json; 428 million parameters in float32, its text half included",
    ),
    "TencentGameMate/chinese-hubert-large": Known(
        {"model_type": "hubert", **HUBERT_LARGE},
        1.26e9,
        "the model's config.json; 315 million parameters in float32",
    ),
    "Qwen/Qwen2.5-7B-Instruct": _qwen(15.2e9),
    "Qwen/Qwen2.5-3B-Instruct": _qwen(
        6.2e9,
        hidden_size=2048,
        intermediate_size=11008,
        num_hidden_layers=36,
        num_attention_heads=16,
        num_key_value_heads=2,
        **_SMALL_QWEN,
    ),
    "Qwen/Qwen2.5-1.5B-Instruct": _qwen(
        3.1e9,
        hidden_size=1536,
        intermediate_size=8960,
        num_hidden_layers=28,
        num_attention_heads=12,
        num_key_value_heads=2,
        **_SMALL_QWEN,
    ),
    "Qwen/Qwen2.5-0.5B-Instruct": _qwen(
        1.0e9,
        hidden_size=896,
        intermediate_size=4864,
        num_hidden_layers=24,
        num_attention_heads=14,
        num_key_value_heads=2,
        **_SMALL_QWEN,
    ),
}


@dataclass(frozen=True)
class Base:
    """One model that a recipe names.

    Args:
        kind: "model", "vision", "audio" or "text".
        name: As the recipe has it.
        where: "folder", "cache" or "hub".
        path: Its folder on this disk, None on the hub.
    """

    kind: str
    name: str
    where: str
    path: Path | None

    @property
    def download_bytes(self) -> float | None:
        """What has to be downloaded, None where that is not known."""
        if self.where != HUB:
            return 0.0
        return KNOWN[self.name].download_bytes if self.name in KNOWN else None

    def told(self) -> str:
        """Where it is, in words."""
        if self.where == FOLDER:
            return f"{self.name}: a folder here"
        if self.where == CACHE:
            return f"{self.name}: in the cache of the Hub"
        size = self.download_bytes
        how_much = "of unknown size" if size is None else f"about {size / 1e9:.1f} GB"
        return f"{self.name}: to be downloaded, {how_much}"


def locate(kind: str, name: str) -> Base:
    """Look for a model on this disk.

    Raises:
        FileNotFoundError: It is a path, and nothing is there.
        ValueError: It is a folder without a model.
    """
    require_model_folder(name)
    folder = Path(name)
    if folder.is_dir():
        return Base(kind, name, FOLDER, folder)
    from huggingface_hub import try_to_load_from_cache

    for file in ("config.json", "adapter_config.json"):
        found = try_to_load_from_cache(name, file)
        if isinstance(found, str):
            path = Path(found).parent
            if any(path.glob("*.safetensors")) or any(path.glob("*.bin")):
                return Base(kind, name, CACHE, path)
    return Base(kind, name, HUB, None)


def tower_config(base: Base) -> Any:
    """The configuration of one of three towers, None where it is not known.

    Returns:
        A configuration, or the fields of one.
    """
    if base.path is None:
        return dict(KNOWN[base.name].config) if base.name in KNOWN else None
    from transformers import AutoConfig

    from affecthub.modeling.affectgpt.modeling_towers import (
        audio_family,
        tower_class,
        tower_type,
        vision_family,
    )

    if base.kind == "text":
        return AutoConfig.from_pretrained(base.path)
    kind = tower_type(base.path)
    family = vision_family(kind) if base.kind == "vision" else audio_family(kind)
    return tower_class(family).config_class.from_pretrained(base.path)
