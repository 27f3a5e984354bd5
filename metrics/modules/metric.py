"""The base of every evaluate module here: a pure function, its documentation, and clips to score.

A subclass names its function in `function` and tells of itself in `about`; the options of
``compute`` are the function's own. Items and options are checked when they are handed over, so
that an error leaves no half-done evaluation behind.
"""

import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from inspect import Parameter, Signature, signature
from typing import Any, ClassVar

import evaluate
from evaluate.module import temp_seed

from affecthub.errors import unknown_name
from affecthub.metrics.modules.citing import citations
from affecthub.metrics.modules.stored import (
    BATCH,
    STORED_FEATURES,
    require_clips,
    restore,
    store,
    stream,
)
from affecthub.metrics.parsing import listed_clips
from affecthub.metrics.plain_values import plain

Columns = Mapping[str, Iterable[object] | None]


@dataclass(frozen=True)
class About:
    """What a metric tells of itself.

    Attributes:
        description: What is scored, in a few sentences.
        inputs: Sections Args, Returns and Examples, the last with doctests.
        cites: Keys of ``citations.bib``.
        bibtex: An entry that no other metric needs.
        code_urls: Where the published scoring code lies.
        paper_urls: Where to read about it.
    """

    description: str
    inputs: str
    cites: tuple[str, ...] = ()
    bibtex: str = ""
    code_urls: tuple[str, ...] = ()
    paper_urls: tuple[str, ...] = ()


class ClipMetric(evaluate.Metric, ABC):
    """An evaluate metric over clips, whose items may be of any kind that JSON knows.

    Attributes:
        about: What the metric tells of itself.
        optional: Arguments of the function that hold an item per clip and may be left out.
        streams: Whether the function takes iterators, so that clips need not be in memory.
    """

    about: ClassVar[About]
    optional: ClassVar[tuple[str, ...]] = ()
    streams: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        """Show the function's options in the signature of ``compute``."""
        super().__init_subclass__()
        if getattr(cls.function, "__isabstractmethod__", False):
            return

        def compute(self: ClipMetric, **given: Any) -> dict[str, Any] | None:
            """Score the clips passed here and those added before; see `ClipMetric.compute`."""
            return ClipMetric.compute(self, **given)

        clips = [
            Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=Any)
            for name in ("predictions", "references")
        ]
        own = Parameter("self", Parameter.POSITIONAL_OR_KEYWORD)
        shown = [own, *clips, *(p.replace(kind=Parameter.KEYWORD_ONLY) for p in cls.options())]
        compute.__signature__ = Signature(shown)  # type: ignore[attr-defined]
        compute.__annotations__ = {p.name: p.annotation for p in shown[1:]}
        cls.compute = compute  # type: ignore[method-assign]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # evaluate gives every instance a copy of `compute`, without the signature.
        shown = signature(type(self).compute)
        self.compute.__func__.__signature__ = shown  # type: ignore[attr-defined]

    @staticmethod
    @abstractmethod
    def function(*clips: Any, **options: Any) -> dict[str, Any]:
        """The pure function: predictions and references first, then options by name."""

    @classmethod
    def options(cls) -> list[Parameter]:
        """The arguments of ``compute`` beside the clips: those of the function."""
        _, _, *options = signature(cls.function).parameters.values()
        return list(options)

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
        predicted, expected, others = self._read(predictions, references, columns)
        n_clips = len(expected)
        if others:
            # evaluate insists on every column it knows of, so these are stored with the reference.
            expected = list(map(list, zip(expected, *others.values(), strict=True)))
        # Written in parts, so that they can be read in parts; no clips are one empty part.
        for first in range(0, max(1, n_clips), BATCH):
            part = slice(first, first + BATCH)
            super().add_batch(
                predictions=list(map(store, predicted[part])),
                references=list(map(store, expected[part])),
            )

    def compute(
        self,
        *,
        predictions: Iterable[object] | None = None,
        references: Iterable[object] | None = None,
        **given: Any,
    ) -> Any:  # None is so rare that nobody should have to ask for it
        """Score the clips passed here and those added before.

        Args:
            predictions: One item per clip.
            references: The same.
            **given: Options and optional columns of the metric's function.

        Returns:
            The scores; None on every process but the first.

        Raises:
            ValueError: There is nothing to score, one of the two lists is missing, lengths
                differ, or an option is unknown.
            TypeError: An item is of the wrong type.
        """
        predictions, references = self.clips(predictions, references)
        require_clips(predictions, references, were_added=self.writer is not None)
        known = [option.name for option in self.options()]
        for name in given:
            if name not in known:
                raise unknown_name(f"option of {self.name}", name, known)
        columns, options = self.split(given)
        options = self.checked({name: kept(value) for name, value in options.items()})
        if predictions is not None and references is not None:
            if self.writer is None and self.num_process == 1:
                # All clips at once: nothing to collect, so no file is written and read again.
                read = self._read(predictions, references, columns)
                with temp_seed(self.seed):
                    return self.score_clips(*read, options)
            self.add_batch(predictions=predictions, references=references, **columns)
        return super().compute(options=options)

    def _read(
        self, predictions: Iterable[object], references: Iterable[object], columns: Columns
    ) -> tuple[list[Any], list[Any], dict[str, list[Any]]]:
        """Predictions, references and every optional column, checked and of one length."""
        unknown = [name for name in columns if name not in self.optional]
        if unknown:
            raise TypeError(
                f"`{unknown[0]}` is no column of {self.name}: expected predictions, references"
                f"{''.join(f', {name}' for name in self.optional)}."
            )
        given = {"predictions": predictions, "references": references, **columns}
        read = {
            name: self.read_items(name, values)
            for name, values in given.items()
            if values is not None
        }
        n_clips = len(read["references"])
        for name, items in read.items():
            if len(items) != n_clips:
                raise ValueError(
                    f"`{name}` and `references` differ in length: got {len(items)} {name} for "
                    f"{n_clips} references. Align them by clip first."
                )
        others = {name: read.get(name, [None] * n_clips) for name in self.optional}
        return read["predictions"], read["references"], others

    def clips(
        self, predictions: Iterable[object] | None, references: Iterable[object] | None
    ) -> tuple[Iterable[object] | None, Iterable[object] | None]:
        """What ``compute`` was given of clips, both lists or neither."""
        return predictions, references

    def split(self, given: dict[str, Any]) -> tuple[Columns, dict[str, Any]]:
        """What ``compute`` was given, as optional columns and options."""
        columns = {name: given[name] for name in self.optional if name in given}
        return columns, {name: value for name, value in given.items() if name not in columns}

    def checked(self, options: dict[str, Any]) -> dict[str, Any]:
        """The options, or an error: an evaluation of no clips tells whether they are right."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            self.score_clips([], [], {name: [] for name in self.optional}, options)
        return options

    def read_items(self, column: str, values: object) -> list[Any]:
        """The items of a column as they are stored, or say what is wrong with one."""
        return [
            self.read_item(column, plain(value), f"{column}[{clip}]")
            for clip, value in enumerate(listed_clips(values, column))
        ]

    def read_item(self, column: str, value: object, where: str) -> object:
        """An item as it is stored, in types that JSON knows, or say what is wrong with it."""
        return value

    def score_clips(
        self,
        predictions: Iterable[Any],
        references: Iterable[Any],
        columns: dict[str, list[Any]],
        options: dict[str, Any],
    ) -> dict[str, Any]:
        """The scores of clips as they were stored."""
        return type(self).function(predictions, references, **columns, **options)

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(
            description=self.about.description,
            citation="\n".join(filter(None, (citations(*self.about.cites), self.about.bibtex))),
            inputs_description=self.about.inputs,
            features=STORED_FEATURES,
            format="arrow" if self.streams else None,
            license="Apache-2.0",
            codebase_urls=list(self.about.code_urls),
            reference_urls=list(self.about.paper_urls),
        )

    def _compute(
        self, predictions: Any, references: Any, options: dict[str, Any]
    ) -> dict[str, Any]:
        if self.streams:
            return self.score_clips(
                stream(self.data, "predictions", predictions),
                stream(self.data, "references", references),
                {},
                options,
            )
        expected, columns = restore(references), {}
        if self.optional:
            rows = [[row[i] for row in expected] for i in range(1 + len(self.optional))]
            expected, columns = rows[0], dict(zip(self.optional, rows[1:], strict=True))
        return self.score_clips(restore(predictions), expected, columns, options)


def kept(value: object) -> object:
    """An option that can be read more than once: what an iterator yields as a list."""
    return list(value) if isinstance(value, Iterator) else value
