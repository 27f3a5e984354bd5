"""What ``affecthub train`` does with a recipe of a fusion."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from affecthub.cli.printing import console, print_json, print_table, shown_mean
from affecthub.entries import entry_of
from affecthub.errors import require_extras


def fuse(
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
    """Train a fusion on features over seeds and protocols, and print it beside the majority."""
    require_extras("train", purpose="train a fusion")
    from affecthub.training.fusion.recipe import load_fusion_recipe

    chosen = load_fusion_recipe(recipe, **overrides)
    entry = entry_of(chosen.corpus)
    named: list[str | None] = [*protocols] or [chosen.protocol]
    for name in named:
        entry.choose(chosen.config, name)
    if data_dir is None:
        raise ValueError(
            f"`--data-dir`: got none, expected a folder of {chosen.corpus}. {entry.how_to_get}"
        )
    from affecthub.training.fusion.running import run_fusion
    from affecthub.training.progress import only_our_bars

    only_our_bars()
    rows = run_fusion(
        chosen,
        data_dir=data_dir,
        output_dir=output_dir,
        seeds=seeds,
        protocols=protocols,
        resume=resume,
        tell=None if as_json else lambda text: console.print(text, soft_wrap=True),
    )
    if as_json:
        print_json({"scores": rows, "output_dir": str(output_dir)})
        return
    scores = [key for key, value in rows[0].items() if isinstance(value, dict) and "mean" in value]
    table = [
        [row["name"], row["protocol"], *(shown_mean(row.get(key), 4) for key in scores), row["n"]]
        for row in rows
    ]
    print_table(["", "protocol", *scores, "clips"], table, title="test split")
    for note in rows[0]["notes"]:
        console.print(note, soft_wrap=True)
    if "draw" in rows[0]:
        console.print(f"best draw: {rows[0]['draw']}", soft_wrap=True)
