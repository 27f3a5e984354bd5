"""A run's folder: it is gone on with or left alone, and written over only where that is asked."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from affecthub.training.model_folder import checkpoint_folder

if TYPE_CHECKING:
    from affecthub.training.recipe import Recipe

# What a run's folder holds beside the model.
SCORES_FILE = "scores.json"
PREDICTIONS = "predictions.jsonl"
RECIPE = "recipe.yaml"
RECORD = "training.json"

_RUN = (SCORES_FILE, RECORD, RECIPE, "config.json", "adapter_config.json")


def require_no_run(output_dir: str | Path) -> None:
    """Keep what an earlier run left from being written over by mistake.

    Args:
        output_dir: Folder of one run, or of several over protocols and seeds.

    Raises:
        ValueError: A finished run is there, or the checkpoints of one that was stopped.
    """
    folder = Path(output_dir)
    seeds = {
        path.with_name(path.name.removesuffix("-checkpoints")) for path in folder.glob("*/seed-*")
    }
    for run in (folder, *sorted(seeds)):
        for path in [*(run / name for name in _RUN), *_checkpoints(run)]:
            if path.exists():
                kind = "scores" if path.name == SCORES_FILE else "a model"
                kind = "checkpoints" if path.is_dir() else kind
                raise ValueError(
                    f"{folder} has {kind} of an earlier run: got {path}, expected a folder "
                    "without. Go on with --resume, which keeps them and adds seeds, run them again "
                    "with --overwrite, or give another --output-dir."
                )


def require_same_run(output_dir: str | Path, recipe: "Recipe") -> None:
    """Refuse to go on without checkpoints where the finished run is another recipe's.

    Raises:
        ValueError: It is; the fields that differ are named.
    """
    from affecthub.training.checkpoints import differences
    from affecthub.training.recipe import load_recipe

    path = Path(output_dir) / RECIPE
    if not path.is_file():
        return
    told = differences(load_recipe(path).to_dict(), recipe)
    if told:
        raise ValueError(
            f"{output_dir} holds a run of another recipe, and no checkpoint to go on from: {told}. "
            "Give another output folder, or write over it with --overwrite."
        )


def finished_run(
    folder: str | Path, recipe: Mapping[str, Any], *, free: tuple[str, ...] = ()
) -> dict[str, Any] | None:
    """What ``scores.json`` says of a run of this recipe that is at its end.

    Args:
        folder: Of one run.
        recipe: As plain values.
        free: Fields that may differ.

    Returns:
        None where there is no such file, or it is another recipe's.
    """
    path = Path(folder) / SCORES_FILE
    if not path.is_file():
        return None
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    kept, wanted = record.get("recipe"), json.loads(json.dumps(recipe))
    same = isinstance(kept, dict) and kept | dict.fromkeys(free) == wanted | dict.fromkeys(free)
    return record if same else None


def _checkpoints(run: Path) -> list[Path]:
    return sorted(checkpoint_folder(run).glob("checkpoint-*"))
