"""Faces that were cut out before, found by the name of their video."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from .face_cropping import load_faces


@dataclass(frozen=True)
class FaceFolder:
    """A folder of pre-extracted faces, ``{root}/{name}/{name}.npy`` or ``{root}/{name}.npy``.

    Args:
        root: The folder.
        channel_order: Order of the colours in its files. The official extraction writes ``"bgr"``.
    """

    root: str | os.PathLike
    channel_order: Literal["bgr", "rgb"]

    def __call__(self, video: Any, n_frames: int) -> np.ndarray:
        """The faces of a video.

        Args:
            video: The name itself, a path of which the stem is the name, or a row that has one.
            n_frames: How many to take, evenly spaced.

        Returns:
            uint8 ``(n_frames, height, width, 3)`` in RGB.

        Raises:
            FileNotFoundError: The folder has no file of that name.
            ValueError: The video has no name, or the file is no array of faces.
        """
        path = video.get("path") if isinstance(video, Mapping) else video
        if not isinstance(path, str | os.PathLike):
            raise ValueError(
                f"the video has no name to look for: got {type(video).__name__}, expected a path "
                "or a row with one. Pass the faces themselves."
            )
        name = os.path.splitext(os.path.basename(os.fspath(path)))[0]
        return load_faces(self.root, name, self.channel_order, n_frames=n_frames)


def faces_of_row(face: Mapping[str, Any], n_frames: int) -> np.ndarray:
    """Read the undecoded ``face`` of a corpus' row.

    Args:
        face: ``{"bytes", "path"}`` of an npy in OpenCV's colour order, as the MER corpora have it.
        n_frames: How many to take, evenly spaced.

    Returns:
        uint8 ``(n_frames, height, width, 3)`` in RGB.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It holds no faces.
    """
    source = face["path"] if face.get("bytes") is None else face["bytes"]
    return load_faces(source, channel_order="bgr", n_frames=n_frames)
