"""Lines of answers by clip: on a disk with only their places in memory, or held in memory."""

import json
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from pathlib import Path
from typing import IO

from affecthub.training.answer_files import Line, as_bytes, placed_lines, written_whole

# A place is a file's number and an offset in it, as one whole number.
_FILE = 1 << 48


class Lines(MutableMapping[str, Line]):
    """A line per clip, in the order in which the clips were first met.

    What lies in a file is read again each time it is asked for: memory grows with the number of
    clips, not with the length of their answers. Files stay open, so that a line can be read after
    another process has removed its file.

    Example:
        >>> lines = Lines()
        >>> lines["a"] = {"id": "a", "prediction": "joy"}
        >>> "a" in lines, lines["a"]["prediction"], len(lines)
        (True, 'joy', 1)
    """

    def __init__(self) -> None:
        self._known: dict[str, Line | int] = {}
        self._files: list[Path] = []
        self._open: dict[int, IO[bytes]] = {}

    def __len__(self) -> int:
        """How many clips have a line."""
        return len(self._known)

    def __iter__(self) -> Iterator[str]:
        """Ids of the clips."""
        return iter(self._known)

    def __contains__(self, clip_id: object) -> bool:
        """Whether a clip has a line; nothing is read for it."""
        return clip_id in self._known

    def __getitem__(self, clip_id: str) -> Line:
        """A clip's line."""
        known = self._known[clip_id]
        if not isinstance(known, int):
            return known
        line: Line = json.loads(self._read(known))
        return line

    def __setitem__(self, clip_id: str, line: Line) -> None:
        """Hold a line in memory."""
        self._known[clip_id] = line

    def __delitem__(self, clip_id: str) -> None:
        """Forget a line; its file is as it was."""
        del self._known[clip_id]

    def as_written(self, clip_id: str) -> bytes:
        """A clip's line as a file has it, end and all."""
        known = self._known[clip_id]
        return self._read(known) if isinstance(known, int) else as_bytes(known)

    def read(self, path: Path, keep: Callable[[Line], bool]) -> None:
        """Keep the places of a file's lines; a later one about a clip replaces an earlier one.

        Args:
            path: See `placed_lines`.
            keep: Is given each line, and says whether it counts.

        Raises:
            ValueError: See `placed_lines`.
        """
        number = self._number(path)
        for offset, line in placed_lines(path):
            if keep(line):
                self._known[line["id"]] = number * _FILE + offset

    def noted(self, path: Path, offset: int, lines: Iterable[tuple[str, int]]) -> None:
        """Keep the places of lines that were appended to a file.

        Args:
            path: The file; the lines are on the disk.
            offset: Where the first begins.
            lines: Clip id and number of bytes of each.
        """
        place = self._number(path) * _FILE + offset
        for clip_id, n_bytes in lines:
            self._known[clip_id] = place
            place += n_bytes

    def renew(self, path: Path) -> None:
        """Take what is written to a file from now on for another file's than what was read."""
        self._files.append(path)
        self._number(path)

    def move(self, path: Path, order: Iterable[str] = ()) -> None:
        """Write all lines to one file of which a reader sees all or nothing, and go on from it.

        Args:
            path: The file; it is left alone where it holds just this, and not made without lines.
            order: Ids that come first, in this order; ids without a line do not matter.

        Raises:
            OSError: The folder cannot be written to; nothing is left behind.
        """
        ids = dict.fromkeys(clip_id for clip_id in order if clip_id in self._known)
        ids |= dict.fromkeys(self._known)
        if not ids and not path.is_file():
            self._files = []
            self.close()
            return
        if not self._is_there(path, ids):
            with written_whole(path) as file:
                for clip_id in ids:
                    file.write(self.as_written(clip_id))
                self.close()  # not every system replaces a file that is open
        self.close()
        self._known, self._files = {}, [path]
        offset = 0
        with path.open("rb") as file:
            for clip_id, written in zip(ids, file, strict=True):
                self._known[clip_id] = offset
                offset += len(written)

    def close(self) -> None:
        """Let go of the files; they are opened again when a line is asked for."""
        for file in self._open.values():
            file.close()
        self._open = {}

    def _is_there(self, path: Path, ids: Iterable[str]) -> bool:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            for clip_id in ids:
                written = self.as_written(clip_id)
                if file.read(len(written)) != written:
                    return False
            return not file.read(1)

    def _number(self, path: Path) -> int:
        """A file's number, and the file open under it."""
        if path not in self._files:
            self._files.append(path)
        number = max(i for i, each in enumerate(self._files) if each == path)
        self._opened(number)
        return number

    def _opened(self, number: int) -> IO[bytes]:
        if number not in self._open:
            self._open[number] = self._files[number].open("rb")
        return self._open[number]

    def _read(self, place: int) -> bytes:
        number, offset = divmod(place, _FILE)
        file = self._opened(number)
        file.seek(offset)
        return file.readline()
