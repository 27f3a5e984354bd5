"""How often each clip of a corpus is drawn: by class, by a column of numbers, or all alike."""

import datasets
import numpy as np

from affecthub.errors import close_names
from affecthub.training.recipe import Recipe

# Kinds of values that make classes.
_CLASSES = (str, int, bool)


def require_columns(rows: datasets.Dataset, recipe: Recipe, columns: tuple[str, ...]) -> None:
    """Refuse columns that a corpus does not have.

    Raises:
        ValueError: One is not there; close matches are listed.
    """
    for column in columns:
        if column not in rows.column_names:
            close = close_names(column, rows.column_names)
            hint = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
            raise ValueError(
                f"corpus {recipe.corpus!r} has no column {column!r}: expected one of "
                f"{', '.join(rows.column_names)}.{hint}"
            )


def draw_weights(rows: datasets.Dataset, recipe: Recipe) -> np.ndarray | None:
    """How often each clip is drawn, beside the others of its corpus.

    Args:
        rows: The clips that can be used; none lacks a value of the two columns.
        recipe: Of this corpus alone: its `balance` and `weight_by`.

    Returns:
        ``(clips,)`` float64 that sum to 1, None where each is drawn once an epoch. With `balance`
        all classes have the same sum; `weight_by` shares it out within them.

    Raises:
        ValueError: A column is of the wrong kind, or no clip has a weight above 0.
    """
    if recipe.balance is None and recipe.weight_by is None:
        return None
    weights = np.ones(len(rows))
    if recipe.weight_by is not None:
        weights = _numbers(rows, recipe.weight_by)
    if recipe.balance is not None:
        classes = rows[recipe.balance]
        strange = next((each for each in classes if not isinstance(each, _CLASSES)), None)
        if strange is not None:
            raise ValueError(
                f"`balance` names {recipe.balance!r}: got values like {strange!r}, expected a "
                "column of labels, texts or whole numbers."
            )
        _, member = np.unique(np.array(classes, dtype=str), return_inverse=True)
        sums = np.bincount(member, weights)
        weights = np.divide(weights, sums[member], out=np.zeros(len(rows)), where=sums[member] > 0)
    if not weights.sum() > 0:
        raise ValueError(
            f"`weight_by` names {recipe.weight_by!r}: got 0 for every clip, expected some above it."
        )
    share: np.ndarray = weights / weights.sum()
    return share


def _numbers(rows: datasets.Dataset, column: str) -> np.ndarray:
    """A column of weights."""
    kind = rows.features[column]
    numbers = ("int", "uint", "float")
    if not (isinstance(kind, datasets.Value) and kind.dtype.startswith(numbers)):
        raise ValueError(f"`weight_by` names {column!r}: got {kind}, expected a column of numbers.")
    weights = np.asarray(rows[column], dtype=np.float64)
    bad = ~np.isfinite(weights) | (weights < 0)
    if bad.any():
        place = int(np.flatnonzero(bad)[0])
        raise ValueError(
            f"`weight_by` names {column!r}: got {weights[place]} for clip {rows['id'][place]!r}, "
            "expected 0 or more."
        )
    return weights
