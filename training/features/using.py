"""A cache in the place of media, for a recipe that names one."""

from typing import Any

from affecthub.training.features.store import FeatureCache
from affecthub.training.recipe import Recipe


def open_for(recipe: Recipe, *parts: Any) -> FeatureCache | None:
    """Open the cache that a recipe names, and see that it is of these clips.

    Args:
        recipe: Its ``features`` name the folder, or nothing.
        parts: Clips of the recipe's corpus, or None.

    Returns:
        The cache, None where the recipe names none. Whether it is of the model, its
        `FeatureCache.require_fit` tells.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: It is no finished cache, or another corpus', or lacks clips, or clips have
            changed since.
    """
    if recipe.features is None:
        return None
    cache = FeatureCache.open(recipe.features)
    for rows in parts:
        if rows is not None:
            cache.require_clips(rows, recipe.modalities, recipe.corpus)
    return cache
