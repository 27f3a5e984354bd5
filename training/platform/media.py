"""Media of clips as files, made when they are first asked for, by number and never by path."""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from affecthub.training.platform.clips import Clips
from affecthub.training.platform.films import film_of, silent_film_of, sound_of

log = logging.getLogger(__name__)

# Modality to the suffix of its file, what it is, and what makes it.
FORMS: Mapping[str, tuple[str, str, Callable[[Mapping[str, Any]], bytes]]] = {
    "sound": (".wav", "audio/wav", sound_of),
    "silent": (".mp4", "video/mp4", silent_film_of),
    "film": (".mp4", "video/mp4", film_of),
}


class NotShownError(LookupError):
    """Media that cannot be shown; the reason is for the log, not for the page."""


class MediaFiles:
    """Files of a clip in each modality.

    Args:
        clips: Of the corpus.
        folder: For the files; nothing else may lie there.
    """

    def __init__(self, clips: Clips, folder: Path) -> None:
        self._clips = clips
        self._folder = folder
        self._locks: dict[tuple[int, str], threading.Lock] = defaultdict(threading.Lock)
        self._guard = threading.Lock()

    def file(self, item: int, modality: str) -> tuple[Path, str]:
        """The file of a clip in a modality, and its media type.

        Raises:
            NotShownError: The clip has no such media, they cannot be read, or they lie outside of
                the corpus' folders.
        """
        if modality not in FORMS or not 0 <= item < len(self._clips.order):
            raise NotShownError(f"clip {item}, {modality}: got no such media")
        suffix, kind, make = FORMS[modality]
        path = self._folder / f"{item}_{modality}{suffix}"
        with self._guard:
            lock = self._locks[item, modality]
        with lock:
            if not path.is_file():
                row = self._clips.row(item)
                self._require_inside(row)
                try:
                    content = make(row)
                except (ValueError, OSError) as error:
                    raise NotShownError(f"clip {row['id']}, {modality}: {error}") from error
                part = path.with_suffix(".part")
                part.write_bytes(content)
                part.replace(path)
        return path, kind

    def _require_inside(self, row: Mapping[str, Any]) -> None:
        """Refuse a row whose files lie elsewhere, be it by ``..`` or by a link."""
        for column in ("audio", "video"):
            media = row.get(column)
            if not media or media.get("bytes") is not None or media.get("path") is None:
                continue
            real = Path(media["path"]).resolve()
            if not any(real.is_relative_to(root) for root in self._clips.roots):
                raise NotShownError(
                    f"clip {row['id']}: got {column} outside of the corpus' folders, expected it "
                    "inside. Give the folder that the link leads to as `--root NAME=PATH`."
                )
