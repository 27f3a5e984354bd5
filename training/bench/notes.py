"""What a reader of an evaluation's scores must know of the clips behind them."""

from collections.abc import Mapping
from typing import Any

from affecthub.training.bench.references import References


def notes_on(result: Mapping[str, Any], references: Mapping[str, References]) -> list[str]:
    """Sentences on missing sets, other numbers of clips, clips without answer or label.

    Args:
        result: Of `affecthub.training.bench.scoring.score_run`.
        references: The sets at hand.
    """
    notes = []
    if result["missing"]:
        without = [name for name in result["missing"] if name in references]
        absent = [name for name in result["missing"] if name not in references]
        parts = []
        if absent:
            parts.append(f"not at hand: {', '.join(absent)}")
        if without:
            parts.append(f"not answered: {', '.join(without)}")
        notes.append(
            f"The mean is partial, over {len(result['sets'])} of nine sets ({'; '.join(parts)}). "
            "A published mean is over all nine."
        )
    cut = [
        f"{name} {entry['n_clips']:,} of {entry['n_expected']:,}"
        for name, entry in result["sets"].items()
        if entry["n_clips"] != entry["n_expected"]
    ]
    if cut:
        notes.append(f"Not the benchmark's number of clips: {', '.join(cut)}.")
    unanswered = [
        f"{name} {entry['n_unanswered']:,}"
        for name, entry in result["sets"].items()
        if entry["n_unanswered"]
    ]
    if unanswered:
        notes.append(
            f"Clips without an answer: {', '.join(unanswered)}. On the wheels they score 0, in the "
            "sentiment sets they count as negative."
        )
    unlabelled = [
        f"{name} {wanted.n_unlabelled:,}"
        for name, wanted in references.items()
        if wanted.n_unlabelled
    ]
    if unlabelled:
        notes.append(f"Clips without a gold label, left out: {', '.join(unlabelled)}.")
    return notes
