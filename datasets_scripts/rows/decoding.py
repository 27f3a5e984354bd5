"""Sound and pictures of a row, and a transform that decodes them as rows are asked for."""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from affecthub.datasets_scripts.reading.faces import read_faces
from affecthub.datasets_scripts.reading.layout import VIDEO_SUFFIXES
from affecthub.media import load_frames, load_waveform, video_cut

_MEDIA = ("audio", "video", "face")


def read_audio(row: Mapping[str, Any], rate_hz: int = 16000) -> np.ndarray | None:
    """The sound of a row's clip.

    Args:
        row: A row with ``audio``. Where that is a longer film, ``video_start_s`` and
            ``video_end_s`` say which part is the clip.
        rate_hz: Rate to resample to, in Hz.

    Returns:
        float32 ``(samples,)``, mono, full scale 1; None where the row has no sound.

    Raises:
        KeyError: The row has no column ``audio``.
        ValueError: The sound cannot be read.

    Example:
        >>> read_audio({"audio": None}) is None
        True
    """
    source = _column(row, "audio")
    return None if source is None else load_waveform(source, rate_hz, **sound_cut(row))


def read_frames(
    row: Mapping[str, Any], n_frames: int = 8, size: int | tuple[int, int] | None = None
) -> np.ndarray | None:
    """Evenly spaced frames of a row's clip: of its own part, where the film is longer.

    Args:
        row: A row with ``video``; ``video_start_s``, ``video_end_s`` and ``video_crop`` count where
            they are.
        n_frames: How many.
        size: Height and width, or the side of a square; None keeps the film's.

    Returns:
        uint8 RGB ``(n_frames, height, width, 3)``; None where the row has no film.

    Raises:
        KeyError: The row has no column ``video``.
        ValueError: The film cannot be read.
    """
    source = _column(row, "video")
    if source is None:
        return None
    return load_frames(source, n_frames, size=size, **video_cut(row))


def sound_cut(row: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a row's ``audio`` that is the clip: of a film its span, of a sound file all.

    Returns:
        ``start_s`` and ``end_s`` for ``load_waveform``; empty where all of it is the clip.
    """
    source = row.get("audio") or {}
    if PurePosixPath(str(source.get("path"))).suffix.lower() not in VIDEO_SUFFIXES:
        return {}
    return {key: value for key, value in video_cut(row).items() if key != "crop"}


def decode(
    *,
    rate_hz: int = 16000,
    n_frames: int = 8,
    size: int | tuple[int, int] | None = None,
    columns: Sequence[str] = _MEDIA,
) -> "Decode":
    """A transform that decodes media of batches: ``rows.set_transform(affecthub.decode())``.

    With a stream, ``rows.map(affecthub.decode(), batched=True)``. It travels to the workers of a
    ``DataLoader``.

    Args:
        rate_hz: Rate of the sound, in Hz.
        n_frames: Frames of each film.
        size: Of the frames, as for ``read_frames``; films of one batch differ without it.
        columns: Which of ``audio``, ``video`` and ``face`` to decode; others stay as they are.

    Returns:
        A callable from a batch to the same batch, in which ``audio`` is ``{"array",
        "sampling_rate"}`` as ``datasets`` decodes it, ``video`` the frames of ``read_frames`` and
        ``face`` uint8 RGB ``(frames, height, width, 3)``; what is null stays null.

    Raises:
        ValueError: A column is none of these.
    """
    return Decode(rate_hz, n_frames, size, tuple(columns))


class Decode:
    """See ``decode``."""

    def __init__(
        self, rate_hz: int, n_frames: int, size: int | tuple[int, int] | None, columns: tuple
    ) -> None:
        for column in columns:
            if column not in _MEDIA:
                raise ValueError(f"`columns`: got {column!r}, expected some of {', '.join(_MEDIA)}")
        self.rate_hz, self.n_frames, self.size, self.columns = rate_hz, n_frames, size, columns

    def __call__(self, batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
        """Decode a batch of rows."""
        wanted = [column for column in self.columns if column in batch]
        rows = [
            dict(zip(batch, values, strict=True)) for values in zip(*batch.values(), strict=True)
        ]
        return {**batch, **{column: [self._decoded(r, column) for r in rows] for column in wanted}}

    def _decoded(self, row: dict[str, Any], column: str) -> Any:
        if row[column] is None:
            return None
        if column == "audio":
            return {"array": read_audio(row, self.rate_hz), "sampling_rate": self.rate_hz}
        if column == "video":
            return read_frames(row, self.n_frames, self.size)
        return read_faces(row[column])


def _column(row: Mapping[str, Any], name: str) -> Any:
    if name not in row:
        raise KeyError(f"a row without `{name}`: got {', '.join(row)}, expected a row of a corpus")
    return row[name]
