"""A clip that somebody dropped on the page, looked at before the model is asked."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from affecthub.media import MediaError, load_waveform, probe, tracks_of, video_end_s
from affecthub.media.probe import SILENCE, require_frame

RATE_HZ = 16000


@dataclass(frozen=True)
class Limits:
    """What the page takes.

    Attributes:
        seconds: Longest clip.
        megabytes: Largest file, in 10^6 bytes.
        letters: Longest transcript, and longest question.
    """

    seconds: float = 60.0
    megabytes: float = 50.0
    letters: int = 2000


@dataclass(frozen=True)
class Clip:
    """What there is to see, hear and read.

    Attributes:
        path: The file, or None where there is text alone.
        text: Transcript, or None.
        has_video, has_audio: Which tracks the file has.
        duration_s: Its length; 0 without a file.
        wave: float32 ``(samples,)`` at `RATE_HZ`, or None.
        is_silent: Whether there is a track of sound and nothing on it.
    """

    path: str | None
    text: str | None
    has_video: bool = False
    has_audio: bool = False
    duration_s: float = 0.0
    wave: Any = None
    is_silent: bool = False

    @property
    def modalities(self) -> tuple[str, ...]:
        """Those of ``"audio"``, ``"video"`` and ``"text"`` that are here."""
        here = {"audio": self.has_audio, "video": self.has_video, "text": bool(self.text)}
        return tuple(name for name, is_here in here.items() if is_here)


class ClipError(ValueError):
    """A clip that the page does not take, in words that the page has in every language.

    Attributes:
        key: Of `affecthub.hub_cards.spaces.demo.words.WORDS`.
        fields: What the text names.
    """

    def __init__(self, key: str, **fields: Any) -> None:
        super().__init__(f"{key}: got {fields}")
        self.key, self.fields = key, fields


def read_clip(path: str | None, text: str | None, limits: Limits) -> Clip:
    """Look at a clip: is it there, is it short enough, can it be decoded.

    Args:
        path: A video or sound file, or None.
        text: What is said in it; blank is none.
        limits: What is taken.

    Raises:
        ClipError: Nothing to look at, a file that is empty, too large, too long, no media or
            broken, or a text that is too long.
    """
    text = " ".join((text or "").split()) or None
    if text and len(text) > limits.letters:
        raise ClipError("error_letters", got=len(text), expected=limits.letters)
    if path is None:
        if text is None:
            raise ClipError("error_nothing")
        return Clip(None, text)
    name, n_bytes = Path(path).name, Path(path).stat().st_size
    if not n_bytes:
        raise ClipError("error_empty", name=name)
    if n_bytes > limits.megabytes * 1e6:
        got = f"{n_bytes / 1e6:.0f}"
        raise ClipError("error_large", name=name, got=got, expected=f"{limits.megabytes:g}")
    try:
        return _opened(path, text, limits)
    except (MediaError, OSError) as error:
        raise ClipError("error_media", name=name) from error


def _opened(path: str, text: str | None, limits: Limits) -> Clip:
    tracks = tracks_of(path)
    if not tracks:
        raise ClipError("error_media", name=Path(path).name)
    length = probe(path).duration_s
    if length is None and "video" in tracks:
        length = video_end_s(path)  # what browsers record says nowhere how long it is
    _require_short(length, path, limits)
    wave = None
    if "audio" in tracks:
        wave = load_waveform(path, RATE_HZ)
        length = max(length or 0.0, len(wave) / RATE_HZ)
        _require_short(length, path, limits)
    if "video" in tracks:
        require_frame(path)
    return Clip(
        path,
        text,
        has_video="video" in tracks,
        has_audio=wave is not None,
        duration_s=length or 0.0,
        wave=wave,
        is_silent=wave is not None and bool(abs(wave).max() <= SILENCE),
    )


def _require_short(length: float | None, path: str, limits: Limits) -> None:
    if length is not None and length > limits.seconds:
        raise ClipError(
            "error_long",
            name=Path(path).name,
            got=f"{length:.0f}",
            expected=f"{limits.seconds:g}",
        )
