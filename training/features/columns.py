"""Columns of features: what shape a clip's have, and how their numbers lie in Arrow."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import pyarrow as pa

from affecthub.errors import unknown_name

# As they are asked for -> as they are kept.
SHORT = {"fp16": "float16", "bf16": "bfloat16", "fp32": "float32"}
# As they are kept -> the type in Arrow and NumPy. Neither has bfloat16: its bits are kept.
STORED = {"float16": "float16", "bfloat16": "uint16", "float32": "float32"}


def dtype_named(name: str) -> str:
    """The full name of a dtype to keep features in.

    Raises:
        ValueError: It is none of them.

    Example:
        >>> dtype_named("bf16"), dtype_named("float16")
        ('bfloat16', 'float16')
    """
    full = SHORT.get(name, name)
    if full not in STORED:
        raise unknown_name("dtype of features", name, [*SHORT, *STORED])
    return full


@dataclass(frozen=True)
class Column:
    """One kind of features.

    Args:
        name: Of the column.
        shape: Of one clip's; the first may be None, where clips have as many as they are long.
        dtype: ``"float16"``, ``"bfloat16"`` or ``"float32"``.
    """

    name: str
    shape: tuple[int | None, ...]
    dtype: str = "float16"

    @property
    def stored(self) -> np.dtype:
        """The type of the numbers on the disk."""
        return np.dtype(STORED[self.dtype])

    @property
    def step(self) -> int:
        """Numbers in a clip's features; where the first size is open, in one step of them."""
        return prod(size for size in self.shape if size is not None)

    def feature(self) -> Any:
        """The type of the column in ``datasets``."""
        from datasets import List, Value

        made: Any = Value(STORED[self.dtype])
        for size in reversed(self.shape):
            made = List(made) if size is None else List(made, length=size)
        return made

    def encode(self, values: np.ndarray) -> np.ndarray:
        """A clip's features as they are kept.

        Args:
            values: float32 of the column's shape.

        Raises:
            ValueError: Another shape, or numbers that the dtype cannot hold.
        """
        fits = len(values.shape) == len(self.shape) and all(
            want in (None, got) for got, want in zip(values.shape, self.shape, strict=True)
        )
        if not fits:
            raise ValueError(
                f"`{self.name}` has another shape: got {values.shape}, expected {self.shape}."
            )
        kept = _to_bfloat16(values) if self.dtype == "bfloat16" else _cast(values, self.stored)
        if not np.isfinite(self.decode(kept)).all():
            what = "are not finite" if not np.isfinite(values).all() else f"exceed {self.dtype}"
            raise ValueError(
                f"`{self.name}` {what}: the largest is {np.abs(values).max():g}. Keep them in "
                "another dtype, or look at what the towers are given."
            )
        return kept

    def decode(self, kept: np.ndarray) -> np.ndarray:
        """Features as float32, from what is on the disk."""
        if self.dtype == "bfloat16":
            return (kept.astype(np.uint32) << 16).view(np.float32)
        return kept.astype(np.float32)

    def to_arrow(self, rows: Sequence[np.ndarray | None], kind: pa.DataType) -> pa.Array:
        """A column of clips, null for those without.

        Args:
            rows: What `encode` gave.
            kind: The column's type in Arrow.
        """
        absent = pa.array([row is None for row in rows], pa.bool_())
        if self.shape[0] is None:
            there = [row for row in rows if row is not None]
            flat = np.concatenate(there or [self._blank(0)])
            ends = np.cumsum([0, *(0 if row is None else len(row) for row in rows)])
            inner = self._nest(flat, self.shape[1:])
            nested = pa.ListArray.from_arrays(pa.array(ends, pa.int32()), inner, mask=absent)
        else:
            full = [self._blank(self.shape[0]) if row is None else row for row in rows]
            flat = np.stack(full) if full else self._blank(0)
            inner = self._nest(flat, self.shape[1:])
            nested = pa.FixedSizeListArray.from_arrays(inner, self.shape[0], mask=absent)
        return nested.cast(kind)

    def _blank(self, size: int) -> np.ndarray:
        return np.zeros([size, *(each or 0 for each in self.shape[1:])], self.stored)

    def _nest(self, values: np.ndarray, sizes: Sequence[int | None]) -> pa.Array:
        nested = pa.array(np.ascontiguousarray(values).reshape(-1))
        for size in reversed(sizes):
            nested = pa.FixedSizeListArray.from_arrays(nested, size)
        return nested


def _cast(values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    with np.errstate(over="ignore"):
        return values.astype(dtype)


def _to_bfloat16(values: np.ndarray) -> np.ndarray:
    """The upper halves of float32, rounded to the nearest, ties to even."""
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
    rounded = bits + np.uint32(0x7FFF) + ((bits >> 16) & 1)
    return (rounded >> 16).astype(np.uint16)
