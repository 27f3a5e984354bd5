"""Three modalities on one clock: sound and faces at the steps of the text."""

import torch
from torch import Tensor

from .modeling_grid import Grid
from .modeling_sequences import Masks


def align(
    audio: Tensor, text: Tensor, vision: Tensor, masks: Masks, *, official: bool
) -> tuple[list[Tensor], Grid]:
    """Bring sound and faces to the steps of the text.

    A clip has as many steps as its text, or, without text, as the longer of the other two. Each
    step is the mean of the steps of the modality that it covers: of S steps of sound and L of text,
    step t covers those from floor(t S / L) to ceil((t + 1) S / L). Modalities that have the same
    steps already stay as they are.

    Args:
        audio: Steps, (B, T, D).
        text: The same.
        vision: The same.
        masks: Real steps, padding behind them, or before them with ``official``.
        official: Follow the released loader: S < L gets zeros in front, S > L gets zeros in front
            until w = ceil(S / L) divides it and means over w steps; the batch is padded in front,
            and padding counts as real.

    Returns:
        Text, audio and vision, (B, L, D) each and 0 in padding, and where their real steps lie.

    Source: MERBench (Lian et al., 2024), aligned frames; the mean is adaptive average pooling.
    """
    pairs = [(text, masks.text), (audio, masks.audio), (vision, masks.vision)]
    if not _same([mask for _, mask in pairs]):
        pairs = _resample(pairs, official)
    mask = pairs[0][1]
    if official:
        return [x for x, _ in pairs], Grid(torch.ones_like(mask))
    steps = max(int(mask.sum(1).max()), 1)
    return [x[:, :steps] for x, _ in pairs], Grid(mask[:, :steps])


def _same(masks: list[Tensor]) -> bool:
    return all(mask is masks[0] or torch.equal(mask, masks[0]) for mask in masks[1:])


def _resample(pairs: list[tuple[Tensor, Tensor]], official: bool) -> list[tuple[Tensor, Tensor]]:
    lengths = [mask.sum(1) for _, mask in pairs]
    length = torch.where(lengths[0] > 0, lengths[0], torch.maximum(lengths[1], lengths[2]))
    steps = max(int(length.max()), 1)
    place = torch.arange(steps, device=length.device)
    mask = place >= steps - length.unsqueeze(1) if official else place < length.unsqueeze(1)
    found = []
    for (x, real), own in zip(pairs, lengths, strict=True):
        weights = (_windows if official else _spans)(length, own, steps, x.shape[1])
        x = x.masked_fill(~real.unsqueeze(-1), 0.0)
        found.append((weights.to(x.dtype) @ x, mask))
    return found


def _spans(length: Tensor, own: Tensor, steps: int, own_steps: int) -> Tensor:
    """How much of each step of a modality each step of the text takes, (B, L, S)."""
    at = torch.arange(steps, device=length.device).view(1, -1, 1)
    source = torch.arange(own_steps, device=length.device).view(1, 1, -1)
    wanted, had = length.clamp(min=1).view(-1, 1, 1), own.view(-1, 1, 1)
    start = at * had // wanted
    end = ((at + 1) * had + wanted - 1) // wanted
    taken = (source >= start) & (source < end) & (source < had) & (at < length.view(-1, 1, 1))
    return taken / taken.sum(2, keepdim=True).clamp(min=1)


def _windows(length: Tensor, own: Tensor, steps: int, own_steps: int) -> Tensor:
    """The same as the released loader does it, for steps that end with the batch."""
    at = torch.arange(steps, device=length.device).view(1, -1, 1)
    source = torch.arange(own_steps, device=length.device).view(1, 1, -1)
    wanted, had = length.clamp(min=1).view(-1, 1, 1), own.view(-1, 1, 1)
    width = ((had + wanted - 1) // wanted).clamp(min=1)
    from_end = own_steps - 1 - source  # steps between this one and the last
    taken = (steps - 1 - at == from_end // width) & (from_end < had)
    return taken / width
