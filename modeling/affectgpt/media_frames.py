# Copied from src/affecthub/media/frames.py by `make copies`; change it there.
"""Evenly spaced RGB frames of whatever holds a video, scaled while they are decoded."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .media_seeking import read_packets, take_frames
from .media_sources import (
    Media,
    MediaError,
    is_encoded,
    is_tensor,
    opened,
    require,
    require_span,
    require_stream,
    to_numpy,
    unwrap,
)
from .media_spans import decode_at, times_in_span

Size = tuple[int, int] | None
Box = Sequence[float] | None


def load_frames(
    video: Media,
    n_frames: int = 8,
    name: str = "video",
    *,
    size: int | tuple[int, int] | None = None,
    start_s: float | None = None,
    end_s: float | None = None,
    crop: Box = None,
) -> np.ndarray:
    """Take ``n_frames`` evenly spaced RGB frames; the last is repeated where there are fewer.

    Args:
        video: A path, the bytes of a file, a file opened with ``"rb"``, a datasets row ``{"bytes",
            "path"}``, an open PyAV container, a torchcodec ``VideoDecoder``, a list of PyAV frames,
            PIL images or uint8 arrays ``(height, width, 3)``, a uint8 array ``(frames, height,
            width, 3)``, or a uint8 tensor of that shape or ``(frames, 3, height, width)``. All in
            RGB.
        n_frames: How many to take. Frame i of n is number ``floor(i * len / n)``, so the very last
            frame of a longer clip is never taken.
        name: What to call the video in errors where it has no path.
        size: Height and width of the result, or the side of a square; the aspect is not kept. None
            keeps the size of the first frame. A 4K video is read best with the size that the model
            takes: no frame is then ever held in full as RGB.
        start_s: Where the wanted span begins, in seconds; None is the beginning. The frame shown at
            this moment belongs to the span. Spans and parts are of encoded films only.
        end_s: Where it ends, exclusive; None is the end of the film.
        crop: Left, top, right and bottom edge of the wanted part, as fractions of the picture as it
            is shown; cut before it is scaled.

    Returns:
        uint8 ``(n_frames, height, width, 3)``. Turned as the file says a player should turn it.
        Frames are counted in the file itself, not by its header. Where one cannot be decoded, the
        last good one before it stands for it, at the beginning the first good one after it.

    Raises:
        FileNotFoundError: There is no such file.
        MediaError: An unreadable file, no video stream, no frame that can be decoded, or a span
            past the end of the film.
        ValueError: A URL, frames of different sizes, a wrong array, a tensor whose channels may be
            its second or last dimension, an empty span, or ``crop`` is no box.

    Source: the official sampling takes the same indices for 8 frames and reads them by decord,
    which turns frames too and squashes them to the size asked for by FFmpeg's bilinear filter.
    Ours differ from decord 0.6.0's by 0.4 of 255 levels on average, rounding in another FFmpeg.

    Differs: the official sampling takes frame ``int(i * (len / n))``, which may fall one short by
    rounding for other numbers than 8. Pictures that were in memory before are scaled from RGB; they
    differ by some levels from the same ones scaled while decoding, where colours stay coarser.

    Example:
        >>> clip = np.arange(4, dtype=np.uint8)[:, None, None, None].repeat(3, axis=3)
        >>> load_frames(clip, 2)[:, 0, 0, 0].tolist()
        [0, 2]
    """
    return load_frames_in_sizes(
        video, n_frames, [size], name, start_s=start_s, end_s=end_s, crop=crop
    )[0]


def load_frames_in_sizes(
    video: Media,
    n_frames: int,
    sizes: Sequence[int | tuple[int, int] | None],
    name: str = "video",
    *,
    start_s: float | None = None,
    end_s: float | None = None,
    crop: Box = None,
) -> list[np.ndarray]:
    """Take the same frames in several sizes; the video is decoded once.

    Args:
        video: As for :func:`load_frames`.
        n_frames: How many to take.
        sizes: What ``size`` is there, one or more.
        name: What to call the video in errors where it has no path.
        start_s: As for ``load_frames``.
        end_s: As for ``load_frames``.
        crop: As for ``load_frames``.

    Returns:
        For each size what ``load_frames`` gives.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: As for ``load_frames``.
    """
    sides: list[Size] = [
        None if size is None else tuple(np.broadcast_to(size, 2).tolist()) for size in sizes
    ]
    if n_frames < 1 or min(min(side or (1,)) for side in sides) < 1:
        raise ValueError(
            f"nothing to take: got {n_frames} frames of size {', '.join(map(str, sizes))}, "
            "expected at least 1."
        )
    require_span(start_s, end_s)
    _require_box(crop)
    source, name = unwrap(video, name)
    spanned = start_s is not None or end_s is not None
    if is_encoded(source):
        with opened(source, name) as container:
            stream = require_stream(container, "video", name)
            converters = [ToRgb(size, crop) for size in sides]
            if spanned:
                times = times_in_span(container, stream, start_s or 0.0, end_s, name)
                frames = _of_span(container, stream, times, n_frames, converters)
            else:
                frames = _decode(container, stream, n_frames, converters)
    elif spanned or crop is not None:
        raise ValueError(
            f"{name} is in memory: got {type(source).__name__} with a span or a part of the "
            "picture, expected a film. Cut it first."
        )
    else:
        frames = _pick(source, n_frames, sides, name)
    if not frames:
        raise MediaError(f"{name} has no video: got 0 frames, expected at least 1. Leave it out.")
    return frames


def frame_indices(n_available: int, n_frames: int) -> np.ndarray:
    """The indices of ``n_frames`` evenly spaced frames, the last repeated if there are fewer.

    Example:
        >>> frame_indices(49, 8).tolist(), frame_indices(2, 4).tolist()
        ([0, 6, 12, 18, 24, 30, 36, 42], [0, 1, 1, 1])
    """
    if n_available < n_frames:
        return np.minimum(np.arange(n_frames), n_available - 1)
    return np.arange(n_frames) * n_available // n_frames


def _decode(
    container: Any, stream: Any, n_frames: int, converters: "Sequence[ToRgb]"
) -> list[np.ndarray] | None:
    """The frames of a whole film, one array for each converter."""
    packets = read_packets(container, stream)
    n_available = sum(packet.is_shown for packet in packets)
    if not n_available:
        return None
    numbers, repeats = np.unique(frame_indices(n_available, n_frames), return_inverse=True)
    pictures = take_frames(
        container,
        stream,
        packets,
        numbers.tolist(),
        lambda frame: [convert(frame) for convert in converters],
    )
    return [np.stack(column)[repeats] for column in zip(*pictures, strict=True)]


def _of_span(
    container: Any, stream: Any, times: list[int], n_frames: int, converters: "Sequence[ToRgb]"
) -> list[np.ndarray] | None:
    """The frames of a span whose frames are shown at these times."""
    if not times:
        return None
    numbers = np.unique(frame_indices(len(times), n_frames)).tolist()
    pictures = [
        [convert(frame) for convert in converters]
        for frame in decode_at(container, stream, [times[number] for number in numbers])
    ]
    if not pictures:
        return None
    pictures += [pictures[-1]] * (n_frames - len(pictures))
    return [np.stack(column) for column in zip(*pictures, strict=True)]


def _pick(source: Any, n_frames: int, sizes: Sequence[Size], name: str) -> list[np.ndarray] | None:
    """Take frames of a decoder, of a list of pictures or of an array."""
    by_request = hasattr(source, "get_frames_at")
    listed = isinstance(source, list | tuple)
    frames: Any = source if by_request or listed else _frame_array(source, name)
    if not len(frames):
        return None
    indices, repeats = np.unique(frame_indices(len(frames), n_frames), return_inverse=True)
    if by_request:
        frames = _frame_array(frames.get_frames_at(indices.tolist()).data, name)
    else:
        frames = [frames[index] for index in indices]
    return [
        _stack([_scaled(frame, size, name) for frame in frames], name)[repeats] for size in sizes
    ]


def _stack(pictures: list[np.ndarray], name: str) -> np.ndarray:
    shapes = {picture.shape for picture in pictures}
    if len(shapes) > 1:
        raise ValueError(
            f"{name} changes its size: got frames of {sorted(shapes)}, expected one size. "
            "Pass `size`."
        )
    return np.stack(pictures)


def _frame_array(video: Any, name: str) -> np.ndarray:
    """Uint8 ``(frames, height, width, 3)``; of a tensor the channels may come second."""
    frames = to_numpy(video)
    is_video = frames.ndim == 4 and frames.dtype == np.uint8
    if is_video and is_tensor(video) and frames.shape[1] == 3:
        if frames.shape[3] == 3:
            raise ValueError(
                f"{name} can be read in two ways: got a tensor {frames.shape}, expected 3 channels "
                "in the second or in the last place. Pass `tensor.numpy()`, channels last."
            )
        return frames.transpose(0, 2, 3, 1)
    if not is_video or frames.shape[3] != 3:
        raise ValueError(
            f"{name} is no RGB video: got {frames.dtype} {frames.shape}, expected uint8 "
            "(frames, height, width, 3). Convert it first."
        )
    return frames


def _scaled(picture: Any, size: Size, name: str) -> np.ndarray:
    """One picture in memory as an array of the wanted size."""
    if hasattr(picture, "to_ndarray"):
        return ToRgb(size)(picture)
    if hasattr(picture, "convert"):
        picture = np.asarray(picture.convert("RGB"))
    if not hasattr(picture, "shape"):
        raise ValueError(
            f"{name} holds no pictures: got a list with {type(picture).__name__}, expected PyAV "
            "frames, PIL images, arrays or tensors. Open them first."
        )
    picture = _frame_array(picture[None], name)[0]
    if size is None or picture.shape[:2] == size:
        return picture
    frame = require("av").VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
    return ToRgb(size)(frame)


class ToRgb:
    """Makes of PyAV frames arrays in RGB, turned as they should be, all of one height and width."""

    def __init__(self, size: Size, crop: Box = None) -> None:
        self.size = size
        self._crop = crop
        self._whole: Size = None  # of the first picture: a damaged stream may change it

    def __call__(self, frame: Any) -> np.ndarray:
        """A frame as it is shown, or the wanted part of it."""
        if self._crop is None:
            return self._scaled(frame)
        whole = ToRgb(self._whole)._scaled(frame)
        self._whole = whole.shape[0], whole.shape[1]
        part = np.ascontiguousarray(_part(whole, self._crop))
        if self.size is None or part.shape[:2] == self.size:
            return part
        return self._scaled(require("av").VideoFrame.from_ndarray(part, format="rgb24"))

    def _scaled(self, frame: Any) -> np.ndarray:
        turns = round(frame.rotation / 90)
        height, width = self.size or (0, 0)
        if turns % 2:
            height, width = width, height
        if self.size is None or (height, width) == (frame.height, frame.width):
            picture = frame.to_ndarray(format="rgb24")
        else:
            picture = frame.to_ndarray(
                format="rgb24", height=height, width=width, interpolation="BILINEAR"
            )
        picture = np.rot90(picture, turns)
        # A damaged stream may change its size half-way, ours may not.
        self.size = self.size or (picture.shape[0], picture.shape[1])
        return picture


def _part(picture: np.ndarray, crop: Sequence[float]) -> np.ndarray:
    """The wanted part of a picture, at least a pixel of it."""
    height, width = picture.shape[:2]
    left, top, right, bottom = (
        round(edge * length)
        for edge, length in zip(crop, (width, height, width, height), strict=True)
    )
    return picture[top : max(bottom, top + 1), left : max(right, left + 1)]


def _require_box(crop: Box) -> None:
    """Raise where four numbers are no part of a frame."""
    if crop is None:
        return
    edges = tuple(crop)
    if len(edges) != 4 or not (
        0 <= edges[0] < edges[2] <= 1 and 0 <= edges[1] < edges[3] <= 1  # also false for NaN
    ):
        raise ValueError(
            f"`crop`: got {list(edges)}, expected left, top, right and bottom as fractions of the "
            "frame, left < right and top < bottom"
        )
