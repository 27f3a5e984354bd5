# Copied from src/affecthub/media/tracks.py by `make copies`; change it there.
"""Pictures and sound out of whatever a user holds: the one place to import them from."""

from typing import Any

from .media_frames import frame_indices, load_frames, load_frames_in_sizes
from .media_sound import cut_pieces, load_pieces, load_waveform
from .media_sources import (
    Media,
    find_stream,
    is_encoded,
    opened,
    opened_once,
    rereadable,
    unwrap,
)

__all__ = [
    "Media",
    "cut_pieces",
    "frame_indices",
    "has_audio_track",
    "has_video_track",
    "load_pieces",
    "load_frames",
    "load_frames_in_sizes",
    "load_waveform",
    "opened_once",
    "rereadable",
    "tracks_of",
]


def has_audio_track(media: Media) -> bool:
    """Whether ``load_waveform`` finds sound here; nothing is decoded, so it may still be broken.

    Args:
        media: Anything that ``load_frames`` or ``load_waveform`` takes.

    Returns:
        For files and PyAV containers whether there is an audio stream and a decoder for it, which
        may have no samples. True for samples in memory and torchcodec's audio objects, False for
        pictures and a ``VideoDecoder``, which does not tell.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: None, a URL, an unreadable file, or an object that is neither.

    Example:
        >>> has_audio_track(([0.0, 0.5, 0.0], 8000))
        True
    """
    return "audio" in tracks_of(media)


def has_video_track(media: Media) -> bool:
    """Whether ``load_frames`` finds a video here; nothing is decoded, so it may still be broken.

    Args:
        media: Anything that ``load_frames`` or ``load_waveform`` takes.

    Returns:
        For files and PyAV containers whether there is a video stream and a decoder for it; cover
        art is none. True for pictures in memory and a ``VideoDecoder``, False for sound.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: None, a URL, an unreadable file, or an object that is neither.
    """
    return "video" in tracks_of(media)


def tracks_of(media: Media) -> set[str]:
    """Of ``"audio"`` and ``"video"`` those that are here; as the two above, in one opening.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: As for ``has_audio_track``.
    """
    source, name = unwrap(media, "media")
    if is_encoded(source):
        with opened(source, name, to_decode=False) as container:
            return {kind for kind in ("audio", "video") if find_stream(container, kind) is not None}
    kind = _kind_in_memory(source)
    if kind is None:
        raise ValueError(
            f"{name} is neither sound nor video: got {type(source).__name__}, expected what "
            "`load_waveform` or `load_frames` takes."
        )
    return {kind}


def _kind_in_memory(source: Any) -> str | None:
    if hasattr(source, "get_all_samples") or hasattr(source, "sample_rate"):
        return "audio"
    if hasattr(source, "get_frames_at") or isinstance(source, list):
        return "video"
    if isinstance(source, tuple):
        return "audio" if len(source) == 2 else "video"
    n_dims = getattr(source, "ndim", None)
    return {1: "audio", 2: "audio", 4: "video"}.get(n_dims) if n_dims is not None else None
