"""A clip's sound and frames as a chat model is handed them."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from affecthub.datasets_scripts.rows.decoding import read_audio, read_frames
from affecthub.media import video_cut, video_end_s
from affecthub.training.asking.asks import Film, Sound
from affecthub.training.omni.recipe import FramesRecipe


def sound_of(
    row: Mapping[str, Any], rate_hz: int, longest_s: float, *, cut: bool = False
) -> Sound | None:
    """The sound of a row's clip.

    Args:
        row: Of a corpus.
        rate_hz: That the model's feature extractor takes.
        longest_s: What the feature extractor hears; it would cut off the rest without a word.
        cut: Take the beginning of a longer one; otherwise it is refused.

    Returns:
        None where there is none.

    Raises:
        ValueError: It is longer than the model hears, or cannot be read.
    """
    if row.get("audio") is None:
        return None
    wave = read_audio(row, rate_hz)
    assert wave is not None, "the row has sound"
    most = round(longest_s * rate_hz)
    if len(wave) > most:
        if not cut:
            raise ValueError(
                f"its sound is longer than the model hears: got {len(wave) / rate_hz:.1f} s, "
                f"expected at most {longest_s:g} s. Set long_sound=cut to take the beginning."
            )
        wave = wave[:most]
    return Sound(wave, rate_hz)


def film_of(row: Mapping[str, Any], frames: FramesRecipe) -> Film | None:
    """The frames of a row's clip, evenly spread and an even number of them.

    Returns:
        None where there is no film. ``fps`` is that of the frames: of a clip longer than
        ``most / fps`` seconds they lie wider apart than asked, and the model is told so.

    Raises:
        ValueError: It cannot be read.
    """
    if row.get("video") is None:
        return None
    cut = video_cut(row)
    end_s = cut.get("end_s")
    if end_s is None:
        end_s = video_end_s(row["video"])
    length_s = max(float(end_s) - float(cut.get("start_s") or 0.0), 1e-3)
    n = n_frames(length_s, frames)
    shown = read_frames(row, n)
    assert shown is not None, "the row has a film"
    return Film(np.ascontiguousarray(shown), n / length_s)


def n_frames(length_s: float, frames: FramesRecipe) -> int:
    """How many frames of a clip are shown: an even number, since a model sees two at a time.

    Example:
        >>> n_frames(4.0, FramesRecipe()), n_frames(0.2, FramesRecipe()), n_frames(60, FramesRecipe())
        (8, 2, 12)
    """
    wanted = min(round(length_s * frames.fps), frames.most)
    return max(2, wanted - wanted % 2)
