"""Boxes of single frames to one face followed over time.

Frames may be seconds apart, so boxes are linked by the overlap of what is around them, not by
their own, and a face that moves is looked for where it is heading first: two people who pass each
other keep their names.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

# Boxes of twice the side overlap by this much while a face moves less than about one and a half of
# its widths, or grows less than two and a half times.
_LINKED = 0.15
# A face may also be where it was, but where it is heading comes first.
_STANDING = 0.8
# Of the boxes themselves: the same place, give or take a third of a face.
_SAME_PLACE = 0.3


@dataclass
class Track:
    """The boxes of one face.

    Attributes:
        frames: Numbers of the frames it was seen in, ascending.
        boxes: x0, y0, x1, y1 in each.
    """

    frames: list[int]
    boxes: list[np.ndarray]

    def expected(self, frame: int) -> np.ndarray:
        """The box as it was last seen, moved on as it moved last."""
        last = self.boxes[-1]
        if len(self.boxes) == 1:
            return last
        moved = _centre(last) - _centre(self.boxes[-2])
        pace = moved / (self.frames[-1] - self.frames[-2])
        return last + np.tile(pace * (frame - self.frames[-1]), 2)


def follow(
    faces: Sequence[np.ndarray], height: int, width: int, choose: str, max_gap: int
) -> np.ndarray:
    """Choose one face and give its box in every frame.

    Args:
        faces: For each frame, boxes ``(n_faces, 4)``: x0, y0, x1, y1 in pixels.
        height: Of the frames, in pixels.
        width: Of the frames, in pixels.
        choose: Key of ``CHOICES``: what is summed over a track to weigh it.
        max_gap: Frames in a row that a track may be without a box.

    Returns:
        float32 ``(n_frames, 4)``, nan where the face is not. In a gap the box is interpolated, if
        the face is at the same place before and after and nobody else's is there meanwhile.

    Example:
        >>> box = np.float32([[0, 0, 8, 8]])
        >>> follow([box, np.empty((0, 4)), box + 2], 20, 20, "largest", 1)[:, 0].tolist()
        [0.0, 1.0, 2.0]
    """
    middle = np.array([width, height]) / 2
    weigh = CHOICES[choose]
    tracks = link(faces, max_gap)
    tracks.sort(key=lambda track: -sum(weigh(box, middle) for box in track.boxes))
    chosen: list[Track] = []
    for track in tracks:
        # A track beside a chosen one is another person; one before or after it is another shot.
        if all(
            track.frames[-1] < other.frames[0] or other.frames[-1] < track.frames[0]
            for other in chosen
        ):
            chosen.append(track)
    boxes = np.full((len(faces), 4), np.nan, np.float32)
    for track in chosen:
        boxes[track.frames] = track.boxes
        _fill_gaps(boxes, track, faces)
    return boxes


def link(faces: Sequence[np.ndarray], max_gap: int) -> list[Track]:
    """Link boxes of successive frames to tracks, the closest first.

    A track that was not seen for more than ``max_gap`` frames has ended. Every box is in exactly
    one track.
    """
    tracks: list[Track] = []
    for number, boxes in enumerate(faces):
        free = set(range(len(boxes)))
        alive = [track for track in tracks if number - track.frames[-1] <= max_gap + 1]
        if alive and free:
            expected = np.stack([track.expected(number) for track in alive])
            last = np.stack([track.boxes[-1] for track in alive])
            closeness = np.maximum(
                _overlap(_grown(expected), _grown(boxes)),
                _STANDING * _overlap(_grown(last), _grown(boxes)),
            )
            for place in np.argsort(-closeness, axis=None, kind="stable"):
                a, b = divmod(int(place), len(boxes))
                if closeness[a, b] < _LINKED:
                    break
                if b in free and alive[a].frames[-1] < number:
                    free.remove(b)
                    alive[a].frames.append(number)
                    alive[a].boxes.append(boxes[b])
        tracks += [Track([number], [boxes[b]]) for b in sorted(free)]
    return tracks


def _fill_gaps(boxes: np.ndarray, track: Track, faces: Sequence[np.ndarray]) -> None:
    for first, last in zip(track.frames[:-1], track.frames[1:], strict=True):
        before, after = boxes[first], boxes[last]
        if _overlap(before[None], after[None])[0, 0] < _SAME_PLACE:
            continue
        for number in range(first + 1, last):
            share = (number - first) / (last - first)
            box = (1 - share) * before + share * after
            others = _overlap(box[None], faces[number])
            if not others.size or others.max() < _SAME_PLACE:
                boxes[number] = box


def _area(box: np.ndarray, middle: np.ndarray) -> float:
    return float(np.prod(box[2:] - box[:2]))


def _nearness(box: np.ndarray, middle: np.ndarray) -> float:
    """1 in the middle of the frame and 0 at its corners."""
    return 1 - float(np.linalg.norm(_centre(box) - middle) / np.linalg.norm(middle))


CHOICES: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "largest": _area,
    "central": _nearness,
}


def _centre(box: np.ndarray) -> np.ndarray:
    return (box[..., :2] + box[..., 2:]) / 2


def _grown(boxes: np.ndarray) -> np.ndarray:
    """Boxes of twice the side around the same centres."""
    half = (boxes[:, 2:] - boxes[:, :2]) / 2
    return boxes + np.concatenate([-half, half], axis=1)


def _overlap(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Intersection over union of each box of ``a`` with each of ``b``: ``(a, b)``."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    common = np.prod(np.maximum(high - low, 0), axis=-1)
    areas = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=-1) for boxes in (a, b)]
    return common / (areas[0][:, None] + areas[1][None] - common)
