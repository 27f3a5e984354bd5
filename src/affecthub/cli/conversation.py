"""What ``affecthub train`` does with a recipe of conversations."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from affecthub.cli.printing import console, print_json, print_table, shown_mean
from affecthub.entries import entry_of

COLUMNS = {"ua": "UA", "wa": "WA", "macro_f1": "macro F1", "weighted_f1": "weighted F1"}


def converse(
    recipe: str,
    *,
    data_dir: Path | None,
    output_dir: Path,
    seeds: Sequence[int],
    protocols: Sequence[str],
    overrides: dict[str, Any],
    resume: bool,
    as_json: bool,
) -> None:
    """Train over protocols and seeds, score the test split, print the baselines beside."""
    from affecthub.training.conversations.recipe import load_conversation_recipe

    chosen = load_conversation_recipe(recipe, **overrides)
    entry = entry_of(chosen.corpus)
    for protocol in protocols or [chosen.protocol]:
        entry.choose(chosen.config or None, protocol)
    if data_dir is None:
        raise ValueError(
            f"`--data-dir`: got none, expected a folder of {chosen.corpus}. {entry.how_to_get}"
        )
    from affecthub.training.conversations.experiment import run_conversation
    from affecthub.training.progress import only_our_bars

    only_our_bars()
    found = run_conversation(
        chosen,
        data_dir=data_dir,
        output_dir=output_dir,
        seeds=list(seeds) or [chosen.seed],
        protocols=list(protocols),
        resume=resume,
        progress=not as_json,
    )
    if as_json:
        content = {"rows": found.rows, "notes": found.notes, "output_dir": str(output_dir)}
        print_json(content)
        return
    for protocol in dict.fromkeys(row["protocol"] for row in found.rows):
        rows = [row for row in found.rows if row["protocol"] == protocol]
        print_table(
            ["", *COLUMNS.values(), "utterances", "runs"],
            [_line(row) for row in rows],
            title=f"{chosen.label} of {chosen.corpus}, {protocol}: per cent, higher is better",
        )
        for row in rows:
            _print_apart(row)
    if any(row["oracle"] for row in found.rows):
        console.print("An oracle reads gold labels of the history, which no system knows.")
    for note in found.notes:
        console.print(note, soft_wrap=True)


def _line(row: Mapping[str, Any]) -> list[Any]:
    name = f"{row['name']} (oracle)" if row["oracle"] else str(row["name"])
    runs = len(row["seeds"]) or ""
    return [name, *(shown_mean(row[key], 2, per_cent=True) for key in COLUMNS), row["n"], runs]


def _print_apart(row: Mapping[str, Any]) -> None:
    parts = row.get("apart") or {}
    if parts:
        print_table(
            ["", *COLUMNS.values(), "utterances"],
            [
                [name, *(shown_mean(part[key], 2, per_cent=True) for key in COLUMNS), part["n"]]
                for name, part in parts.items()
            ],
            title=f"{row['name']}, apart",
        )
