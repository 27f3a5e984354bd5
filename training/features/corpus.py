"""Fill a cache from a corpus by its name and a saved model: what ``affecthub features`` does."""

from collections.abc import Sequence
from pathlib import Path

import datasets

from affecthub.datasets_scripts import load_dataset
from affecthub.errors import unknown_name
from affecthub.training.features.columns import dtype_named
from affecthub.training.features.filling import SHARD_CLIPS, fill
from affecthub.training.features.index import Summary
from affecthub.training.features.loading import load_towers
from affecthub.training.features.machine import usual_workers
from affecthub.training.features.towers import TowerMaker, usual_media
from affecthub.training.model import device
from affecthub.training.processes import gathered, joined
from affecthub.training.shares import Share

MEDIA = ("audio", "face", "video")


def fill_corpus(
    corpus: str,
    model: str | Path,
    data_dir: str | Path,
    folder: str | Path,
    *,
    config: str | None = None,
    protocol: str = "official",
    splits: Sequence[str] = (),
    media: Sequence[str] = (),
    dtype: str = "float16",
    batch_size: int = 16,
    n_workers: int | None = None,
    shard_clips: int = SHARD_CLIPS,
    retry: bool = False,
    progress: bool = True,
) -> Summary:
    """Make the tower features of a corpus and keep them in a folder.

    Args:
        corpus: Its name.
        model: Folder or Hub id of a saved AffectGPT, or of adapters on one.
        data_dir: The corpus' folder.
        folder: Where the features go.
        config: Of the corpus; None takes its first.
        protocol: Names the splits; the clips of all of them, if not said otherwise.
        splits: Of the protocol; none takes all.
        media: Of ``audio``, ``face`` and ``video``; none takes those that the model has a use for
            and the corpus has.
        dtype: ``"float16"``, ``"bfloat16"`` or ``"float32"``, or ``"fp16"`` and so on.
        batch_size: See `fill`.
        n_workers: The same; None leaves a core to each, eight at most.
        shard_clips: The same.
        retry: The same.
        progress: The same.

    Returns:
        What the folder holds.

    Raises:
        FileNotFoundError: The corpus' or the model's folder is not there.
        ValueError: A name is unknown, the model has no use for a medium, the corpus has none, or
            as `fill`.
        OSError: The disk is full; what is written stays.
    """
    dtype = dtype_named(dtype)
    for name in media:
        if name not in MEDIA:
            raise unknown_name("medium", name, MEDIA)
    with joined() as process:
        towers, processor, source = load_towers(model)
        rows, names = rows_of(corpus, config, data_dir, protocol, splits, process)
        used = _used(processor, rows, media, corpus)
        maker = TowerMaker(towers.to(device()), processor, used, dtype, source)
        return fill(
            maker,
            rows,
            folder,
            corpus=corpus,
            batch_size=batch_size,
            n_workers=usual_workers() if n_workers is None else n_workers,
            shard_clips=shard_clips,
            retry=retry,
            progress=progress,
            about={"config": config, "protocol": protocol, "splits": names},
        )


def rows_of(
    corpus: str,
    config: str | None,
    data_dir: str | Path,
    protocol: str,
    splits: Sequence[str],
    process: Share,
) -> tuple[datasets.Dataset, list[str]]:
    """The clips of some splits, or of all, and the splits' names.

    Args:
        corpus: Its name.
        config: Of the corpus; None takes its first.
        data_dir: The corpus' folder.
        protocol: Names the splits.
        splits: Those that are wanted; none takes all.
        process: This process; all of them must ask.

    Raises:
        ValueError: A name is unknown.
    """
    # One process makes the corpus' table, the others find it.
    for turn in (0, 1):
        if (process.index > 0) == bool(turn):
            parts = load_dataset(corpus, config, data_dir=data_dir, protocol=protocol)
        gathered(None)
    for name in splits:
        if name not in parts:
            raise unknown_name(f"split of protocol {protocol!r} of {corpus}", name, parts)
    names = list(splits or parts)
    return datasets.concatenate_datasets([parts[name] for name in names]), names


def _used(
    processor: object, rows: datasets.Dataset, media: Sequence[str], corpus: str
) -> tuple[str, ...]:
    """What the towers are given."""
    usual = usual_media(processor, rows.column_names)
    lacking = [name for name in media if name not in rows.column_names]
    if lacking:
        raise ValueError(
            f"{corpus} has no {' and no '.join(lacking)}: expected some of {', '.join(usual)}."
        )
    used = tuple(media) or usual
    if not used:
        raise ValueError(
            f"there is nothing to make features of: the model's prompt has a use for none of "
            f"{', '.join(MEDIA)} that {corpus} has. Take a model that is shown media."
        )
    return used
