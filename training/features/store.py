"""A finished feature cache, read clip by clip.

Opening reads a page of text and maps the index; a clip's features are read from where they lie.
Memory stays the same however many clips there are, and however many are read.
"""

import json
import os
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from affecthub.training.features.columns import Column
from affecthub.training.features.index import (
    ABOUT,
    INDEX,
    ROW_BIT,
    SHARD_BIT,
    id_key,
    read_broken,
    read_state,
    values_at,
)
from affecthub.training.features.key import FORMAT, differences

# Files that are kept open; a process may open about a thousand.
_OPEN = 128
# Clips that errors name.
_NAMED = 5


class FeatureCache:
    """Tower outputs of a corpus, by clip id. Open one with `open`.

    It may be handed to other processes: each opens the files for itself.

    Args:
        folder: Where it lies.
        about: What ``features.json`` says: ``corpus``, ``key``, ``columns``, ``media``, ...
    """

    def __init__(self, folder: Path, about: Mapping[str, Any]) -> None:
        self.folder = folder
        self.about = about
        self.columns = [
            Column(each["name"], tuple(each["shape"]), each["dtype"]) for each in about["columns"]
        ]
        self._files, self._fingerprint = read_state(folder)
        self._starts: dict[int, dict[str, tuple[int, int | None]]] = {}
        self._opened: OrderedDict[int, int] = OrderedDict()

    @classmethod
    def open(cls, folder: str | Path) -> "FeatureCache":
        """Open a cache that ``affecthub features`` has filled.

        Raises:
            FileNotFoundError: There is no such folder.
            ValueError: It holds no features, is not finished, or is of another version.
        """
        folder = Path(folder).expanduser()
        if not folder.is_dir():
            raise FileNotFoundError(
                f"feature cache not found: {folder}. Fill it: affecthub features CORPUS --model M "
                f"--data-dir D --out {folder}"
            )
        return cls(folder, read_about(folder))

    @property
    def corpus(self) -> str:
        """The corpus whose clips these are."""
        return str(self.about["corpus"])

    @property
    def key(self) -> dict[str, Any]:
        """What made the features, by column."""
        return dict(self.about["key"])

    @property
    def media(self) -> tuple[str, ...]:
        """Columns of a corpus that the features were made of."""
        return tuple(self.about["media"])

    @cached_property
    def broken(self) -> dict[str, str]:
        """Clips that could not be read, with the reason."""
        return read_broken(self.folder)

    def __len__(self) -> int:
        """Number of clips."""
        return int(self._index.shape[1])

    def __contains__(self, clip_id: object) -> bool:
        """Whether a clip has a row."""
        return isinstance(clip_id, str) and self._place(clip_id) is not None

    def features(self, row: Mapping[str, Any] | str) -> dict[str, np.ndarray] | None:
        """A clip's features.

        Args:
            row: A row of the corpus, or a clip's id.

        Returns:
            Column to float32 of the shape in ``columns``, of AffectGPT's towers
            ``vision_features`` and ``face_features`` ``(n_frames, vision_dim)`` and
            ``audio_features`` ``(n_audio_clips, audio_dim)``, those that the clip has; it may have
            none. None for a clip that has no row, see `reason`.
        """
        place = self._place(row if isinstance(row, str) else row["id"])
        if place is None:
            return None
        shard, number, has = place
        return {
            column.name: self._read(column, shard, number)
            for bit, column in enumerate(self.columns)
            if has >> bit & 1
        }

    def reason(self, clip_id: str) -> str:
        """Why a clip has no features, as a sentence that names it."""
        if clip_id in self.broken:
            return self.broken[clip_id]
        return (
            f"clip {clip_id!r} is not in the feature cache {self.folder}: got {len(self)} other "
            f"clips of {self.corpus}. Fill it for this split too: affecthub features {self.corpus}"
        )

    def dataset(self) -> Any:
        """The same as a ``datasets.Dataset``, as ``datasets.load_from_disk`` gives it."""
        from datasets import load_from_disk

        return load_from_disk(str(self.folder))

    def require_fit(self, model: Any, processor: Any) -> None:
        """Refuse a model that would make other features of the same clips.

        Args:
            model: An AffectGPT, with adapters or without.
            processor: Its processor.

        Raises:
            ValueError: Names every field that differs, with both values.
        """
        from affecthub.training.features.towers import tower_key

        if self.about["maker"] != "affectgpt":
            raise ValueError(
                f"{self.folder} holds features of {self.about['maker']!r}: expected those of "
                "AffectGPT's towers."
            )
        wanted = tower_key(model, processor)
        differ = differences(self.key, wanted)
        if differ:
            raise ValueError(
                f"{self.folder} is the feature cache of another model: {'; '.join(differ)}. Fill "
                "one for this model: affecthub features "
                f"{self.corpus} --model M --data-dir D --out ANOTHER_FOLDER"
            )

    def require_clips(
        self, rows: Any, modalities: Iterable[str] = (), corpus: str | None = None
    ) -> None:
        """Refuse clips whose features are not here, or whose media have changed since.

        Media that are absent are not asked for: then the clip's id is trusted. A clip that could
        not be read when the cache was filled counts as here; it is unusable.

        Args:
            rows: Clips of a corpus.
            modalities: Those that are used.
            corpus: Its name.

        Raises:
            ValueError: Names the corpora, or how many clips and the first of them.
        """
        from affecthub.training.features.checking import changed_clips

        if corpus is not None and corpus != self.corpus:
            raise ValueError(
                f"{self.folder} is the feature cache of another corpus: got features of "
                f"{self.corpus!r}, expected {corpus!r}."
            )
        used = [name for name in self.media if name in {*modalities}]
        absent = [i for i in rows["id"] if i not in self and i not in self.broken]
        if absent:
            raise ValueError(
                f"{len(absent)} of {len(rows)} clips are not in the feature cache {self.folder}: "
                f"{_first(absent)}. Run `affecthub features {self.corpus}` for their split, "
                "protocol and config too, with the same `--out`."
            )
        stale = changed_clips(self, rows, used)
        if stale:
            raise ValueError(
                f"media of {len(stale)} clips have changed since {self.folder} was filled: "
                f"{_first(stale)}. Run the same `affecthub features` again; it reads these anew."
            )

    def places(self, clip_ids: Iterable[str]) -> list[int | None]:
        """Row numbers of clips in `dataset`; None for those without a row."""
        shards = (self._index[1] >> np.uint64(SHARD_BIT)).astype(np.int64)
        firsts = np.cumsum([0, *np.bincount(shards, minlength=len(self._files))])
        found = (self._place(clip_id) for clip_id in clip_ids)
        return [None if at is None else int(firsts[at[0]]) + at[1] for at in found]

    def __getstate__(self) -> dict[str, Any]:
        """What another process is given: no open file."""
        kept = {**self.__dict__, "_opened": OrderedDict()}
        kept.pop("_index", None)
        return kept

    def __del__(self) -> None:
        """Close the files."""
        for descriptor in getattr(self, "_opened", {}).values():
            os.close(descriptor)

    @cached_property
    def _index(self) -> np.ndarray:
        file = self.folder / INDEX.format(self._fingerprint)
        return np.asarray(np.load(file, mmap_mode="r", allow_pickle=False))

    def _place(self, clip_id: str) -> tuple[int, int, int] | None:
        """Number of a clip's shard, its row in it, and a bit for each column that it has."""
        ids, places = self._index
        wanted = np.uint64(id_key(clip_id))
        at = int(ids.searchsorted(wanted))
        if at == len(ids) or ids[at] != wanted:
            return None
        place = int(places[at])
        row = (place >> ROW_BIT) & ((1 << (SHARD_BIT - ROW_BIT)) - 1)
        return place >> SHARD_BIT, row, place & ((1 << ROW_BIT) - 1)

    def _read(self, column: Column, shard: int, number: int) -> np.ndarray:
        descriptor = self._file(shard)
        begin, offsets = self._starts[shard][column.name]
        size = column.stored.itemsize
        first, n_steps = number, 1
        if offsets is not None:
            pair = np.frombuffer(_pread(descriptor, 8, offsets + 4 * number), "<i4")
            first, n_steps = int(pair[0]), int(pair[1] - pair[0])
        n_bytes = n_steps * column.step * size
        content = _pread(descriptor, n_bytes, begin + first * column.step * size)
        if len(content) != n_bytes:
            raise ValueError(
                f"{self._files[shard]} is cut off: got {len(content)} bytes of a clip, expected "
                f"{n_bytes}. Remove it and run `affecthub features` again."
            )
        sizes = [n_steps if size is None else size for size in column.shape]
        return column.decode(np.frombuffer(content, column.stored).reshape(sizes))

    def _file(self, shard: int) -> int:
        """A shard's file, open; the one that was used longest ago is closed for it."""
        if shard in self._opened:
            self._opened.move_to_end(shard)
            return self._opened[shard]
        path = self._files[shard]
        if shard not in self._starts:
            mapped = pa.memory_map(str(path)).read_buffer()
            table = pa.ipc.open_stream(mapped).read_all()
            self._starts[shard] = {
                column.name: values_at(table, column.name, mapped.address)
                for column in self.columns
            }
        while len(self._opened) >= _OPEN:
            os.close(self._opened.popitem(last=False)[1])
        self._opened[shard] = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        return self._opened[shard]


def read_about(folder: Path) -> dict[str, Any]:
    """What a folder of features says of itself.

    Raises:
        ValueError: It holds none, or is of another version.
    """
    file = folder / ABOUT
    if not file.is_file():
        raise ValueError(f"{folder} holds no features: expected {ABOUT} in it.")
    try:
        about: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        version = about["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{file} is not that of a feature cache: {error!r}.") from error
    if version != FORMAT:
        raise ValueError(
            f"{folder} is a feature cache of another version: got format {version!r}, expected "
            f"{FORMAT}. Fill it anew in another folder."
        )
    return about


def _pread(descriptor: int, n_bytes: int, start: int) -> bytes:
    """Bytes of a file from a place on."""
    if hasattr(os, "pread"):
        return os.pread(descriptor, n_bytes, start)
    os.lseek(descriptor, start, os.SEEK_SET)
    return os.read(descriptor, n_bytes)


def _first(clip_ids: list[str]) -> str:
    more = ", ..." if len(clip_ids) > _NAMED else ""
    return ", ".join(clip_ids[:_NAMED]) + more
