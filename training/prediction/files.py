"""Media files straight from a disk as the processor's tensors."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from affecthub.media import tracks_of
from affecthub.training.recipe import Recipe


class MediaFiles(torch.utils.data.Dataset):
    """Media files as the processor's tensors without the batch axis, as far as a recipe goes.

    Args:
        paths: Videos with their sound, or sounds alone.
        processor: Reads them.
        recipe: Says the modalities and the question.
        text: Transcript of all of them.
        faces: What finds the faces; see the processor.
    """

    def __init__(
        self, paths: Sequence[Path], processor: Any, recipe: Recipe, text: str | None, faces: Any
    ) -> None:
        self.paths = paths
        self.processor = processor
        self.recipe = recipe
        self.text = text
        self.faces = faces

    def __len__(self) -> int:
        """Number of files."""
        return len(self.paths)

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        """Tensors of one file."""
        path, modalities = str(self.paths[index]), self.recipe.modalities
        clip: Any = path
        if not {"audio", "video"} <= {*modalities}:  # it was trained on less than a file holds
            kinds = tracks_of(path) & {*modalities}
            clip = dict.fromkeys(kinds, path)
        inputs = self.processor.read(
            clip,
            self.recipe.question or None,
            text=self.text if "text" in modalities else None,
            faces=self.faces,
            options=self.recipe.options or None,
        )
        return {name: tensor[0] for name, tensor in inputs.items()}
