"""A page of clips with players: what a corpus sounds and looks like, before anything is trained."""

import base64
import json
import mimetypes
from collections import Counter
from importlib.resources import files
from os import PathLike
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from datasets import ClassLabel

from affecthub.datasets_scripts.exports.packing import Packer, safe_names
from affecthub.datasets_scripts.row import LEADING_COLUMNS
from affecthub.media.cut import cut_video

if TYPE_CHECKING:
    from affecthub.datasets_scripts.corpus import Corpus

# What browsers play; other films are encoded again.
_PLAYED = (".mp4", ".m4v", ".webm")
_PLAYERS = ("audio", "video")
# Shown by themselves, or of no use to the eye.
_SHOWN = {"corpus", "emotion", "text", "text_en", "description", "open_vocabulary", "media_issue"}


def view(
    corpus: "Corpus", out: str | PathLike[str], *, limit: int = 120, embed: bool = False
) -> Path:
    """Write a page of clips with players, labels, transcripts, counts per split and filters.

    Args:
        corpus: What is shown, cut by its protocol.
        out: The page, ``<name>.html``; one that is there is replaced. Media lie beside it in
            ``<name>_files`` unless they are embedded.
        limit: How many clips, spread evenly over each split; every split has its share. The counts
            are those of all clips.
        embed: Put the media into the page, which then is one large file.

    Returns:
        The page, absolute.

    Raises:
        ValueError: ``out`` does not end in ``.html`` or lies inside the corpus, or ``limit`` is
            below 1.
    """
    page = Path(out).expanduser().resolve()
    if page.suffix != ".html":
        raise ValueError(f"`out`: got {str(out)!r}, expected a name that ends in .html")
    if limit < 1:
        raise ValueError(f"`limit`: got {limit}, expected at least 1")
    if page.is_relative_to(Path(corpus.data_dir)):
        raise ValueError(
            f"`out`: got {str(out)!r} inside the corpus, expected a place elsewhere: the media "
            "beside the page would be read as a part of it."
        )
    sides = corpus.sides()
    n_clips = sum(side.num_rows for side in sides.values())
    folder = None if embed else page.with_name(f"{page.stem}_files")
    page.parent.mkdir(parents=True, exist_ok=True)
    clips: list[dict[str, Any]] = []
    packer = Packer(corpus._builder, corpus._builder.rows(), embed=True)
    whole = corpus._builder.rule_of(corpus.protocol).cut(corpus._builder.rows())
    for split, rows in whole.items():
        share = round(limit * rows.num_rows / n_clips) if n_clips else 0
        wanted = min(rows.num_rows, max(1, share))
        spread = np.linspace(0, rows.num_rows - 1, wanted).round().astype(int)
        chosen = rows.take(pa.array(spread))
        names = safe_names(chosen["id"].to_pylist())
        for table in packer.tables(chosen):
            for row in table.to_pylist():
                name = f"{split}/{names[len([c for c in clips if c['split'] == split])]}"
                clips.append(_clip(row, split, packer.features, folder, name))
    data = {
        "title": corpus.entry.title,
        "name": corpus.name,
        "about": f"configuration {corpus.config}, protocol {corpus.protocol}, "
        f"{n_clips:,} clips, of which {len(clips):,} are shown. {corpus.entry.licence}.",
        "counts": _counts(sides),
        "clips": clips,
    }
    text = (files(__package__) / "page.html").read_text(encoding="utf-8")
    # Nothing that an annotator wrote may end the script.
    told = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    page.write_text(text.replace('"DATA"', told), encoding="utf-8")
    return page


def _counts(sides: dict[str, pa.Table]) -> dict[str, dict[str, int]]:
    """Split to label to clips; what has no label is "(none)"."""
    found = {
        split: Counter(label or "(none)" for label in side["emotion"].to_pylist())
        for split, side in sides.items()
    }
    labels = dict.fromkeys(label for counts in found.values() for label in sorted(counts))
    return {split: {label: counts[label] for label in labels} for split, counts in found.items()}


def _clip(
    row: dict[str, Any], split: str, features: Any, folder: Path | None, name: str
) -> dict[str, Any]:
    """What the page knows of a clip: its media as links, its labels by name."""
    named = {
        key: features[key].int2str(value)
        if isinstance(features.get(key), ClassLabel) and value is not None
        else value
        for key, value in row.items()
        if key not in (*_PLAYERS, "face")
    }
    more = {
        key: value
        for key, value in named.items()
        if key not in _SHOWN and value not in (None, [], "") and _plain(value)
    }
    own = {key: more[key] for key in more if key not in LEADING_COLUMNS}
    common = {key: more[key] for key in more if key in LEADING_COLUMNS and key != "id"}
    shown = {key: named.get(key) for key in ("id", *sorted(_SHOWN))}
    media = {kind: _link(row, kind, folder, name) for kind in _PLAYERS if row.get(kind)}
    return {**shown, **media, "split": split, "speaker": row["speaker_id"], "more": common | own}


def _plain(value: Any) -> bool:
    """Whether a value can be read at a glance."""
    if isinstance(value, list):
        return len(value) < 12 and all(isinstance(item, str | int | float) for item in value)
    return isinstance(value, str | int | float)


def _link(row: dict[str, Any], kind: str, folder: Path | None, name: str) -> str:
    """Write a clip's media beside the page, or into the link itself."""
    suffix = PurePosixPath(row[kind]["path"]).suffix.lower()
    data = row[kind]["bytes"]
    if kind == "video" and suffix not in _PLAYED:
        try:
            data, suffix = cut_video(data), ".mp4"
        except ValueError:  # it is shown as it is, and the browser says what it cannot play
            pass
    if folder is None:
        what = mimetypes.guess_type(f"x{suffix}")[0] or "application/octet-stream"
        return f"data:{what};base64,{base64.b64encode(data).decode()}"
    path = folder / f"{name}{suffix}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return f"{folder.name}/{name}{suffix}"
