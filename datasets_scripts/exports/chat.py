"""An export as messages for chat models: jsonl, films, and a separate wav beside each film.

ms-swift and LLaMA-Factory read the same lines: turns whose text holds ``<video>`` and ``<audio>``,
and the files in the columns ``videos`` and ``audios``. trl reads the turns.
"""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from datasets import Features, List, Value

from affecthub.datasets_scripts.exports.packing import Packer, safe_names
from affecthub.datasets_scripts.exports.questions import Said, Wording, plain
from affecthub.datasets_scripts.exports.written import Size, Written
from affecthub.datasets_scripts.protocols.rules import SplitRule
from affecthub.datasets_scripts.reading.layout import VIDEO_SUFFIXES
from affecthub.media import load_waveform, video_cut
from affecthub.media.cut import wav
from affecthub.questions import COLUMN_QUESTIONS

# The rate that audio encoders of chat models take.
RATE_HZ = 16000
# The Hub wants at most 10,000 files in a folder.
_FOLDER_CLIPS = 1000
_COLUMNS = {"video": "videos", "audio": "audios"}

_USAGE = """\
One line per clip: `messages`, a user's and an assistant's turn with the places of media marked by
`<video>` and `<audio>`, and the files in {columns}, relative to
{where}. The answer is the clip's `{answer}`.{left_out}

ms-swift:

```
ROOT_IMAGE_DIR={base} swift sft --model Qwen/Qwen2.5-Omni-7B --dataset {first}
```

LLaMA-Factory, by the `dataset_info.json` in this folder:

```
llamafactory-cli train ... --dataset_dir . --media_dir {base} --dataset {name}
```

trl reads `messages`. Its own collator loads images only, so a collator of yours must call
`processor.apply_chat_template([with_media(row)["messages"] for row in rows], ...)`:

```python
import re


def with_media(row, base="{base}"):
    files = {{kind: iter(row.get(f"{{kind}}s") or []) for kind in ("video", "audio")}}
    messages = []
    for turn in row["messages"]:
        parts = re.split("<(video|audio)>", turn["content"])
        paths = [(kind, f"{{base}}/{{next(files[kind])}}") for kind in parts[1::2]]
        blocks = [{{"type": kind, "path": path}} for kind, path in paths]
        blocks.append({{"type": "text", "text": "".join(parts[::2])}})
        messages.append({{"role": turn["role"], "content": blocks}})
    return {{**row, "messages": messages}}
```"""

_LEFT_OUT = """
Sound that lies only in a film, and films of which a clip is but a part, are left out: no path can
name them. Paths in another root of the corpus begin with its name."""


def write_chat(
    out: Path,
    rows: pa.Table,
    rule: SplitRule,
    packer: Packer,
    wording: Wording,
) -> Written:
    """Write rows as ``<split>.jsonl`` and, where media are embedded, their files in ``media/``.

    Args:
        out: Folder to write to.
        rows: Annotation rows of the corpus, media as references.
        rule: The protocol whose splits are written.
        packer: Gives media: as files (sound as 16 kHz mono wav), or as paths within the corpus. By
            path, sound that lies only in the film and parts of longer films are left out: no path
            can name them.
        wording: Says what each row is asked and answered.

    Returns:
        What was written. Clips without an answer, and clips of which nothing can be shown, neither
        media nor words, are left out and counted.

    Raises:
        ValueError: No clip is left, or media in tars are wanted by path.
    """
    corpus, n_rows = packer.corpus, rows.num_rows
    if not packer.embed and packer.in_archives:
        raise ValueError(
            "media by path: got media inside tars, expected files that a chat trainer can open. "
            "Unpack the tars, or embed the media."
        )
    names = dict(zip(rows["id"].to_pylist(), safe_names(rows["id"].to_pylist()), strict=True))
    sides = rule.assign(rows)
    clips: dict[str, list[dict[str, Any]]] = {}
    answers: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    for split in rule.splits:
        clips[split] = []
        for row in _rows(rows.filter(pc.equal(sides, split)), packer):
            said = wording.said(row, packer.features)
            if isinstance(said, str):
                left_out[f"without `{said}`"] += 1
                continue
            folder = f"media/{split}/{len(clips[split]) // _FOLDER_CLIPS:03d}"
            files = _files(row, packer, out, f"{folder}/{names[row['id']]}", wording.media)
            if not files and not said.is_shown:
                left_out["of which neither media nor words can be shown"] += 1
                continue
            answers[said.column] += 1
            messages = _messages(said, list(files))
            clips[split].append({"id": row["id"], "messages": messages, "files": files})
    if not any(clips.values()):
        reasons = ", ".join(f"{n} {why}" for why, n in left_out.items()) or "no clips"
        raise ValueError(
            f"nothing to ask about the {n_rows} clips of {corpus}: got {reasons}, expected some "
            f"with an answer and something to show. `answer` is one of "
            f"{', '.join(COLUMN_QUESTIONS)}; media are looked for in `data_dir` and `roots`."
        )
    # A column that is empty everywhere would have no type.
    kinds = [
        kind for kind in _COLUMNS if any(kind in clip["files"] for clip in chain(*clips.values()))
    ]
    written = frozenset(clip["id"] for side in clips.values() for clip in side)
    sizes = {}
    for split in clips:
        n_bytes = n_media = 0
        if clips[split]:
            n_bytes = _write_lines(out / f"{split}.jsonl", clips[split], kinds)
            n_media = _size(out / "media" / split)
        sizes[split] = Size(len(clips[split]), n_bytes, n_bytes + n_media)
    present = [split for split in clips if clips[split]]
    entries = {f"{corpus}_{split}": _entry(split, kinds) for split in present}
    text = json.dumps(entries, indent=2)
    (out / "dataset_info.json").write_text(text + "\n", encoding="utf-8")
    usage = _USAGE.format(
        base="." if packer.embed else "$CORPUS",
        where="this folder" if packer.embed else "the folder of the corpus (`$CORPUS`)",
        columns=" and ".join(f"`{_COLUMNS[kind]}`" for kind in kinds) or "no column",
        answer="`, `".join(answers),
        left_out="" if packer.embed else _LEFT_OUT,
        first=f"{present[0]}.jsonl",
        name=f"{corpus}_{present[0]}",
    )
    data_files = [{"split": split, "path": f"{split}.jsonl"} for split in present]
    return Written(
        configs=[{"config_name": rule.protocol, "default": True, "data_files": data_files}],
        sizes={rule.protocol: sizes},
        usage=usage,
        features=_features(kinds),
        clips=written,
        notes=[f"{n} clips {why} are left out." for why, n in left_out.items()],
    )


def _rows(rows: pa.Table, packer: Packer) -> Iterator[dict[str, Any]]:
    for table in packer.tables(rows):
        yield from table.to_pylist()


def _messages(said: Said, kinds: list[str]) -> list[dict[str, str]]:
    """The turns of a clip, the places of its media before what is asked."""
    shown = "".join(f"<{kind}>" for kind in kinds)
    messages = [
        {"role": "user", "content": shown + said.asked},
        {"role": "assistant", "content": said.answer},
    ]
    if said.system:
        messages.insert(0, {"role": "system", "content": plain(said.system)})
    return messages


def _files(
    row: dict[str, Any], packer: Packer, out: Path, stem: str, kinds: frozenset[str]
) -> dict[str, str]:
    """Write a clip's files, or name those of the corpus: modality to path."""
    files = {}
    for kind in _COLUMNS:
        item = row.get(kind) if kind in kinds else None
        if item is None:
            continue
        suffix = PurePosixPath(item["path"]).suffix.lower()
        if packer.embed:
            files[kind] = stem + (".wav" if kind == "audio" else suffix)
            data = item["bytes"]
            if kind == "audio":
                data = wav(load_waveform(data, RATE_HZ), RATE_HZ)
            (out / files[kind]).parent.mkdir(parents=True, exist_ok=True)
            (out / files[kind]).write_bytes(data)
        elif not (suffix in VIDEO_SUFFIXES if kind == "audio" else video_cut(row)):
            files[kind] = item["path"]
    return files


def _features(kinds: list[str]) -> Features:
    """The types of a line."""
    turn = {"role": Value("string"), "content": Value("string")}
    media = {_COLUMNS[kind]: List(Value("string")) for kind in kinds}
    return Features({"id": Value("string"), "messages": List(turn), **media})


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _write_lines(path: Path, clips: list[dict[str, Any]], kinds: list[str]) -> int:
    """Write clips as lines; give the size of the file."""
    with path.open("w", encoding="utf-8") as stream:
        for clip in clips:
            files = clip.pop("files")
            media = {_COLUMNS[kind]: [files[kind]] if kind in files else [] for kind in kinds}
            stream.write(json.dumps({**clip, **media}, ensure_ascii=False) + "\n")
    return path.stat().st_size


def _entry(split: str, kinds: list[str]) -> dict[str, Any]:
    """Describe a split as LLaMA-Factory's list of data sets does."""
    columns = {"messages": "messages", **{_COLUMNS[kind]: _COLUMNS[kind] for kind in kinds}}
    tags = {"role_tag": "role", "content_tag": "content", "user_tag": "user"}
    tags |= {"assistant_tag": "assistant", "system_tag": "system"}
    return {
        "file_name": f"{split}.jsonl",
        "formatting": "sharegpt",
        "columns": columns,
        "tags": tags,
    }
