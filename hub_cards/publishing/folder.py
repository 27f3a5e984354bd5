"""The files of a folder: within the limits of the Hub, hashed, and free of the token."""

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

# The Hub's limits, as its pages state them: of a file, a repository, a folder of a repository.
MAX_FILE_BYTES = 500 * 1000**3
LARGE_FILE_BYTES = 200 * 1000**3
MAX_FILES = 100_000
MAX_ENTRIES = 10_000
# Folders that the client refuses to send.
_FORBIDDEN = {".git", ".cache"}
# What the Hub keeps as large files, by their ends; so is whatever has more bytes, or is no text.
_LARGE_ENDS = (
    ".arrow .bin .ckpt .gz .h5 .jpg .jpeg .mkv .mov .mp3 .mp4 .npy .npz .onnx .parquet .pdf .png "
    ".pt .pth .flac .avi .safetensors .tar .tflite .tgz .wav .webm .webp .zip .zst"
).split()
_MAX_REGULAR_BYTES = 10_000_000
_CHUNK = 1 << 20


@dataclass(frozen=True)
class LocalFile:
    """A file that a push sends.

    Attributes:
        path: Its path in the repository, with ``/``.
        source: Where it lies.
        n_bytes: Its size.
        large: Whether the Hub keeps it apart from git (LFS, or Xet), as far as can be told here.
        sha256: Of its content; how the Hub knows a large file.
        git_oid: How the Hub knows any other; empty for a file too big to be one.
    """

    path: str
    source: Path
    n_bytes: int
    large: bool
    sha256: str = ""
    git_oid: str = ""


def list_files(folder: Path) -> list[LocalFile]:
    """What lies in a folder, without reading it.

    Args:
        folder: A staged folder.

    Returns:
        Every file below it by its path, not yet hashed.

    Raises:
        ValueError: It is no folder or an empty one, over a limit of the Hub, or it has links
            that lead out of it or folders that the Hub takes from nobody.
    """
    if not folder.is_dir():
        raise ValueError(f"push: got {folder}, expected a folder")
    files = sorted(_walk(folder), key=lambda file: file.path)
    if not files:
        raise ValueError(f"push: got {folder}, which is empty, expected files")
    _require_within_limits(files)
    return files


def read_files(files: Iterable[LocalFile], secret: str | None = None) -> list[LocalFile]:
    """Hash files, and look for a token in them on the way.

    Args:
        files: As ``list_files`` gives them.
        secret: The token of whoever pushes.

    Returns:
        The same with ``sha256`` and ``git_oid``.

    Raises:
        ValueError: A file holds the token.
        OSError: A file cannot be read.
    """
    return [_read(file, secret) for file in files]


def digest(files: Iterable[LocalFile]) -> str:
    """Twelve letters that stand for all paths and contents together."""
    told = "".join(f"{file.sha256} {file.path}\n" for file in files)
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def _walk(folder: Path) -> Iterator[LocalFile]:
    inside = folder.resolve()
    for above, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = Path(above, name)
            if path.is_symlink() and not path.resolve().is_relative_to(inside):
                raise ValueError(
                    f"push: got {path}, a link that leads out of the folder, expected a file. "
                    "Put the file itself in its place."
                )
            if name in _FORBIDDEN:
                raise ValueError(
                    f"push: got {path}, expected no {name} in it: the Hub does not take that"
                )
        for name in names:
            path = Path(above, name)
            n_bytes = path.stat().st_size
            large = n_bytes > _MAX_REGULAR_BYTES or path.suffix.lower() in _LARGE_ENDS
            large = n_bytes > 0 and (large or _is_binary(path))
            yield LocalFile(path.relative_to(folder).as_posix(), path, n_bytes, large)


def _is_binary(path: Path) -> bool:
    with path.open("rb") as file:
        return b"\0" in file.read(512)


def _require_within_limits(files: list[LocalFile]) -> None:
    for file in files:
        if file.n_bytes > MAX_FILE_BYTES:
            raise ValueError(
                f"push: got {file.path} of {file.n_bytes / 1000**3:,.0f} GB, expected at most "
                f"{MAX_FILE_BYTES // 1000**3} GB, the Hub's limit of a file. Write it in parts."
            )
    if len(files) >= MAX_FILES:
        raise ValueError(
            f"push: got {len(files):,} files, expected fewer than {MAX_FILES:,}, the Hub's limit "
            "of a repository. Put them into Parquet files or tars."
        )
    entries: set[str] = set()
    for file in files:
        path = PurePosixPath(file.path)
        entries |= {file.path, *map(str, path.parents)}
    inside = Counter(str(PurePosixPath(entry).parent) for entry in entries if entry != ".")
    folder, n = inside.most_common(1)[0]
    if n > MAX_ENTRIES:
        raise ValueError(
            f"push: got {n:,} entries in {'the folder' if folder == '.' else folder}, expected at "
            f"most {MAX_ENTRIES:,}, the Hub's limit of one folder. Spread them over folders, or "
            "put them into Parquet files or tars."
        )


def _read(file: LocalFile, secret: str | None) -> LocalFile:
    sought = secret.encode() if secret else b""
    sha256, sha1, before = hashlib.sha256(), hashlib.sha1(b"blob %d\0" % file.n_bytes), b""
    with file.source.open("rb") as opened:
        while part := opened.read(_CHUNK):
            sha256.update(part)
            if file.n_bytes <= _MAX_REGULAR_BYTES:
                sha1.update(part)
            if sought and sought in before + part:
                raise ValueError(
                    f"push: got {file.path}, which holds your token of the Hub, expected a file "
                    "without it. Take it out, and make a new token if the file went anywhere."
                )
            before = part[-len(sought) :] if sought else b""
    oid = sha1.hexdigest() if file.n_bytes <= _MAX_REGULAR_BYTES else ""
    return LocalFile(file.path, file.source, file.n_bytes, file.large, sha256.hexdigest(), oid)
