"""Answers on a disk, a line each, beside the keys of what gave them, so that none is mistaken.

While a run goes on, every process notes its answers in a part of its own, ``FILE.part-1-of-2``.
At the end they become one file in the order of the clips. Whatever dies in between loses the
answers of one batch; the next run goes on from the parts, with however many processes.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO

from affecthub.training.answer_files import (
    Line,
    Lock,
    as_bytes,
    cut_torn,
    part_of,
    parts_of,
    read_lines,
    settle,
)
from affecthub.training.answer_lines import Lines
from affecthub.training.shares import Share

# Characters of a key in a file: enough that two of a million never meet.
_SHOWN = 16
# What else a line may tell, in this order.
_MORE = ("prompt", "media", "n_in", "n_out", "cut", "error")


class Journal:
    """The answers to clips under one model key, on a disk or, without a path, in memory.

    Of what is on a disk memory holds ids and places alone, however long the answers are.
    Nothing is written before `begin`. Close it, or use it in a ``with`` statement.

    Args:
        path: jsonl with ``id``, ``prediction``, ``model`` and ``clip`` per line and, where there
            is such a thing, ``prompt`` (what was asked), ``media`` (of what), ``n_in`` and
            ``n_out`` (tokens), ``cut`` (its answer had no end) and ``error`` (it could not be
            asked); None keeps answers in memory alone.
        key: See `answer_keys.model_key`; may be empty without a path.
        process: Which of the processes that write together this is; the first one writes the file.
        shard: Which of the parts that are written without each other; they are merged later.
        replace: What becomes of a file that another model wrote: True starts it anew, False
            refuses.

    Raises:
        ValueError: The file is not such a jsonl, or another model's and not to be replaced, or
            another process is writing it.
        OSError: Its folder cannot be made or read.
    """

    def __init__(
        self,
        path: str | Path | None,
        key: str = "",
        *,
        process: Share | None = None,
        shard: Share | None = None,
        replace: bool = False,
    ) -> None:
        self.path = None if path is None else Path(path)
        self.key = key[:_SHOWN]
        self.process, self.shard = process or Share(), shard or Share()
        self.lines = Lines()
        self.new: list[str] = []
        self._replaced = False
        self._locks: list[Lock] = []
        self._file: IO[bytes] | None = None
        if self.path is None:
            return
        self._require_place(self.path)
        self._lock(self.path)
        try:
            self._read(self.path, replace)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Journal":
        """The journal itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close it."""
        self.close()

    @property
    def part(self) -> Path | None:
        """Where this process notes its answers."""
        name = self.shard.within(self.process).name
        return None if self.path is None else part_of(self.path, name)

    def changed(self, clips: Mapping[str, str]) -> list[str]:
        """The clips whose answers are about what they were before.

        Args:
            clips: Clip id to its `clip_key`; ids without an answer do not matter.
        """
        return [
            clip_id
            for clip_id, key in clips.items()
            if clip_id in self.lines and self.lines[clip_id].get("clip") != key[:_SHOWN]
        ]

    def forget(self, clip_ids: Iterable[str]) -> None:
        """Have clips asked again; their old answers leave the disk with `begin` or `finish`."""
        for clip_id in clip_ids:
            self.lines.pop(clip_id, None)

    def begin(self) -> None:
        """Gather what there is in the first process' part; to be called by it before `open`."""
        if self.path is None or not self.shard.is_all or self.process.index:
            return
        assert self.part is not None, "there is a path"
        self.lines.move(self.part)
        self._remove_parts(but=self.part)
        if self._replaced:
            self.path.unlink(missing_ok=True)

    def open(self) -> None:
        """Have this process' part ready to be written; to be called by all after `begin`."""
        if self.part is None:
            return
        if self.part.is_file() and (not self.shard.is_all or not self.process.index):
            cut_torn(self.part)
            self._file = self.part.open("ab")
        else:
            self._file = self.part.open("wb")  # its lines are in the first one's part
        self.lines.renew(self.part)

    def add(self, lines: Sequence[Line]) -> None:
        """Note the answers of a batch, and have them on the disk before the next is thought of.

        Args:
            lines: ``id``, ``prediction``, ``clip`` as `clip_key` gives it, and what else there is.
        """
        noted = [_line(line, self.key) for line in lines]
        self.new += [line["id"] for line in noted if line["id"] not in self.lines]
        if self._file is None or self.part is None:
            self.lines.update({line["id"]: line for line in noted})
        elif noted:
            written = {line["id"]: as_bytes(line) for line in noted}
            place = self._file.tell()
            self._file.write(b"".join(written.values()))
            settle(self._file)
            sizes = [(clip_id, len(line)) for clip_id, line in written.items()]
            self.lines.noted(self.part, place, sizes)

    def finish(self, clip_ids: Iterable[str]) -> None:
        """Make one file of all parts, of the first process' lines; others' parts are removed.

        Args:
            clip_ids: The order of the lines; lines about other clips follow.
        """
        if self.path is None or self.process.index:
            return
        self.lines.move(self.path, clip_ids)
        self._remove_parts()

    def close(self) -> None:
        """Close the part, and let others write; lines can still be read where their file is."""
        self.lines.close()
        if self._file is not None:
            self._file.close()
            self._file = None
        for lock in self._locks:
            lock.release()
        self._locks = []

    def remove_part(self) -> None:
        """Remove this process' own part, when its lines are in the whole file."""
        if self.part is not None:
            self.part.unlink(missing_ok=True)

    def _require_place(self, path: Path) -> None:
        if path.is_dir():
            raise IsADirectoryError(f"{path} is a folder: expected a file of answers to write.")
        path.parent.mkdir(parents=True, exist_ok=True)

    def _lock(self, path: Path) -> None:
        """Keep others out: all of them, or with parts of a shard those who write the same part."""
        own = part_of(path, self.shard.within(self.process).name)
        if not self.process.index or not self.shard.is_all:
            lock = part_of(path, "lock")
            self._locks.append(Lock(lock, shared=not self.shard.is_all, what=path))
        if not self.shard.is_all:
            try:
                self._locks.append(Lock(part_of(own, "lock"), shared=False, what=own))
            except BaseException:
                self.close()
                raise

    def _read(self, path: Path, replace: bool) -> None:
        """Read what earlier runs wrote, the file first and then the newer parts."""
        for file in [*([path] if path.is_file() else []), *parts_of(path)]:
            others: list[str] = []

            def is_ours(line: Line, others: list[str] = others) -> bool:
                if line.get("model") == self.key:
                    return True
                others.append(str(line.get("model")))
                return False

            self.lines.read(file, is_ours)
            if others and not replace:
                raise ValueError(
                    f"{file} holds {len(others)} answers of another model, question or setting: "
                    f"got model {others[0]!r}, expected {self.key!r}. Give another output file, or "
                    "remove this one."
                )
            self._replaced |= bool(others)

    def _remove_parts(self, but: Path | None = None) -> None:
        assert self.path is not None, "parts are a file's"
        for part in parts_of(self.path):
            if part != but:
                part.unlink(missing_ok=True)


def first_key(path: Path) -> str:
    """The model key of the answers that lie in a file or in the parts beside it.

    Raises:
        FileNotFoundError: There are none.
    """
    files = [*([path] if path.is_file() else [])]
    files += parts_of(path) if path.parent.is_dir() else []
    for line in (line for file in files for line in read_lines(file)):
        return str(line.get("model", ""))
    raise FileNotFoundError(
        f"no answers to merge: got neither {path} nor parts of it such as "
        f"{part_of(path, Share(0, 2).name).name}. Check the path."
    )


def _line(line: Line, key: str) -> Line:
    """A line as the file has it: first what is in all of them, in one order."""
    first = {"id": line["id"], "prediction": line["prediction"], "model": key}
    first["clip"] = line.get("clip", "")[:_SHOWN]
    more = {name: line.get(name) for name in _MORE}
    return first | {name: told for name, told in more.items() if told or type(told) is int}
