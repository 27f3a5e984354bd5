"""Several samples in one row, kept apart: where each begins, and what they forbid."""

from typing import Any

import torch

# What the language model is told of packed rows. Its attention keeps samples apart by their
# positions only where no cache is made, and makes one unless it is told, in training too.
APART = {"use_cache": False}


def packed_starts(
    position_ids: torch.Tensor | None,
    attention_mask: torch.Tensor | None,
    shape: torch.Size,
) -> list[int] | None:
    """Tell where packed samples begin.

    Args:
        position_ids: ``(batch, sequence)``; they begin anew with each sample.
        attention_mask: ``(batch, sequence)``; what it leaves out is padding, whose positions begin
            anew as well and mean nothing.
        shape: ``(batch, sequence)``.

    Returns:
        The places of first tokens, counted on from row to row; None where each row is one sample.

    Example:
        >>> packed_starts(torch.tensor([[0, 1, 2, 0, 1]]), None, torch.Size([1, 5]))
        [0, 3]
        >>> packed_starts(torch.arange(5)[None], None, torch.Size([1, 5])) is None
        True
    """
    if position_ids is None or position_ids.dim() != 2 or shape[1] < 2:
        return None
    at = position_ids.detach().expand(shape)
    # As transformers tells it, so that both see the same samples.
    begins = at[:, 1:] != at[:, :-1] + 1
    if attention_mask is not None and attention_mask.dim() == 2:
        real = attention_mask[:, -shape[1] :].bool().to(at.device)
        begins &= real[:, 1:] & real[:, :-1]
    begins = begins.cpu()
    if not begins.any():
        return None
    first = torch.ones(shape[0], 1, dtype=torch.bool)
    starts: list[int] = torch.cat([first, begins], dim=1).flatten().nonzero().flatten().tolist()
    return starts


def require_apart(
    language_model: Any,
    attention_mask: torch.Tensor | None,
    earlier: Any,
    use_cache: bool | None,
) -> None:
    """Refuse what would let packed samples see each other.

    Raises:
        ValueError: There is a mask, a cache is passed or asked for, or the language model carries a
            state from token to token.
    """
    if attention_mask is not None:
        raise ValueError(
            "packed samples would see each other: got `attention_mask` beside `position_ids` that "
            "begin anew, expected no mask. Leave it out, as `processor.pack` does, or pad."
        )
    if earlier is not None or use_cache:
        raise ValueError(
            "packed samples would see each other: got a cache, or `use_cache=True`, beside "
            "`position_ids` that begin anew, expected none. Leave it out; to generate, pad."
        )
    if getattr(language_model, "_is_stateful", False):
        raise ValueError(
            f"packed samples would see each other: got {type(language_model).__name__}, which "
            "carries a state from token to token, expected a language model of attention alone. "
            "Pad the samples instead."
        )
