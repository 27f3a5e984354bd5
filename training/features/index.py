"""What is written when all shards stand: the list of them, and where each clip lies.

The folder is that of ``Dataset.save_to_disk``: ``dataset_info.json`` and ``state.json``, which
names the shards and is written last. Until it is, the folder counts as unfinished, or as it was
before. Which file of `INDEX` belongs to it follows from the fingerprint in it.
"""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from affecthub.cache import content_key
from affecthub.training.features.columns import Column
from affecthub.training.features.shards import (
    PART,
    Shard,
    features_of_rows,
    find_shards,
    write_bytes,
)

ABOUT, STATE, BROKEN = "features.json", "state.json", "broken.jsonl"
INDEX = "index-{}.npy"
# The index is uint64 ``(2, clips)``: the beginning of the SHA-256 of each id, in order, and its
# place: the number of its shard, its row there, and a bit for each column that it has.
SHARD_BIT, ROW_BIT = 40, 16
MAX_ROWS, MAX_COLUMNS = 1 << (SHARD_BIT - ROW_BIT), ROW_BIT


@dataclass(frozen=True)
class Summary:
    """What a finished cache holds.

    Args:
        folder: Where it lies.
        n_clips: Clips with a row.
        lacking: Column to clips that have no such features.
        broken: Clips that could not be read, with the reason; they have no row.
        issues: Clips that lack media, with what the corpus says of it; they have a row.
        n_bytes: Of the shards.
    """

    folder: Path
    n_clips: int
    lacking: dict[str, int]
    broken: dict[str, str]
    issues: dict[str, str]
    n_bytes: int


def id_key(clip_id: str) -> int:
    """The number under which a clip is found."""
    return int(content_key(clip_id)[:16], 16)


def finish(folder: Path, facts: Sequence[str], columns: Sequence[Column]) -> Summary:
    """Write down what the folder holds, and remove what earlier writings left.

    Args:
        folder: With its shards.
        facts: Columns of text.
        columns: Those of features.

    Raises:
        ValueError: Not a single clip could be read, or two shards hold the same clip.
        OSError: The disk is full; the shards are whole, and the folder stays as it was.
    """
    shards = find_shards(folder)
    broken = {clip_id: reason for shard in shards for clip_id, reason in shard.broken.items()}
    lines = [json.dumps({"id": i, "error": e}, ensure_ascii=False) for i, e in broken.items()]
    write_bytes(folder / BROKEN, "".join(f"{line}\n" for line in lines).encode())
    index, contents = _index(shards, facts, columns)
    n_clips = index.shape[1]
    if not n_clips:
        clip_id, reason = next(iter(broken.items()), ("", "there are no clips"))
        raise ValueError(
            f"{folder}: not a single clip could be read: got {len(broken)} broken ones, the first "
            f"{clip_id!r}: {reason}. All stand in {BROKEN}."
        )
    _refuse_doubles(folder, shards, index)
    about = (folder / ABOUT).read_text(encoding="utf-8")
    fingerprint = content_key(about + "".join(contents))[:16]
    content = io.BytesIO()
    np.save(content, index)
    write_bytes(folder / INDEX.format(fingerprint), content.getbuffer())
    info = {"description": "", "citation": "", "homepage": "", "license": ""}
    info["features"] = features_of_rows(facts, columns).to_dict()
    write_bytes(folder / "dataset_info.json", json.dumps(info, indent=2).encode())
    state: dict[str, Any] = {
        "_data_files": [{"filename": shard.path.name} for shard in shards],
        "_fingerprint": fingerprint,
        "_format_columns": None,
        "_format_kwargs": {},
        "_format_type": None,
        "_output_all_columns": False,
        "_split": None,
    }
    write_bytes(folder / STATE, json.dumps(state, indent=2).encode())
    _tidy(folder, {shard.path.name for shard in shards}, INDEX.format(fingerprint))
    return Summary(
        folder,
        n_clips,
        {
            column.name: n_clips - int(((index[1] >> np.uint64(bit)) & np.uint64(1)).sum())
            for bit, column in enumerate(columns)
        },
        broken,
        _issues(shards) if "media_issue" in facts else {},
        sum(shard.path.stat().st_size for shard in shards),
    )


def read_broken(folder: Path) -> dict[str, str]:
    """The clips of a cache that could not be read, with the reason."""
    file = folder / BROKEN
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    return {line["id"]: line["error"] for line in map(json.loads, lines)}


def _index(
    shards: Sequence[Shard], facts: Sequence[str], columns: Sequence[Column]
) -> tuple[np.ndarray, list[str]]:
    """Where every clip lies, and a digest of each shard."""
    ids: list[np.ndarray] = []
    places: list[np.ndarray] = []
    contents = []
    for number, shard in enumerate(shards):
        table = shard.table()
        names = table["id"].to_pylist()
        ids.append(np.array([id_key(name) for name in names], np.uint64))
        place = np.arange(len(names), dtype=np.uint64) << np.uint64(ROW_BIT)
        place |= np.uint64(number << SHARD_BIT)
        for bit, column in enumerate(columns):
            there = np.asarray(table[column.name].is_valid()).astype(np.uint64)
            place |= there << np.uint64(bit)
        places.append(place)
        known = [name for name in facts if not name.endswith("_stat")]
        contents.append(content_key(json.dumps(table.select(known).to_pydict())))
    index = np.stack([np.concatenate([np.zeros(0, np.uint64), *each]) for each in (ids, places)])
    return index[:, np.argsort(index[0])], contents


def _issues(shards: Sequence[Shard]) -> dict[str, str]:
    """What is wrong with the media of clips that have a row."""
    tables = [shard.table().select(["id", "media_issue"]) for shard in shards]
    found = [pair for table in tables for pair in zip(*table.to_pydict().values(), strict=True)]
    return {clip_id: issue for clip_id, issue in found if issue}


def _refuse_doubles(folder: Path, shards: Sequence[Shard], index: np.ndarray) -> None:
    """A clip that stands twice would count twice for whoever reads the folder."""
    double = index[0][1:] == index[0][:-1]
    if not double.any():
        return
    where = np.append(double, False) | np.insert(double, 0, False)
    numbers = np.unique(index[1][where] >> np.uint64(SHARD_BIT))
    files = [shards[int(number)].path.name for number in numbers]
    raise ValueError(
        f"{folder} holds {int(double.sum())} clips twice: got them in {', '.join(files)}, "
        "expected each once. Remove these files and run the same command again."
    )


def _tidy(folder: Path, shards: set[str], index: str) -> None:
    """Remove earlier writings and what kills left."""
    for pattern, kept in (("features-*.arrow", shards), ("index-*.npy", {index})):
        for path in folder.glob(pattern):
            if path.name not in kept:
                path.unlink()
    for path in folder.glob(f"*{PART}"):
        path.unlink()


def read_state(folder: Path) -> tuple[list[Path], str]:
    """The shards of a finished cache and its fingerprint.

    Raises:
        ValueError: It was never finished.
    """
    if not (folder / STATE).is_file():
        n_shards = len(find_shards(folder))
        raise ValueError(
            f"{folder} is not finished: got {n_shards} files of features and no {STATE}. Run the "
            "command that began it again; it goes on from there."
        )
    state: Mapping[str, Any] = json.loads((folder / STATE).read_text(encoding="utf-8"))
    files = [folder / entry["filename"] for entry in state["_data_files"]]
    return files, state["_fingerprint"]


def values_at(table: pa.Table, name: str, start: int) -> tuple[int, int | None]:
    """Where a column's numbers begin in the file, and its offsets where clips differ in length.

    Args:
        table: Of one batch, mapped from the file.
        name: Of a column of features.
        start: The address at which the file is mapped.
    """
    (nested,) = table[name].chunks
    offsets = None
    if pa.types.is_list(nested.type):
        offsets = nested.buffers()[1].address - start
    while pa.types.is_nested(nested.type):
        nested = nested.values
    return nested.buffers()[1].address - start, offsets
