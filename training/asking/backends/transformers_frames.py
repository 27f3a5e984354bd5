"""Films for Qwen's vision towers by torch alone.

transformers' own video processors are made of torchvision, whose build must belong to torch's: on
PyPI there is one for CUDA alone. What Qwen's do is little, so that it stands here, too, for where
torchvision is not installed.
"""

import math
from typing import Any

import numpy as np
import torch
from torch.nn.functional import interpolate
from transformers.feature_extraction_utils import BatchFeature
from transformers.processing_utils import VideosKwargs
from transformers.video_processing_utils import VideoProcessorMixin
from transformers.video_utils import make_batched_metadata

_CLIP = ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))
_HALVES = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
_MAX_RATIO = 200


class QwenVideosKwargs(VideosKwargs, total=False):
    """What Qwen's video processors are given beside what all are given."""

    patch_size: int
    temporal_patch_size: int
    merge_size: int
    min_frames: int
    max_frames: int
    cap_pixels_per_frame: bool
    max_video_tokens: int


class QwenFrames(VideoProcessorMixin):
    """What ``Qwen2VLVideoProcessor`` and ``Qwen3VLVideoProcessor`` make of frames, without them.

    Args:
        settings: Of the processor it stands for, as a model's folder has them.
        stands_for: Its class. The first bounds the pixels of a frame, the second those of all
            frames of a film together.

    Differs: frames are taken as they come, never chosen among, and are resized on the CPU. The
        numbers are those of the torchvision road there.
    """

    valid_kwargs = QwenVideosKwargs
    model_input_names = ["pixel_values_videos", "video_grid_thw"]

    def __init__(self, settings: dict[str, Any], stands_for: str) -> None:
        super().__init__()
        third = stands_for == "Qwen3VLVideoProcessor"
        mean, std = _HALVES if third else _CLIP
        self.stands_for = stands_for
        self.settings = dict(settings)
        self.patch_size = settings.get("patch_size", 16 if third else 14)
        self.temporal_patch_size = settings.get("temporal_patch_size", 2)
        self.merge_size = settings.get("merge_size", 2)
        self.image_mean = tuple(settings.get("image_mean") or mean)
        self.image_std = tuple(settings.get("image_std") or std)
        factor = (self.patch_size * self.merge_size) ** 2
        size = dict(settings.get("size") or {})
        self.size = {
            "shortest_edge": settings.get("min_pixels") or size.get("shortest_edge", 128 * factor),
            "longest_edge": settings.get("max_pixels") or size.get("longest_edge", 768 * factor),
        }

    @property
    def whole_film(self) -> bool:
        """Whether its bounds are of all frames of a film together."""
        return self.stands_for == "Qwen3VLVideoProcessor"

    def preprocess(self, videos: Any, **kwargs: Any) -> BatchFeature:
        """Patches of films, one after the other.

        Args:
            videos: uint8 arrays of shape (n_frames, height, width, 3).
            **kwargs: `size`, `video_metadata` and `return_metadata` as transformers has them; the
                others change nothing here.

        Returns:
            `pixel_values_videos` of shape (n_patches, 3 * temporal * patch * patch) and
            `video_grid_thw` of shape (n_films, 3), and the metadata where they are asked for.
        """
        films = [videos] if isinstance(videos, np.ndarray) and videos.ndim == 4 else list(videos)
        size = dict(kwargs.get("size") or self.size)
        parts, grids = [], []
        for film in films:
            patches, grid = self._patches(torch.as_tensor(np.asarray(film)), size)
            parts.append(patches)
            grids.append(grid)
        data: dict[str, Any] = {
            "pixel_values_videos": torch.cat(parts),
            "video_grid_thw": torch.tensor(grids),
        }
        if kwargs.get("return_metadata"):
            stated: Any = kwargs.get("video_metadata")
            data["video_metadata"] = make_batched_metadata(films, stated)
        return BatchFeature(data)

    def to_dict(self) -> dict[str, Any]:
        """The settings of the processor it stands for, so that a saved model names that one."""
        return self.settings | {"video_processor_type": self.stands_for}

    def _patches(
        self, frames: torch.Tensor, size: dict[str, int]
    ) -> tuple[torch.Tensor, tuple[int, int, int]]:
        """One film's patches, and how many in time, height and width."""
        if frames.ndim != 4 or frames.shape[-1] != 3 or not len(frames):
            raise ValueError(
                f"a film has frames: got an array of shape {tuple(frames.shape)}, expected "
                "(n_frames, height, width, 3)."
            )
        pixels = frames.permute(0, 3, 1, 2)
        height, width = self._resized(len(frames), pixels.shape[-2], pixels.shape[-1], size)
        if (height, width) != tuple(pixels.shape[-2:]):
            pixels = interpolate(
                pixels.contiguous(), (height, width), mode="bicubic", antialias=True
            )
        # Both numbers are of pixels from 0 to 255, as torchvision's road folds them.
        mean = torch.tensor(self.image_mean) * 255
        std = torch.tensor(self.image_std) * 255
        pixels = (pixels.float() - mean[:, None, None]) / std[:, None, None]
        time, patch, merge = self.temporal_patch_size, self.patch_size, self.merge_size
        if missing := -len(pixels) % time:
            pixels = torch.cat([pixels, pixels[-1:].expand(missing, -1, -1, -1)])
        grid = (len(pixels) // time, height // patch, width // patch)
        blocks = pixels.view(
            grid[0], time, 3, grid[1] // merge, merge, patch, grid[2] // merge, merge, patch
        )
        blocks = blocks.permute(0, 3, 6, 4, 7, 2, 1, 5, 8)
        return blocks.reshape(math.prod(grid), -1), grid

    def _resized(
        self, n_frames: int, height: int, width: int, size: dict[str, int]
    ) -> tuple[int, int]:
        """Height and width in whole merged patches, within the bounds of pixels."""
        factor = self.patch_size * self.merge_size
        if max(height, width) > _MAX_RATIO * min(height, width):
            raise ValueError(
                f"frames are too long for a vision tower: got {height} x {width} pixels, expected "
                f"one side at most {_MAX_RATIO} times the other."
            )
        least, most, n, counted = size["shortest_edge"], size["longest_edge"], 1, 1
        if self.whole_film:
            if height < factor or width < factor:
                scale = max(factor / height, factor / width)
                height, width = int(height * scale), int(width * scale)
            time = self.temporal_patch_size
            n, counted = n_frames, round(n_frames / time) * time
        tall, wide = round(height / factor) * factor, round(width / factor) * factor
        if counted * tall * wide > most:
            by = math.sqrt(n * height * width / most)
            tall = max(factor, math.floor(height / by / factor) * factor)
            wide = max(factor, math.floor(width / by / factor) * factor)
        elif counted * tall * wide < least:
            by = math.sqrt(least / (n * height * width))
            tall = math.ceil(height * by / factor) * factor
            wide = math.ceil(width * by / factor) * factor
        return tall, wide


class NeedsTorchvision(VideoProcessorMixin):
    """Stands for a processor of films or images that cannot be had without torchvision.

    Args:
        settings: Of the processor it stands for.
        stands_for: Its class.
    """

    def __init__(self, settings: dict[str, Any], stands_for: str) -> None:
        super().__init__()
        self.settings, self.stands_for = dict(settings), stands_for

    def preprocess(self, videos: Any, **kwargs: Any) -> BatchFeature:
        """Refused.

        Raises:
            ImportError: Always.
        """
        raise ImportError(f"{self.stands_for} needs torchvision, which is not installed.")

    def to_dict(self) -> dict[str, Any]:
        """The settings of the processor it stands for."""
        kind = "video" if "Video" in self.stands_for else "image"
        return self.settings | {f"{kind}_processor_type": self.stands_for}
