"""A clip's sound and pictures as every backend gets them: decoded once, by our own readers."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

import numpy as np

from affecthub.media import (
    MediaError,
    has_audio_track,
    has_video_track,
    load_frames,
    load_waveform,
    probe,
    video_cut,
    video_end_s,
)
from affecthub.training.asking.asks import Film, Kind, Sound

RATE_HZ = 16_000


@dataclass(frozen=True)
class Shown:
    """How much of a film is shown.

    Attributes:
        n_frames: Evenly spread over the clip; of a shorter clip all of them.
        max_side: Longest side of a picture in pixels; larger ones are made smaller, in their
            proportions.
        square: Side of the square that a model looks at, where pictures are brought to it while
            they are decoded; None leaves them in their proportions. Parts of longer films are
            left to the model.

    Raises:
        ValueError: One of them is below 1.
    """

    n_frames: int = 8
    max_side: int = 448
    square: int | None = None

    def __post_init__(self) -> None:
        """Check them."""
        if min(self.n_frames, self.max_side, self.square or 1) < 1:
            raise ValueError(
                f"nothing to show: got {self.n_frames} frames of side {self.max_side}, expected at "
                "least 1."
            )


def read_media(
    row: Mapping[str, Any], kinds: Set[Kind], shown: Shown
) -> tuple[Sound | None, Film | None]:
    """Decode what is asked about.

    Args:
        row: A row of a corpus.
        kinds: What to read of it.
        shown: How much of the film.

    Returns:
        Sound of 16,000 samples a second and film; None for what is not asked for, what the row has
        not, and a track that its file has not.

    Raises:
        MediaError: A file that is there cannot be read.
        FileNotFoundError: It is not there.
    """
    audio = row.get("audio") if "audio" in kinds else None
    video = row.get("video") if "video" in kinds else None
    sound = film = None
    if audio is not None and has_audio_track(audio):
        sound = Sound(load_waveform(audio, RATE_HZ), RATE_HZ)
    if video is not None and has_video_track(video):
        film = read_film(video, video_cut(row), shown)
    return sound, film


def read_film(video: Any, cut: Mapping[str, Any], shown: Shown) -> Film:
    """Decode evenly spread frames.

    Args:
        video: A row's ``video``.
        cut: See `video_cut`.
        shown: How many, and how large.

    Raises:
        MediaError: It cannot be read, or has no frames there.
    """
    info = probe(video)
    n_frames = shown.n_frames
    if not cut and info.n_frames:
        n_frames = min(n_frames, info.n_frames)
    size: tuple[int, int] | None = None
    if shown.square is not None and not cut:
        size = (shown.square, shown.square)
    elif max(info.width or 0, info.height or 0) > shown.max_side:
        # As it is shown: turned as the file says, and only the part that is the clip's.
        height, width = load_frames(video, 1, **cut).shape[1:3]
        size = _bounded(height, width, shown.max_side)
    frames = load_frames(video, n_frames, size=size, **cut)
    return Film(frames, _fps(video, info, cut, n_frames))


def _fps(video: Any, info: Any, cut: Mapping[str, Any], n_frames: int) -> float:
    """Frames per second of so many frames that are spread over a clip."""
    if "start_s" in cut or "end_s" in cut:
        end_s = cut["end_s"] if "end_s" in cut else video_end_s(video)
        length_s = end_s - cut.get("start_s", 0.0)
    elif info.n_frames and info.fps:
        length_s = info.n_frames / info.fps
    else:
        length_s = info.duration_s or video_end_s(video)
    if not np.isfinite(length_s) or length_s <= 0:
        raise MediaError(f"a film without length: got {length_s} s, expected more than 0.")
    return float(n_frames / length_s)


def _bounded(height: int, width: int, side: int) -> tuple[int, int] | None:
    """Height and width in their proportions, with the longer one bounded; None as they are.

    Example:
        >>> _bounded(720, 1280, 448), _bounded(100, 200, 448)
        ((252, 448), None)
    """
    longest = max(height, width)
    if longest <= side:
        return None
    return max(1, round(height * side / longest)), max(1, round(width * side / longest))
