"""What evaluate modules over items of many kinds share: how clips travel through evaluate.

A clip may have more than a prediction and a reference (a dialogue, a tier). evaluate insists on
every column it knows of, so what a caller may leave out is stored together with the reference.
"""

import json
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, ClassVar, Protocol, runtime_checkable

import evaluate

from affecthub.metrics.modules.stored import require_clips, restore


@runtime_checkable
class _Array(Protocol):
    """NumPy arrays and scalars, and tensors."""

    def tolist(self) -> Any: ...


class ItemMetric(evaluate.Metric, ABC):
    """An evaluate metric over items that are no plain scalars, with columns that may be left out.

    A subclass names its optional columns in `optional`, reads one item in `read_item`, and scores
    in ``_compute``. Items and options are checked when they are handed over, so that an error
    leaves no half-done evaluation behind.
    """

    optional: ClassVar[tuple[str, ...]] = ()

    def add(self, *, prediction: object = None, reference: object = None, **clip: object) -> None:
        """Add one clip.

        Args:
            prediction: As one of the predictions of ``compute``.
            reference: As one of its references.
            **clip: Values of optional columns, under their name or its singular; the first two
                under the plural names too, as ``evaluate.combine`` passes them.
        """
        names = {name.removesuffix("s"): name for name in self.optional}
        columns = {"predictions": prediction, "references": reference}
        columns |= {names.get(name, name): value for name, value in clip.items()}
        self.add_batch(**{name: [value] for name, value in columns.items()})

    def add_batch(
        self,
        *,
        predictions: Iterable[object] = (),
        references: Iterable[object] = (),
        **columns: Iterable[object] | None,
    ) -> None:
        """Add clips, aligned by position.

        Args:
            predictions: As in ``compute``.
            references: As in ``compute``.
            **columns: Optional columns, as in ``compute``.

        Raises:
            ValueError: Lengths differ, or an item cannot be used.
            TypeError: A column is unknown, or an item is of the wrong type.
        """
        unknown = [name for name in columns if name not in self.optional]
        if unknown:
            raise TypeError(
                f"`{unknown[0]}` is no column of {self.name}: expected predictions, references"
                f"{''.join(f', {name}' for name in self.optional)}."
            )
        read = {
            name: self._read_column(name, values)
            for name, values in {
                "predictions": predictions,
                "references": references,
                **columns,
            }.items()
            if values is not None
        }
        n_clips = len(read["references"])
        for name, items in read.items():
            if len(items) != n_clips:
                raise ValueError(
                    f"`{name}` and `references` differ in length: got {len(items)} {name} for "
                    f"{n_clips} references. Align them by clip first."
                )
        absent = [None] * n_clips
        rows = zip(
            read["references"], *(read.get(name, absent) for name in self.optional), strict=True
        )
        super().add_batch(
            predictions=[json.dumps(item) for item in read["predictions"]],
            references=[json.dumps(row) for row in rows],
        )

    def _score(
        self,
        predictions: Iterable[object] | None,
        references: Iterable[object] | None,
        columns: dict[str, Iterable[object] | None],
        **options: object,
    ) -> dict[str, Any] | None:
        """Score the clips passed here and those added before; what every ``compute`` comes to."""
        require_clips(predictions, references, were_added=self.writer is not None)
        # An evaluation of no clips tells whether the options are right before any clip is touched.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            self._compute([], [], **options)
        if predictions is not None and references is not None:
            self.add_batch(predictions=predictions, references=references, **columns)
        scores: dict[str, Any] | None = super().compute(**options)
        return scores

    def _read_column(self, name: str, values: object) -> list[object]:
        if isinstance(values, str) or not isinstance(values, Iterable):
            raise TypeError(
                f"`{name}` is not a list of clips: got {values!r} ({type(values).__name__}), "
                "expected one item per clip. Wrap a single clip in a list."
            )
        return [
            self.read_item(name, plain(value), f"{name}[{clip}]")
            for clip, value in enumerate(values)
        ]

    @abstractmethod
    def read_item(self, column: str, value: object, where: str) -> object:
        """An item as it is stored, in types that JSON knows, or say what is wrong with it."""

    @abstractmethod
    def _info(self) -> evaluate.MetricInfo: ...


def plain(value: object) -> object:
    """An array, a tensor or one of their scalars as lists and numbers; the rest as it is."""
    return value.tolist() if isinstance(value, _Array) else value


def restore_columns(stored: list[str], n_columns: int) -> list[list[Any]]:
    """The references and the optional columns stored with them, `n_columns` lists in all."""
    rows = restore(stored)
    return [[row[column] for row in rows] for column in range(n_columns)]
