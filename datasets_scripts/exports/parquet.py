"""An export as Parquet: each clip written once, however many protocols offer it."""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from datasets import Features, Value

from affecthub.datasets_scripts.exports.packing import Packer
from affecthub.datasets_scripts.exports.written import Size, Written
from affecthub.datasets_scripts.protocols.rules import SplitRule
from affecthub.datasets_scripts.reading.references import set_column

# The sides on which a clip stands, one for each protocol; None is outside of it.
Sides = tuple[str | None, ...]

# The Hub's viewer reads row groups, shows a hundred rows at a time and gives up at 300 MB. Rows
# without media are so small that tenfold groups cost it nothing, and save half of the file.
GROUP_ROWS = 100
GROUP_BYTES = 32 * 2**20
LABELS_ROWS = 1000


def write_parquet(
    out: Path,
    rows: pa.Table,
    rules: list[SplitRule],
    packer: Packer,
    file_bytes: int,
) -> Written:
    """Write rows as ``data/<sides>/<number>.parquet``.

    Media are ``{"bytes", "path"}``; where they are not embedded, text: a path that nothing tries
    to open.

    Args:
        out: Folder to write to.
        rows: Annotation rows of the corpus, media as references.
        rules: Protocols to offer, the default first.
        packer: Puts media in.
        file_bytes: About how large a file may become.

    Returns:
        What was written. A split is the files of some cells: clips that agree in all protocols.
    """
    cells: dict[Sides, Size] = {}
    features = _features(packer)
    for sides, part in _cells(rows, rules):
        folder = out / "data" / _folder(sides)
        folder.mkdir(parents=True)
        cells[sides] = _write(folder, features, packer.tables(part), file_bytes)

    configs: list[dict[str, Any]] = []
    sizes: dict[str, dict[str, Size]] = {}
    for i, rule in enumerate(rules):
        sizes[rule.protocol], data_files = {}, []
        for split in rule.splits:
            own = [sides for sides in cells if sides[i] == split and cells[sides].n_clips]
            sizes[rule.protocol][split] = Size.sum(cells[sides] for sides in own)
            if own:
                paths = [f"data/{_folder(sides)}/*.parquet" for sides in own]
                data_files.append({"split": split, "path": paths})
        if data_files:
            configs.append({"config_name": rule.protocol, "data_files": data_files})
    if configs:
        configs[0]["default"] = True
    usage = _usage(packer, rules, len(cells), "turn_index" in packer.features)
    return Written(configs, sizes, usage, features=features)


def _features(packer: Packer) -> Features:
    if packer.embed:
        return packer.features
    media = [name for name in ("audio", "video", "face") if name in packer.features]
    return Features({**packer.features, **dict.fromkeys(media, Value("string"))})


def _usage(packer: Packer, rules: list[SplitRule], n_cells: int, in_turns: bool) -> str:
    kinds = " and ".join(f"`{kind}`" for kind in packer.kinds)
    media = (
        f"{kinds} hold encoded bytes; `datasets.Audio()` and `datasets.Video()` decode them by "
        "`cast_column`."
        if packer.embed
        else f"Media are left out: {kinds} are paths relative to the folder of the corpus (in "
        "another root of it, they begin with that root's name)."
    )
    usage = (
        "```python\nfrom datasets import load_dataset\n\n"
        f'clips = load_dataset("<this repository or folder>", "{rules[0].protocol}")\n```\n\n'
        f"{media}"
    )
    if n_cells > 1:
        protocols = ", ".join(rule.protocol for rule in rules)
        usage += (
            f" Each clip is written once: a folder below `data` is named by the split that its "
            f"clips have in each protocol ({protocols}), `none` where they are outside of one."
        )
    if n_cells > 1 and in_turns:
        usage += (
            " A split is several such folders, so that the turns of a dialogue do not follow each "
            'other: `rows.sort(["dialogue_id", "turn_index"])` puts them in order.'
        )
    return usage


def _cells(rows: pa.Table, rules: list[SplitRule]) -> Iterator[tuple[Sides, pa.Table]]:
    """Group rows by their sides: each clip is written once, and a split is some of the cells."""
    sides = [rule.assign(rows).to_pylist() for rule in rules]
    members: dict[Sides, list[int]] = {}
    for i, cell in enumerate(zip(*sides, strict=True)):
        if any(cell):
            members.setdefault(cell, []).append(i)
    for cell, indices in members.items():
        yield cell, rows.take(pa.array(indices))


def _write(folder: Path, features: Features, tables: Iterable[pa.Table], file_bytes: int) -> Size:
    """Write tables as files of about ``file_bytes``."""
    schema = features.arrow_schema  # carries the features for `datasets` to read
    options = _options(schema)
    n_most = GROUP_ROWS if _media(schema) else LABELS_ROWS
    writer, n_rows, n_files, n_bytes, size = None, 0, 0, 0, 0
    for table in tables:
        for group in _groups(table, n_most):
            if writer is not None and size > file_bytes:
                writer.close()
                writer, size = None, 0
            if writer is None:
                path = folder / f"{n_files:05d}.parquet"
                writer = pq.ParquetWriter(path, schema, **options)
                n_files += 1
            writer.write_table(_typed(group, schema), row_group_size=n_most)
            n_rows, size, n_bytes = n_rows + len(group), size + group.nbytes, n_bytes + group.nbytes
    if writer is not None:
        writer.close()
    return Size(n_rows, n_bytes, sum(path.stat().st_size for path in folder.iterdir()))


def _groups(table: pa.Table, n_most: int) -> Iterator[pa.Table]:
    """Cut a table into row groups: ``n_most`` rows, fewer where their media are large."""
    sizes = [0] * table.num_rows
    for name in _media(table.schema):
        lengths = pc.fill_null(pc.binary_length(pc.struct_field(table[name], "bytes")), 0)
        sizes = [size + more for size, more in zip(sizes, lengths.to_pylist(), strict=True)]
    start = held = 0
    for i, size in enumerate(sizes):
        if i > start and (i - start >= n_most or held + size > GROUP_BYTES):
            yield table.slice(start, i - start)
            start, held = i, 0
        held += size
    if start < table.num_rows:
        yield table.slice(start)


def _media(schema: pa.Schema) -> list[str]:
    """The columns that hold the bytes of media."""
    return [
        field.name
        for field in schema
        if pa.types.is_struct(field.type) and field.type.get_field_index("bytes") >= 0
    ]


def _typed(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Media by path become text."""
    for field in schema:
        if pa.types.is_string(field.type) and pa.types.is_struct(table[field.name].type):
            table = set_column(table, field.name, pc.struct_field(table[field.name], "path"))
    return table.cast(schema)


def _options(schema: pa.Schema) -> dict[str, Any]:
    """How files are written: media as they are, the rest compressed, and an index of the pages."""
    empty = io.BytesIO()
    pq.write_table(schema.empty_table(), empty)
    empty.seek(0)
    columns = pq.ParquetFile(empty).schema
    paths = [columns.column(i).path for i in range(len(columns))]
    media = {path for path in paths if path.endswith(".bytes")}
    return {
        "compression": {path: "none" if path in media else "snappy" for path in paths},
        "use_dictionary": [path for path in paths if path not in media],
        "write_page_index": True,
    }


def _folder(sides: Sides) -> str:
    return ".".join(side or "none" for side in sides)
