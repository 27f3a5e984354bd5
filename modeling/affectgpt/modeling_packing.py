"""Several samples in one row, kept apart: where each begins, and what they forbid."""

from typing import Any

import torch

# What the language model is told of packed rows. Its attention keeps samples apart by their
# positions only where no cache is made, and makes one unless it is told, in training too.
APART = {"use_cache": False}


def packed_starts(
    position_ids: torch.Tensor | None,
    attention_mask: torch.Tensor | dict[str, torch.Tensor] | None,
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
    if isinstance(attention_mask, dict):  # of each kind of layer, as generation makes them
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
        ValueError: There is a mask, a cache is passed or asked for, or the language model does not
            keep samples apart.
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
    if not keeps_apart(language_model):
        raise ValueError(
            f"packed samples would see each other: got {type(language_model).__name__}, which "
            "masks without looking at positions, or carries a state from token to token, expected "
            "a language model that keeps them apart. Pad the samples."
        )


def keeps_apart(language_model: Any) -> bool:
    """Try out whether a language model keeps packed samples apart, once for each kind of attention.

    Of two packed samples the second must be what it is alone, and nothing of it may change with the
    first. Families differ: some carry a state from token to token (Falcon-H1, Qwen3.5), some never
    look at positions when they mask (OPT, Falcon).

    Args:
        language_model: Without its head. It is run three times over a few tokens, without gradient
            and without touching the seed or the mode of whoever trains.
    """
    attention = getattr(language_model.config, "_attn_implementation", None)
    known: dict[Any, bool] = language_model.__dict__.setdefault("_keeps_apart", {})
    if attention not in known:
        modes = {module: module.training for module in language_model.modules()}
        language_model.eval()
        try:
            with torch.no_grad():
                known[attention] = _try_out(language_model, n_first=3, n_second=4)
        finally:
            for module, mode in modes.items():
                module.training = mode
    return known[attention]


def _try_out(language_model: Any, n_first: int, n_second: int) -> bool:
    like = next(iter(language_model.get_input_embeddings().parameters()))
    dim = language_model.config.get_text_config().hidden_size
    rows = torch.randn(2, n_first + n_second, dim, generator=torch.Generator().manual_seed(0))
    rows[1, n_first:] = rows[0, n_first:]
    rows = rows.to(like.device, like.dtype if like.is_floating_point() else None)
    at = torch.cat([torch.arange(n_first), torch.arange(n_second)]).to(like.device)

    def second(row: torch.Tensor, start: int) -> torch.Tensor:
        told = {"inputs_embeds": row[None, start:], "position_ids": at[None, start:], **APART}
        hidden: torch.Tensor = language_model(**told).last_hidden_state
        return hidden[0, -n_second:].float()

    one, other, alone = second(rows[0], 0), second(rows[1], 0), second(rows[0], n_first)
    # Beside other tokens a mixture of experts may round differently, alone everything may.
    rounding, size = torch.finfo(rows.dtype).eps, one.abs().mean()
    is_same = (one - other).abs().mean() <= 8 * rounding * size
    return bool(is_same and (one - alone).abs().mean() <= max(1e-3, 16 * rounding) * size)
