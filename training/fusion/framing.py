"""Frames as MERBench feeds them: runs of steps averaged, sound and faces laid along the text."""

import torch
from torch import Tensor

from affecthub.training.fusion.blocks import Steps


def compressed(steps: Steps, scale: int) -> Steps:
    """Average each run of so many steps; the last run of a clip may be shorter.

    Args:
        steps: Of one modality.
        scale: Steps of a run; 1 leaves them.

    Raises:
        ValueError: `scale` is below 1.

    Source: MERBench (Lian et al., 2024), ``feat_scale``: 6 aligned, 12 unaligned.
    """
    if scale < 1:
        raise ValueError(f"`compress` is {scale}: expected 1 or more steps in a run.")
    if scale == 1:
        return steps
    lengths = steps.lengths
    place = torch.arange(len(steps.values), device=steps.values.device)
    clip = torch.repeat_interleave(torch.arange(len(lengths), device=place.device), lengths)
    within = place - steps.ends[:-1][clip]
    ends = _ends(-(-lengths // scale))
    return _averaged(steps, ends[:-1][clip] + within // scale, ends)


def aligned(steps: Steps, to: Tensor, *, official: bool) -> Steps:
    """Give each clip as many steps as its text has, by averages of runs of its own.

    Args:
        steps: Of sound or faces.
        to: ``(clips,)`` steps that are wanted; a clip without text, 0, keeps its own.
        official: As released: a shorter clip has zeros before it, and a longer one has zeros before
            it to a whole number of runs, which dilute its first average. Otherwise step i of n
            falls in run ``i * wanted // n``, and a shorter clip keeps its length.

    Source: MERBench (Lian et al., 2024), ``func_mapping_feature``.
    """
    lengths = steps.lengths
    wanted = torch.where(to > 0, to, lengths)
    clip = torch.repeat_interleave(torch.arange(len(lengths), device=lengths.device), lengths)
    within = torch.arange(len(steps.values), device=lengths.device) - steps.ends[:-1][clip]
    if official:
        wanted = torch.where(steps.there, wanted, 0)
        run = torch.where(lengths > wanted, -(-lengths // wanted.clamp(min=1)), 1)
        before = wanted * run - lengths
        ends = _ends(wanted)
        into = ends[:-1][clip] + (within + before[clip]) // run[clip]
        return _averaged(steps, into, ends, divisor=torch.repeat_interleave(run, wanted))
    wanted = torch.minimum(wanted, lengths)
    ends = _ends(wanted)
    into = ends[:-1][clip] + within * wanted[clip] // lengths[clip].clamp(min=1)
    return _averaged(steps, into, ends)


def _averaged(steps: Steps, into: Tensor, ends: Tensor, divisor: Tensor | None = None) -> Steps:
    n_steps = int(ends[-1])
    sums = torch.zeros(n_steps, steps.width, device=steps.values.device)
    sums.index_add_(0, into, steps.values.float())
    if divisor is None:
        divisor = torch.bincount(into, minlength=n_steps)
    means = sums / divisor.clamp(min=1).unsqueeze(1)
    return Steps(means.to(steps.values.dtype), ends, steps.there)


def _ends(lengths: Tensor) -> Tensor:
    return torch.cat([lengths.new_zeros(1), lengths.cumsum(0)])
