"""What a run costs: parameters, FLOPs, memory, disk and time, each by a formula that it names."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch

from affecthub.training.arguments import settings
from affecthub.training.planning.sketch import Sketch
from affecthub.training.planning.tokens import Tokens
from affecthub.training.recipe import Recipe
from affecthub.training.saving import saved_dtype

_BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
# Bytes that an optimiser keeps of each weight that is trained.
_OPTIMISERS = {"adamw": 8, "adafactor": 4, "sgd": 0, "adamw_8bit": 2, "adamw_bnb_8bit": 2}
# Weights and optimiser of a checkpoint, the best one beside the last.
_KEPT = 2


@dataclass(frozen=True)
class Costs:
    """What a run costs; bytes in bytes, time in seconds.

    Args:
        parameters: Of the whole model.
        trained: Those that training moves, of them `adapters` in LoRA.
        adapters: Those of LoRA.
        steps: Steps of the optimiser.
        draws: Clips trained on, a clip as often as it is drawn.
        tokens: Tokens of all of them.
        flops_of_towers: Of one draw, forward and, where they are trained, backward.
        flops_of_language: Of one draw of mean length, forward and backward.
        flops: Of the run.
        weights_bytes: Memory of the weights on each device, where nothing is sharded.
        training_bytes: Memory of gradients and optimiser.
        activation_bytes: Memory between forward and backward, an estimate.
        checkpoint_bytes: Disk for the checkpoints that are kept.
        final_bytes: Disk for the trained model.
    """

    parameters: int
    trained: int
    adapters: int
    steps: int
    draws: int
    tokens: float
    flops_of_towers: float
    flops_of_language: float
    flops: float
    weights_bytes: float
    training_bytes: float
    activation_bytes: float
    checkpoint_bytes: float
    final_bytes: float

    def to_dict(self) -> dict[str, float]:
        """Plain numbers."""
        return asdict(self)


def costs_of(
    recipe: Recipe, drawn: Sketch, tokens: Tokens, n_clips: int, n_processes: int = 1
) -> Costs:
    """What a recipe costs.

    Args:
        recipe: The run.
        drawn: Its model without weights.
        tokens: Of a draw.
        n_clips: Clips of an epoch.
        n_processes: Processes that share the steps.
    """
    trainer = settings(recipe)
    steps, draws = run_length(trainer, n_clips, n_processes)
    parameters = list(drawn.model.named_parameters())
    trained = sum(each.numel() for _, each in parameters if each.requires_grad)
    adapters = sum(each.numel() for name, each in parameters if "lora_" in name)
    towers = tower_flops(recipe, drawn)
    language = language_flops(drawn, tokens.mean, adapters, trained_whole=recipe.lora is None)
    weights = sum(
        each.numel() * (4 if each.requires_grad else _width(recipe, drawn, name))
        for name, each in parameters
    )
    kept = _OPTIMISERS.get(str(trainer.get("optim", "adamw")).removesuffix("_torch_fused"), 8)
    is_saved = trainer["save_strategy"] != "no"
    total = sum(each.numel() for _, each in parameters)
    return Costs(
        parameters=total,
        trained=trained,
        adapters=adapters,
        steps=steps,
        draws=draws,
        tokens=draws * tokens.mean,
        flops_of_towers=towers,
        flops_of_language=language,
        flops=draws * (towers + language),
        weights_bytes=weights,
        training_bytes=trained * (4 + kept),
        activation_bytes=activation_bytes(recipe, drawn, tokens, trainer),
        checkpoint_bytes=is_saved
        * _KEPT
        * ((trained if recipe.lora else total) * 4 + trained * kept),
        final_bytes=(trained if recipe.lora else total) * _saved_width(recipe),
    )


def run_length(trainer: Mapping[str, Any], n_clips: int, n_processes: int) -> tuple[int, int]:
    """Steps of the optimiser and draws of a run."""
    batch = trainer["per_device_train_batch_size"] * n_processes
    accumulated = trainer.get("gradient_accumulation_steps", 1)
    if (steps := trainer.get("max_steps", -1)) > 0:
        return steps, steps * batch * accumulated
    epochs = trainer["num_train_epochs"]
    in_epoch = math.ceil(math.ceil(n_clips / batch) / accumulated)
    return math.ceil(epochs * in_epoch), round(epochs * n_clips)


def language_flops(
    drawn: Sketch, n_tokens: float, adapters: int = 0, *, trained_whole: bool = False
) -> float:
    """FLOPs of the language model and its head for one sequence, forward and backward.

    Two for each weight and token forward; as many backward for what passes through it, and as many
    again for the weights that are trained; attention on top, 4 a layer, width and pair of tokens.
    Source: Kaplan et al., 2020, section 2.1, and AffectGPT's sizes.
    """
    config = drawn.config.text_config
    layers = _count(drawn, "language_model.", but=("lora_", "embed_tokens"))
    head = config.hidden_size * config.vocab_size
    width = config.num_attention_heads * (
        getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    )
    forward = 2 * (layers + head) * n_tokens + 4 * config.num_hidden_layers * width * n_tokens**2
    return forward * (3 if trained_whole else 2) + 6 * adapters * n_tokens


def tower_flops(recipe: Recipe, drawn: Sketch) -> float:
    """FLOPs of the towers for one draw with all its modalities, counted by torch itself."""
    from torch.utils.flop_counter import FlopCounterMode

    config = drawn.config
    backbone = _plain_model(drawn).model
    seen = len({"video", "face"} & {*recipe.modalities})
    runs: list[tuple[Any, tuple[int, ...], int]] = []
    if seen:
        side = config.image_size
        runs.append((backbone.vision_tower, (1, 3, side, side), seen * config.n_frames))
    if "audio" in recipe.modalities:
        runs.append((backbone.audio_tower, (1, config.audio_clip_samples), config.n_audio_clips))
    total = 0.0
    for tower, shape, times in runs:
        counter = FlopCounterMode(display=False)
        try:
            with counter, torch.no_grad():
                tower(torch.zeros(shape, device="meta"))
            total += counter.get_total_flops() * times
        except (RuntimeError, NotImplementedError, TypeError, ValueError):
            # A tower that hears a spectrogram, or cannot run without values: twice its weights.
            weights = sum(each.numel() for each in tower.parameters())
            total += 2 * weights * 100 * times
    return total * (1 if recipe.freeze_towers else 3)


def activation_bytes(
    recipe: Recipe, drawn: Sketch, tokens: Tokens, trainer: Mapping[str, Any]
) -> float:
    """An estimate of what lies in memory between forward and backward of one batch.

    Of each layer 6 vectors of its width, keys and values, and 4 of its inner width; with
    checkpointing one vector of each layer and one layer whole. Logits in half precision and
    float32 with their gradient. A batch of the longest clips that were counted.
    """
    config = drawn.config.text_config
    n = trainer["per_device_train_batch_size"] * tokens.longest
    if recipe.max_packed_tokens is not None:
        n = recipe.max_packed_tokens
    size = 2 if trainer.get("bf16") or trainer.get("fp16") or recipe.dtype.endswith("16") else 4
    heads = config.num_attention_heads
    keys = getattr(config, "num_key_value_heads", heads) * config.hidden_size // heads
    inner = getattr(config, "intermediate_size", 4 * config.hidden_size)
    layer = 6 * config.hidden_size + 2 * keys + 4 * inner
    n_layers = config.num_hidden_layers
    spares = trainer.get("gradient_checkpointing") or trainer.get("activation_checkpointing")
    held = n_layers * config.hidden_size + layer if spares else n_layers * layer
    return float(n * (size * held + (size + 8) * config.vocab_size))


def _plain_model(drawn: Sketch) -> Any:
    model = drawn.model
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def _count(drawn: Sketch, within: str, but: tuple[str, ...]) -> int:
    return sum(
        each.numel()
        for name, each in drawn.model.named_parameters()
        if within in name and not any(part in name for part in but)
    )


def _width(recipe: Recipe, drawn: Sketch, name: str) -> int:
    """Bytes of a frozen weight as it is loaded."""
    if recipe.dtype in _BYTES:
        return _BYTES[recipe.dtype]
    for part in ("vision", "audio"):
        if f"{part}_tower" in name:
            return _own_width(getattr(drawn.config, f"{part}_config"))
    return _own_width(drawn.config.text_config)


def _saved_width(recipe: Recipe) -> int:
    """Bytes of a weight in the run's folder."""
    dtype = saved_dtype(recipe)
    return 4 if dtype is None else torch.finfo(dtype).bits // 8


def _own_width(config: Any) -> int:
    return _BYTES.get(str(getattr(config, "dtype", None)).removeprefix("torch."), 4)
