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
    config: FusionConfig, given: Given, masks: Given, present: Tensor, unpadded: set[str]
) -> tuple[list[Tensor], Masks]:
    """Give each modality the form that the fusion reads.

    At the utterance level steps become their mean. At the frame level padding goes to the end, or
    to the front in ``official``, as the released code pads. What is absent is 0 and masked. A
    fusion of sequences is given a sequence in any case.

    Args:
        config: Of the model.
        given: Cleaned features.
        masks: Cleaned masks.
        present: Which modalities are to be used, (B, 3) bool.
        unpadded: Modalities that came without a mask, whose steps are in place.

    Returns:
        Audio, text and vision, (B, D) or (B, T, D), and their masks.
    """
    steps = max(x.shape[1] if x.dim() == 3 else 1 for x in given.values() if x is not None)
    like = next(x for x in given.values() if x is not None)
    found, real = [], []
    for i, name in enumerate(MODALITIES):
        x, mask = given[name], masks[name]
        if x is None or mask is None:
            x = like.new_zeros(like.shape[0], steps, config.dims[name])
            mask = torch.zeros(x.shape[:2], dtype=torch.bool, device=x.device)
        elif x.dim() == 2:
            x, mask = x.unsqueeze(1), mask.unsqueeze(1)
        elif config.level == "frame" and name not in unpadded:
            x, mask = move_steps(x, mask, to_end=config.is_official)
        if config.level == "utterance":
            x, mask = masked_mean(x, mask).unsqueeze(1), mask.any(1, keepdim=True)
        mask = mask & present[:, i : i + 1]
        x = x * present[:, i, None, None].to(x.dtype)
        found.append(x)
        real.append(mask)
    if config.level == "utterance" and config.algorithm not in SEQUENCE_ALGORITHMS:
        found, real = [x.squeeze(1) for x in found], [mask.squeeze(1) for mask in real]
    return found, Masks(*real)
