"""What ``affecthub train`` does with a recipe of reinforcement learning."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from affecthub.cli.printing import console, print_json, print_table, shown_mean
from affecthub.entries import entry_of
from affecthub.errors import require_extras
from affecthub.training.model_folder import require_model_folder


def reinforce(
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
    """Train by rewards over seeds, score the test split before and after, print both."""
    require_extras("rl", purpose="train by rewards")
    from affecthub.training.rl.recipe import load_grpo_recipe

    if len(protocols) > 1:
        raise ValueError(
            f"`--protocol`: got {' and '.join(protocols)}, expected one. A model that was trained "
            "under one protocol has seen what another tests: run them one by one."
        )
    for name in protocols:
        overrides = {**overrides, "protocol": name}
    chosen = load_grpo_recipe(recipe, **overrides)
    entry = entry_of(chosen.corpus)
    entry.choose(chosen.config or None, chosen.protocol)
    require_model_folder(chosen.model)
    if data_dir is None:
        raise ValueError(
            f"`--data-dir`: got none, expected a folder of {chosen.corpus}. {entry.how_to_get}"
        )
    from affecthub.training.progress import only_our_bars
    from affecthub.training.rl.experiment import run_seeds

    only_our_bars()
    table = run_seeds(
        chosen,
        data_dir=data_dir,
        output_dir=output_dir,
        seeds=list(seeds) or [chosen.seed],
        resume=resume,
        progress=not as_json,
    )
    if as_json:
        print_json({"scores": table, "output_dir": str(output_dir)})
        return
    scores = [key for key in table[0] if isinstance(table[0][key], dict)] if table else []
    rows = [[row["name"], *(shown_mean(row[key], 3) for key in scores), row["n"]] for row in table]
    print_table(["", *scores, "clips"], rows, title="test split, higher is better")
    console.print(f"Rewards by step: {output_dir / 'rewards.svg'}", soft_wrap=True)
