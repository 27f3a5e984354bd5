"""An export as Parquet: each clip written once, however many protocols offer it."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from affecthub.datasets_scripts.exports.cards import Written
from affecthub.datasets_scripts.exports.packing import Packer
from affecthub.datasets_scripts.protocols.rules import SplitRule

# The sides on which a clip stands, one for each protocol; None is outside of it.
Sides = tuple[str | None, ...]


def write_parquet(
    out: Path,
    rows: pa.Table,
    rules: list[SplitRule],
    packer: Packer,
    file_bytes: int,
) -> Written:
    """Write rows as ``data/<sides>/<number>.parquet``.

    Args:
        out: Folder to write to.
        rows: Annotation rows of the corpus, media as references.
        rules: Protocols to offer, the default first.
        packer: Puts media in.
        file_bytes: About how large a file may become.

    Returns:
        What was written. A split is the files of some cells: clips that agree in all protocols.
    """
    n_rows: dict[Sides, int] = {}
    schema = packer.features.arrow_schema  # carries the features for `datasets` to read
    for sides, part in _cells(rows, rules):
        folder = out / "data" / _folder(sides)
        folder.mkdir(parents=True)
        n_rows[sides] = _write(folder, schema, packer.tables(part), file_bytes)

    configs: list[dict[str, Any]] = []
    counts = []
    for i, rule in enumerate(rules):
        data_files = []
        for split in rule.splits:
            cells = [sides for sides in n_rows if sides[i] == split and n_rows[sides]]
            counts.append((rule.protocol, split, sum(n_rows[sides] for sides in cells)))
            if cells:
                paths = [f"data/{_folder(sides)}/*.parquet" for sides in cells]
                data_files.append({"split": split, "path": paths})
        if data_files:
            configs.append({"config_name": rule.protocol, "data_files": data_files})
    if configs:
        configs[0]["default"] = True
    media = (
        "Audio and video are embedded as encoded bytes."
        if packer.embed
        else "Audio and video are left out: `path` is relative to the folder of the corpus (in "
        "another root of it, it begins with that root's name)."
    )
    usage = f'{media} Load it with `datasets.load_dataset(<this folder>, "{rules[0].protocol}")`.'
    if len(n_rows) > 1:
        protocols = ", ".join(rule.protocol for rule in rules)
        usage += (
            f" Each clip is written once: a folder below `data` is named by the split that its "
            f"clips have in each protocol ({protocols}), `none` where they are outside of one."
        )
    if len(n_rows) > 1 and "turn_index" in rows.column_names:
        usage += (
            " A split is several such folders, so that the turns of a dialogue do not follow each "
            'other: `rows.sort(["dialogue_id", "turn_index"])` puts them in order.'
        )
    return Written(configs, counts, usage)


def _cells(rows: pa.Table, rules: list[SplitRule]) -> Iterator[tuple[Sides, pa.Table]]:
    """Group rows by their sides: each clip is written once, and a split is some of the cells."""
    sides = [rule.assign(rows).to_pylist() for rule in rules]
    members: dict[Sides, list[int]] = {}
    for i, cell in enumerate(zip(*sides, strict=True)):
        if any(cell):
            members.setdefault(cell, []).append(i)
    for cell, indices in members.items():
        yield cell, rows.take(pa.array(indices))


def _write(folder: Path, schema: pa.Schema, tables: Iterable[pa.Table], file_bytes: int) -> int:
    """Write tables as files of about ``file_bytes``; give the number of rows."""
    writer, n_rows, n_files, size = None, 0, 0, 0
    for table in tables:
        if writer is not None and size > file_bytes:
            writer.close()
            writer, size = None, 0
        if writer is None:
            writer = pq.ParquetWriter(folder / f"{n_files:05d}.parquet", schema)
            n_files += 1
        writer.write_table(table)
        n_rows, size = n_rows + table.num_rows, size + table.nbytes
    if writer is not None:
        writer.close()
    return n_rows


def _folder(sides: Sides) -> str:
    return ".".join(side or "none" for side in sides)
