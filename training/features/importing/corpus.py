"""Make caches of features that others have made: ``affecthub features import``."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch.utils.data import Dataset

from affecthub.errors import unknown_name
from affecthub.training.features.columns import Column, dtype_named
from affecthub.training.features.corpus import rows_of
from affecthub.training.features.filling import SHARD_CLIPS, fill
from affecthub.training.features.importing.arrays import Checked, Foreign, as_steps, check
from affecthub.training.features.importing.mmsa import find_pickle
from affecthub.training.features.importing.trees import find_trees
from affecthub.training.features.index import Summary
from affecthub.training.features.names import MODALITIES, Modality, column_of
from affecthub.training.processes import joined

# What ``about`` says of how imported features were made: nobody here knows.
STYLE = "imported"


@dataclass(frozen=True)
class Imported:
    """One cache that was made.

    Args:
        summary: What it holds.
        encoder: What made the features, as their owner calls it.
        modality: What they tell of.
        level: ``"utterance"`` or ``"frame"``.
        width: Numbers in a vector.
        absent: Clips of the corpus without features; they have null.
        strange: Clips with features that are not in the corpus; they are left out.
        zeros: Clips whose features were zeros alone; they have null.
    """

    summary: Summary
    encoder: str
    modality: Modality
    level: str
    width: int
    absent: list[str]
    strange: list[str]
    zeros: list[str]


def import_features(
    source: str | Path,
    corpus: str,
    data_dir: str | Path,
    out: str | Path,
    *,
    modality: str | None = None,
    config: str | None = None,
    protocol: str = "official",
    splits: Sequence[str] = (),
    dtype: str = "float16",
    infinite_to_zero: bool = False,
    shard_clips: int = SHARD_CLIPS,
    progress: bool = True,
) -> list[Imported]:
    """Make a cache of each kind of features in a folder or a pickle.

    Args:
        source: Folder of npy files or of folders of them, ``NAME-UTT`` or ``NAME-FRA`` as MERBench
            calls them; or a pickle of MMSA.
        corpus: Whose clips these are; files are named by its ids.
        data_dir: The corpus' folder.
        out: Folder of the caches, each in a folder of its own.
        modality: Of features whose names are not known.
        config: Of the corpus; None takes its first.
        protocol: Names the splits.
        splits: Of the protocol; none takes all.
        dtype: To keep features in.
        infinite_to_zero: Put zero for infinite numbers, as MMSA does; otherwise they are refused.
        shard_clips: See `fill`.
        progress: The same.

    Returns:
        What was made, one for each kind, and which clips are on one side alone.

    Raises:
        FileNotFoundError: The source or the corpus' folder is not there.
        ValueError: No features are there, they cannot be used (with names), or not one is of a
            clip of the corpus.
        OSError: The disk is full; what is written stays.
    """
    dtype = dtype_named(dtype)
    if modality is not None and modality not in MODALITIES:
        raise unknown_name("modality", modality, MODALITIES)
    found = find_foreign(source, modality, infinite_to_zero=infinite_to_zero)
    with joined() as process:
        rows, names = rows_of(corpus, config, data_dir, protocol, splits, process)
        known = {*rows["id"]}
        made = []
        for foreign in found:
            _require_met(foreign, known, corpus)
            checked = check(foreign)
            summary = fill(
                _Maker(foreign, checked, dtype),
                rows,
                Path(out).expanduser() / foreign.name,
                corpus=corpus,
                shard_clips=shard_clips,
                progress=progress,
                about={
                    "encoder": foreign.encoder,
                    "modality": foreign.modality,
                    "level": foreign.level,
                    "style": STYLE,
                    "config": config,
                    "protocol": protocol,
                    "splits": names,
                },
            )
            made.append(
                Imported(
                    summary,
                    foreign.encoder,
                    foreign.modality,
                    foreign.level,
                    checked.width,
                    sorted(known - foreign.clips.keys()),
                    sorted(foreign.clips.keys() - known),
                    sorted(known & {*checked.zeros}),
                )
            )
        return made


def find_foreign(
    source: str | Path, modality: Any = None, *, infinite_to_zero: bool = False
) -> list[Foreign]:
    """The kinds of features in a folder or a pickle.

    Raises:
        FileNotFoundError: It is not there.
        ValueError: There are none, or their modality is not known.
    """
    path = Path(source).expanduser()
    if not path.exists():
        raise FileNotFoundError(f"features not found: {path}. Check the path.")
    found = (
        find_trees(path, modality)
        if path.is_dir()
        else find_pickle(path, infinite_to_zero=infinite_to_zero)
    )
    if not found:
        raise ValueError(
            f"{path} holds no features: expected npy files, one for each clip, in it or in folders "
            "of it, or a pickle of MMSA."
        )
    return found


def _require_met(foreign: Foreign, known: set[str], corpus: str) -> None:
    """Refuse features of which none is of a clip of the corpus."""
    if known & foreign.clips.keys():
        return
    theirs, ours = sorted(foreign.clips)[:2], sorted(known)[:2]
    raise ValueError(
        f"{foreign.source} has features of no clip of {corpus}: got {', '.join(theirs)}, expected "
        f"ids as {', '.join(ours)}. Name the files by the ids of the corpus."
    )


class _Maker:
    """Hands on features that are there already."""

    name = "encoder"
    media = ()

    def __init__(self, foreign: Foreign, checked: Checked, dtype: str) -> None:
        self.foreign, self.left_out = foreign, {*checked.zeros}
        self.source = {"imported": foreign.source}
        column = column_of(foreign.modality)
        shape: list[int | None] = [None, checked.width]
        if foreign.level == "utterance":
            shape = [checked.width]
        self.columns = [Column(column, tuple(shape), dtype)]
        self.made_of = {column: ()}
        self.key = {
            column: {
                "shape": shape,
                "style": STYLE,
                "level": foreign.level,
                "encoder": foreign.encoder,
                "content": checked.digest,
            }
        }

    def inputs(self, rows: Any) -> "_Inputs":
        """Clips as arrays."""
        return _Inputs(rows, self.foreign, self.left_out, self.columns[0].name)

    def make(self, column: str, values: Sequence[np.ndarray]) -> list[np.ndarray]:
        """The arrays as they are, a vector alone at the level of utterances."""
        steps = [as_steps(np.asarray(each, np.float32)) for each in values]
        return [each[0] if self.foreign.level == "utterance" else each for each in steps]


class _Inputs(Dataset):
    """Clips of a corpus with their arrays, nothing where there are none."""

    def __init__(self, rows: Any, foreign: Foreign, left_out: set[str], column: str) -> None:
        self.rows, self.foreign = rows, foreign
        self.left_out, self.column = left_out, column

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, number: int) -> dict[str, np.ndarray]:
        clip = self.rows[number]["id"]
        if clip not in self.foreign.clips or clip in self.left_out:
            return {}
        return {self.column: self.foreign.clips[clip]()}
