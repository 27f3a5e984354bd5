"""Label agreement: how far do annotators agree, with each other and with gold labels?"""

from collections.abc import Iterable, Sequence
from typing import Any

import evaluate

from affecthub.metrics.label_agreement.scores import Level, label_agreement
from affecthub.metrics.label_agreement.vote_lists import read_vote, read_votes
from affecthub.metrics.modules.items import ItemMetric, restore_columns
from affecthub.metrics.modules.stored import STORED_FEATURES, restore

_DESCRIPTION = """
Agreement of annotators: Fleiss' kappa, Krippendorff's alpha, pairwise Jaccard overlap, exact match
and confusion, over single labels, sets of labels or numbers; with gold labels, each annotator's
accuracy against them.
"""

_KWARGS_DESCRIPTION = """
Args:
    predictions: Per clip one vote per annotator, annotators in the same order: a label, a list of
        labels, a number, or None where there is none.
    references: Optional: per clip the gold label, list of labels or number, or None.
    classes: All labels there are, in the order of the confusion tables; None takes those that
        occur, sorted.
    level: What a difference between two numbers means to Krippendorff's alpha: "nominal" (the
        default, and the only one for labels), "ordinal" or "interval".

Returns:
    label_agreement: float, at most 1, 0 is chance for kappa and alpha, higher is better: Fleiss'
        kappa of labels, mean pairwise Jaccard overlap of sets, Krippendorff's alpha of numbers.
    measure: which of the three it is.
    fleiss_kappa, krippendorff_alpha, jaccard, pairwise_jaccard: the coefficients, None where the
        kind of votes rules one out.
    exact_match: share of clips with two votes or more whose votes are all the same.
    n_distinct: clips by how many different labels they got, for single labels.
    confusion: per pair of annotators, counts of their labels (rows the first), for single labels.
    against_gold: per annotator accuracy, n and, for single labels, counts (rows gold).
    kind, level, classes, n_clips, n_annotators, n_votes, n_missing: how it was computed.

Examples:
    >>> from affecthub import load_metric
    >>> metric = load_metric("label_agreement")
    >>> scores = metric.compute(
    ...     predictions=[["joy", "joy", "joy"], ["joy", "fear", None], ["fear", "fear", "fear"]],
    ...     references=["joy", "joy", "fear"],
    ... )
    >>> round(scores["fleiss_kappa"], 3), round(scores["exact_match"], 3)
    (0.333, 0.667)
    >>> [round(annotator["accuracy"], 3) for annotator in scores["against_gold"]]
    [1.0, 0.667, 1.0]
    >>> metric.compute(predictions=[[["joy", "pride"], ["joy"]], [["fear"], ["fear"]]])["jaccard"]
    0.75
"""

_CITATION = """
@article{fleiss1971measuring,
  title = {Measuring Nominal Scale Agreement among Many Raters},
  author = {Fleiss, Joseph L.},
  journal = {Psychological Bulletin},
  volume = {76},
  number = {5},
  pages = {378--382},
  year = {1971},
}
@misc{krippendorff2011computing,
  title = {Computing {Krippendorff}'s Alpha-Reliability},
  author = {Krippendorff, Klaus},
  year = {2011},
}
"""


class LabelAgreement(ItemMetric):
    """How far annotators agree, with each other and with gold labels."""

    def read_item(self, column: str, value: object, where: str) -> object:
        """The votes of a clip as a list, or its gold as one vote."""
        return read_votes(value, where) if column == "predictions" else read_vote(value, where)

    def add_batch(
        self,
        *,
        predictions: Iterable[object] = (),
        references: Iterable[object] | None = None,
        **columns: Iterable[object] | None,
    ) -> None:
        """Add clips, aligned by position.

        Args:
            predictions: One list of votes per clip.
            references: Gold, one per clip; None without.
            **columns: None are known.
        """
        if references is None and isinstance(predictions, Iterable):
            predictions = list(predictions)
            references = [None] * len(predictions)
        super().add_batch(
            predictions=predictions, references=() if references is None else references, **columns
        )

    def compute(
        self,
        *,
        predictions: Iterable[object] | None = None,
        references: Iterable[object] | None = None,
        classes: Sequence[str] | None = None,
        level: Level = "nominal",
    ) -> dict[str, Any] | None:
        """Compare the votes passed here and those added before; None on all but process 0."""
        if references is None and isinstance(predictions, Iterable):
            predictions = list(predictions)
            references = [None] * len(predictions)
        return self._score(predictions, references, {}, classes=classes, level=level)

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(
            description=_DESCRIPTION,
            citation=_CITATION,
            inputs_description=_KWARGS_DESCRIPTION,
            features=STORED_FEATURES,
            license="Apache-2.0",
            codebase_urls=[],
            reference_urls=["https://doi.org/10.1037/h0031619"],
        )

    def _compute(
        self,
        predictions: list[str],
        references: list[str],
        classes: Sequence[str] | None,
        level: Level,
    ) -> dict[str, Any]:
        gold = restore_columns(references, 1)[0]
        has_gold = any(item is not None for item in gold)
        return label_agreement(
            restore(predictions), gold if has_gold else None, classes=classes, level=level
        )
