"""Values as tables and tensors hold them, as the plain Python values that scores are made of.

Rows of NumPy, pandas, pyarrow or torch bring scalars and marks for "missing" of their own kinds;
none of these libraries is imported to tell.
"""

from collections.abc import Mapping
from numbers import Real
from typing import Any

_SCALARS = frozenset((str, int, float, bool, type(None)))
# What pandas writes where nothing is known; NaT, a time, is one of them.
_MISSING = frozenset(("NAType", "NaTType"))


def plain(value: Any) -> Any:
    """A value as text, number, bool, None, list, set or dict, as deep as it goes.

    Args:
        value: Anything. Arrays, tensors and their scalars, zero-dimensional ones too, become lists
            and scalars; tuples become lists; pandas' NA and NaT become None. NaN stays what it is.

    Returns:
        The plain value; what is none of these comes back as it is.

    Example:
        >>> import numpy as np
        >>> plain(np.array("joy")), plain((np.float32(0.5), None)), plain({"a": np.int64(3)})
        ('joy', [0.5, None], {'a': 3})
    """
    kind = type(value)
    if kind in _SCALARS:
        return value
    if kind is list or kind is tuple:
        if _SCALARS.issuperset(map(type, value)):
            return value if kind is list else list(value)
        return [plain(entry) for entry in value]
    if kind.__name__ in _MISSING:
        return None
    for method in ("tolist", "as_py"):  # NumPy, pandas and torch; pyarrow
        convert = getattr(value, method, None)
        if convert is not None:
            return plain(convert())
    if isinstance(value, Mapping):
        return {plain(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, set | frozenset):
        return {plain(entry) for entry in value}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, Real):  # decimals and fractions
        return float(value)
    return value


def is_missing(value: Any) -> bool:
    """Say whether a plain value is None or NaN.

    Example:
        >>> is_missing(float("nan")), is_missing(""), is_missing(0)
        (True, False, False)
    """
    return value is None or (type(value) is float and value != value)
