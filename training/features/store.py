"""A finished feature cache, read clip by clip.

Opening reads a page of text and maps the index; a clip's features are read from where they lie.
Memory stays the same however many clips there are, and however many are read.
"""

import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from affecthub.training.features.columns import Column
from affecthub.training.features.files import OpenFiles
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
        paths, self._fingerprint = read_state(folder)
        self._files = OpenFiles(paths)
        self._starts: dict[int, dict[str, tuple[int, int | None]]] = {}

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
        return self._columns_at(place, self.columns)

    def select(
        self, row: Mapping[str, Any], modalities: Iterable[str]
    ) -> dict[str, np.ndarray] | None:
        """A clip's features of some modalities alone, as `features` gives them.

        Args:
            row: A row of the corpus.
            modalities: Of ``audio``, ``face``, ``video`` and others.

        Raises:
            ValueError: Features were made of other media than these; faces cut out of films, say.
        """
        place = self._place(row["id"])
        if place is None:
            return None
        return self._columns_at(place, self._columns_of(tuple(modalities)))

    def has(self, row: Mapping[str, Any], modalities: Iterable[str]) -> bool | None:
        """Whether a clip has features of any of these modalities; None if it has no row."""
        place = self._place(row["id"])
        if place is None:
            return None
        wanted = self._columns_of(tuple(modalities))
        return any(place[2] >> self.columns.index(column) & 1 for column in wanted)

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
        firsts = np.cumsum([0, *np.bincount(shards, minlength=len(self._files.paths))])
        found = (self._place(clip_id) for clip_id in clip_ids)
        return [None if at is None else int(firsts[at[0]]) + at[1] for at in found]

    def __getstate__(self) -> dict[str, Any]:
        """What another process is given: it maps the index for itself."""
        return {name: value for name, value in self.__dict__.items() if name != "_index"}

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

    def _columns_of(self, modalities: tuple[str, ...]) -> list[Column]:
        """The columns that some modalities make."""
        found = []
        for column, each in zip(self.columns, self.about["columns"], strict=True):
            asked = {*each["of"]} & {*modalities}
            given = {*each["of"]} & {*self.media}
            if asked and asked != given:
                raise ValueError(
                    f"`{column.name}` of {self.folder} were made of {' and '.join(sorted(given))}: "
                    f"expected {' and '.join(sorted(asked))}, as `modalities` say. Fill a cache "
                    f"with --medium {' --medium '.join(sorted(asked))}, or change them."
                )
            if asked:
                found.append(column)
        return found

    def _columns_at(
        self, place: tuple[int, int, int], columns: Iterable[Column]
    ) -> dict[str, np.ndarray]:
        shard, number, has = place
        return {
            column.name: self._read(column, shard, number)
            for column in columns
            if has >> self.columns.index(column) & 1
        }

    def _read(self, column: Column, shard: int, row: int) -> np.ndarray:
        begin, offsets = self._start(shard)[column.name]
        first, n_steps = row, 1
        if offsets is not None:
            pair = np.frombuffer(self._files.read(shard, offsets + 4 * row, 8), "<i4")
            first, n_steps = int(pair[0]), int(pair[1] - pair[0])
        step = column.step * column.stored.itemsize
        content = self._files.read(shard, begin + first * step, n_steps * step)
        sizes = [n_steps if size is None else size for size in column.shape]
        return column.decode(np.frombuffer(content, column.stored).reshape(sizes))

    def _start(self, shard: int) -> dict[str, tuple[int, int | None]]:
        """Where a shard's columns begin."""
        if shard not in self._starts:
            mapped = pa.memory_map(str(self._files.paths[shard])).read_buffer()
            table = pa.ipc.open_stream(mapped).read_all()
            self._starts[shard] = {
                column.name: values_at(table, column.name, mapped.address)
                for column in self.columns
            }
        return self._starts[shard]


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


def _first(clip_ids: list[str]) -> str:
    more = ", ..." if len(clip_ids) > _NAMED else ""
    return ", ".join(clip_ids[:_NAMED]) + more
