"""``affecthub train``: fine-tune by a recipe, answer, score, report."""

from pathlib import Path
from typing import Annotated

import typer

from affecthub.cli.data import DataDir
from affecthub.cli.printing import AsJson, print_scores
from affecthub.errors import require_extras

Overrides = Annotated[
    list[str], typer.Option("--set", metavar="KEY=VALUE", help="Replace a field of the recipe.")
]


def train(
    recipe: Annotated[str, typer.Argument(help="Installed recipe name or YAML file.")],
    data_dir: DataDir,
    output_dir: Annotated[Path, typer.Option(help="Where models, answers and the report go.")],
    seed: Annotated[
        list[int] | None, typer.Option(help="Repeat for several; by default the recipe's.")
    ] = None,
    protocol: Annotated[
        list[str] | None, typer.Option(help="Repeat for several; by default the recipe's.")
    ] = None,
    overrides: Overrides = [],  # noqa: B006 - typer reads the default, nothing changes it
    resume: Annotated[bool, typer.Option(help="Go on from the last checkpoint.")] = False,
    as_json: AsJson = False,
) -> None:
    """Fine-tune by a recipe, answer the test split, score it and write a report."""
    require_extras("train", purpose="train")
    from affecthub.training.experiment import run_grid, save_scores
    from affecthub.training.progress import only_our_bars
    from affecthub.training.recipe import load_recipe, parse_overrides
    from affecthub.training.report import write_report

    only_our_bars()
    chosen = load_recipe(recipe, **parse_overrides(overrides))
    runs = run_grid(
        chosen,
        data_dir=data_dir,
        output_dir=output_dir,
        seeds=seed or [chosen.seed],
        protocols=protocol or [chosen.protocol],
        resume=resume,
        progress=not as_json,
    )
    report = write_report(
        output_dir / "report.html",
        runs,
        title=f"{Path(recipe).stem} on {chosen.corpus}",
        lead=f"Given {', '.join(chosen.modalities)}; trained on each protocol's training split and "
        "scored on its test split, beside the most frequent label.",
    )
    print_scores(save_scores(runs, output_dir), as_json, report=str(report))
