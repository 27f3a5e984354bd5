"""Files that are read at any place, a limited number of them open at a time."""

import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

# A process may open about a thousand.
LIMIT = 128


class OpenFiles:
    """Files by their number, opened when they are first read; another process opens its own.

    Nothing is mapped: what has been read does not stay in the process.

    Args:
        paths: The files.
        limit: How many may be open, by default `LIMIT`; the one that was used longest ago is closed
            for another.
    """

    def __init__(self, paths: Sequence[Path], limit: int | None = None) -> None:
        self.paths = list(paths)
        self.limit = limit or LIMIT
        self._opened: OrderedDict[int, int] = OrderedDict()

    def read(self, number: int, start: int, n_bytes: int) -> bytes:
        """Bytes of a file from a place on.

        Raises:
            FileNotFoundError: The file has been removed.
            ValueError: The file ends before.
        """
        if not n_bytes:
            return b""  # of nothing there is no place
        descriptor = self._descriptor(number)
        if hasattr(os, "pread"):
            content = os.pread(descriptor, n_bytes, start)
        else:  # Windows
            os.lseek(descriptor, start, os.SEEK_SET)
            content = os.read(descriptor, n_bytes)
        if len(content) != n_bytes:
            raise ValueError(
                f"{self.paths[number]} is cut off: got {len(content)} bytes of a clip, expected "
                f"{n_bytes}. Remove it and run `affecthub features` again."
            )
        return content

    def _descriptor(self, number: int) -> int:
        if number in self._opened:
            self._opened.move_to_end(number)
            return self._opened[number]
        while len(self._opened) >= self.limit:
            os.close(self._opened.popitem(last=False)[1])
        self._opened[number] = os.open(self.paths[number], os.O_RDONLY | getattr(os, "O_BINARY", 0))
        return self._opened[number]

    def __reduce__(self) -> tuple[Any, ...]:
        """Hand on the paths, and no open file."""
        return OpenFiles, (self.paths, self.limit)

    def __del__(self, close: Callable[[int], None] = os.close) -> None:
        """Close the files."""
        while self._opened:
            close(self._opened.popitem()[1])
