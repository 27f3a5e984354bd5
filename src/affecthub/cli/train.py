"""``affecthub train``: fine-tune by a recipe, answer, score, report."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from affecthub.cli.checks import require_folder
from affecthub.cli.printing import AsJson, console, print_scores, print_table
from affecthub.cli.reinforce import reinforce
from affecthub.entries import entry_of
from affecthub.errors import require_extras
from affecthub.training.model_folder import require_model_folder

Overrides = Annotated[
    list[str],
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Replace a field of the recipe; the value is YAML. "
        "trainer.max_steps=3 and 'trainer={max_steps: 3}' say the same.",
    ),
]


class TrainCommand(TyperCommand):
    """The command whose help ends with every field of a recipe."""

    def format_help(self, *where: Any) -> None:
        """Print the usual help, then the fields; they are read only when they are asked for."""
        super().format_help(*where)
        from affecthub.training.fields import groups, trainer_defaults, trainer_note

        for title, rows in groups().items():
            print_table(["field", "default", "meaning"], rows, title=f"Recipe: {title}")
        print_table(
            ["field of trainer", "default", "why it is not TrainingArguments' own"],
            trainer_defaults(),
            title="Recipe: trainer",
        )
        console.print(trainer_note())


def train(
    recipe: Annotated[str, typer.Argument(help="Installed recipe name or YAML file.")],
    data_dir: Annotated[
        Path | None, typer.Option(help="The corpus' folder; the demo corpus is made if need be.")
    ] = None,
    output_dir: Annotated[
        Path | None,
        typer.Option(help="Where models, answers and the report go; by default runs/RECIPE."),
    ] = None,
    seed: Annotated[
        list[int] | None, typer.Option(help="Repeat for several; by default the recipe's.")
    ] = None,
    protocol: Annotated[
        list[str] | None, typer.Option(help="Repeat for several; by default the recipe's.")
    ] = None,
    overrides: Overrides = [],  # noqa: B006 - typer reads the default, nothing changes it
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where an earlier run stopped; add seeds to it.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Run seeds again that the folder has scores of.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Fine-tune by a recipe, answer the test split, score it and write a report.

    A recipe of reinforcement learning (affectgpt_r1, mer_r1) trains by rewards instead, and the
    test split is scored before and after.
    """
    # What is mistyped is told before torch and the corpus are loaded.
    if data_dir is not None:
        require_folder(data_dir, "`--data-dir`")
    require_extras("train", purpose="train")
    from affecthub.settings import parse_overrides
    from affecthub.training.recipe import load_recipe
    from affecthub.training.recipe_kinds import kind_of

    output_dir = output_dir or Path("runs") / Path(recipe).stem
    if kind_of(recipe) == "grpo":
        if not (resume or overwrite):
            _refuse_scores(output_dir)
        reinforce(
            recipe,
            data_dir=data_dir,
            output_dir=output_dir,
            seeds=seed or [],
            protocols=protocol or [],
            overrides=parse_overrides(overrides),
            resume=resume,
            as_json=as_json,
        )
        return
    chosen = load_recipe(recipe, **parse_overrides(overrides))
    for name in protocol or [chosen.protocol]:
        entry_of(chosen.corpus).choose(chosen.config or None, name)
    if chosen.model is not None:
        require_model_folder(chosen.model)
    if not (resume or overwrite):
        _refuse_scores(output_dir)
    data_dir = _corpus_folder(chosen.corpus, data_dir, output_dir)
    from affecthub.training.experiment import run_grid, save_scores
    from affecthub.training.progress import only_our_bars
    from affecthub.training.report import write_report

    only_our_bars()
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
        base=load_recipe(recipe),
    )
    print_scores(save_scores(runs, output_dir), as_json, report=str(report))


def _refuse_scores(output_dir: Path) -> None:
    """Keep what an earlier run found from being written over by mistake."""
    there = [*output_dir.glob("scores.json"), *output_dir.glob("*/seed-*/scores.json")]
    if there:
        raise ValueError(
            f"{output_dir} has scores of an earlier run: got {there[0].relative_to(output_dir)}, "
            "expected a folder without. Go on with --resume, which keeps them and adds seeds, run "
            "them again with --overwrite, or give another --output-dir."
        )


def _corpus_folder(corpus: str, data_dir: Path | None, output_dir: Path) -> Path:
    """The folder that was given; without one the demo corpus is made beside what is trained."""
    if data_dir is not None:
        return data_dir
    if corpus == "demo":
        from affecthub.datasets_scripts import make_demo

        return make_demo(output_dir / "corpus")
    raise ValueError(
        f"`--data-dir`: got none, expected a folder of {corpus}. {entry_of(corpus).how_to_get}"
    )
