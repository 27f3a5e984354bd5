"""Pictures for models of timm, as EVA-02, prepared by PIL as timm's transforms do it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor
from typing import Any

import numpy as np
import torch

from affecthub.errors import require


@dataclass(frozen=True)
class TimmPictures:
    """Resizes, crops and normalises pictures as a model of timm was trained to see them.

    Args:
        size: Side of the square that the model takes, in pixels.
        crop: Share of the shorter side that is kept, about the middle.
        mean: Of the three colours, 0 to 1.
        std: The same.
        interpolation: ``"bicubic"``, ``"bilinear"``, ``"nearest"`` or ``"lanczos"``.

    Source: timm's transform for evaluation: the shorter side becomes ``floor(size / crop)``, the
        middle is cut out.
    """

    size: int
    crop: float
    mean: tuple[float, ...]
    std: tuple[float, ...]
    interpolation: str

    @classmethod
    def of(cls, config: Any) -> "TimmPictures":
        """Read what the model's configuration says of its pictures.

        Raises:
            ValueError: It does not say it, or pictures are not cropped about their middle.
        """
        said = dict(getattr(config, "pretrained_cfg", None) or {})
        lacking = [name for name in ("input_size", "mean", "std") if name not in said]
        mode = said.get("crop_mode", "center")
        if lacking or mode not in ("center", None):
            raise ValueError(
                f"the configuration of {config.architecture} does not say how pictures are "
                f"prepared: got no {', '.join(lacking) or 'crop about the middle'} in "
                "`pretrained_cfg`, expected those that timm publishes."
            )
        return cls(
            int(said["input_size"][-1]),
            float(said.get("crop_pct") or 0.875),
            tuple(map(float, said["mean"])),
            tuple(map(float, said["std"])),
            str(said.get("interpolation", "bilinear")),
        )

    def __call__(
        self, pictures: Sequence[np.ndarray], return_tensors: str = "pt"
    ) -> dict[str, torch.Tensor]:
        """``pixel_values`` float32 ``(pictures, 3, size, size)`` of uint8 RGB pictures."""
        made = np.stack([self._prepared(picture) for picture in pictures])
        return {"pixel_values": torch.from_numpy(made.transpose(0, 3, 1, 2).copy())}

    def _prepared(self, picture: np.ndarray) -> np.ndarray:
        image_module = require("PIL.Image", "model", "prepare pictures")
        image = image_module.fromarray(picture)
        short = floor(self.size / self.crop)
        width, height = image.size
        scale = short / min(width, height)
        # The longer side is cut down to whole pixels, as torchvision does it.
        sides = (
            (short, int(short * height / width))
            if width <= height
            else (int(short * width / height), short)
        )
        if scale != 1:
            how = getattr(image_module.Resampling, self.interpolation.upper())
            image = image.resize(sides, how)
        left = round((image.size[0] - self.size) / 2)
        top = round((image.size[1] - self.size) / 2)
        image = image.crop((left, top, left + self.size, top + self.size))
        values = np.asarray(image, np.float32) / 255
        return (values - np.float32(self.mean)) / np.float32(self.std)
