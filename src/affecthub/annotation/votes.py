"""Annotators' votes as arrays: names to class numbers, collections of names to booleans, checks.

Single-label votes are integers of shape (clip, annotator), ``MISSING`` where an annotator gave
none. Multi-label votes are booleans of shape (clip, annotator, label), all false where none was
given.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from affecthub.errors import unknown_name

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# In place of a class: this annotator gave no vote, or a rule gave no label.
MISSING = -1


def encode_votes(votes: Sequence[Sequence[str | None]], classes: Sequence[str]) -> Ints:
    """Class numbers for named votes.

    Args:
        votes: For each clip, one label per annotator; None or "" where an annotator gave none.
        classes: Label names; their order decides ties.

    Returns:
        Shape (clip, annotator); no clips give shape (0, 0).

    Raises:
        ValueError: A label is not among the classes, or clips have unlike numbers of annotators.

    Example:
        >>> encode_votes([["joy", "anger", None]], ["anger", "joy"])
        array([[ 1,  0, -1]])
    """
    n_annotators = _n_annotators(votes)
    flat = np.array([label or "" for label in chain.from_iterable(votes)], dtype=str)
    return _class_numbers(flat, classes).reshape(len(votes), n_annotators)


def encode_sets(
    sets: Sequence[Sequence[Iterable[str] | None]],
    classes: Sequence[str],
    *,
    unknown: Literal["raise", "ignore"] = "raise",
) -> Bools:
    """A boolean for each label of multi-label votes.

    Args:
        sets: For each clip, one collection of labels per annotator; None or empty where an
            annotator gave none. A label repeated in a collection counts once, "" not at all.
        classes: Label names.
        unknown: What a label that is not among the classes does: stop, or count for nothing.

    Returns:
        Shape (clip, annotator, label); no clips give shape (0, 0, label).

    Raises:
        ValueError: A label is not among the classes (unless ignored), or clips have unlike
            numbers of annotators.

    Example:
        >>> encode_sets([[{"joy"}, None]], ["anger", "joy"])
        array([[[False,  True],
                [False, False]]])
    """
    n_annotators = _n_annotators(sets)
    cells = [list(cell or ()) for cell in chain.from_iterable(sets)]
    labels = np.array(list(chain.from_iterable(cells)), dtype=str)
    column = _class_numbers(labels, classes, strict=unknown == "raise")
    cell_of_label = np.repeat(np.arange(len(cells)), [len(cell) for cell in cells])
    known = column != MISSING
    chosen = np.zeros((len(cells), len(classes)), dtype=bool)
    chosen[cell_of_label[known], column[known]] = True
    return chosen.reshape(len(sets), n_annotators, len(classes))


def one_hot(votes: Ints, n_classes: int) -> Bools:
    """Votes as booleans of shape (clip, annotator, class), all false where one is missing."""
    return votes[..., None] == np.arange(n_classes)


def count_distinct(votes: ArrayLike, n_classes: int) -> Ints:
    """How many different classes the annotators of each clip chose; 0 without votes.

    Args:
        votes: Class numbers of shape (clip, annotator), ``MISSING`` for none.
        n_classes: Number of classes.

    Raises:
        ValueError: A vote is out of range.

    Source: EmoS, Table 1 (unique = 1, 2, 3).

    Example:
        >>> count_distinct([[2, 2, 1], [0, -1, 0]], 3)
        array([2, 1])
    """
    return one_hot(checked_votes(votes, n_classes), n_classes).any(axis=1).sum(axis=1)


def checked_votes(votes: ArrayLike, n_classes: int) -> Ints:
    """Votes as an integer array of shape (clip, annotator).

    Raises:
        ValueError: Not two dimensions, not whole numbers, or a class out of range.
    """
    array = two_dimensional(votes, "votes")
    if array.size and not np.issubdtype(array.dtype, np.integer):
        raise ValueError(
            f"`votes`: got {array.dtype}, expected integers. Use encode_votes for label names."
        )
    out_of_range = (array < MISSING) | (array >= n_classes) if array.size else np.empty(0, bool)
    if out_of_range.any():
        raise ValueError(
            f"`votes`: got class {array[out_of_range][0]}, expected 0 to {n_classes - 1}, or "
            f"{MISSING} for no vote. Check the order and number of the classes."
        )
    return array.astype(np.int64)


def checked_sets(chosen: ArrayLike) -> Bools:
    """Multi-label votes as booleans of shape (clip, annotator, label).

    Raises:
        ValueError: Not three dimensions, or not booleans.
    """
    array = np.asarray(chosen)
    if array.ndim != 3 or array.dtype != bool:
        raise ValueError(
            f"`chosen`: got {array.dtype} of {array.ndim} dimensions, expected booleans of shape "
            "(clip, annotator, label). Use encode_sets for label names."
        )
    return array


def two_dimensional(values: ArrayLike, name: str) -> NDArray[Any]:
    """An array of shape (clip, annotator); an empty list becomes shape (0, 0).

    Raises:
        ValueError: The array has not two dimensions.
    """
    array = np.asarray(values)
    if array.ndim == 1 and not array.size:
        return array.reshape(0, 0)
    if array.ndim != 2:
        raise ValueError(
            f"`{name}`: got {array.ndim} dimensions, expected 2. Give one row per clip and one "
            "column per annotator."
        )
    return array


def _n_annotators(rows: Sequence[Sequence[Any]]) -> int:
    numbers = {len(row) for row in rows}
    if len(numbers) > 1:
        raise ValueError(
            f"clips have unlike numbers of annotators: got {sorted(numbers)}, expected one number. "
            "Fill up with None where an annotator gave no vote."
        )
    return max(numbers, default=0)


def _class_numbers(
    labels: NDArray[np.str_], classes: Sequence[str], *, strict: bool = True
) -> Ints:
    """Each label's class; ``MISSING`` for "" and, unless strict, for unknown labels."""
    names, index = np.unique(labels, return_inverse=True)
    number = {name: i for i, name in enumerate(classes)}
    unknown = [str(name) for name in names if name and name not in number]
    if strict and unknown:
        raise unknown_name("label", unknown[0], classes)
    return np.array([number.get(name, MISSING) for name in names], dtype=np.int64)[index]
