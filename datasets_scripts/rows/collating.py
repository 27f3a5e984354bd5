"""Rows to a batch for PyTorch, nulls included."""

from collections.abc import Mapping, Sequence
from typing import Any

# What PyTorch's losses leave out (`ignore_index`).
IGNORED = -100


def collate(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Put rows into a batch: ``DataLoader(rows, collate_fn=affecthub.collate)``.

    Args:
        rows: Rows of one data set.

    Returns:
        Column to values. Integers become an int64 tensor with -100 for null, which PyTorch's losses
        ignore; fractions a float32 tensor with NaN for null. Tensors and arrays of one shape are
        stacked. Everything else, and a column that is null in all rows, stays a list: texts, lists,
        media, arrays of several shapes or with a null among them.

    Raises:
        ValueError: No row is given.

    Example:
        >>> batch = collate([{"id": "a", "emotion": 2}, {"id": "b", "emotion": None}])
        >>> batch["id"], batch["emotion"].tolist()
        (['a', 'b'], [2, -100])
    """
    if not rows:
        raise ValueError("an empty batch: got no rows, expected at least one")
    return {name: _column([row[name] for row in rows]) for name in rows[0]}


def _column(values: list[Any]) -> Any:
    import numpy as np
    import torch

    kinds = {type(value) for value in values if value is not None}
    whole, fractions = (bool, int, np.integer, np.bool_), (float, np.floating)
    if not kinds:
        return values
    if all(issubclass(kind, whole) for kind in kinds):
        return torch.tensor([IGNORED if value is None else int(value) for value in values])
    if all(issubclass(kind, (*whole, *fractions)) for kind in kinds):
        filled = [float("nan") if value is None else float(value) for value in values]
        return torch.tensor(filled, dtype=torch.float32)
    if len(kinds) == 1 and issubclass(next(iter(kinds)), torch.Tensor | np.ndarray):
        if None not in [None if value is None else 1 for value in values]:
            if len({tuple(value.shape) for value in values}) == 1:
                return torch.stack([torch.as_tensor(value) for value in values])
    return values
