"""What every kind of score has in common: which clips, what they count for, and what lies in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from affecthub.metrics.lexicon.emotion_lexicon import Lexicon
from affecthub.training.asking.scoring.clips import Clips, is_there
from affecthub.training.asking.scoring.forms import Form
from affecthub.training.asking.scoring.tallies import Tally, ratio
from affecthub.training.bench.answers import Extractor


@dataclass(frozen=True, eq=False)
class Replies:
    """The answers to a split's clips, as they were read.

    Attributes:
        clips: The clips that are scored.
        values: What each answer was read into, aligned; None for an invalid answer, an error or
            no line.
        form: Of the answers.
        lexicon: Places labels on the wheels.
        extractor: Takes labels out of descriptions.
    """

    clips: Clips
    values: list[Any]
    form: Form
    lexicon: Lexicon
    extractor: Extractor


@dataclass(frozen=True, eq=False)
class Measured:
    """Scores of one kind.

    Attributes:
        metric: The metric of affecthub that they are of.
        column: Of the corpus, that holds the references.
        places: Which clips have one; the others are not scored.
        tally: What the answers to these count for.
        details: What the metric gives beside the scores.
        right: Whether each answer is right, where there is one label a clip; else None.
        labels: Where columns are right answers, clips and predictions by label, the labels.
    """

    metric: str
    column: str
    places: list[int]
    tally: Tally
    details: dict[str, Any] = field(default_factory=dict)
    right: list[bool] | None = None
    labels: tuple[str, ...] = ()

    def per_label(self, places: Sequence[int] | None = None) -> list[dict[str, Any]]:
        """``label``, ``precision``, ``recall``, ``f1`` and ``support`` of every label.

        Args:
            places: Numbers among the clips that have a reference; None for all of them.

        Returns:
            In the order of `labels`; nothing where there are none. 0 where nothing is to divide by.
        """
        tally = self.tally if places is None else self.tally.only(places)
        sums = tally.columns.sum(axis=0).reshape(3, -1) if self.labels else np.zeros((3, 0))
        agreed, support, said = sums
        rates = (
            ratio(agreed, said, 0.0),
            ratio(agreed, support, 0.0),
            ratio(2 * agreed, support + said, 0.0),
        )
        return [
            {"label": label, "precision": p, "recall": r, "f1": f, "support": int(n)}
            for label, p, r, f, n in zip(
                self.labels, *(each.tolist() for each in rates), support, strict=True
            )
        ]


def with_reference(values: Sequence[Any]) -> list[int]:
    """The places that have a reference."""
    return [place for place, value in enumerate(values) if is_there(value)]
