"""What an evaluation would ask and score, said before anything is loaded."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from affecthub.metrics.mer_unibench.answer_files import answer_files
from affecthub.training.bench.journals import journal_path, model_names
from affecthub.training.bench.references import References, chosen_sets, read_sets


def planned(
    data_root: str | Path | None,
    sets: Sequence[str] | None,
    *,
    limit: int | None = None,
    models: Sequence[str] | None = None,
    answers: str | Path | None = None,
    output_dir: str | Path = ".",
) -> list[dict[str, Any]]:
    """A row per set and checkpoint: what is there, what is left to ask, what is missing.

    Args:
        data_root: Folder of the sets; None where kept answers are scored anew, which has no plan.
        sets: Those wanted; None for all nine.
        limit: Only the first clips of each.
        models: Those to ask, whose journals are looked at.
        answers: Folder of answers in their place.
        output_dir: Where the journals are.

    Returns:
        ``set``, ``task``, ``clips`` (0 where the set is not there) of the ``expected`` number; of
        models ``checkpoint``, ``answered`` already and ``without_media``, clips whose rows name
        neither picture nor sound; of answers the ``files``.

    Raises:
        FileNotFoundError: A folder is not there.
        ValueError: None of the sets is there.
    """
    if data_root is None:
        raise ValueError("there is nothing to plan without `data_root`: expected a folder of sets.")
    wanted = chosen_sets(sets)
    there = read_sets(data_root, wanted, limit=limit)
    files = answer_files(answers) if answers is not None else {}
    rows = []
    for test_set in wanted:
        references = there.get(test_set.name)
        row: dict[str, Any] = {
            "set": test_set.name,
            "task": test_set.task,
            "clips": len(references.ids) if references else 0,
            "expected": test_set.n_clips,
        }
        if answers is not None:
            row["files"] = [file.path.name for file in files.get(test_set.name, ())]
        if not models or references is None:
            rows.append(row | ({"checkpoint": "", **_nothing()} if models else {}))
            continue
        for checkpoint in model_names(models):
            path = journal_path(output_dir, test_set.name, checkpoint)
            rows.append(
                row
                | {
                    "checkpoint": checkpoint,
                    "question": _question(models[0]),
                    "answered": _answered(path, references),
                    "without_media": _without_media(references),
                }
            )
    return rows


def _nothing() -> dict[str, Any]:
    return {"question": "", "answered": 0, "without_media": 0}


def _question(model: str) -> str:
    """What the model was trained to be asked, where its folder says so."""
    kept = Path(model) / "recipe.yaml"
    if not kept.is_file():
        return "the model's own"
    from affecthub.settings import read_yaml

    return str(read_yaml(kept.read_text("utf-8")).get("question", "labels"))


def _answered(path: Path, references: References) -> int:
    """Lines of a journal that are to clips of the set."""
    if not path.is_file():
        return 0
    ids = _row_ids(references)
    found = 0
    for line in path.read_text("utf-8", errors="replace").split("\n"):
        try:
            found += json.loads(line)["id"] in ids
        except (json.JSONDecodeError, KeyError, TypeError):
            continue  # cut off by a kill; the journal drops it, too
    return found


def _row_ids(references: References) -> set[str]:
    return set(references.ids if references.rows is None else references.rows["id"])


def _without_media(references: References) -> int:
    if references.rows is None:
        return len(references.ids)
    names = references.rows.column_names
    columns = [name for name in ("audio", "video", "face") if name in names]
    rows: list[Mapping[str, Any]] = references.rows.select_columns(columns)
    return sum(not any(row.values()) for row in rows)
