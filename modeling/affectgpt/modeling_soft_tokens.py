"""Which samples bring which modality, and their soft tokens put where the placeholders are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from .configuration_affectgpt import AffectGPTConfig


def placeholder_ids(tokenizer: Any, **fields: Any) -> dict[str, int]:
    """The ids that a tokenizer has for the placeholders, or would give them at its end.

    Args:
        tokenizer: The language model's.
        **fields: Fields of the configuration; ``fused_token`` and its siblings are looked at.

    Returns:
        ``fused_token_id`` and its siblings.
    """
    names = [f"{kind}_token" for kind in ("fused", "audio", "face", "video")]
    tokens = [fields.get(name, getattr(AffectGPTConfig, name)) for name in names]
    known = tokenizer.get_vocab()
    new = [token for token in tokens if token not in known]
    ids = {**known, **{token: len(tokenizer) + i for i, token in enumerate(new)}}
    return {f"{name}_id": ids[token] for name, token in zip(names, tokens, strict=True)}


class Presence:
    """Which samples of a batch bring a modality.

    Kept on the host: one small copy from the device decides everything that follows, and nothing is
    selected where every sample brings it.

    Args:
        flags: One per sample.
    """

    def __init__(self, flags: Sequence[bool]) -> None:
        self.flags = list(flags)
        self.everyone = all(self.flags)
        self.anyone = any(self.flags)

    def rows(self, values: torch.Tensor) -> torch.Tensor:
        """Keep, of one row per sample, those of the samples that bring it."""
        return values if self.everyone else values[_places(self.flags, values)]

    def given(
        self, values: tuple[torch.Tensor | None, torch.Tensor | None]
    ) -> tuple[torch.Tensor | None, torch.Tensor | None]:
        """Keep those rows of a tower's input, or of its output, whichever there is."""
        first, second = (None if value is None else self.rows(value) for value in values)
        return first, second

    def shared(self, other: "Presence", rows: torch.Tensor) -> torch.Tensor:
        """Keep, of this modality's own rows, those of samples that bring the other one too."""
        both = [theirs for mine, theirs in zip(self.flags, other.flags, strict=True) if mine]
        return rows if all(both) else rows[_places(both, rows)]

    def spread(self, rows: torch.Tensor, out: torch.Tensor) -> None:
        """Write this modality's own rows where their samples are in ``out``."""
        out[_places(self.flags, out)] = rows

    def __and__(self, other: "Presence") -> "Presence":
        """Tell which samples bring both."""
        return Presence([a and b for a, b in zip(self.flags, other.flags, strict=True)])

    def __or__(self, other: "Presence") -> "Presence":
        """Tell which samples bring at least one of the two."""
        return Presence([a or b for a, b in zip(self.flags, other.flags, strict=True)])


def presence(
    values: tuple[torch.Tensor | None, torch.Tensor | None],
    mask: torch.Tensor | None,
    n_samples: int,
) -> Presence:
    """Tell which samples bring a modality: all if it came without a mask, none if it did not come.

    Raises:
        ValueError: The modality or its mask is not one row a sample.

    Example:
        >>> presence((None, torch.ones(2, 3)), None, 2).flags
        [True, True]
        >>> presence((None, None), torch.tensor([True, True]), 2).flags
        [False, False]
    """
    given = [value for value in values if value is not None]
    if not given:
        return Presence([False] * n_samples)
    sizes = [len(value) for value in given] + ([] if mask is None else [mask.numel()])
    if set(sizes) != {n_samples}:
        raise ValueError(
            f"media do not line up with the samples: got {sizes} rows of media and mask for "
            f"{n_samples} samples, expected one row a sample. Fill the rows of samples without the "
            "modality with zeros and mark them False in the mask."
        )
    return Presence([True] * n_samples if mask is None else mask.flatten().bool().tolist())


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


def fill_places(
    inputs_embeds: torch.Tensor, input_ids: torch.Tensor, kinds: Sequence[SoftTokens]
) -> torch.Tensor:
    """Replace every embedded placeholder by its soft token.

    Args:
        inputs_embeds: ``(batch, sequence, hidden_size)``.
        input_ids: ``(batch, sequence)``.
        kinds: Every kind of soft token there is, also those that no sample brings.

    Returns:
        New embeddings of the same shape.

    Raises:
        ValueError: A sample has more or fewer placeholders of a kind than soft tokens.
    """
    flat = input_ids.detach().cpu().numpy().ravel()
    places: dict[int, list[int]] = {kind.token_id: [] for kind in kinds}
    # Placeholders are few, and their ids lie together: look at those tokens alone.
    near = np.flatnonzero((flat >= min(places)) & (flat <= max(places)))
    for place, token_id in zip(near.tolist(), flat[near].tolist(), strict=True):
        if token_id in places:
            places[token_id].append(place)
    n_samples, length = input_ids.shape
    for kind in kinds:
        n_tokens = kind.rows.shape[1]
        found = [place // length for place in places[kind.token_id]]
        wanted = [i for i, here in enumerate(kind.present.flags) if here for _ in range(n_tokens)]
        if found != wanted:
            sample = next(i for i in range(n_samples) if found.count(i) != wanted.count(i))
            raise ValueError(
                f"sample {sample} has {found.count(sample)} {kind.name} placeholders but "
                f"{wanted.count(sample)} feature rows, expected as many of each. Check that "
                "processor and model share their configuration, and that media and their mask are "
                "both passed."
            )
    # Places come by kind, then sample, then position, as the rows do.
    rows = torch.cat([kind.rows.to(inputs_embeds.device).flatten(0, 1) for kind in kinds])
    at = [place for kind in kinds for place in places[kind.token_id]]
    where = torch.tensor(at, dtype=torch.long).to(inputs_embeds.device, non_blocking=True)
    filled = inputs_embeds.flatten(0, 1).index_copy(0, where, rows.to(inputs_embeds.dtype))
    return filled.view_as(inputs_embeds)


def _places(flags: Sequence[bool], like: torch.Tensor) -> torch.Tensor:
    places = [i for i, here in enumerate(flags) if here]
    return torch.tensor(places, dtype=torch.long, device=like.device)


def one_of(media: str, value: object, features: str, known: object) -> None:
    """Refuse a tower's input together with its output.

    Raises:
        ValueError: Both are given.
    """
    if value is not None and known is not None:
        raise ValueError(
            f"a modality came twice: got `{media}` and `{features}`, expected one of them. "
            "Leave one out."
        )
