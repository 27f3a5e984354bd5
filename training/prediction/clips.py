"""The clips of a run: their ids, and the keys of what a model is given of them."""

from typing import Any

import datasets

from affecthub.training.clip_keys import clip_key
from affecthub.training.recipe import Recipe

_CUTS = ("video_start_s", "video_end_s", "video_crop")


class Clips:
    """Clips by number.

    Args:
        rows: Rows of a corpus.
        recipe: Says the modalities.
        features: A ``FeatureCache`` in place of media.
        keyed: Whether keys are needed; without, they are "".
    """

    def __init__(
        self, rows: datasets.Dataset, recipe: Recipe, *, features: Any = None, keyed: bool
    ) -> None:
        self.ids: list[str] = list(rows["id"])
        self.modalities, self.features, self.keyed = recipe.modalities, features, keyed
        needed = ("id", *recipe.modalities, *_CUTS)
        self._given: Any = rows.select_columns([n for n in needed if n in rows.column_names])

    def key(self, number: int) -> str:
        """What is given of a clip, see `clip_key`; media, or features, are read for it."""
        if not self.keyed:
            return ""
        row = self._given[number]
        if self.features is None:
            return clip_key(row, self.modalities)
        return clip_key(row, self.modalities, self.features.features(row) or {})
