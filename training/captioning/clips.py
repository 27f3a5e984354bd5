"""Which clips a captioner learns from and is asked about, and which are left out and why."""

import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import datasets

from affecthub.datasets_scripts import load_dataset
from affecthub.entries import entry_of
from affecthub.training.captioning.kinds import caption_column, references
from affecthub.training.captioning.recipe import SECAP, CaptionRecipe


@dataclass(frozen=True)
class CaptionClips:
    """Clips of one split that can be used.

    Args:
        rows: They.
        column: The column of their captions.
        n_there: Clips of the split.
        left_out: How many are left out, by reason.
    """

    rows: datasets.Dataset
    column: str
    n_there: int
    left_out: dict[str, int]

    def captions(self) -> list[list[str]]:
        """The captions of each clip."""
        return [references({self.column: each}, self.column) for each in self.rows[self.column]]


def load_corpus(recipe: CaptionRecipe, data_dir: str | Path) -> datasets.DatasetDict:
    """The recipe's corpus under its protocol."""
    if recipe.corpus == SECAP:
        return read_secap(data_dir)
    return load_dataset(recipe.corpus, recipe.config, data_dir=data_dir, protocol=recipe.protocol)


def usable_clips(rows: datasets.Dataset, recipe: CaptionRecipe, what: str) -> CaptionClips:
    """The clips of a split that have what the recipe gives and a caption.

    Args:
        rows: Of a corpus.
        recipe: Says what is given, and which captions.
        what: What the clips are for, for the message: ``"training"``.

    Raises:
        ValueError: The corpus has no such column, or no clip can be used.
    """
    column = caption_column(recipe.caption, rows.column_names)
    reasons: Counter[str] = Counter()
    kept = []
    for place, row in enumerate(rows.select_columns([column, "audio", "text"])):
        lacks = [name for name in recipe.modalities if not row[name]]
        if not references(row, column):
            lacks.append("caption")
        if lacks:
            reasons[" and ".join(lacks)] += 1
        else:
            kept.append(place)
    said = ", ".join(f"{n} without {why}" for why, n in sorted(reasons.items()))
    if not kept:
        raise ValueError(
            f"no {what} clip of {recipe.corpus!r} can be used: got {len(rows)} clips"
            f"{f', {said}' if said else ''}, expected some with {' and '.join(recipe.modalities)} "
            f"and a caption in `{column}`."
        )
    if reasons:
        warnings.warn(
            f"{sum(reasons.values())} of {len(rows)} {what} clips of {recipe.corpus!r} are left "
            f"out: {said}.",
            stacklevel=2,
        )
    return CaptionClips(rows.select(kept), column, len(rows), dict(reasons))


def language(recipe: CaptionRecipe) -> str:
    """The language that captions are scored in."""
    if recipe.lang is not None:
        return recipe.lang
    if recipe.corpus == SECAP:
        return "zh"
    return "zh" if entry_of(recipe.corpus).languages[0].startswith("zh") else "en"


def read_secap(data_dir: str | Path) -> datasets.DatasetDict:
    """See ``captioning.secap``."""
    from affecthub.training.captioning import secap

    return secap.read_secap(data_dir)
