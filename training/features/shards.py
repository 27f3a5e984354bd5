"""Shards: files of a few hundred clips each, written whole or not at all.

A shard is one Arrow stream of one batch. The clips that could not be read stand in its own
metadata, so that one rename says of all of its clips what became of them.
"""

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from affecthub.training.features.columns import Column

_NAME = re.compile(r"^features-(\d+)-(\d+)\.arrow$")
_BROKEN = b"affecthub.broken"
PART = ".part"


@dataclass
class Shard:
    """A shard on the disk.

    Args:
        number: Its place among the shards.
        revision: Which writing of it this is; the highest counts.
        path: Its file.
        broken: Clips that could not be read, with the reason.
    """

    number: int
    revision: int
    path: Path
    broken: dict[str, str] = field(default_factory=dict)

    def table(self) -> pa.Table:
        """Its rows, mapped from the disk."""
        return pa.ipc.open_stream(pa.memory_map(str(self.path))).read_all()


@dataclass
class Job:
    """One shard to write.

    Args:
        number: Of the shard.
        revision: Of this writing.
        clips: Numbers of the clips to make features of, in order.
        old: The file whose other clips are kept, None where there is none.
        order: Then, the ids of all of its clips in order.
    """

    number: int
    revision: int
    clips: list[int]
    old: Path | None = None
    order: list[str] = field(default_factory=list)


def shard_path(folder: Path, number: int, revision: int) -> Path:
    """Where a shard lies.

    Example:
        >>> shard_path(Path("cache"), 12, 0).name
        'features-00012-0.arrow'
    """
    return folder / f"features-{number:05d}-{revision}.arrow"


def find_shards(folder: Path) -> list[Shard]:
    """The shards of a folder in their order; of several writings of one, the last."""
    newest: dict[int, Shard] = {}
    for path in folder.glob("features-*.arrow"):
        match = _NAME.match(path.name)
        if match is None:
            continue
        number, revision = int(match[1]), int(match[2])
        if number not in newest or newest[number].revision < revision:
            newest[number] = Shard(number, revision, path)
    for shard in newest.values():
        shard.broken = _broken_of(shard.path)
    return [newest[number] for number in sorted(newest)]


def _broken_of(path: Path) -> dict[str, str]:
    metadata = pa.ipc.open_stream(pa.memory_map(str(path))).schema.metadata
    broken: dict[str, str] = json.loads(metadata[_BROKEN])
    return broken


def features_of_rows(facts: Sequence[str], columns: Sequence[Column]) -> Any:
    """The types of a cache's columns in ``datasets``.

    Args:
        facts: Columns of text: the id and what is known of a clip.
        columns: Those of features.
    """
    from datasets import Features, Value

    return Features(
        {name: Value("string") for name in facts}
        | {column.name: column.feature() for column in columns}
    )


def make_table(
    facts: Sequence[str], columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]
) -> pa.Table:
    """A shard's rows as a table.

    Args:
        facts: See `features_of_rows`.
        columns: The same.
        rows: Of each clip its facts, and its features as `Column.encode` gives them.
    """
    schema = features_of_rows(facts, columns).arrow_schema
    arrays = [pa.array([row.get(name) for row in rows], pa.string()) for name in facts]
    for column in columns:
        values = [row.get(column.name) for row in rows]
        arrays.append(column.to_arrow(values, schema.field(column.name).type))
    return pa.Table.from_arrays(arrays, schema=schema)


def write_job(
    folder: Path,
    job: Job,
    rows: Sequence[Mapping[str, Any]],
    broken: Mapping[str, str],
    facts: Sequence[str],
    columns: Sequence[Column],
) -> None:
    """Write a job's shard, with what is kept of its earlier writing.

    Args:
        folder: The cache's.
        job: What was to do.
        rows: See `make_table`, in order.
        broken: Clips that could not be read, with the reason.
        facts: See `features_of_rows`.
        columns: The same.

    Raises:
        OSError: As `write_shard`.
    """
    table = make_table(facts, columns, rows)
    if job.old is not None:
        anew = {*table["id"].to_pylist(), *broken}
        before = Shard(job.number, 0, job.old).table()
        stays = [i not in anew for i in before["id"].to_pylist()]
        kept = before.filter(pa.array(stays, pa.bool_()))
        table = pa.concat_tables([table, kept.cast(table.schema)])
        place = {clip_id: at for at, clip_id in enumerate(job.order)}
        ids = table["id"].to_pylist()
        table = table.take(sorted(range(len(ids)), key=lambda at: place[ids[at]]))
        still = {i: why for i, why in _broken_of(job.old).items() if i not in anew}
        broken = {**still, **broken}
    write_shard(shard_path(folder, job.number, job.revision), table, broken)


def write_shard(path: Path, table: pa.Table, broken: Mapping[str, str]) -> None:
    """Write a shard so that a kill at any instant leaves all of it or nothing.

    Raises:
        OSError: The disk is full or cannot be written to; nothing is left behind.
    """
    metadata = {**(table.schema.metadata or {}), _BROKEN: json.dumps(broken).encode()}
    table = table.replace_schema_metadata(metadata).combine_chunks()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    write_bytes(path, sink.getvalue())


def write_bytes(path: Path, content: Any) -> None:
    """Write a file that is there whole, on the disk itself, or is not there.

    Raises:
        OSError: The disk is full or cannot be written to; nothing is left behind.
    """
    part = path.with_name(path.name + PART)
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """See to it that the names of a folder's files outlast a power cut, where that can be done."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
