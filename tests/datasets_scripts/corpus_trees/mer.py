"""What folders of the MER challenges are made of: clips, face arrays, csv, MERBench's npz."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from corpus_trees.media import clip_video, clip_wav, put

LABELS = ("neutral", "angry", "happy", "sad", "worried", "surprise")


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Path:
    """A csv as pandas writes it: minimal quotes, line feeds, None as an empty cell."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return put(path, stream.getvalue().encode("utf-8"))


def write_npz(path: Path, **parts: dict[str, dict[str, Any]]) -> Path:
    """A label file of MERBench: pickled dicts, one per split."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **{f"{name}_corpus": clips for name, clips in parts.items()})
    return path


def write_films(folder: Path, clips: Sequence[str], container: str = "mp4") -> None:
    """Films with sound, named by clip."""
    for i, clip in enumerate(clips):
        put(folder / f"{clip}.{container}", clip_video(i, container))


def write_sounds(folder: Path, clips: Sequence[str]) -> None:
    """Wav files named by clip."""
    for i, clip in enumerate(clips):
        put(folder / f"{clip}.wav", clip_wav(i))


def write_faces(folder: Path, clips: Sequence[str], *, nested: bool) -> None:
    """Face arrays of two frames: ``<clip>.npy``, or in a folder for each clip."""
    for i, clip in enumerate(clips):
        stream = io.BytesIO()
        np.save(stream, np.full((2, 8, 8, 3), i, np.uint8))
        put(folder / (clip if nested else "") / f"{clip}.npy", stream.getvalue())


def text(clip: str) -> tuple[str, str]:
    """Transcript of a clip in both languages; that of clips ending in 3 is empty."""
    n = int(clip[-2:])
    return ("", "") if n % 10 == 3 else (f"第{n}句，好吗？", f"Line {n}, all right?")
