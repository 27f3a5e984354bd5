"""What every kind of score has in common: which clips, what they count for, and what lies in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from affecthub.metrics.lexicon.emotion_lexicon import Lexicon
from affecthub.training.asking.scoring.clips import Clips, is_there
from affecthub.training.asking.scoring.forms import Form
from affecthub.training.asking.scoring.tallies import Tally
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
    """

    metric: str
    column: str
    places: list[int]
    tally: Tally
    details: dict[str, Any] = field(default_factory=dict)
    right: list[bool] | None = None


def with_reference(values: Sequence[Any]) -> list[int]:
    """The places that have a reference."""
    return [place for place, value in enumerate(values) if is_there(value)]
