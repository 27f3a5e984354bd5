"""What the evaluate modules over label lists share: how items travel through evaluate.

evaluate stores every item in an Arrow column of one type, while one evaluation may mix texts,
lists and missing answers. Items are therefore stored as JSON text and come out as they went in.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

import evaluate
from datasets import Features, Value

from affecthub.metrics.lexicon import Lexicon, Ring
from affecthub.metrics.parsing import as_item, as_items, require_same_length
from affecthub.metrics.wheel import LexiconSource, ZeroDivision, resolve

# The stored form; callers pass lists of strings, strings or None.
STORED_FEATURES = Features({"predictions": Value("string"), "references": Value("string")})


class LabelMetric(evaluate.Metric, ABC):
    """An evaluate metric whose predictions and references are one label list per clip.

    Items and options are checked when they are handed over, so that an error leaves no half-done
    evaluation behind.
    """

    def add(self, *, prediction: object = None, reference: object = None, **clip: object) -> None:
        """Add one clip.

        Args:
            prediction: List of labels, text or None.
            reference: List of labels, text or None.
            **clip: The same two under the plural names, as ``evaluate.combine`` passes them.
        """
        clip = {"predictions": prediction, "references": reference, **clip}
        super().add(**{name: json.dumps(as_item(value, name)) for name, value in clip.items()})

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
            predictions=[json.dumps(item) for item in predicted],
            references=[json.dumps(item) for item in reference],
        )

    def compute(
        self,
        *,
        predictions: Iterable[object] | None = None,
        references: Iterable[object] | None = None,
        lexicon: LexiconSource = None,
        ring: Ring = "inner",
        zero_division: ZeroDivision = None,
    ) -> dict[str, Any] | None:
        """Score the clips passed here and those added before.

        Args:
            predictions: One list of labels, text or None per clip.
            references: The same.
            lexicon: None for the built-in one, a folder of released tables, or a `Lexicon`.
            ring: ``"inner"`` or ``"middle"``.
            zero_division: ``"nan"``, 0.0, or None for what the lexicon says.

        Returns:
            The scores; None on every process but the first.

        Raises:
            ValueError: There is nothing to score, one of the two lists is missing, lengths
                differ, or an option is unknown.
            TypeError: A value is neither text nor list, or a label is not text.
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
        scores: dict[str, Any] | None = super().compute(
            predictions=predictions,
            references=references,
            lexicon=resolve(lexicon, ring, zero_division),
            ring=ring,
        )
        return scores

    @abstractmethod
    def _info(self) -> evaluate.MetricInfo: ...

    @abstractmethod
    def _compute(
        self, predictions: list[str], references: list[str], lexicon: Lexicon, ring: Ring
    ) -> dict[str, Any]: ...


def restore(stored: list[str]) -> list[Any]:
    """Give items as they were handed over, from their stored form."""
    return [json.loads(item) for item in stored]
