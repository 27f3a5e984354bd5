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


class OtherTrainer:
    """Writes beside an export what runs it with another trainer.

    Args:
        recipe: An ``OmniRecipe``.
        trainer: One of ``exporting.TRAINERS``.
        embeds: Whether the export holds the media.
    """

    def __init__(self, recipe: Any, trainer: str, embeds: bool) -> None:
        self.recipe, self.trainer, self.embeds, self.told = recipe, trainer, embeds, ""

    def __call__(self, done: Any) -> None:
        """Write the file, and say how it is run."""
        from affecthub.training.omni.exporting import FILES, command

        splits = [split for _, split, n in done.written.counts if n]
        base = "." if self.embeds else "$CORPUS"
        path = done.folder / FILES[self.trainer]
        text = command(self.recipe, self.trainer, splits, self.recipe.corpus, base)
        path.write_text(text, encoding="utf-8")
        run = f"sh {path.name}"
        if self.trainer == "llama-factory":
            run = f"llamafactory-cli train {path.name}"
            run += "" if self.embeds else ' media_dir="$CORPUS"'
        media = "" if self.embeds else "export CORPUS=the corpus' folder; "
        self.told = f"Run it with: cd {done.folder}; {media}{run}"


def wording_of(
    name: str, corpus: str, trainer: str | None, embeds: bool
) -> tuple[Any, OtherTrainer | None]:
    """What is asked and answered by a recipe, and what writes the command of another trainer.

    Raises:
        ValueError: The recipe is none of a chat model, or of another corpus; or the trainer is
            unknown.
    """
    require_extras("train", purpose="export as a recipe trains")
    from affecthub.errors import unknown_name
    from affecthub.training.omni.exporting import TRAINERS, RecipeWording
    from affecthub.training.omni.recipe import load_omni_recipe

    recipe = load_omni_recipe(name)
    if recipe.corpus != corpus:
        raise ValueError(
            f"`--recipe` is of another corpus: got {name} of {recipe.corpus}, expected one of "
            f"{corpus}."
        )
    if trainer is not None and trainer not in TRAINERS:
        raise unknown_name("`--for`", trainer, TRAINERS)
    other = None if trainer is None else OtherTrainer(recipe, trainer, embeds)
    return RecipeWording(recipe), other


def _no_features(overrides: dict[str, Any]) -> None:
    if "features" in overrides:
        raise ValueError(
            "`--features` is of AffectGPT's towers: got it with a recipe of a chat model, expected "
            "the corpus' media. Leave it out."
        )
