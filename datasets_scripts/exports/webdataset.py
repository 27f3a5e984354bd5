"""An export as WebDataset: tars that are read from front to back, one sample per clip."""

import io
import json
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from datasets import ClassLabel, Features, List, Value

from affecthub.datasets_scripts.exports.packing import Packer, safe_names
from affecthub.datasets_scripts.exports.written import Size, Written
from affecthub.datasets_scripts.protocols.rules import SplitRule

# Files of one sample: suffix without its dot, and bytes.
Sample = dict[str, bytes]
# What `datasets` makes of the member of each modality. Not `Audio`, which it cannot even store
# without torchcodec; a face array is decoded as it is read.
_MEMBERS = {
    "audio": Value("binary"),
    "video": Value("binary"),
    "face": List(List(List(List(Value("uint8"))))),
}

_USAGE = """\
Tars for `webdataset.WebDataset`, a sample per clip:

{shards}

A sample holds {members}. {media}

`datasets.load_dataset(<this folder>, "{protocol}")` reads the same tars, with the types that stand
in the head of this card."""
_EMBEDDED = """\
Labels in the json are names; media that a clip lacks are left out, and
`media_issue` says why. With `datasets`, media are bytes;
`cast_column(..., datasets.Audio())` or `datasets.Video()` decodes them where torchcodec is."""
_BY_PATH = """\
Labels in it are names. Media are left out: its `audio` and `video` are paths relative to the
folder of the corpus; those in another root begin with its name."""


def write_webdataset(
    out: Path, rows: pa.Table, rule: SplitRule, packer: Packer, file_bytes: int
) -> Written:
    """Write rows as ``data/<split>-<number>.tar``.

    A sample is ``<key>.json`` (every column but the media, labels by name) and, where media are
    embedded, ``<key>.wav``, ``<key>.mp4``, ``<key>.npy``, with the suffixes the corpus has. By
    path, the json has the paths.

    Args:
        out: Folder to write to.
        rows: Annotation rows of the corpus, media as references.
        rule: The protocol whose splits are written.
        packer: Puts media in.
        file_bytes: About how large a tar may become.

    Returns:
        What was written. The types of the columns are in it, because a reader that infers them
        from a few samples cannot know those of columns that are null there.
    """
    folder = out / "data"
    folder.mkdir()
    ids = rows["id"].to_pylist()
    keys = dict(zip(ids, safe_names(ids), strict=True))
    sides = rule.assign(rows)
    data_files, sizes, shards = [], {}, []
    for split in rule.splits:
        part = rows.filter(pc.equal(sides, split))
        n_clips, n_bytes, n_shards = _write(folder, split, _samples(part, keys, packer), file_bytes)
        tars = sum(path.stat().st_size for path in folder.glob(f"{split}-*.tar"))
        sizes[split] = Size(n_clips, n_bytes, tars)
        if n_shards:
            data_files.append({"split": split, "path": f"data/{split}-*.tar"})
            shards.append(f"- `data/{split}-{{000000..{n_shards - 1:06d}}}.tar`")
    members = {"json": _named_features(packer)}
    if packer.embed:
        for kind, suffixes in packer.suffixes().items():
            members |= {suffix: _MEMBERS[kind] for suffix in suffixes}
    features = Features({"__key__": Value("string"), "__url__": Value("string"), **members})
    usage = _USAGE.format(
        shards="\n".join(shards),
        members=" and ".join(f"`{name}`" for name in members),
        media=_EMBEDDED if packer.embed else _BY_PATH,
        protocol=rule.protocol,
    )
    configs = [{"config_name": rule.protocol, "default": True, "data_files": data_files}]
    return Written(configs, {rule.protocol: sizes}, usage, features)


def _samples(rows: pa.Table, keys: dict[str, str], packer: Packer) -> Iterator[tuple[str, Sample]]:
    """Yield each clip's key and files."""
    for table in packer.tables(rows):
        for row in table.to_pylist():
            media = {kind: row.pop(kind) for kind in _MEMBERS if kind in row}
            files = {}
            columns = {name: _named(row[name], packer.features[name]) for name in row}
            for kind in packer.kinds:
                item = media[kind]
                if not packer.embed:
                    columns[kind] = item and item["path"]
                elif item is not None:
                    files[PurePosixPath(item["path"]).suffix.lower()[1:]] = item["bytes"]
            text = json.dumps(columns, ensure_ascii=False)
            yield keys[row["id"]], {"json": text.encode(), **files}


def _write(
    folder: Path, split: str, samples: Iterable[tuple[str, Sample]], file_bytes: int
) -> tuple[int, int, int]:
    """Write samples as tars of about ``file_bytes``; give how many samples, bytes and tars."""
    tar, n_samples, n_bytes, n_tars, size = None, 0, 0, 0, 0
    for key, files in samples:
        n_samples += 1
        if tar is None or size > file_bytes:
            if tar is not None:
                tar.close()
            tar = tarfile.open(folder / f"{split}-{n_tars:06d}.tar", "w")  # noqa: SIM115
            n_tars, size = n_tars + 1, 0
        for suffix, data in files.items():
            member = tarfile.TarInfo(f"{key}.{suffix}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
            size, n_bytes = size + len(data), n_bytes + len(data)
    if tar is not None:
        tar.close()
    return n_samples, n_bytes, n_tars


def _named(value: Any, feature: Any) -> Any:
    """Replace label integers by names, at any depth."""
    if value is None:
        return None
    if isinstance(feature, ClassLabel):
        return feature.int2str(value)
    if isinstance(feature, List):
        return [_named(item, feature.feature) for item in value]
    if isinstance(feature, dict):
        return {name: _named(value[name], feature[name]) for name in feature}
    return value


def _named_features(packer: Packer) -> dict[str, Any]:
    """The types of the json's columns."""
    columns = {
        name: _without_labels(feature)
        for name, feature in packer.features.items()
        if name not in _MEMBERS
    }
    if not packer.embed:
        columns |= dict.fromkeys(packer.kinds, Value("string"))
    return columns


def _without_labels(feature: Any) -> Any:
    if isinstance(feature, ClassLabel):
        return Value("string")
    if isinstance(feature, List):
        return List(_without_labels(feature.feature))
    if isinstance(feature, dict):
        return {name: _without_labels(part) for name, part in feature.items()}
    return feature
