"""Whether the one who is seen is the one who is heard: lips that move as the sound is loud.

A stand-in for an active-speaker network such as TalkNet, none of which comes with a package: the
mouth's pixels beside the loudness of speech, by correlation. Whoever has such a network brings its
scores by file.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from affecthub.media import load_frames, load_waveform, loudness, probe, video_cut

RATE_HZ = 16000
# Frames a second at most; the drawn faces have 12.5.
FPS = 25.0
# Above it somebody is taken for the speaker: it parts best the demo corpus whose lips follow their
# sound from the one whose lips follow another's.
THRESHOLD = 0.5
# Slower changes are expressions, not speech.
_WINDOW_S = 0.56
# How far picture and sound may lie apart.
_LAG_S = 0.1
# Fewer frames tell nothing.
_LEAST_FRAMES = 12

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Speaking:
    """What was found about one clip.

    Attributes:
        score: How far the lips move as the sound is loud, -1 to 1; None where nothing is known.
        why: Where nothing is known, why; else "".
    """

    score: float | None
    why: str = ""


def lip_score(mouths: NDArray[Any], wave: NDArray[np.float32], fps: float) -> float:
    """How far a mouth moves as a sound is loud.

    Two correlations are averaged: of how much the mouth changes from frame to frame with how much
    the loudness does, and of the mouth's strongest movement with the loudness, either sign. Both
    are the best over shifts of a tenth of a second; slow changes are taken out first.

    Args:
        mouths: Grey pictures of the mouth ``(n_frames, height, width)``, two or more.
        wave: The sound beside them at any rate ``(n_samples,)``.
        fps: Frames a second.

    Returns:
        -1 to 1; 0 where mouth or sound do not change.

    Example:
        >>> beat = np.tile([0.0, 0.2, 1.0, 0.3], 8)
        >>> wave = np.repeat(beat, 100).astype(np.float32)
        >>> mouths = beat[:, None, None] * np.ones((1, 2, 2))
        >>> round(lip_score(mouths, wave, 12.5), 2), lip_score(mouths * 0, wave, 12.5)
        (1.0, 0.0)
    """
    n_frames = len(mouths)
    pixels = np.asarray(mouths, np.float64).reshape(n_frames, -1)
    loud = loudness(wave, n_frames)
    lag = max(1, int(_LAG_S * fps))
    window = int(_WINDOW_S * fps) // 2 * 2 + 1
    change = np.abs(np.diff(pixels, axis=0)).mean(axis=1)
    changing = _best(change, np.abs(np.diff(loud)), lag, either_sign=False)
    quick = _without_slow(pixels, window)
    movement = np.linalg.svd(quick - quick.mean(axis=0), full_matrices=False)[0][:, 0]
    if not quick.any():
        return 0.0
    moving = _best(movement, _without_slow(loud[:, None], window)[:, 0], lag, either_sign=True)
    return (changing + moving) / 2


class SpeakerScorer:
    """Scores rows of a corpus; the networks are loaded once.

    Args:
        mouths: From frames to the mouth in each, see `pretrained.mesh.MouthFinder`; None is that.
        speech: From a waveform at 16 kHz to spans of speech in seconds; None is Silero VAD.

    Raises:
        ImportError: What they need is not installed.
    """

    def __init__(self, mouths: Any = None, speech: Any = None) -> None:
        if mouths is None:
            from affecthub.training.pretrained.mesh import MouthFinder

            mouths = MouthFinder()
        if speech is None:
            from affecthub.training.pretrained.sound import SpeechFinder

            speech = SpeechFinder()
        self._mouths, self._speech = mouths, speech

    def __call__(self, row: Mapping[str, Any]) -> Speaking:
        """Score one clip; nothing is known of one without film, sound, face or speech."""
        if row.get("video") is None:
            return Speaking(None, "no film")
        cut = video_cut(row)
        sound = row["audio"] if row.get("audio") is not None else row["video"]
        span = cut if sound is row["video"] else {}
        start_s, end_s = cut.get("start_s"), cut.get("end_s")
        try:
            wave = load_waveform(sound, RATE_HZ, **{k: v for k, v in span.items() if k != "crop"})
            found = probe(row["video"])
            seconds = len(wave) / RATE_HZ
            if start_s is not None and end_s is not None:
                seconds = end_s - start_s
            fps = min(FPS, found.fps or FPS)
            n_frames = round(seconds * fps)
            if n_frames < _LEAST_FRAMES:
                return Speaking(None, "too short")
            frames = load_frames(row["video"], n_frames, **cut)
        except (OSError, ValueError) as error:
            return Speaking(None, f"unreadable: {error}")
        spans = self._speech(wave)
        if not spans:
            return Speaking(None, "no speech")
        seen = self._mouths(frames)
        if seen.found.mean() < 0.5:
            return Speaking(None, "no face")
        first, last = int(spans[0][0] * fps), int(np.ceil(spans[-1][1] * fps))
        first, last = _at_least(first, min(last, n_frames), n_frames)
        samples = slice(round(first / fps * RATE_HZ), round(last / fps * RATE_HZ))
        return Speaking(lip_score(seen.patches[first:last], wave[samples], fps))


def read_scores(path: str | PathLike[str]) -> dict[str, float]:
    """Scores of another detector, such as TalkNet, that lie in a file.

    Args:
        path: jsonl of ``{"id": ..., "score": ...}``; higher is surer that the one seen speaks.
            A list of scores, one a frame, counts by its mean.

    Raises:
        ValueError: A line is no such object, or an id is there twice.
    """
    scores: dict[str, float] = {}
    for number, text in enumerate(Path(path).read_text("utf-8").splitlines(), start=1):
        if not text.strip():
            continue
        try:
            line = json.loads(text)
            value = np.mean(np.asarray(line["score"], np.float64))
            name = str(line["id"])
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"{path}, line {number}: got {text[:60]!r}, expected an object with `id` and "
                "`score`, a number or a list of them."
            ) from error
        if name in scores or not np.isfinite(value):
            what = "a second score" if name in scores else f"the score {value}"
            raise ValueError(
                f"{path}, line {number}: got {what} of clip {name!r}, expected one finite number."
            )
        scores[name] = float(value)
    return scores


def _at_least(first: int, last: int, n_frames: int) -> tuple[int, int]:
    """Widen a span of frames to what a score can be made of."""
    lack = _LEAST_FRAMES - (last - first)
    if lack > 0:
        first = max(0, first - lack // 2 - 1)
        last = min(n_frames, first + _LEAST_FRAMES)
        first = max(0, last - _LEAST_FRAMES)
    return first, last


def _without_slow(values: Floats, window: int) -> Floats:
    """Values ``(steps, n)`` without what changes slower than a window of an odd number of steps."""
    half = min(window, len(values) // 2 * 2 - 1) // 2
    padded = np.pad(values, ((half, half), (0, 0)), mode="edge")
    sums = np.cumsum(np.pad(padded, ((1, 0), (0, 0))), axis=0)
    width = 2 * half + 1
    return values - (sums[width:] - sums[:-width]) / width


def _best(one: Floats, other: Floats, lag: int, *, either_sign: bool) -> float:
    """The best correlation over shifts of up to so many steps."""
    n, best = len(one), -1.0
    for shift in range(-lag, lag + 1):
        a = one[max(0, shift) : n + min(0, shift)]
        b = other[max(0, -shift) : n - max(0, shift)]
        if len(a) < 2 or np.ptp(a) < 1e-9 or np.ptp(b) < 1e-9:
            value = 0.0
        else:
            value = float(np.corrcoef(a, b)[0, 1])
        best = max(best, abs(value) if either_sign else value)
    return best
