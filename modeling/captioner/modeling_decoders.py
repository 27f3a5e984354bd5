"""What writes the caption: three ways in which a decoder is told what was heard."""

import inspect
from typing import Any

import torch
from torch import nn
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

# The seven projections of a decoder layer that adapters usually sit on.
LORA_PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


def decoder_class(decoder_input: str) -> Any:
    """The Auto class of a decoder that is told in this way."""
    return AutoModelForSeq2SeqLM if decoder_input == "encoder" else AutoModelForCausalLM


def shifted(labels: torch.Tensor, start: int, pad: int) -> torch.Tensor:
    """What a decoder reads while it learns to write labels: the start, then all but the last.

    Example:
        >>> shifted(torch.tensor([[5, 6, -100]]), 1, 0).tolist()
        [[1, 5, 6]]
    """
    read = torch.cat([torch.full_like(labels[:, :1], start), labels[:, :-1]], dim=1)
    return read.masked_fill(read == -100, pad)


def caption_loss(
    logits: torch.Tensor, labels: torch.Tensor, n_items: torch.Tensor | int | None
) -> torch.Tensor:
    """Cross-entropy over the caption's tokens, -100 left out; 0 where there are none."""
    total = nn.functional.cross_entropy(
        logits.float().flatten(0, 1), labels.flatten(), ignore_index=-100, reduction="sum"
    )
    if n_items is None:
        return total / (labels != -100).sum().clamp(min=1)
    return total / n_items


def padded_in_front(tokens: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Move the padding of soft tokens from behind them to before them.

    Args:
        tokens: ``(batch, tokens, width)``.
        mask: ``(batch, tokens)`` bool, True first.

    Returns:
        Both, so that what follows is next to the last of each.
    """
    n_tokens = mask.shape[1]
    counts = mask.sum(dim=1, keepdim=True)
    places = (torch.arange(n_tokens, device=mask.device) + counts) % n_tokens
    moved = tokens.gather(1, places[..., None].expand(-1, -1, tokens.shape[-1]))
    return moved, mask.gather(1, places)


def padded_behind(tokens: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Move whatever padding there is behind the tokens, so that places are those of each alone.

    Args:
        tokens: ``(batch, tokens, width)``.
        mask: ``(batch, tokens)`` bool.
    """
    order = (~mask).long().argsort(dim=1, stable=True)
    moved = tokens.gather(1, order[..., None].expand(-1, -1, tokens.shape[-1]))
    return moved, mask.gather(1, order)


def positions(mask: torch.Tensor) -> torch.Tensor:
    """The place of each token in its row, padding left out ``(batch, tokens)``."""
    return (mask.long().cumsum(dim=1) - 1).clamp(min=0)


def takes(module: Any, name: str) -> bool:
    """Whether a model's forward has an argument of this name."""
    return name in inspect.signature(module.forward).parameters


def lora_target_modules(model: Any) -> str:
    """The pattern for ``peft.LoraConfig(target_modules=...)``: the decoder's projections.

    Args:
        model: A captioner.

    Returns:
        A regular expression for the seven projections of each layer of the decoder, or for all of
        its linear layers where the family names them otherwise; its head is left out.
    """
    head = model.decoder.get_output_embeddings()
    linear = {
        name.rpartition(".")[2]
        for name, module in model.decoder.named_modules()
        if module is not head and type(module).__name__ in ("Linear", "Conv1D")
    }
    named = linear.intersection(LORA_PROJECTIONS)
    leaves = sorted(named if len(named) == len(LORA_PROJECTIONS) else linear)
    return rf"(.*\.)?decoder\..*\.({'|'.join(leaves)})"


def new_modules(model: Any) -> list[str]:
    """What no pretrained model brings, for ``modules_to_save``: the bridge, and what aligns it."""
    return [name for name in ("bridge", "aligner") if getattr(model, name, None) is not None]
