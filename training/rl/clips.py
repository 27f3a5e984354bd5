"""Clips as a policy is asked about them: the tokens of the question, and what the towers made.

The towers do not change while a policy is trained, and each clip is answered many times: they run
once for each clip. A trainer carries the number of a clip with each answer and finds the rest here.
"""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset

from affecthub.training.examples import Examples, UnusableClipError
from affecthub.training.progress import bar

# What a tower takes, the features that stand for it, and the method that makes them.
TOWERS = {
    "pixel_values": ("vision_features", "get_video_features", "pixel_values"),
    "face_pixel_values": ("face_features", "get_video_features", "pixel_values"),
    "input_values": ("audio_features", "get_audio_features", "input_values"),
}
TOKENS = ("input_ids", "attention_mask")


class Clips:
    """Prompts and tower outputs by the number of a clip.

    Args:
        examples: The clips, without answers.
        pad: The processor's ``pad``.
    """

    def __init__(self, examples: Examples, pad: Any) -> None:
        self._examples = examples
        self._pad = pad
        self._samples: dict[int, dict[str, Any]] = {}

    def fill(self, model: Any, *, n_workers: int = 0, progress: bool = False) -> list[int]:
        """Read every clip once and run the towers on it.

        Args:
            model: An AffectGPT, where it computes.
            n_workers: Processes that decode media.
            progress: Show a progress bar.

        Returns:
            The numbers of the clips that can be used; the others are named in a warning.

        Raises:
            UnusableClipError: Not a single one can.
        """
        broken: list[UnusableClipError] = []
        loader = DataLoader(_Read(self._examples), batch_size=None, num_workers=n_workers)
        for number, sample in bar(loader, "towers", shown=progress):
            if isinstance(sample, UnusableClipError):
                broken.append(sample)
            else:
                self._samples[number] = _features(model, sample)
        if broken and not self._samples:
            raise broken[0]
        if broken:
            warnings.warn(
                f"{len(broken)} of {len(self._examples)} training clips cannot be used: "
                f"{' '.join(map(str, broken))}",
                stacklevel=2,
            )
        return sorted(self._samples)

    def prompts(self, numbers: Sequence[int]) -> list[list[int]]:
        """The tokens of each question, without padding."""
        return [self._samples[number]["input_ids"].tolist() for number in numbers]

    def features(self, numbers: Sequence[int]) -> dict[str, torch.Tensor]:
        """The towers' outputs of some clips as the model takes them, with their masks."""
        batch: Mapping[str, Any] = self._pad([self._samples[number] for number in numbers])
        return {name: value for name, value in batch.items() if name not in TOKENS}


class _Read(Dataset):
    """Clips with their numbers; the reason in the place of one that cannot be read."""

    def __init__(self, examples: Examples) -> None:
        self.examples = examples

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, number: int) -> tuple[int, Any]:
        try:
            return number, self.examples[number]
        except UnusableClipError as error:
            return number, error


@torch.no_grad()
def _features(model: Any, sample: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """A sample with the towers' outputs in the place of its media, in float32 on the CPU."""
    found: dict[str, torch.Tensor] = {}
    for name, tensor in sample.items():
        if name not in TOWERS:
            # A copy of this process' own: a worker's tensor holds a file open as long as it lives.
            found[name] = tensor.clone()
            continue
        features, method, argument = TOWERS[name]
        media = tensor[None].to(model.device)
        z = getattr(model, method)(**{argument: media}).last_hidden_state
        found[features] = z[0].float().cpu()
    return found
