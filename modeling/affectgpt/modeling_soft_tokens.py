"""Soft tokens put where their placeholders are, or an error that names the sample."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from .modeling_presence import Presence


@dataclass
class SoftTokens:
    """The soft tokens of one kind in a batch.

    Args:
        name: The placeholder, for errors.
        token_id: Its id.
        present: Which samples bring them.
        rows: ``(samples that do, tokens, hidden_size)``, in the order of the batch.
    """

    name: str
    token_id: int
    present: Presence
    rows: torch.Tensor


def fill_placeholders(
    inputs_embeds: torch.Tensor,
    input_ids: torch.Tensor,
    kinds: Sequence[SoftTokens],
    starts: Sequence[int] | None = None,
) -> torch.Tensor:
    """Replace every embedded placeholder by its soft token.

    Args:
        inputs_embeds: ``(batch, sequence, hidden_size)``.
        input_ids: ``(batch, sequence)``.
        kinds: Every kind of soft token there is, also those that no sample brings.
        starts: Where packed samples begin, counted on from row to row; None: each row is one.

    Returns:
        New embeddings of the same shape.

    Raises:
        ValueError: A sample has more or fewer placeholders of a kind than soft tokens.
    """
    flat = input_ids.detach().cpu().numpy().ravel()
    found_at: dict[int, list[int]] = {kind.token_id: [] for kind in kinds}
    # Placeholders are few, and their ids lie together: look at those tokens alone.
    near = np.flatnonzero((flat >= min(found_at)) & (flat <= max(found_at)))
    for index, token_id in zip(near.tolist(), flat[near].tolist(), strict=True):
        if token_id in found_at:
            found_at[token_id].append(index)
    starts = range(0, len(flat), input_ids.shape[1]) if starts is None else starts
    for kind in kinds:
        n_tokens = kind.rows.shape[1]
        found = [bisect_right(starts, index) - 1 for index in found_at[kind.token_id]]
        wanted = [i for i, here in enumerate(kind.present.flags) if here for _ in range(n_tokens)]
        if found != wanted:
            sample = next(i for i in range(len(starts)) if found.count(i) != wanted.count(i))
            raise ValueError(
                f"sample {sample} has {found.count(sample)} {kind.name} placeholders but "
                f"{wanted.count(sample)} feature rows, expected as many of each. Check that "
                "processor and model share their configuration, and that media and their mask are "
                "both passed."
            )
    # Placeholders come by kind, then sample, then position, as the rows do.
    rows = torch.cat([kind.rows.to(inputs_embeds.device).flatten(0, 1) for kind in kinds])
    at = [index for kind in kinds for index in found_at[kind.token_id]]
    where = torch.tensor(at, dtype=torch.long).to(inputs_embeds.device, non_blocking=True)
    filled = inputs_embeds.flatten(0, 1).index_copy(0, where, rows.to(inputs_embeds.dtype))
    return filled.view_as(inputs_embeds)
