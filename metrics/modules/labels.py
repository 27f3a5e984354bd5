"""What the evaluate modules over label lists share: options, lexicons by name, checked items."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

import evaluate
import pyarrow
from datasets import DownloadManager

from affecthub.metrics.lexicon.emotion_lexicon import Lexicon, MappingRule, Ring
from affecthub.metrics.lexicon.released import RELEASES, fetch_tables
from affecthub.metrics.modules.stored import BATCH, require_clips, store, stream
from affecthub.metrics.parsing import as_item, as_items, require_same_length
from affecthub.metrics.wheels.clips import LexiconSource, WheelClips, ZeroDivision, resolve
from affecthub.metrics.wheels.options import Neutral, Unknown, WheelOptions


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
        # Written in parts, so that they can be read in parts; no clips are one empty part.
        for first in range(0, max(1, len(predicted)), BATCH):
            part = slice(first, first + BATCH)
            super().add_batch(
                predictions=list(map(store, predicted[part])),
                references=list(map(store, reference[part])),
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
        require_clips(predictions, references, were_added=self.writer is not None)
        if lexicon is None and self.config_name in RELEASES:
            lexicon = self.config_name
        scores: dict[str, Any] | None = super().compute(
            predictions=predictions,
            references=references,
            lexicon=resolve(lexicon, ring, zero_division),
            options=WheelOptions(ring, mapping, unknown, neutral),
        )
        return scores

    def _place(
        self,
        predictions: pyarrow.ChunkedArray,
        references: pyarrow.ChunkedArray,
        lexicon: Lexicon,
        options: WheelOptions,
    ) -> WheelClips:
        """Place the collected clips on the wheels of the ring asked for."""
        return WheelClips(
            stream(self.data, "predictions", predictions),
            stream(self.data, "references", references),
            lexicon,
            options,
            rings=(options.ring,),
        )

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
