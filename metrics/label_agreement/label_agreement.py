"""Label agreement: how far do annotators agree, with each other and with gold labels?"""

from collections.abc import Iterable
from typing import Any

from affecthub.metrics.label_agreement.scores import label_agreement
from affecthub.metrics.label_agreement.vote_lists import read_vote, votes_of
from affecthub.metrics.modules.metric import About, ClipMetric

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


class LabelAgreement(ClipMetric):
    """How far annotators agree, with each other and with gold labels."""

    about = About(
        _DESCRIPTION,
        _KWARGS_DESCRIPTION,
        cites=("fleiss1971measuring", "krippendorff2011computing"),
        paper_urls=("https://doi.org/10.1037/h0031619",),
    )
    function = staticmethod(label_agreement)

    def read_item(self, column: str, value: object, where: str) -> object:
        """The votes of a clip as a list, or its gold as one vote."""
        return votes_of(value, where) if column == "predictions" else read_vote(value, where)

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
        predictions, references = _with_gold(predictions, references)
        super().add_batch(
            predictions=predictions, references=() if references is None else references, **columns
        )

    def clips(
        self, predictions: Iterable[object] | None, references: Iterable[object] | None
    ) -> tuple[Iterable[object] | None, Iterable[object] | None]:
        """Votes and gold; without gold None for every clip."""
        return _with_gold(predictions, references)

    def score_clips(
        self,
        predictions: Iterable[Any],
        references: Iterable[Any],
        columns: dict[str, list[Any]],
        options: dict[str, Any],
    ) -> dict[str, Any]:
        """Compare votes, and each annotator with gold where a clip has it."""
        gold = list(references)
        has_gold = any(item is not None for item in gold)
        return label_agreement(predictions, gold if has_gold else None, **options)


def _with_gold(predictions: Any, references: Any) -> tuple[Any, Any]:
    if references is None and isinstance(predictions, Iterable):
        predictions = list(predictions)
        references = [None] * len(predictions)
    return predictions, references
