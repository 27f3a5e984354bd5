"""Invented faces, drawn frame by frame from signed distances on a 112 x 112 grid.

A face is a still layer (hair, head, clothes), drawn once per clip, and moving features (brows, eyes
and mouth), drawn for all frames of the clip at once. The lips move at a pace of their own: lips
that followed the sound would leak the cue of the voice. Where that is asked for, they open as far
as a sound is loud.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIZE = 112  # pixels, both ways

Colour = tuple[int, int, int]
Distance = NDArray[np.floating[Any]]  # in pixels, negative inside the shape

_SKINS: list[Colour] = [(250, 218, 190), (233, 184, 146), (198, 140, 98), (141, 92, 62)]
_HAIRS: list[Colour] = [
    *[(52, 38, 36), (104, 62, 38), (214, 160, 76), (176, 74, 40)],
    *[(84, 84, 96), (36, 30, 48)],
]
_SHIRTS: list[Colour] = [
    *[(214, 84, 78), (66, 122, 176), (242, 180, 68), (92, 152, 110)],
    *[(136, 98, 166), (238, 238, 232)],
]
_WALLS: list[Colour] = [
    *[(206, 226, 236), (244, 228, 206), (214, 232, 210), (232, 216, 236)],
    *[(246, 216, 212), (222, 222, 214)],
]
_IRISES: list[Colour] = [(74, 52, 40), (62, 104, 142), (78, 116, 78)]
_STYLES = ("short", "bob", "bun", "curls")

_INK: Colour = (58, 36, 40)
_EYE_WHITE: Colour = (252, 250, 246)
_MOUTH_INSIDE: Colour = (122, 34, 46)
_TEETH: Colour = (252, 248, 240)


@dataclass(frozen=True)
class Face:
    """How one speaker looks whatever they feel. Lengths are in pixels.

    Attributes:
        skin: RGB, 0 to 255, as all colours here.
        hair: Colour of hair and, darkened, of the brows.
        shirt: Colour of the clothes.
        wall: Colour behind the speaker.
        iris: Colour of the eyes.
        style: Hair, one of short, bob, bun and curls.
        width: Half the width of the head.
        height: Half the height of the head.
        eye_gap: From the middle of the face to the middle of an eye.
        glasses: Whether the speaker wears any.
    """

    skin: Colour
    hair: Colour
    shirt: Colour
    wall: Colour
    iris: Colour
    style: str
    width: float
    height: float
    eye_gap: float
    glasses: bool


@dataclass(frozen=True)
class Expression:
    """Where a cue takes the features, at full strength. Lengths are in pixels.

    Attributes:
        brow_raise: Of the whole brow; negative is down.
        brow_slant: Of the inner end alone; negative is down, towards the nose.
        eye_open: Factor on the opening of the eyes.
        corners: Rise of the corners of the mouth; negative is down.
        mouth_open: Half the distance between the lips.
        mouth_width: Factor on the width of the mouth.
    """

    brow_raise: float
    brow_slant: float
    eye_open: float
    corners: float
    mouth_open: float
    mouth_width: float


_FOLLOWED = 5.0  # how far the lips open for the loudest sound, in pixels
_REST = Expression(0, 0, 1.0, 0, 0.3, 0.85)
EXPRESSIONS = {
    "frown": Expression(-2.5, -4.5, 0.62, -6.5, 0.5, 0.95),
    "wide": Expression(6.5, 0.5, 1.5, -0.5, 7.0, 0.62),
    "soft": Expression(1.5, 1.0, 0.85, 6.5, 2.6, 1.15),
}


def cast_faces(seed: int, n_speakers: int) -> list[Face]:
    """Draw one face per speaker; no two share hair, shirt and wall.

    Args:
        seed: Same seed, same faces.
        n_speakers: How many; 0 gives an empty list.
    """
    rng = np.random.default_rng([seed, 2])
    first = rng.integers(12, size=5)
    return [
        Face(
            skin=_SKINS[(i + first[0]) % len(_SKINS)],
            hair=_HAIRS[(i + first[1]) % len(_HAIRS)],
            shirt=_SHIRTS[(i + i // 6 + first[2]) % len(_SHIRTS)],
            wall=_WALLS[(2 * i + i // 3 + first[3]) % len(_WALLS)],
            iris=_IRISES[i % len(_IRISES)],
            style=_STYLES[(i + i // 4 + first[4]) % len(_STYLES)],
            width=float(rng.uniform(30, 33.5)),
            height=float(rng.uniform(35, 38.5)),
            eye_gap=float(rng.uniform(13, 15)),
            glasses=i % 6 == 4,
        )
        for i in range(n_speakers)
    ]


def act(
    face: Face,
    cue: str,
    strength: float,
    n_frames: int,
    rng: np.random.Generator,
    loudness: NDArray[np.float64] | None = None,
) -> NDArray[np.uint8]:
    """One clip of the face going from rest to the cue and a little way back.

    Args:
        face: Who is seen.
        cue: Key of ``EXPRESSIONS``.
        strength: How far the features go, 0 to 1.
        n_frames: Length of the clip; 0 gives an empty array.
        rng: Draws timing, head position, blinks and lip movement.
        loudness: What the lips follow in place of a pace of their own, 0 to 1, ``(n_frames,)``.

    Returns:
        RGB frames ``(n_frames, 112, 112, 3)``.
    """
    time = np.linspace(0, 1, n_frames)
    apex = _smooth_step((time - rng.uniform(0.0, 0.15)) / rng.uniform(0.15, 0.25))
    apex *= 1 - 0.25 * _smooth_step((time - rng.uniform(0.8, 0.9)) / 0.2)
    apex *= strength * rng.uniform(0.9, 1.1)
    goal = vars(EXPRESSIONS[cue])
    pose = {name: rest + apex * (goal[name] - rest) for name, rest in vars(_REST).items()}
    lips = np.sin(np.pi * time * rng.uniform(7, 11)) ** 2
    swing = rng.uniform(1.0, 2.2)
    pose["mouth_open"] += swing * lips if loudness is None else _FOLLOWED * loudness
    blink = np.exp(-(((time - rng.uniform(0.1, 0.9)) / 0.035) ** 2))
    pose["eye_open"] *= 1 - 0.95 * blink

    centre = np.array([56.0, 60.0]) + rng.uniform(-2, 2, size=2)
    nod = rng.uniform(0.3, 1.2, size=2)[:, None] * np.sin(
        2 * np.pi * (rng.uniform(0.6, 1.4, size=(2, 1)) * time + rng.random((2, 1)))
    )
    frames = np.repeat(_still_layer(face, centre)[:, None], n_frames, axis=1)
    _draw_features(frames, face, pose, centre[:, None] + nod)
    return np.ascontiguousarray(np.moveaxis((frames + 0.5).astype(np.uint8), 0, -1))


def _smooth_step(x: NDArray[np.float64]) -> NDArray[np.float64]:
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)


def _still_layer(face: Face, centre: NDArray[np.float64]) -> NDArray[np.float32]:
    """Draw wall, clothes, hair and head: ``(3, 112, 112)``."""
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)
    image = np.array(face.wall, np.float32)[:, None, None] * (1.02 - 0.12 * y / SIZE)
    x, y = x - np.float32(centre[0]), y - np.float32(centre[1])
    w, h = face.width, face.height
    shade = _tint(face.skin, 0.86)

    if face.style == "bob":
        _paint(image, _box(x, y - 8, w + 6, h * 0.8, 14), face.hair)
    if face.style == "bun":
        _paint(image, _ellipse(x, y + h + 8, 11, 10), face.hair)
    if face.style == "curls":
        for angle in np.linspace(-0.15 * np.pi, 1.15 * np.pi, 9):
            knot = _ellipse(x - w * 0.98 * np.cos(angle), y + 6 + h * 0.9 * np.sin(angle), 12, 12)
            _paint(image, knot, face.hair)
    _paint(image, _ellipse(x, y - h - 26, 46, 26), face.shirt)
    _paint(image, _box(x, y - h, 10, 12, 5), shade)
    _paint(image, _ellipse(x, y + 4, w + 4, h + 3), face.hair)
    for side in (-1, 1):
        _paint(image, _ellipse(x - side * (w - 0.5), y - 1, 5, 7), shade)
    _paint(image, _ellipse(x, y, w, h), face.skin)
    for side in (-1, 1):
        _paint(image, _ellipse(x - side * w * 0.6, y - 12, 6, 4), _tint(face.skin, 0.9, red=14), 3)
    # The fringe: the part of the head above an arc.
    arc = _ellipse(x - 5, y - 26, w * 1.3, h * 1.5)
    _paint(image, np.maximum(_ellipse(x, y, w + 1, h + 1), -arc), face.hair)
    return image


def _draw_features(
    frames: NDArray[np.float32],
    face: Face,
    pose: dict[str, NDArray[np.float64]],
    centre: NDArray[np.float64],
) -> None:
    """Paint nose, eyes, brows and mouth into every frame, in place.

    Args:
        frames: ``(3, frame, 112, 112)``.
        face: Who is drawn.
        pose: For each field of ``Expression``, in their order, its values ``(frame,)``.
        centre: x and y of the face, ``(2, frame)``.
    """
    raised, slant, opened, corners, gape, broad, cx, cy = (
        row.astype(np.float32)[:, None, None] for row in [*pose.values(), *centre]
    )
    brow = _tint(face.hair, 0.7)
    for side, left in ((-1, 24), (1, 56)):
        view, x, y = _window(frames, slice(26, 74), slice(left, left + 32))
        x, y = x - cx - side * face.eye_gap, y - cy + 3
        tall = 5.2 * opened
        # A lid that comes down leaves the dark line and takes the white with it.
        lids = _ellipse(x, y, 7.0, np.maximum(tall, 0.6)) + np.maximum(1.4 - tall, 0)
        _paint(view, _ellipse(x, y, 7.0, np.maximum(tall, 0.6)) - 1.2, _INK)
        _paint(view, lids, _EYE_WHITE)
        _paint(view, np.maximum(_ellipse(x, y, 4.2, 4.2), lids), face.iris)
        _paint(view, np.maximum(_ellipse(x, y, 2.2, 2.2), lids), _INK)
        _paint(view, np.maximum(_ellipse(x - 1.4, y + 1.4, 1.1, 1.1), lids), _EYE_WHITE)
        if face.glasses:
            _paint(view, np.abs(_ellipse(x, y, 11.0, 9.5)) - 0.6, _INK)
        inner = np.clip(0.5 - side * x / 18, 0, 1)  # 1 at the end near the nose
        _paint(view, _arch(x, y + 11.5 + raised + slant * (2 * inner - 0.8), 8.0, 2.1, 1.5), brow)

    view, x, y = _window(frames, slice(64, 102), slice(34, 78))
    x, y = x - cx, y - cy
    _paint(view, _arch(x, y - 9, 4.0, 0.9, 2.0), _tint(face.skin, 0.74))
    half = 13.0 * broad
    middle = y - 21 + corners * ((x / half) ** 2 - 0.5)
    parted = gape * np.maximum(1 - (x / half) ** 2, 0)
    inside = np.maximum(np.abs(middle) - parted, np.abs(x) - half)
    _paint(view, inside - 1.5, _tint(face.skin, 0.62, red=28))
    _paint(view, inside, _MOUTH_INSIDE)
    _paint(view, np.maximum(inside + 0.4, middle + 0.35 * gape), _TEETH)


def _window(
    frames: NDArray[np.float32], rows: slice, columns: slice
) -> tuple[NDArray[np.float32], Distance, Distance]:
    """Cut the part of every frame that a feature can reach, with its x and y in pixels."""
    y, x = np.mgrid[rows, columns].astype(np.float32)
    return frames[..., rows, columns], x, y


def _paint(image: NDArray[np.float32], shape: Distance, colour: Colour, blur: float = 0.5) -> None:
    """Lay a shape in one colour over ``(3, ..., row, column)``, its edge softened, in place."""
    cover = np.clip(0.5 - shape / (2 * blur), 0, 1)
    for channel, value in zip(image, colour, strict=True):
        channel += cover * (np.float32(value) - channel)


def _ellipse(x: Distance, y: Distance, rx: float | Distance, ry: float | Distance) -> Distance:
    """The distance to an ellipse around the origin (first order, exact for a circle)."""
    k = np.sqrt((x / rx) ** 2 + (y / ry) ** 2)
    slope = np.sqrt((x / rx**2) ** 2 + (y / ry**2) ** 2)
    return k * (k - 1) / np.maximum(slope, 1e-6)


def _box(x: Distance, y: Distance, rx: float, ry: float, corner: float) -> Distance:
    """The distance to a rectangle with round corners."""
    dx, dy = np.abs(x) - rx + corner, np.abs(y) - ry + corner
    outside = np.hypot(np.maximum(dx, 0), np.maximum(dy, 0))
    return outside + np.minimum(np.maximum(dx, dy), 0) - corner


def _arch(x: Distance, y: Distance, half: float, thick: float, rise: float) -> Distance:
    """The distance to a stroke that bulges up by ``rise`` in its middle."""
    bent = y + rise * (1 - (x / half) ** 2)
    return np.hypot(np.maximum(np.abs(x) - half, 0), bent) - thick


def _tint(colour: Colour, factor: float, red: int = 0) -> Colour:
    """Darken a colour and add some red."""
    r, g, b = (min(255, int(c * factor)) for c in colour)
    return min(255, r + red), g, b
