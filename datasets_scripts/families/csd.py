"""Computational sequences (``.csd``) of CMU's Multimodal SDK: HDF5, two arrays for each video.

An HDF5 file can point out of itself: to other files by links and external storage, to other
datasets by virtual ones. None of it is followed here, and nothing is read that claims more values
than a file of labels or words can have.
"""

import io
from math import prod
from typing import Any, NamedTuple

import numpy as np

from affecthub.datasets_scripts.reading.layout import File, Tree
from affecthub.errors import require

# MOSEI's words are under two million, of all videos together.
MAX_VALUES = 50_000_000


class Sequence(NamedTuple):
    """One sequence, a segment after the other; videos in the order of their names.

    Attributes:
        source: Path of the file in the data folder.
        video: Video of each segment.
        position: Which segment of its video it is, from 0.
        start_s, end_s: Its interval, float64 seconds.
        values: float64 of shape (segment, column), or the words of each segment.
    """

    source: str
    video: list[str]
    position: np.ndarray
    start_s: np.ndarray
    end_s: np.ndarray
    values: Any


def read_sequence(tree: Tree, file: File, width: int | None) -> Sequence:
    """Read a sequence of numbers or of words.

    Args:
        tree: The data folder.
        file: A csd: one group, in it ``data/<video>/{features, intervals}``.
        width: Numbers of a segment; None for words, of which a segment has one.

    Returns:
        All segments; none where the file has no video.

    Raises:
        ValueError: The file is no such sequence, has another width, an interval that is no number,
            or points out of itself.
        ImportError: ``h5py`` is missing.
    """
    h5py = require("h5py", "csd", "read .csd files")
    where = tree.root / file.path
    try:
        with h5py.File(io.BytesIO(tree.read(file)), "r") as book:
            parts = _Reader(h5py, str(where), width).videos(book)
    except _UnfitError:
        raise
    except Exception as error:  # a damaged file fails in any way that HDF5 knows
        raise ValueError(
            f"{where}: got no readable csd ({type(error).__name__}: {str(error)[:200]}), expected "
            "HDF5 as the CMU Multimodal SDK writes it. Get the file again."
        ) from error
    lengths = [len(intervals) for _, _, intervals in parts]
    times = np.concatenate([np.empty((0, 2)), *(intervals for _, _, intervals in parts)])
    values: Any
    if width is None:
        values = [word for _, words, _ in parts for word in words]
    else:
        values = np.concatenate([np.empty((0, width)), *(numbers for _, numbers, _ in parts)])
    return Sequence(
        source=file.path,
        video=[video for video, _, intervals in parts for _ in intervals],
        position=np.concatenate([np.empty(0, np.int64), *map(np.arange, lengths)]),
        start_s=times[:, 0],
        end_s=times[:, 1],
        values=values,
    )


class _UnfitError(ValueError):
    """A readable file that is not what was wanted."""


class _Reader:
    """Reads the groups of one open file."""

    def __init__(self, h5py: Any, where: str, width: int | None) -> None:
        self.h5py, self.where, self.width, self.n_values = h5py, where, width, 0

    def videos(self, book: Any) -> list[tuple[str, Any, np.ndarray]]:
        """Video, features and intervals of each video."""
        roots = [self.inside(book, name) for name in book]
        found = [root for root in roots if self.is_group(root) and "data" in root]
        if len(found) != 1:
            raise self.unfit(f"groups {list(book)[:5]}", "one group with `data` in it")
        data = self.inside(found[0], "data")
        if not self.is_group(data):
            raise self.unfit("`data` that is no group", "a group for each video")
        return [self.video(data, name) for name in sorted(data)]

    def video(self, data: Any, name: str) -> tuple[str, Any, np.ndarray]:
        """One video, checked."""
        group = self.inside(data, name)
        if not self.is_group(group) or not {"features", "intervals"} <= set(group):
            raise self.unfit(f"video {name!r} without arrays", "`features` and `intervals`")
        intervals = self.numbers(self.inside(group, "intervals"), name, 2)
        features = self.inside(group, "features")
        values: Any
        if self.width is None:
            values = self.words(features, name)
        else:
            values = self.numbers(features, name, self.width)
        if len(values) != len(intervals):
            got = f"{len(values)} features and {len(intervals)} intervals of video {name!r}"
            raise self.unfit(got, "as many of one as of the other")
        if not np.isfinite(intervals).all():
            raise self.unfit(f"an interval of video {name!r} that is no number", "seconds")
        return name, values, intervals

    def numbers(self, dataset: Any, video: str, width: int) -> np.ndarray:
        """A table of numbers, shape (segment, width)."""
        self.plain(dataset, video)
        if dataset.ndim != 2 or dataset.shape[1] != width or dataset.dtype.kind not in "fiu":
            got = f"{dataset.dtype} of shape {dataset.shape} for video {video!r}"
            raise self.unfit(got, f"numbers of shape (n, {width})")
        return np.asarray(dataset[()], dtype=np.float64)

    def words(self, dataset: Any, video: str) -> list[str]:
        """A column of words, shape (segment, 1) or (segment,)."""
        self.plain(dataset, video)
        if dataset.ndim not in (1, 2) or prod(dataset.shape[1:]) != 1:
            raise self.unfit(f"shape {dataset.shape} for video {video!r}", "one word a segment")
        values = np.asarray(dataset[()]).ravel().tolist()
        if not all(isinstance(value, bytes | str) for value in values):
            raise self.unfit(f"{dataset.dtype} for video {video!r}", "words")
        return [v.decode("utf-8", "replace") if isinstance(v, bytes) else v for v in values]

    def inside(self, group: Any, name: str) -> Any:
        """A member of a group that lies in this file."""
        if not isinstance(group.get(name, getlink=True), self.h5py.HardLink):
            got = f"a link out of the file at {group.name}/{name}"
            raise self.unfit(got, "everything in it. Do not trust this file")
        return group[name]

    def plain(self, dataset: Any, video: str) -> None:
        """Raise where an array is none, lies elsewhere or is too large."""
        if not isinstance(dataset, self.h5py.Dataset) or dataset.shape is None:
            raise self.unfit(f"something else than an array for video {video!r}", "an array")
        if dataset.external or dataset.is_virtual:
            got = f"an array of video {video!r} that lies elsewhere"
            raise self.unfit(got, "everything in the file. Do not trust this file")
        self.n_values += prod(dataset.shape)
        if self.n_values > MAX_VALUES:
            raise self.unfit(f"over {MAX_VALUES:,} values", "a file of labels or words")

    def is_group(self, item: Any) -> bool:
        """Say whether an item holds others."""
        return isinstance(item, self.h5py.Group)

    def unfit(self, got: str, expected: str) -> _UnfitError:
        """The error that says what was found and what is expected."""
        return _UnfitError(
            f"{self.where}: got {got}, expected {expected}. Use the file as the SDK has it."
        )
