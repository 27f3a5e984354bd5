"""Files of answers: a line each, read up to where a kill cut them, written whole, and locked."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

try:
    import fcntl
except ImportError:  # Windows: nothing is locked there
    fcntl = None  # type: ignore[assignment]

Line = dict[str, Any]
# Bytes of a file's end that are looked at together.
_BLOCK = 1 << 16


def as_bytes(line: Line) -> bytes:
    """A line as a file has it.

    Example:
        >>> as_bytes({"id": "a", "prediction": "joy"}).decode().strip()
        '{"id": "a", "prediction": "joy"}'
    """
    return (json.dumps(line, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")


def read_lines(path: Path) -> Iterator[Line]:
    """Read a file of answers; a line that a kill cut off, at its end, is left out.

    A last line that is whole and has no end, as other programs write it, is none that was cut off.

    Raises:
        ValueError: A line is no object with an `id` and a text, its `prediction`.
    """
    return (line for _, line in placed_lines(path, without_end=True))


def placed_lines(path: Path, *, without_end: bool = False) -> Iterator[tuple[int, Line]]:
    """Read a file of answers with the offset of each line, as `read_lines` does.

    Args:
        path: The file.
        without_end: Whether a whole last line without an end counts; whoever goes on writing to
            the file takes it away.

    Raises:
        ValueError: A line is no object with an `id` and a text, its `prediction`.
    """
    offset = 0
    with path.open("rb") as file:  # in bytes: it may be cut inside of a character
        for number, written in enumerate(file, start=1):
            if not written.endswith(b"\n") and not (without_end and _is_json(written)):
                return
            try:
                text = json.loads(written)
                line = text | {"id": text["id"], "prediction": text["prediction"]}
                if not isinstance(line["id"], str | int) or not isinstance(line["prediction"], str):
                    raise TypeError("an id is a name or a number, an answer is a text")
            except (ValueError, KeyError, TypeError) as error:
                shown = written[:60].rstrip(b"\n").decode("utf-8", "replace")
                raise ValueError(
                    f"{path}, line {number}: got {shown!r}, "
                    "expected an object with `id` and the text `prediction`, as in a journal. Give "
                    "another file."
                ) from error
            yield offset, line
            offset += len(written)


def _is_json(written: bytes) -> bool:
    try:
        json.loads(written)
    except ValueError:
        return False
    return True


@contextmanager
def written_whole(path: Path) -> Iterator[IO[bytes]]:
    """Write a file of which a reader sees all or nothing, even after the power fails.

    Raises:
        OSError: The folder cannot be written to; nothing is left behind.
    """
    scratch = path.with_name(f"{path.name}.new")
    try:
        with scratch.open("wb") as file:
            yield file
            settle(file)
        os.replace(scratch, path)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise
    with suppress(OSError):  # not every system opens folders
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def settle(file: IO[bytes]) -> None:
    """Have on the disk what has been written."""
    file.flush()
    os.fsync(file.fileno())


def cut_torn(path: Path) -> None:
    """Take away from a file's end what is no whole line."""
    with path.open("rb+") as file:
        whole = end = file.seek(0, os.SEEK_END)
        while whole > 0:
            begin = max(0, whole - _BLOCK)
            file.seek(begin)
            found = file.read(whole - begin).rfind(b"\n") + 1
            whole = begin + found if found else begin
            if found:
                break
        if whole < end:
            file.truncate(whole)


def part_of(path: Path, name: str) -> Path:
    """The file in which one process notes its part of the answers."""
    return path.with_name(f"{path.name}.{name}")


def parts_of(path: Path) -> list[Path]:
    """Such files that are there, of however many processes."""
    name = re.compile(re.escape(path.name) + r"\.part-(\d+)-of-(\d+)")
    found = {each: match for each in path.parent.iterdir() if (match := name.fullmatch(each.name))}
    # Of lines about one clip the last counts, and that is of the file that was written last.
    return sorted(found, key=lambda each: (each.stat().st_mtime_ns, each.name))


class Lock:
    """A file that says that another is being written, for as long as this process lives.

    Args:
        path: The lock's own file; it is removed again.
        shared: Whether others may hold it, who share it too.
        what: What is locked, for the error.

    Raises:
        ValueError: Another process holds it.
    """

    def __init__(self, path: Path, *, shared: bool, what: Path) -> None:
        self.path = path
        self.file: IO[bytes] | None = None
        if fcntl is None:
            return
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        while self.file is None:
            file = path.open("ab")
            try:
                fcntl.flock(file, kind | fcntl.LOCK_NB)
            except BlockingIOError:
                file.close()
                raise ValueError(
                    f"{what} is being written by another process: expected to be alone with it. "
                    "Wait for it, stop it, or give another output file."
                ) from None
            except OSError:  # a file system without locks
                file.close()
                return
            # Whoever held it before may have removed it in between.
            if path.exists() and os.path.samestat(path.stat(), os.fstat(file.fileno())):
                self.file = file
            else:
                file.close()

    def release(self) -> None:
        """Let others in; whoever is the last removes the file."""
        if self.file is None or fcntl is None:
            return
        with suppress(OSError):  # others share it
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.path.unlink(missing_ok=True)
        self.file.close()
        self.file = None
