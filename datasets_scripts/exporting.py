"""A corpus as Parquet and a card: what ``datasets`` loads on any machine, without this package."""

from collections.abc import Callable, Iterator
from os import PathLike
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

import affecthub
from affecthub.datasets_scripts.builder import CorpusBuilder
from affecthub.datasets_scripts.catalog import Corpus, corpus
from affecthub.datasets_scripts.references import read_ref
from affecthub.datasets_scripts.splits import SplitRule

# The Hub's viewer and downloads like files of this order.
FILE_BYTES = 500 * 2**20


def export(
    name: str,
    out_dir: str | PathLike[str],
    data_dir: str | PathLike[str],
    config: str | None = None,
    protocol: str | None = None,
    embed_media: bool = True,
) -> Path:
    """Write a corpus as Parquet with a card; see ``affecthub.export``."""
    entry = corpus(name)
    config, _ = entry.choose(config, protocol)
    protocols = [protocol] if protocol else list(entry.protocols)
    out = Path(out_dir).expanduser()
    if out.exists() and any(out.iterdir()):
        raise ValueError(f"`out_dir`: got {str(out)!r} with files in it, expected an empty folder")

    builder: CorpusBuilder = entry.builder_class()(config_name=config, data_dir=data_dir)
    rows = builder.rows()
    rules = [builder.rule(name) for name in protocols]
    media = _embedded if embed_media else _relative_to(str(builder.config.data_dir))
    n_rows = {}
    for sides, part in _cells(rows, rules):
        folder = out / "data" / _folder(sides)
        folder.mkdir(parents=True)
        n_rows[sides] = _write(builder, part, folder, media)
    card = _card(entry, config, rules, n_rows, embed_media)
    (out / "README.md").write_text(card, encoding="utf-8")
    return out


# The sides on which a clip stands, one for each protocol; None is outside of it.
Sides = tuple[str | None, ...]


def _cells(rows: pa.Table, rules: list[SplitRule]) -> Iterator[tuple[Sides, pa.Table]]:
    """Group rows by their sides: each clip is written once, and a split is some of the cells."""
    sides = [rule.assign(rows).to_pylist() for rule in rules]
    members: dict[Sides, list[int]] = {}
    for i, cell in enumerate(zip(*sides, strict=True)):
        if any(cell):
            members.setdefault(cell, []).append(i)
    for cell, indices in members.items():
        yield cell, rows.take(pa.array(indices))


def _write(
    builder: CorpusBuilder,
    rows: pa.Table,
    folder: Path,
    media: Callable[[dict[str, Any]], dict[str, Any]],
) -> int:
    """Write rows as files of about ``FILE_BYTES``; give their number."""
    schema = builder.info.features.arrow_schema  # carries the features for `datasets` to read
    writer, n_rows, n_files, size = None, 0, 0, 0
    for table in builder.tables(rows, media):
        if writer is not None and size > FILE_BYTES:
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


def _embedded(ref: dict[str, Any]) -> dict[str, Any]:
    return {"bytes": read_ref(ref), "path": ref["path"].rpartition("/")[2]}


def _relative_to(root: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Keep paths only, relative to the corpus: those of this machine mean nothing elsewhere."""
    return lambda ref: {"bytes": None, "path": ref["path"].removeprefix(root).lstrip("/")}


def _folder(sides: Sides) -> str:
    return ".".join(side or "none" for side in sides)


def _card(
    entry: Corpus,
    config: str,
    rules: list[SplitRule],
    n_rows: dict[Sides, int],
    embed_media: bool,
) -> str:
    """Write the card: configurations for ``datasets``, then what a reader must know."""
    configs: list[dict[str, Any]] = []
    lines = []
    for i, rule in enumerate(rules):
        data_files = []
        for split in rule.splits:
            cells = [sides for sides in n_rows if sides[i] == split]
            total = sum(n_rows[sides] for sides in cells)
            lines.append(f"| {rule.protocol} | {split} | {total} |")
            if total:
                paths = [f"data/{_folder(sides)}/*.parquet" for sides in cells if n_rows[sides]]
                data_files.append({"split": split, "path": paths})
        configs.append({"config_name": rule.protocol, "data_files": data_files})
    configs[0]["default"] = True
    head = yaml.safe_dump(
        {
            "pretty_name": entry.title.partition(":")[0],
            "license": entry.licence.lower(),
            "language": list(entry.languages),
            "configs": configs,
        },
        sort_keys=False,
        allow_unicode=True,
    )
    terms = (
        "You may pass this copy on under its licence."
        if entry.may_redistribute
        else "The terms do not let you pass this copy on. Keep it private."
    )
    media = (
        "Audio and video are embedded as encoded bytes."
        if embed_media
        else "Audio and video are left out: `path` is relative to the folder of the corpus."
    )
    table = "\n".join(["| protocol | split | clips |", "|---|---|---|", *lines])
    return f"""---
{head}---

# {entry.title}

Exported by affecthub {affecthub.__version__} from the corpus' own files, configuration `{config}`.
{media} Load it with `datasets.load_dataset(<this folder>, "{rules[0].protocol}")`.

## Licence

{entry.licence}. {terms}

Source: {entry.how_to_get}

## Splits

{table}
"""
