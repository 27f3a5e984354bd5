"""What the language model brings along: its head, what it does to its logits, what LoRA adapts."""

import inspect
from dataclasses import fields
from typing import Any, Literal

import torch
from torch import nn
from transformers.modeling_outputs import CausalLMOutputWithPast

# What an output calls the cache; transformers 5.24 renamed it.
OUTPUT_CACHE = next(
    field.name
    for field in fields(CausalLMOutputWithPast)
    if field.name in ("cache", "past_key_values")
)

# The seven projections of a decoder layer that the official adapters sit on.
LORA_PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")

# What is trained beside them, in full, and kept in float32.
FUSION_MODULES = (
    "vision_pooler",
    "vision_projector",
    "audio_pooler",
    "audio_projector",
    "fusion",
    "fusion_projector",
)


def take_apart(language: Any) -> tuple[nn.Module, nn.Module]:
    """A causal language model without its head, and the head.

    Args:
        language: Any model of ``AutoModelForCausalLM``.

    Raises:
        ValueError: Its head is more than a linear layer (an encoder such as BERT used as a
            decoder), or what is below it takes no ``inputs_embeds`` or no cache (a recurrent model,
            the decoder of a translation model).
    """
    head = language.get_output_embeddings()
    parts = list(language.children())
    body = next(part for part in parts if part is not head)
    takes = inspect.signature(body.forward).parameters
    has_plain_head = any(part is head for part in parts)
    is_recurrent = getattr(language, "_is_stateful", False) and "position_ids" not in takes
    needed = {"inputs_embeds", cache_name(body)}
    if not has_plain_head or is_recurrent or not needed <= takes.keys():
        raise ValueError(
            f"`text_config` is of a family that cannot be used: got {type(language).__name__}, "
            "expected a decoder that takes `inputs_embeds` and a cache, below a linear head. Take "
            "another language model."
        )
    return body, head


def cache_name(language_model: Any) -> str:
    """Name the argument for the cache of earlier steps; transformers 5.24 renamed it."""
    takes = inspect.signature(language_model.forward).parameters
    return "cache" if "cache" in takes else "past_key_values"


def finish_logits(logits: torch.Tensor, config: Any) -> torch.Tensor:
    """Scale and cap logits as the language model's family does after its head.

    Args:
        logits: ``(..., vocab_size)``, fresh from the head.
        config: The language model's configuration. ``logit_scale`` (Cohere), ``logits_scaling``
            (Granite, HyperCLOVA X), ``lm_head_multiplier`` (Falcon-H1) and
            ``final_logit_softcapping`` (Gemma) are followed.

    Returns:
        Logits of the same shape.
    """
    for name in ("logit_scale", "lm_head_multiplier"):
        if (scale := getattr(config, name, None)) is not None:
            logits = logits * scale
    if (scale := getattr(config, "logits_scaling", None)) is not None:
        # Granite divides by what HyperCLOVA X multiplies with.
        logits = logits * scale if config.model_type == "hyperclovax" else logits / scale
    if (cap := getattr(config, "final_logit_softcapping", None)) is not None:
        logits = torch.tanh(logits / cap) * cap
    return logits


def lora_target_modules(model: nn.Module) -> str:
    """The pattern for ``peft.LoraConfig(target_modules=...)``.

    Args:
        model: An AffectGPT model.

    Returns:
        A regular expression that matches the seven projections of every layer of the language
        model, and nothing in the towers; every linear layer of a family that names them otherwise.

    Source: AffectGPT (Lian et al., 2025), Table 8: 40,370,176 parameters at rank 16 on Qwen2.5-7B.
    """
    linear = {
        name.rpartition(".")[2]
        for name, module in model.named_modules()
        if "language_model." in name and _is_linear(module)
    }
    named = linear.intersection(LORA_PROJECTIONS)
    leaves = sorted(named if len(named) == len(LORA_PROJECTIONS) else linear)
    return rf".*language_model\..*\.({'|'.join(leaves)})"


def fusion_modules(model: nn.Module) -> list[str]:
    """Name what a model has of ``FUSION_MODULES``, for ``modules_to_save``: a mean has no weights.

    Args:
        model: An AffectGPT model.
    """
    has = {
        name.rpartition(".")[2]
        for name, part in model.named_modules()
        if next(part.parameters(), None) is not None
    }
    return [name for name in FUSION_MODULES if name in has]


def quantization_config(bits: Literal[4, 8], compute_dtype: torch.dtype = torch.bfloat16) -> Any:
    """The ``quantization_config`` of ``from_pretrained`` for a language model in few bits.

    Towers, fusion and projectors keep their precision: the towers are small beside the language
    model and the fusion is trained.

    Args:
        bits: 4 (nf4, doubly quantised) or 8.
        compute_dtype: In which 4-bit weights are multiplied.

    Raises:
        ValueError: Other bits.
        ImportError: bitsandbytes is not installed; transformers says so when the model is loaded.
    """
    from transformers import BitsAndBytesConfig

    if bits not in (4, 8):
        raise ValueError(f"`bits` is not supported: got {bits!r}, expected 4 or 8.")
    # Names are matched from the beginning of a module's path.
    kept = [
        rf"(.*\.)?{name}" for name in ("vision_tower", "audio_tower", *FUSION_MODULES, "lm_head")
    ]
    if bits == 8:
        return BitsAndBytesConfig(load_in_8bit=True, llm_int8_skip_modules=kept)
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=compute_dtype,
        llm_int8_skip_modules=kept,
    )


def _is_linear(module: nn.Module) -> bool:
    # Quantised layers subclass nn.Linear; GPT-2 writes its projections as a transposed Conv1D.
    return isinstance(module, nn.Linear) or type(module).__name__ == "Conv1D"
