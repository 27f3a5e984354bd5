"""What the evaluate modules over label lists share: how items travel through evaluate.

evaluate stores every item in an Arrow column of one type, while one evaluation may mix texts,
lists and missing answers. Items are therefore stored as text and come out as they went in, batch
by batch: an evaluation of a million clips never has them all in memory.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any

import evaluate
import pyarrow
from datasets import DownloadManager, Features, Value

from affecthub.metrics.lexicon import Lexicon, MappingRule, Ring
from affecthub.metrics.numbering import encodable
from affecthub.metrics.options import Neutral, Unknown, WheelOptions
from affecthub.metrics.parsing import Item, as_item, as_items, require_same_length
from affecthub.metrics.released import RELEASES, fetch_tables
from affecthub.metrics.wheel import LexiconSource, ZeroDivision, resolve

# The stored form; callers pass lists of strings, strings or None.
STORED_FEATURES = Features({"predictions": Value("string"), "references": Value("string")})

# In front of a text that is stored as it is; everything else is stored as JSON.
_TEXT = "\x02"
_BATCH = 16_384


class LabelMetric(evaluate.Metric, ABC):
    """An evaluate metric whose predictions and references are one label list per clip.

    Items and options are checked when they are handed over, so that an error leaves no half-done
    evaluation behind. Its configurations are the released lexicons: ``"mer2025"``, ``"mer2026"``.
    """

    def add(self, *, prediction: object = None, reference: object = None, **clip: object) -> None:
        """Add one clip.

        Args:
            prediction: List of labels, text or None.
            reference: List of labels, text or None.
            **clip: The same two under the plural names, as ``evaluate.combine`` passes them.
        """
        clip = {"predictions": prediction, "references": reference, **clip}
        super().add(**{name: store(as_item(value, name)) for name, value in clip.items()})

    def add_batch(
        self, *, predictions: Iterable[object] = (), references: Iterable[object] = ()
    ) -> None:
        """Add clips, aligned by position.

        Args:
            predictions: One list of labels, text or None per clip.
            references: The same.
        """
        predicted = as_items(predictions, "predictions")
        reference = as_items(references, "references")
        require_same_length(predicted, reference)
        super().add_batch(
            predictions=list(map(store, predicted)), references=list(map(store, reference))
        )

    def compute(
        self,
        *,
        predictions: Iterable[object] | None = None,
        references: Iterable[object] | None = None,
        lexicon: LexiconSource = None,
        ring: Ring = "inner",
        zero_division: ZeroDivision = None,
        mapping: MappingRule = "official",
        unknown: Unknown = "drop",
        neutral: Neutral | None = None,
    ) -> dict[str, Any] | None:
        """Score the clips passed here and those added before.

        Args:
            predictions: One list of labels, text or None per clip.
            references: The same.
            lexicon: None for the one of the configuration, else the built-in one; ``"mer2025"``,
                ``"mer2026"``, a folder of released tables, or a `Lexicon`.
            ring: ``"inner"`` or ``"middle"``.
            zero_division: ``"nan"``, 0.0, or None for what the lexicon says.
            mapping: ``"official"`` or ``"composed"``.
            unknown: ``"drop"`` or ``"penalize"``.
            neutral: ``"drop"``, ``"keep"``, or None for where the lexicon has neutral.

        Returns:
            The scores; None on every process but the first.

        Raises:
            ValueError: There is nothing to score, one of the two lists is missing, lengths
                differ, or an option is unknown.
            TypeError: A value is neither text nor list, or a label is not text.
            ConnectionError: Released tables have to be fetched and there is no network.
        """
        if (predictions is None) != (references is None):
            raise ValueError(
                "one of `predictions` and `references` is missing: got "
                f"{'references' if predictions is None else 'predictions'} only, expected both "
                "or, after add_batch, neither."
            )
        if predictions is None and self.writer is None:
            raise ValueError(
                "nothing to score: got no clips, expected `predictions` and `references` here or "
                "through add_batch before. Pass two empty lists for an empty evaluation."
            )
        if lexicon is None and self.config_name in RELEASES:
            lexicon = self.config_name
        scores: dict[str, Any] | None = super().compute(
            predictions=predictions,
            references=references,
            lexicon=resolve(lexicon, ring, zero_division),
            options=WheelOptions(ring, mapping, unknown, neutral),
        )
        return scores

    def _download_and_prepare(self, dl_manager: DownloadManager) -> None:
        if self.config_name in RELEASES:
            fetch_tables(self.config_name, dl_manager)

    @abstractmethod
    def _info(self) -> evaluate.MetricInfo: ...

    @abstractmethod
    def _compute(
        self,
        predictions: pyarrow.ChunkedArray,
        references: pyarrow.ChunkedArray,
        lexicon: Lexicon,
        options: WheelOptions,
    ) -> dict[str, Any]: ...


def store(item: Item) -> str:
    """Give an item as text for an Arrow column."""
    return _TEXT + encodable(item) if type(item) is str else json.dumps(item)


def restore(stored: Iterable[str]) -> list[Any]:
    """Give items as they were handed over, from their stored form or from plain JSON."""
    return [item[1:] if item[:1] == _TEXT else json.loads(item) for item in stored]


def stream(stored: pyarrow.ChunkedArray) -> Iterator[Any]:
    """Yield the items of a stored column, as `restore` does, a batch in memory at a time."""
    for first in range(0, len(stored), _BATCH):
        yield from restore(stored.slice(first, _BATCH).to_numpy().tolist())
