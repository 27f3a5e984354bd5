"""Face arrays as the MER challenges ship them: one npy of cropped frames for each clip."""

from typing import Any

import numpy as np
from datasets import Value

from affecthub.media.sources import Media, MediaError, rewound, unwrap

# The column `face`: undecoded, like `audio` and `video`.
FACE = {"bytes": Value("binary"), "path": Value("string")}


def read_faces(source: Media) -> np.ndarray:
    """Read the cropped faces of a clip.

    Args:
        source: Path, the bytes of an npy file, or a row's ``face``.

    Returns:
        uint8 RGB, shape ``(frames, height, width, 3)``; OpenFace writes 112 x 112. The files hold
        the colours in OpenCV's order, blue first, and are turned here. May hold no frames: the
        face was never found.

    Raises:
        MediaError: The file is no npy, is cut, holds pickled objects, or is of another shape.
        FileNotFoundError: There is no such file.
    """
    file, name = unwrap(source, "face array")
    try:
        faces = np.load(rewound(file), allow_pickle=False)
    except FileNotFoundError:
        raise
    except Exception as error:  # a damaged header fails in any way that Python code can
        raise MediaError(
            f"{name}: got no readable npy ({error}), expected an intact file"
        ) from error
    if not isinstance(faces, np.ndarray) or faces.ndim != 4 or faces.shape[-1] != 3:
        shape = getattr(faces, "shape", "an npz")
        raise MediaError(f"{name}: got {shape}, expected (frames, height, width, 3)")
    if faces.dtype != np.uint8:
        raise MediaError(f"{name}: got {faces.dtype}, expected uint8")
    return faces[..., ::-1]


def check_faces(source: dict[str, Any]) -> str | None:
    """Open a clip's face array and say why it is unusable; None where all is well."""
    try:
        faces = read_faces(source)
    except (MediaError, OSError) as error:
        return f"face: {str(error).removeprefix(str(source['path']) + ': ')}"
    return None if len(faces) else "face: got 0 frames, expected some"
