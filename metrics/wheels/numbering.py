"""Labels of many clips as numbers: texts are cut in Arrow, each distinct piece is read once.

A label list of 50,000 clips holds some hundred thousand labels but a few thousand distinct ones,
so everything that depends on a label alone is done per distinct label.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from affecthub.errors import require
from affecthub.metrics.parsing import (
    EDGES,
    Item,
    Style,
    clip_items,
    cut,
    listed_clips,
    normalise,
    pieces,
)

Numbers = NDArray[np.intp]

# The number of no label.
_BLANK = -1
# Fewer texts are cut faster one by one than in Arrow.
_MANY = 512


@dataclass(frozen=True)
class LabelRun:
    """The labels of many clips, one clip after another.

    Attributes:
        labels: Number of each label.
        sizes: Labels of each clip, so that clip 0 owns the first ``sizes[0]`` labels.
    """

    labels: Numbers
    sizes: Numbers

    @property
    def clips(self) -> Numbers:
        """The position of the clip that owns each label."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)


class LabelNumbers:
    """Numbers distinct normalised labels from 0 on, in order of appearance.

    Attributes:
        style: How texts are read; see `affecthub.metrics.parsing.parse_labels`.
        labels: Every label seen so far, at the place of its number.
    """

    def __init__(self, style: Style) -> None:
        self.style = style
        self.labels: list[str] = []
        self._numbers: dict[str, int] = {}
        self._of_raw: dict[str, int] = {}
        self._of_piece: dict[str, tuple[int, ...]] = {}

    @property
    def n_spellings(self) -> int:
        """How many distinct texts are remembered."""
        return len(self._of_raw) + len(self._of_piece)

    def run(self, items: list[Item]) -> LabelRun:
        """Read the values of clips, in the form that `clip_items` gives them."""
        if len(items) >= _MANY:
            texts = [item for item in items if isinstance(item, str)]
            if len(texts) == len(items):
                return self._run_of_texts(texts)
        lists = [pieces(item, self.style) for item in items]
        sizes = np.fromiter(map(len, lists), np.intp, len(lists))
        raw = list(chain.from_iterable(lists))
        found = list(map(self._of_raw.get, raw))
        if None in found:
            found = list(map(self._raw, raw))
        labels = np.array(found, np.intp)
        is_label = labels != _BLANK
        if not is_label.all():
            ends = np.concatenate(([0], np.cumsum(is_label)))
            clip_ends = np.cumsum(sizes)
            sizes = ends[clip_ends] - ends[clip_ends - sizes]
            labels = labels[is_label]
        return LabelRun(labels, sizes)

    def _run_of_texts(self, texts: list[str]) -> LabelRun:
        pyarrow = require("pyarrow", "metrics", "read label texts")
        compute = require("pyarrow.compute", "metrics", "read label texts")
        try:
            column = pyarrow.array(texts, pyarrow.large_string())
        except UnicodeEncodeError:
            column = pyarrow.array(map(encodable, texts), pyarrow.large_string())
        # Every style cuts at ASCII commas; what else it cuts at is left to the distinct pieces.
        cut_texts = compute.split_pattern(column, ",")
        ends, found_pieces = cut_texts.offsets.to_numpy(), cut_texts.values
        if self.style == "any":
            # Brackets and quotes around a label go anyway; without them fewer pieces differ.
            found_pieces = compute.utf8_trim(found_pieces, characters=EDGES)
        coded = found_pieces.dictionary_encode()
        codes = coded.indices.to_numpy().astype(np.intp)
        distinct = coded.dictionary.to_pylist()
        if self.style == "any":
            found = [self._piece(piece) for piece in distinct]
            return _expand(found, codes, np.diff(ends))
        # A bracket is dropped only at the very start or end of a text: there a piece reads
        # differently.
        codes *= 4
        codes[ends[:-1]] += 1
        codes[ends[1:] - 1] += 2
        is_used = np.zeros(4 * len(distinct), dtype=bool)
        is_used[codes] = True
        used = np.flatnonzero(is_used)
        place = np.zeros(len(is_used), dtype=np.intp)
        place[used] = np.arange(len(used))
        found = []
        for code in used.tolist():
            piece = distinct[code >> 2]
            if code & 1:
                piece = piece.removeprefix("[")
            if code & 2:
                piece = piece.removesuffix("]")
            found.append(self._piece(piece))
        return _expand(found, place[codes], np.diff(ends))

    def _piece(self, piece: str) -> tuple[int, ...]:
        """The numbers of the labels in a piece of a text."""
        numbers = self._of_piece.get(piece)
        if numbers is None:
            found = map(self._raw, cut(piece, self.style))
            numbers = tuple(number for number in found if number != _BLANK)
            self._of_piece[piece] = numbers
        return numbers

    def _raw(self, raw: str) -> int:
        """The number of one label, `_BLANK` where nothing is left of it."""
        number = self._of_raw.get(raw)
        if number is None:
            label = normalise(raw, self.style)
            number = self._numbers.get(label, _BLANK)
            if label and number == _BLANK:
                number = self._numbers[label] = len(self.labels)
                self.labels.append(label)
            self._of_raw[raw] = number
        return number


def encodable(text: str) -> str:
    """A text that Arrow takes: lone halves of a surrogate pair are spelled out."""
    return text.encode("utf-8", "backslashreplace").decode()


def _expand(found: list[tuple[int, ...]], codes: Numbers, sizes: Numbers) -> LabelRun:
    """Put the label numbers that a code stands for in place of each code.

    Args:
        found: Label numbers by code.
        codes: One after another for all clips.
        sizes: Codes of each clip.
    """
    counts = np.fromiter(map(len, found), np.intp, len(found))
    flat = np.fromiter(chain.from_iterable(found), np.intp, int(counts.sum()))
    if (counts == 1).all():
        return LabelRun(flat[codes], sizes)
    n_labels = counts[codes]
    ends = np.cumsum(n_labels)
    # Each code takes as many steps as it stands for labels, from its own first label on.
    firsts = (np.cumsum(counts) - counts)[codes] - (ends - n_labels)
    labels = flat[np.repeat(firsts, n_labels) + np.arange(int(n_labels.sum()))]
    clip_ends = np.cumsum(sizes)
    before = np.concatenate(([0], ends))
    return LabelRun(labels, before[clip_ends] - before[clip_ends - sizes])


def batches(values: object, size: int, argument: str) -> Iterator[list[Item]]:
    """Cut the values of clips into lists of `size`, the last one shorter, each value checked.

    Raises:
        TypeError: `values` is no list of clips, or a value is of the wrong type.
        ValueError: A text is a lone ``[``.
    """
    iterator = iter(listed_clips(values, argument))
    n_read = 0
    while batch := list(islice(iterator, size)):
        yield clip_items(batch, argument, first=n_read)
        n_read += len(batch)
