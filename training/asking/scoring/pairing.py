"""Two journals against each other, on the clips that both were asked about."""

from collections.abc import Sequence
from typing import Any

from affecthub.metrics.answers.resampling import holm
from affecthub.training.asking.scoring.measured import Measured
from affecthub.training.asking.scoring.scored import Scored
from affecthub.training.asking.scoring.tallies import differences, mcnemar


def compare(first: Scored, second: Scored, names: tuple[str, str]) -> dict[str, Any]:
    """Compare what two journals score on the same clips.

    Args:
        first: One journal, scored.
        second: The other, on the same split.
        names: What tables call them.

    Returns:
        ``names``; ``n_first`` and ``n_second`` (clips with a line), ``n_both``, ``only_first`` and
        ``only_second`` (clips that one alone was asked about, which are left out); ``metrics``:
        metric to ``column``, ``n``, ``scores`` (see `differences`: a paired bootstrap and a
        permutation test, groups whole) and, of single labels, ``mcnemar`` (see `mcnemar`, which
        knows no groups).

    Raises:
        ValueError: They are of different splits, share no clip, or are scored by no metric alike.
    """
    for key in ("corpus", "config", "protocol", "split"):
        if first.result[key] != second.result[key]:
            raise ValueError(
                f"the two journals are about different clips: got {key} {first.result[key]!r} of "
                f"{first.journal.path} and {second.result[key]!r} of {second.journal.path}, "
                "expected one. Score them one by one."
            )
    both = first.asked & second.asked
    if not both:
        raise ValueError(
            f"the two journals share no clip: got {len(first.asked)} of {first.journal.path} and "
            f"{len(second.asked)} of {second.journal.path}, expected the same ones."
        )
    theirs = {(each.metric, each.column): each for each in second.measured}
    pairs = [
        (ours, theirs[ours.metric, ours.column])
        for ours in first.measured
        if (ours.metric, ours.column) in theirs
    ]
    if not pairs:
        raise ValueError(
            f"the two journals have no score alike: got {_named(first)} of {first.journal.path} "
            f"and {_named(second)} of {second.journal.path}, expected a metric of the same column. "
            "Score them one by one."
        )
    alone, other_alone = first.asked - both, second.asked - both
    return {
        "names": list(names),
        "n_first": len(first.asked),
        "n_second": len(second.asked),
        "n_both": len(both),
        "only_first": [clip for clip in first.clips.ids if clip in alone],
        "only_second": [clip for clip in second.clips.ids if clip in other_alone],
        "metrics": {
            ours.metric: _compared(first, ours, second, other, both) for ours, other in pairs
        },
    }


def _named(scored: Scored) -> str:
    return ", ".join(f"{each.metric} ({each.column})" for each in scored.measured)


def adjust(comparisons: Sequence[dict[str, Any]]) -> None:
    """Give the primary score of every metric of all comparisons its p after Holm, ``p_holm``."""
    primary = [
        next(iter(metric["scores"].values()))
        for found in comparisons
        for metric in found["metrics"].values()
    ]
    tested = [entry for entry in primary if "p" in entry and entry["p"] == entry["p"]]
    for entry, p in zip(tested, holm([entry["p"] for entry in tested]), strict=True):
        entry["p_holm"] = p


def _compared(
    first: Scored, ours: Measured, second: Scored, other: Measured, both: set[str]
) -> dict[str, Any]:
    """One metric of both."""
    here, there = (
        {side.clips.ids[place]: i for i, place in enumerate(measured.places)}
        for side, measured in ((first, ours), (second, other))
    )
    shared = [clip for clip in here if clip in there and clip in both]
    one, two = [here[clip] for clip in shared], [there[clip] for clip in shared]
    group_of = dict(zip(first.clips.ids, first.clips.groups, strict=True))
    found: dict[str, Any] = {
        "column": ours.column,
        "n": len(shared),
        "scores": differences(
            ours.tally.only(one),
            other.tally.only(two),
            [group_of[clip] for clip in shared],
            n_resamples=first.result["n_resamples"],
            seed=first.result["seed"],
        ),
    }
    if ours.right is not None and other.right is not None:
        found["mcnemar"] = mcnemar([ours.right[i] for i in one], [other.right[i] for i in two])
    return found
