"""Where a model's answers lie: one journal per set, and per checkpoint where there are many."""

from collections.abc import Sequence
from pathlib import Path

ANSWERS = "answers"


def model_names(models: Sequence[str | Path]) -> dict[str, str | Path]:
    """What each checkpoint is called: nothing where there is one, else its folder's name.

    Raises:
        ValueError: Two have one name.

    Example:
        >>> list(model_names(["runs/a/epoch-1", "runs/a/epoch-2"]))
        ['epoch-1', 'epoch-2']
    """
    if len(models) == 1:
        return {"": models[0]}
    named = {Path(model).name: model for model in models}
    if len(named) < len(models):
        raise ValueError(
            f"checkpoints have one name: got {', '.join(map(str, models))}, expected folders that "
            "are called differently."
        )
    return named


def journal_path(folder: str | Path, set_name: str, checkpoint: str) -> Path:
    """Where the answers of a checkpoint to a set are written.

    Example:
        >>> journal_path("out", "meld", "").as_posix(), journal_path("out", "meld", "e1").as_posix()
        ('out/answers/meld.jsonl', 'out/answers/meld/e1.jsonl')
    """
    root = Path(folder) / ANSWERS
    return root / set_name / f"{checkpoint}.jsonl" if checkpoint else root / f"{set_name}.jsonl"
