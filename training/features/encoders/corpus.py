"""Fill a cache from a corpus by an encoder's name: ``affecthub features CORPUS --encoder``."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from affecthub.errors import unknown_name
from affecthub.training.features.columns import dtype_named
from affecthub.training.features.corpus import rows_of
from affecthub.training.features.encoders.building import build, kind_of, require_modality
from affecthub.training.features.encoders.maker import EncoderMaker
from affecthub.training.features.encoders.rules import Wanted
from affecthub.training.features.encoders.table import find_encoder
from affecthub.training.features.filling import SHARD_CLIPS, fill
from affecthub.training.features.index import Summary
from affecthub.training.features.machine import usual_workers
from affecthub.training.features.names import Modality
from affecthub.training.model import device
from affecthub.training.processes import joined

# What each modality is read from, the first that a corpus has.
_MEDIA: dict[Modality, tuple[str, ...]] = {
    "audio": ("audio",),
    "text": ("text", "text_raw"),
    "vision": ("face", "video"),
}
# With its tags, as the published features were made of it.
_TAGGED = "text_raw"


def fill_encoder(
    corpus: str,
    encoder: str | Path,
    data_dir: str | Path,
    folder: str | Path,
    *,
    wanted: Wanted | None = None,
    modality: str | None = None,
    medium: str | None = None,
    config: str | None = None,
    protocol: str = "official",
    splits: Sequence[str] = (),
    dtype: str = "float16",
    compute: str | None = None,
    batch_size: int | None = None,
    n_workers: int | None = None,
    shard_clips: int = SHARD_CLIPS,
    retry: bool = False,
    progress: bool = True,
) -> Summary:
    """Make what an encoder says of a corpus' clips and keep it in a folder.

    Args:
        corpus: Its name.
        encoder: Folder, name of the table or Hub id.
        data_dir: The corpus' folder.
        folder: Where the features go.
        wanted: Style, level, layers and so on.
        modality: What the encoder must encode, None for any.
        medium: Column of the corpus; None takes ``face`` before ``video``, and of text the one
            with its tags in the style of MERBench.
        config: Of the corpus; None takes its first.
        protocol: Names the splits.
        splits: Of the protocol; none takes all.
        dtype: To keep features in: ``"fp16"``, ``"bf16"`` or ``"fp32"``.
        compute: To encode in; None is float32, and float16 for the largest on an accelerator.
        batch_size: Clips that are encoded together; None is usual for the encoder.
        n_workers: See `fill`; None leaves a core to each, eight at most.
        shard_clips: The same.
        retry: The same.
        progress: The same.

    Returns:
        What the folder holds.

    Raises:
        FileNotFoundError: The corpus' or the encoder's folder is not there.
        ValueError: A name is unknown, the encoder cannot be loaded, the corpus lacks what it
            encodes, or as `fill`.
        ImportError: A package that the encoder needs is missing.
        OSError: The disk is full; what is written stays.
    """
    wanted = wanted or Wanted()
    dtype = dtype_named(dtype)
    named = find_encoder(encoder)
    kind = kind_of(named)
    require_modality(named, kind, modality)
    with joined() as process:
        rows, names = rows_of(corpus, config, data_dir, protocol, splits, process)
        column = _medium(kind.modality, medium, rows.column_names, corpus, wanted)
        made = build(named, kind, wanted, medium=column, device=device(), compute=compute)
        source = {
            # Who is given the features may not know this disk.
            "encoder": named.name if Path(named.where).is_dir() else named.where,
            "revision": getattr(made.model.config, "_commit_hash", None),
        }
        about: dict[str, Any] = {
            "encoder": named.name,
            "hub_id": named.published.hub_id if named.published else None,
            "modality": kind.modality,
            "level": wanted.level,
            "style": wanted.style,
            "config": config,
            "protocol": protocol,
            "splits": names,
        }
        return fill(
            EncoderMaker(made, kind.modality, wanted, dtype, source),
            rows,
            folder,
            corpus=corpus,
            batch_size=batch_size or made.batch_size,
            n_workers=usual_workers() if n_workers is None else n_workers,
            shard_clips=shard_clips,
            retry=retry,
            progress=progress,
            about=about,
        )


def _medium(
    modality: Modality, asked: str | None, columns: Sequence[str], corpus: str, wanted: Wanted
) -> str:
    """The column of a corpus that an encoder reads.

    Raises:
        ValueError: The corpus has none, or the one that was asked for is not of the modality.
    """
    known = _MEDIA[modality]
    if asked is not None and asked not in known:
        raise unknown_name(f"medium of {modality}", asked, known)
    if asked is None and wanted.is_official and _TAGGED in columns and _TAGGED in known:
        return _TAGGED
    there = [name for name in ((asked,) if asked else known) if name in columns]
    if not there:
        raise ValueError(
            f"{corpus} has no {asked or ' and no '.join(known)}: expected it for an encoder of "
            f"{modality}."
        )
    return there[0]
