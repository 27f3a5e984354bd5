"""The clips of a run: their ids, what there is of each, and in which batches they are asked."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from affecthub.training.asking.asks import Kind
from affecthub.training.clip_keys import clip_key

# Letter of a medium, as a journal and the command have it, and its column.
LETTERS = {"a": "audio", "v": "video", "t": "text"}
# Rows whose media are looked for at once.
_AT_ONCE = 10_000


def read_letters(media: str) -> frozenset[str]:
    """The columns that letters stand for.

    Example:
        >>> sorted(read_letters("av"))
        ['audio', 'video']

    Raises:
        ValueError: They are none of a, v and t, or none at all.
    """
    if not media or set(media) - LETTERS.keys():
        raise ValueError(
            f"`media`: got {media!r}, expected letters of a (sound), v (pictures) and t (words), "
            "such as av."
        )
    return frozenset(LETTERS[letter] for letter in media)


class Clips:
    """Clips by number.

    Args:
        rows: Rows of a corpus: a ``datasets.Dataset``, or a list of mappings with ``id`` and any
            of ``audio``, ``video``, ``text`` and ``language``. Media are paths, bytes or mappings
            of both.
        kinds: The media that are asked about and that the model takes.
        limit: Take the first ones alone; None takes all.
    """

    def __init__(self, rows: Any, kinds: frozenset[Kind], limit: int | None = None) -> None:
        n_rows = len(rows) if limit is None else min(limit, len(rows))
        self.kinds = kinds
        self._rows = rows
        self._columns = {kind: self._there(kind, n_rows) for kind in sorted(kinds)}
        self.ids: list[str] = self._ids(n_rows)
        if len({*self.ids}) < n_rows:
            raise ValueError(
                f"clips have the same id: got {len({*self.ids})} ids of {n_rows} clips, expected "
                "one each. An answer is kept by its id."
            )

    def row(self, number: int) -> dict[str, Any]:
        """A clip's row."""
        row = dict(self._rows[number])
        for kind in ("audio", "video"):
            if isinstance(row.get(kind), str | os.PathLike):
                row[kind] = {"path": os.fspath(row[kind]), "bytes": None}
            elif isinstance(row.get(kind), bytes):
                row[kind] = {"path": None, "bytes": row[kind]}
        return row

    def kinds_of(self, number: int) -> frozenset[Kind]:
        """The media that a clip's row has, of those asked about."""
        return frozenset(kind for kind, there in self._columns.items() if there[number])

    def batches(self, size: int) -> list[list[int]]:
        """Numbers of clips to ask together: of one set of media, in the order of the rows.

        They depend on the rows and the size alone, not on what has been answered.
        """
        by_kinds: dict[frozenset[Kind], list[int]] = {}
        for number in range(len(self.ids)):
            by_kinds.setdefault(self.kinds_of(number), []).append(number)
        batches = [
            numbers[i : i + size]
            for numbers in by_kinds.values()
            for i in range(0, len(numbers), size)
        ]
        return sorted(batches, key=lambda batch: batch[0])

    def key(self, row: Mapping[str, Any], words: Mapping[str, str], *, with_text: bool) -> str:
        """What is given of a clip: the bytes of its media with their cut, and its words.

        Args:
            row: Its row.
            words: What the question says of it beside its transcript.
            with_text: Whether the question says its transcript.
        """
        columns = {*self.kinds, *(["text"] if with_text else [])}
        return clip_key({**dict.fromkeys(columns), **row}, columns, words=words)

    def _ids(self, n_rows: int) -> list[str]:
        if isinstance(self._rows, Sequence):
            return [self._rows[i]["id"] for i in range(n_rows)]
        return list(self._rows["id"])[:n_rows]

    def _there(self, kind: str, n_rows: int) -> list[bool]:
        """Whether each row has a medium; of a table nothing is decoded or copied for it."""
        if isinstance(self._rows, Sequence):
            return [self._rows[i].get(kind) is not None for i in range(n_rows)]
        if kind not in self._rows.column_names:
            return [False] * n_rows
        found: list[bool] = []
        for table in self._rows.select_columns([kind]).with_format("arrow").iter(_AT_ONCE):
            found += table.column(kind).is_valid().to_pylist()
        return found[:n_rows]
