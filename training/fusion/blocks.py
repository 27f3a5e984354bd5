"""Features of one modality as tensors that stay where they are: vectors, or steps unpadded."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor


@dataclass(frozen=True)
class Vectors:
    """One vector per clip.

    Args:
        values: ``(clips, width)``, in the dtype they were cached in; zeros where there is none.
        there: ``(clips,)`` bool, which clips have the modality.
    """

    values: Tensor
    there: Tensor

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        return int(self.values.shape[1])

    @property
    def lengths(self) -> Tensor:
        """Steps of every clip, ``(clips,)`` int64: 1, or 0 where there is none."""
        return self.there.long()

    @property
    def n_bytes(self) -> int:
        """Bytes that the numbers take."""
        return self.values.numel() * self.values.element_size()

    def rows(self, index: Tensor, at_least: int = 1) -> tuple[Tensor, Tensor]:
        """Vectors of some clips as float32 ``(batch, width)``, and which are there ``(batch,)``."""
        return self.values.index_select(0, index).float(), self.there.index_select(0, index)

    def to(self, device: torch.device | str) -> "Vectors":
        """The same on a device."""
        return replace(self, values=self.values.to(device), there=self.there.to(device))

    def normalised(self, clips: Tensor) -> "Vectors":
        """The same less the mean of some clips and over their deviation, as float32."""
        known = self.values[clips][self.there[clips]].float()
        values = _standard(self.values.float(), known)
        return replace(self, values=values * self.there.unsqueeze(1))

    def broken(self) -> Tensor:
        """Numbers of the clips that hold what is not finite."""
        return torch.nonzero(~torch.isfinite(self.values).all(1)).flatten()


@dataclass(frozen=True)
class Steps:
    """As many vectors for each clip as it is long, one after the other and without padding.

    Args:
        values: ``(steps of all clips, width)``, in the dtype they were cached in.
        ends: ``(clips + 1,)`` int64: the steps of clip i are ``values[ends[i]:ends[i + 1]]``.
        there: ``(clips,)`` bool, which clips have the modality.
    """

    values: Tensor
    ends: Tensor
    there: Tensor

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        return int(self.values.shape[1])

    @property
    def lengths(self) -> Tensor:
        """Steps of every clip, ``(clips,)`` int64."""
        return self.ends.diff()

    @property
    def n_bytes(self) -> int:
        """Bytes that the numbers take."""
        return self.values.numel() * self.values.element_size()

    def rows(self, index: Tensor, at_least: int = 1) -> tuple[Tensor, Tensor]:
        """Steps of some clips, padded at the end to the longest of them.

        Args:
            index: ``(batch,)`` numbers of clips.
            at_least: Least steps to pad to.

        Returns:
            float32 ``(batch, T, width)`` with zeros where a clip is shorter, and a mask ``(batch,
            T)`` of its own steps; T is 1 or more.
        """
        first = self.ends.index_select(0, index)
        n_steps = self.ends.index_select(0, index + 1) - first
        longest = max(at_least, int(n_steps.max())) if len(index) else at_least
        places = torch.arange(longest, device=self.values.device)
        mask = places < n_steps.unsqueeze(1)
        if not len(self.values):
            shape = (len(index), longest, self.width)
            return torch.zeros(shape, device=self.values.device), mask
        where = torch.where(mask, first.unsqueeze(1) + places, 0)
        found = self.values.index_select(0, where.flatten()).float().view(*where.shape, self.width)
        return found.mul_(mask.unsqueeze(-1)), mask

    def to(self, device: torch.device | str) -> "Steps":
        """The same on a device."""
        moved = {name: getattr(self, name).to(device) for name in ("values", "ends", "there")}
        return replace(self, **moved)

    def normalised(self, clips: Tensor) -> "Steps":
        """The same less the mean of some clips' steps and over their deviation, as float32."""
        chosen = torch.zeros(len(self.there), dtype=torch.bool, device=self.ends.device)
        chosen[clips] = True
        known = self.values[torch.repeat_interleave(chosen, self.lengths)].float()
        return replace(self, values=_standard(self.values.float(), known))

    def broken(self) -> Tensor:
        """Numbers of the clips that hold what is not finite."""
        bad = torch.nonzero(~torch.isfinite(self.values).all(1)).flatten()
        return torch.unique(torch.searchsorted(self.ends, bad, right=True) - 1)

    def means(self) -> Vectors:
        """The mean over each clip's steps, in the same dtype; zeros where it has none.

        Source: MERBench (Lian et al., 2024), ``UTT`` from ``FRA``.
        """
        n_clips, lengths = len(self.there), self.lengths
        of_clip = torch.repeat_interleave(torch.arange(n_clips, device=lengths.device), lengths)
        sums = torch.zeros(n_clips, self.width, device=self.values.device)
        sums.index_add_(0, of_clip, self.values.float())
        means = sums / lengths.clamp(min=1).unsqueeze(1)
        return Vectors(means.to(self.values.dtype), self.there)


Block = Vectors | Steps


def _standard(values: Tensor, known: Tensor) -> Tensor:
    """Numbers less the mean and over the deviation of those that are known."""
    if not len(known):
        return values
    deviation = known.std(0, correction=0)
    return (values - known.mean(0)) / torch.where(deviation > 0, deviation, 1.0)
