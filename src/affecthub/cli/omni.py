"""What ``affecthub train`` does with a recipe of a chat model."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from affecthub.cli.printing import print_json, print_screen, print_table, shown_mean
from affecthub.entries import entry_of
from affecthub.errors import require_extras


def tune(
    recipe: str,
    *,
    data_dir: Any,
    output_dir: Path,
    seeds: Sequence[int],
    protocols: Sequence[str],
    overrides: dict[str, Any],
    resume: bool,
    as_json: bool,
) -> None:
    """Fine-tune adapters over seeds, answer and score the test split beside the majority label."""
    require_extras("train", purpose="fine-tune chat models")
    from affecthub.training.omni.recipe import load_omni_recipe
    from affecthub.training.processes import this_process

    _no_features(overrides)
    chosen = load_omni_recipe(recipe, **overrides)
    entry = entry_of(chosen.corpus)
    for protocol in protocols or [chosen.protocol]:
        entry.choose(chosen.config or None, protocol)
    if data_dir is None:
        raise ValueError(
            f"`--data-dir`: got none, expected a folder of {chosen.corpus}. {entry.how_to_get}"
        )
    from affecthub.training.omni.experiment import SHOWN, run_omni
    from affecthub.training.progress import only_our_bars

    only_our_bars()
    table = run_omni(
        chosen,
        data_dir=data_dir,
        output_dir=output_dir,
        seeds=list(seeds) or [chosen.seed],
        protocols=list(protocols),
        resume=resume,
        overwrite=not resume,  # what stands there was looked at before
        progress=not as_json,
    )
    if this_process().index:
        return  # the first process of a launch tells
    if as_json:
        print_json({"scores": table, "output_dir": str(output_dir)})
        return
    rows = [
        [
            row["protocol"],
            row["name"],
            *(shown_mean(row[score], 3) for score in SHOWN),
            row["n"],
            row["n_unread"],
        ]
        for row in table
    ]
    print_table(["protocol", "", *SHOWN, "clips", "unread"], rows, title="test split")


def plan(
    recipe: str,
    *,
    data_dir: Any,
    output_dir: Path,
    overrides: dict[str, Any],
    as_json: bool,
) -> bool:
    """Print the plan of a run; say whether nothing stands against it."""
    require_extras("train", purpose="plan a run")
    from affecthub.training.omni.plan import plan_omni
    from affecthub.training.omni.recipe import load_omni_recipe
    from affecthub.training.progress import only_our_bars

    only_our_bars()
    _no_features(overrides)
    planned = plan_omni(
        load_omni_recipe(recipe, **overrides), data_dir=data_dir, output_dir=output_dir
    )
    if as_json:
        print_json(planned.to_dict())
    else:
        print_screen(planned)
    return planned.ok


def _no_features(overrides: dict[str, Any]) -> None:
    if "features" in overrides:
        raise ValueError(
            "`--features` is of AffectGPT's towers: got it with a recipe of a chat model, expected "
            "the corpus' media. Leave it out."
        )
