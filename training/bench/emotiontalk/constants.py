"""What the same answer to every clip scores, and which of the paper's figures it reaches."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from affecthub.training.bench.emotiontalk.paper import paper_tables
from affecthub.training.bench.emotiontalk.targets import CONTINUOUS, Clips, Target
from affecthub.training.fusion.scoring import majority_scores

# Tables whose cells are scored on the next utterances.
FORECAST = 14


def constant(target: Target, clips: Tensor | None = None) -> dict[str, Any]:
    """Answer test clips with the training split's most frequent label.

    Args:
        target: What is answered; of continuous labels the commoner sign.
        clips: Those that are scored; None for all test clips of the target.

    Returns:
        ``answer``, and ``acc``, ``waf``, ``uar``, ``macro_f1`` in [0, 1] and ``n``.
    """
    clips = target.splits["test"] if clips is None else clips
    found = majority_scores(target.labels, target.splits["train"], clips)
    return found | {"n": found.pop("n_scored", found["n"])}


def constants(clips: Clips) -> dict[str, dict[str, Any]]:
    """The constant answer to every target; ``TARGET/next`` is that to next utterances alone."""
    found = {name: constant(target) for name, target in clips.targets.items()}
    for name in ("audio_four", "text_four", "multimodal_four"):
        if name in clips.targets:
            target = clips.targets[name]
            found[f"{name}/next"] = constant(target, clips.next_utterances(target))
    return found


def target_of(table: int, group: str, column: str) -> str | None:
    """The target that a cell of the paper is scored on; None for means and captions.

    Example:
        >>> target_of(3, "vision", "own_seven"), target_of(14, "text", "own_four")
        ('vision_seven', 'text_four/next')
        >>> target_of(4, "frame", "multimodal_four"), target_of(3, "text", "mean")
        ('multimodal_four', None)
    """
    if column == CONTINUOUS:
        return CONTINUOUS
    source, _, classes = column.rpartition("_")
    if not source:
        return None
    name = f"{group if source == 'own' else source}_{classes}"
    return f"{name}/next" if table == FORECAST else name


def reached(
    table: int, group: str, column: str, cell: Mapping[str, float], floors: Mapping[str, Any]
) -> list[str]:
    """The metrics of a cell of the paper in which a constant answer is as good or better.

    Args:
        table: Its number.
        group: As in `PaperRow`.
        column: The same.
        cell: Metric to figure, in per cent.
        floors: What `constants` gave, of the official test split.
    """
    floor = floors.get(target_of(table, group, column) or "")
    if floor is None:
        return []
    return [name for name, figure in cell.items() if figure <= round(100 * floor[name], 2)]


def all_reached(floors: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every figure of the paper that a constant answer reaches, with the constant's own.

    Args:
        floors: What `constants` gave, of the official test split.

    Returns:
        Rows of ``table``, ``group``, ``name``, ``column``, ``metric``, ``paper`` and ``constant``,
        in per cent.
    """
    found = []
    for table in paper_tables().values():
        for row in table.rows:
            for column, cell in row.cells.items():
                for metric in reached(table.number, row.group, column, cell, floors):
                    target = target_of(table.number, row.group, column)
                    assert target is not None, "a constant reaches what is scored"
                    found.append(
                        {
                            "table": table.number,
                            "group": row.group,
                            "name": row.name,
                            "column": column,
                            "metric": metric,
                            "paper": cell[metric],
                            "constant": round(100 * floors[target][metric], 2),
                        }
                    )
    return found
