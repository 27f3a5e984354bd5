"""Which media file a cell means: with or without suffix and folders, one of each kind."""

import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath

from affecthub.datasets_scripts.reading.layout import AUDIO_SUFFIXES, VIDEO_SUFFIXES, Tree

SUFFIXES = {"audio": AUDIO_SUFFIXES, "video": VIDEO_SUFFIXES}
# Folders that say what kind of file they hold, and nothing of the clip.
KIND_FOLDERS = frozenset(
    {"audio", "audios", "wav", "wavs", "sound", "video", "videos", "mp4", "mp4s", "film", "films"}
    | {"clips", "media", "data", "音频", "视频"}
)


class MediaFiles:
    """The media files of a folder, found by how tables name them.

    Attributes:
        kinds: The kinds that there are.
        paths: Every path of a kind, sorted.
    """

    def __init__(self, tree: Tree) -> None:
        self.paths = {
            kind: [file.path for file in tree.files if file.suffix in suffixes]
            for kind, suffixes in SUFFIXES.items()
        }
        self.kinds = tuple(kind for kind, paths in self.paths.items() if paths)
        self._by_tail: dict[str, dict[str, list[str]]] = {kind: {} for kind in SUFFIXES}
        for kind, paths in self.paths.items():
            for path in paths:
                parts = stem(path).split("/")
                for i in range(len(parts)):
                    tail = "/".join(parts[i:])
                    self._by_tail[kind].setdefault(tail, []).append(path)

    def find(self, kind: str, cell: str, base: str = "") -> str | None:
        """The path of the file that a cell means, None where there is none.

        The folder may be left out as long as one file is meant; a folder that only says "audio" or
        "video" may be wrong, since one cell may name a clip's two files.

        Args:
            kind: "audio" or "video".
            cell: A path or name, with or without suffix.
            base: The folder of the table, which a path may start from.

        Raises:
            ValueError: Files in several folders could be meant; names two.

        Example:
            >>> files = MediaFiles(Tree.scan("."))
            >>> files.find("video", "no such clip") is None
            True
        """
        name = plain(cell)
        wanted = stem(name)
        found = self._by_tail[kind].get(wanted)
        while not found and "/" in wanted and wanted.partition("/")[0].lower() in KIND_FOLDERS:
            wanted = wanted.partition("/")[2]
            found = self._by_tail[kind].get(wanted)
        if not found:
            return None
        for exact in (name, f"{base}/{name}"):
            if match := next((path for path in found if _nfc(path) == exact), None):
                return match
        for exact in (wanted, f"{base}/{wanted}"):
            if same := [path for path in found if stem(path) == exact]:
                return same[0]
        if len(stems := sorted({stem(path) for path in found})) > 1:
            raise ValueError(
                f"got {cell!r}, which may be {stems[0]} or {stems[1]}, expected one file. "
                "Write the path from the folder on"
            )
        return next((path for path in found if path.endswith(f"/{name}")), found[0])

    def names_any(self, role: str, cells: Iterable[str]) -> bool:
        """Whether any cell means a file: of the role's kind, or for "file" of either."""
        kinds = (role,) if role in SUFFIXES else tuple(SUFFIXES)
        tails = [self._by_tail[kind] for kind in kinds]
        for cell in cells:
            parts = stem(plain(cell)).split("/")
            while parts:
                if any("/".join(parts) in tail for tail in tails):
                    return True
                if parts[0].lower() not in KIND_FOLDERS:
                    break
                parts = parts[1:]
        return False


def plain(cell: str) -> str:
    r"""A path in the notation of this room.

    Example:
        >>> plain(" .\\clips\\\\a.mp4")
        'clips/a.mp4'
    """
    return str(PurePosixPath(_nfc(cell).strip().replace("\\", "/"))) if cell.strip() else ""


def stem(path: str) -> str:
    """A path without the suffix of a medium; other dots belong to names.

    Example:
        >>> stem("a/b.01.MP4"), stem("b.01")
        ('a/b.01', 'b.01')
    """
    head, dot, suffix = _nfc(path).rpartition(".")
    return head if f"{dot}{suffix}".lower() in AUDIO_SUFFIXES | VIDEO_SUFFIXES else _nfc(path)


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)
