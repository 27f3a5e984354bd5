"""From what a caller gives to what a fusion reads: padding in its place, absences as masks."""

import torch
from torch import Tensor

from .configuration_fusion import MODALITIES, FusionConfig
from .configuration_options import SEQUENCE_ALGORITHMS
from .modeling_sequences import Masks, masked_mean, move_steps

Given = dict[str, Tensor | None]


def clean(given: Given, masks: Given, dtype: torch.dtype) -> tuple[Given, Given]:
    """Put 0 where there is padding, so that nothing that stands there can matter.

    Args:
        given: Features by modality, whose shapes were checked.
        masks: Their masks; None is all.
        dtype: Of the model.

    Returns:
        Features of that type and bool masks, (B, T) beside steps and (B,) beside vectors; None
        stays None.
    """
    found: Given = {}
    real: Given = {}
    for name in MODALITIES:
        x, mask = given[name], masks[name]
        found[name] = real[name] = None
        if x is None:
            continue
        if mask is None:
            real[name] = torch.ones(x.shape[:-1], dtype=torch.bool, device=x.device)
            found[name] = x.to(dtype)
            continue
        mask = mask.bool().reshape(x.shape[:-1])
        real[name] = mask
        found[name] = x.to(dtype).masked_fill(~mask.unsqueeze(-1), 0)
    return found, real


def presence(given: Given, masks: Given) -> Tensor:
    """Which clips have which modality, (B, 3) bool, from cleaned features and masks."""
    like = next(mask for mask in masks.values() if mask is not None)
    columns = []
    for name in MODALITIES:
        mask = masks[name]
        if mask is None:
            mask = torch.zeros(like.shape[0], dtype=torch.bool, device=like.device)
        columns.append(mask.any(1) if mask.dim() == 2 else mask)
    return torch.stack(columns, dim=1)


def drop_modalities(present: Tensor, share: float) -> Tensor:
    """Take modalities away at random; a clip keeps one that it has.

    Args:
        present: (B, 3) bool.
        share: How often each is taken away.

    Returns:
        (B, 3) bool.
    """
    drawn = torch.rand(present.shape, device=present.device)
    kept = present & (drawn >= share)
    best = drawn.masked_fill(~present, -1).argmax(dim=1, keepdim=True)
    saved = torch.zeros_like(drawn).scatter(1, best, 1).bool() & present
    return kept | (saved & ~kept.any(1, keepdim=True))


def arrange(
    config: FusionConfig, given: Given, masks: Given, unpadded: set[str]
) -> tuple[list[Tensor], Masks]:
    """Give each modality the form that the fusion reads.

    At the utterance level steps become their mean. At the frame level padding goes to the end, or
    to the front in ``official``, as the released code pads. What is absent is 0 and masked. A
    fusion of sequences is given a sequence in any case.

    Args:
        config: Of the model.
        given: Cleaned features.
        masks: Cleaned masks.
        unpadded: Modalities that came without a mask, whose steps are in place.

    Returns:
        Audio, text and vision, (B, D) or (B, T, D), and their masks.
    """
    like = next(x for x in given.values() if x is not None)
    steps = max(x.shape[1] if x.dim() == 3 else 1 for x in given.values() if x is not None)
    as_vectors = config.level == "utterance" and config.algorithm not in SEQUENCE_ALGORITHMS
    found, real = [], []
    for name in MODALITIES:
        x, mask = given[name], masks[name]
        if x is None or mask is None:
            shape = (like.shape[0],) if as_vectors else (like.shape[0], steps)
            x = like.new_zeros(*shape, config.dims[name])
            mask = torch.zeros(shape, dtype=torch.bool, device=x.device)
        elif config.level == "frame" and x.dim() == 3 and name not in unpadded:
            x, mask = move_steps(x, mask, to_end=config.is_official)
        elif config.level == "utterance" and x.dim() == 3:
            x, mask = masked_mean(x, mask), mask.any(1)
        if x.dim() == 2 and not as_vectors:
            x, mask = x.unsqueeze(1), mask.unsqueeze(1)
        found.append(x)
        real.append(mask)
    return found, Masks(*real)


def keep(given: Given, masks: Given, present: Tensor) -> tuple[Given, Given]:
    """Take away what is not to be used: features become 0, and masks False.

    Args:
        given: Cleaned features.
        masks: Cleaned masks.
        present: Which clips keep which modality, (B, 3) bool.
    """
    found, real = dict(given), dict(masks)
    for i, name in enumerate(MODALITIES):
        x, mask = given[name], masks[name]
        if x is not None and mask is not None:
            kept = present[:, i].view(-1, *[1] * (mask.dim() - 1))
            real[name] = mask & kept
            found[name] = x.masked_fill(~kept.unsqueeze(-1), 0)
    return found, real
