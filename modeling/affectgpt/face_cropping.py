"""One face per clip, cut out of its frames or read from files that somebody else cut.

Detectors find boxes frame by frame; here they become one person followed over time, and squares
around that person's face.
"""

import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import numpy as np

from .face_detection import inside, make_detector, require_for_faces
from .face_tracking import CHOICES, follow
from .media_tracks import frame_indices


@dataclass
class FaceCrops:
    """Faces cut out of the frames of one clip, in the frames' order.

    Attributes:
        frames: uint8 ``(n_frames, size, size, 3)``, RGB.
        found: bool ``(n_frames,)``. True where a face was cut out, False where the whole frame
            stands in. It is True in a short gap too: the detector saw nothing there, but the same
            face right before and after, at nearly the same place.
        boxes: float32 ``(n_frames, 4)``. The face itself, without margin: x0, y0, x1, y1 in pixels
            of the frame; nan where ``found`` is False.
    """

    frames: np.ndarray
    found: np.ndarray
    boxes: np.ndarray


class FaceCropper:
    """Cuts the face of one person out of all frames of a clip.

    The detector is made on the first frame, so a cropper can be pickled and sent to workers.

    Args:
        size: Side of the crops in pixels.
        margin: Room around the face on each side, as a share of its longer side. YuNet's boxes go
            from hairline to chin; 0.2 adds the rest of the head. No paper says how much.
        choose: Whose face, where there are several: ``"largest"`` or ``"central"`` (nearest to
            the middle of the frame), summed over the frames.
        detector: ``"yunet"``, or a function from an RGB frame, uint8 ``(height, width, 3)``, to
            boxes ``(n_faces, 4)``: x0, y0, x1, y1 in pixels.
        max_gap: How many frames in a row may lack the face and still count as a gap, in which its
            box is interpolated.

    Raises:
        ValueError: An argument is out of its range.

    Example:
        >>> cropper = FaceCropper(size=2, margin=0, detector=lambda frame: np.array([[1, 1, 3, 3]]))
        >>> crops = cropper(np.arange(48, dtype=np.uint8).reshape(1, 4, 4, 3))
        >>> crops.found, crops.boxes[0].tolist(), crops.frames[0, :, :, 0].tolist()
        (array([ True]), [1.0, 1.0, 3.0, 3.0], [[15, 18], [27, 30]])
    """

    def __init__(
        self,
        size: int = 224,
        margin: float = 0.2,
        choose: str = "largest",
        detector: str | Callable[[np.ndarray], Any] = "yunet",
        max_gap: int = 2,
    ) -> None:
        for name, value, least in (("size", size, 1), ("max_gap", max_gap, 0)):
            if not isinstance(value, int | np.integer) or value < least:
                raise ValueError(
                    f"`{name}` is out of range: got {value!r}, expected an integer of at least "
                    f"{least}. Leave it out for the default."
                )
        if not 0 <= margin < np.inf:
            raise ValueError(
                f"`margin` is out of range: got {margin!r}, expected at least 0. "
                "It is a share of the face: 0.2 for a fifth on each side."
            )
        if choose not in CHOICES:
            raise ValueError(
                f"`choose` is not known: got {choose!r}, expected one of {sorted(CHOICES)}. "
                "Take `largest` if unsure."
            )
        self.size = int(size)
        self.margin = float(margin)
        self.choose = choose
        self.detector = detector
        self.max_gap = int(max_gap)
        # No network yet, but a wrong name is better heard of now than in a worker.
        self._detect = detector if callable(detector) else make_detector(detector)

    def __repr__(self) -> str:
        """Show how it was made."""
        return (
            f"FaceCropper(size={self.size}, margin={self.margin}, choose={self.choose!r}, "
            f"detector={self.detector!r}, max_gap={self.max_gap})"
        )

    def __call__(self, frames: np.ndarray) -> FaceCrops:
        """Cut one face out of every frame.

        The person is the one whose track (boxes that follow each other closely) is largest or most
        central, summed over the frames. Frames with several faces stay with that person; before or
        after that track, where the picture cuts to another shot, the best track there takes over,
        unless it was there beside the person. A frame without the face stands in whole.

        Args:
            frames: uint8 ``(n_frames, height, width, 3)``, RGB, of any size.

        Returns:
            As many crops as frames. A crop is a square that is moved into the frame where it
            reaches over the border. Its margin shrinks where the frame is too small for it, and
            only a face longer than the frame's shorter side has edges repeated around it. A frame
            that stands in whole is squeezed into the square, as the processor does with frames.

        Raises:
            ImportError: The detector's packages or Pillow are missing.
            ValueError: No RGB frames, no frames at all, or boxes of another shape.
        """
        frames = np.asarray(frames)
        if frames.ndim != 4 or frames.shape[-1] != 3 or frames.dtype != np.uint8:
            raise ValueError(
                f"`frames` are no RGB video: got {frames.dtype} {frames.shape}, expected uint8 "
                "(n_frames, height, width, 3). Convert them first."
            )
        if not frames.size:
            raise ValueError(
                f"`frames` are empty: got {frames.shape}, expected at least one frame and pixel. "
                "Leave the clip out."
            )
        height, width = frames.shape[1:3]
        boxes = follow(
            [self._faces(frame) for frame in frames], height, width, self.choose, self.max_gap
        )
        found = ~np.isnan(boxes).any(axis=1)
        crops = [
            self._cut(frame, box if is_found else None)
            for frame, box, is_found in zip(frames, boxes, found, strict=True)
        ]
        return FaceCrops(frames=np.stack(crops), found=found, boxes=boxes)

    def _faces(self, frame: np.ndarray) -> np.ndarray:
        boxes = np.asarray(self._detect(frame), dtype=np.float32)
        if boxes.ndim != 2 or boxes.shape[1] != 4:
            raise ValueError(
                f"`detector` gave no boxes: got shape {boxes.shape}, expected (n_faces, 4). "
                "Return np.empty((0, 4)) for none."
            )
        return inside(boxes, *frame.shape[:2])

    def _cut(self, frame: np.ndarray, box: np.ndarray | None) -> np.ndarray:
        height, width = frame.shape[:2]
        x, y, right, bottom = 0.0, 0.0, float(width), float(height)
        if box is not None:
            longer = float(max(box[2] - box[0], box[3] - box[1]))
            side = max(longer, min(longer * (1 + 2 * self.margin), height, width))
            frame, x, y = _room(frame, box, side)
            right, bottom = min(x + side, frame.shape[1]), min(y + side, frame.shape[0])
        image = require_for_faces("PIL.Image", "pillow")
        square = image.fromarray(frame).resize(
            (self.size, self.size), image.Resampling.BICUBIC, box=(x, y, right, bottom)
        )
        return np.asarray(square)


def load_faces(
    source: str | os.PathLike | bytes,
    name: str | None = None,
    channel_order: str = "bgr",
    *,
    n_frames: int | None = None,
    indices: Sequence[int] | np.ndarray | None = None,
) -> np.ndarray:
    """Read faces that were cut out before, from a file of NumPy.

    The file is memory-mapped, so only the frames that are asked for are read.

    Args:
        source: Such a file, its bytes, or a folder that holds ``{name}/{name}.npy`` or
            ``{name}.npy``; where it holds both, the first is taken.
        name: Of the clip. A file needs none.
        channel_order: What the file holds, ``"bgr"`` or ``"rgb"``.
        n_frames: Take so many, evenly spaced as :func:`frame_indices` spaces them.
        indices: Or take these, from 0. Neither takes all.

    Returns:
        uint8 ``(n, height, width, 3)``, always RGB.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: A name that is more than one part of a path, no faces in the file, another
            dtype or shape, a file that is not NumPy's or holds Python objects, or an argument out
            of its range.

    Source: OpenFace's crops of 112 x 112, as the official extraction writes them. It writes what
    OpenCV reads, which is BGR.
    Differs: the official model sees them as they are, red and blue exchanged. Here they come out
    right, and a configuration with ``face_channel_order="bgr"`` exchanges them for its model.

    Example:
        >>> import tempfile
        >>> folder = tempfile.mkdtemp()
        >>> np.save(f"{folder}/clip.npy", np.uint8([[[[1, 2, 3]]], [[[4, 5, 6]]]]))
        >>> load_faces(folder, "clip").tolist()
        [[[[3, 2, 1]]], [[[6, 5, 4]]]]
        >>> load_faces(folder, "clip", n_frames=1, channel_order="rgb").tolist()
        [[[[1, 2, 3]]]]
    """
    if channel_order not in ("bgr", "rgb"):
        raise ValueError(
            f"`channel_order` is not known: got {channel_order!r}, expected 'bgr' or 'rgb'. "
            "Crops written by OpenCV are 'bgr'."
        )
    path = "the npy" if isinstance(source, bytes) else _face_file(Path(source), name)
    faces = _checked(source if isinstance(source, bytes) else path, path)
    if n_frames is not None and indices is not None:
        raise ValueError(
            "`n_frames` and `indices` exclude each other: got both, expected one. Drop `n_frames`."
        )
    wanted = np.arange(len(faces))
    if n_frames is not None:
        if n_frames < 1:
            raise ValueError(
                f"`n_frames` is out of range: got {n_frames}, expected at least 1. "
                "Leave it out to read all frames."
            )
        wanted = frame_indices(len(faces), n_frames)
    elif indices is not None:
        wanted = np.asarray(indices, dtype=int)
        if wanted.ndim != 1 or not ((0 <= wanted) & (wanted < len(faces))).all():
            raise ValueError(
                f"`indices` do not fit {path}: got {np.asarray(indices).tolist()}, expected a "
                f"list of numbers from 0 to {len(faces) - 1}. See `frame_indices`."
            )
    taken = np.asarray(faces[wanted])
    return np.ascontiguousarray(taken[..., ::-1]) if channel_order == "bgr" else taken


def _room(frame: np.ndarray, box: np.ndarray, side: float) -> tuple[np.ndarray, float, float]:
    """Put a square of that side around a box; give the frame it lies in and its corner."""
    corner = []
    padding = [(0, 0)] * 3
    for axis, low in ((1, 0), (0, 1)):
        extent = frame.shape[axis]
        start = float(box[low] + box[low + 2] - side) / 2
        start = min(max(start, 0.0), max(extent - side, 0.0))
        if side > extent:
            lack = int(np.ceil(side - extent))
            padding[axis] = (lack // 2, lack - lack // 2)
        corner.append(start)
    if any(map(any, padding)):
        frame = np.pad(frame, padding, mode="edge")
    return frame, corner[0], corner[1]


def _face_file(source: Path, name: str | None) -> Path:
    if source.is_file():
        return source
    if name is None:
        if source.is_dir():
            raise ValueError(
                f"`name` is missing: got the folder {str(source)!r} alone, expected the name of "
                "a clip in it. Pass one."
            )
        raise FileNotFoundError(f"faces are not there: got {str(source)!r}, expected a file.")
    parts = {PurePosixPath(name).name, PureWindowsPath(name).name, name}
    if len(parts) > 1 or name in ("", ".", "..") or "\0" in name:
        raise ValueError(
            f"`name` leaves its folder: got {name!r}, expected the name of a clip without "
            "separators. Pass the file itself if it lies elsewhere."
        )
    tried = [source / name / f"{name}.npy", source / f"{name}.npy"]
    for path in tried:
        if path.is_file():
            return path
    raise FileNotFoundError(
        f"faces of {name!r} are not there: got neither {tried[0]} nor {tried[1]}, expected one "
        "of them. Check the folder, or leave the clip's faces out."
    )


def _checked(source: Any, path: Path | str) -> np.ndarray:
    """Open a file of NumPy, or the bytes of one, and refuse what holds no faces."""
    try:
        if isinstance(source, bytes):
            faces = np.load(io.BytesIO(source), allow_pickle=False)
        else:
            faces = np.load(source, mmap_mode="r", allow_pickle=False)
    except OSError:
        raise
    except Exception as error:  # a damaged header fails in any way that Python code can
        raise ValueError(
            f"{path} cannot be read: got {type(error).__name__} ({error}), expected an array "
            "written by np.save. Extract the faces again."
        ) from error
    if not isinstance(faces, np.ndarray):
        faces.close()
        raise ValueError(
            f"{path} is no single array: got an archive of {len(faces.files)}, expected what "
            "np.save writes. Save the faces alone."
        )
    if faces.ndim != 4 or faces.shape[-1] != 3 or faces.dtype != np.uint8:
        raise ValueError(
            f"{path} holds no faces: got {faces.dtype} {faces.shape}, expected uint8 "
            "(frames, height, width, 3). Extract the faces again."
        )
    if not faces.size:
        raise ValueError(
            f"{path} holds no faces: got {faces.shape}, expected at least one frame. "
            "Leave the clip's faces out."
        )
    return faces
