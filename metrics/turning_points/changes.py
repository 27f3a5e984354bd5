"""Changes of label between consecutive utterances: counts, their scores, and two baselines."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

NAN = float("nan")


@dataclass(frozen=True)
class Changes:
    """Counts over pairs of consecutive utterances; a pair with an invalid label is no change.

    Attributes:
        n_right: Pairs whose change or no change was predicted; invalid ones are never right.
        n_hits: Changes predicted as changes.
        n_predicted: Predicted changes.
        n_changes: Changes in the reference.
        n_pairs: All pairs.
    """

    n_right: int
    n_hits: int
    n_predicted: int
    n_changes: int
    n_pairs: int

    @property
    def scores(self) -> dict[str, float]:
        """Accuracy, precision, recall and F1."""
        return {
            "accuracy": self.n_right / self.n_pairs if self.n_pairs else NAN,
            **retrieval(self.n_hits, self.n_predicted, self.n_changes),
        }


def count_changes(predicted: Sequence[str | None], reference: Sequence[str]) -> Changes:
    """Count the changes of one clip, labels aligned by utterance.

    Example:
        >>> count_changes(["joy", "fear", None], ["joy", "fear", "joy"])
        Changes(n_right=1, n_hits=1, n_predicted=1, n_changes=2, n_pairs=2)
    """
    changed = [before != after for before, after in pairwise(reference)]
    found = [
        None if before is None or after is None else before != after
        for before, after in pairwise(predicted)
    ]
    both = list(zip(found, changed, strict=True))
    return Changes(
        n_right=sum(one == other for one, other in both),
        n_hits=sum(bool(one) and other for one, other in both),
        n_predicted=sum(map(bool, found)),
        n_changes=sum(changed),
        n_pairs=len(changed),
    )


def baselines(n_changes: int, n_pairs: int) -> dict[str, dict[str, float]]:
    """The scores of predicting a change at every pair, and at none.

    Example:
        >>> baselines(n_changes=3, n_pairs=4)["never_change"]["accuracy"]
        0.25
    """
    always = Changes(n_changes, n_changes, n_pairs, n_changes, n_pairs)
    never = Changes(n_pairs - n_changes, 0, 0, n_changes, n_pairs)
    return {"always_change": always.scores, "never_change": never.scores}


def retrieval(n_hits: int, n_found: int, n_wanted: int) -> dict[str, float]:
    """Precision (0 where nothing was found), recall and F1 (NaN where nothing is there)."""
    return {
        "precision": n_hits / n_found if n_found else 0.0,
        "recall": n_hits / n_wanted if n_wanted else NAN,
        "f1": 2 * n_hits / (n_found + n_wanted) if n_found + n_wanted else NAN,
    }
