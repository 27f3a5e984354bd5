"""``affecthub train``: fine-tune by a recipe, answer, score, report."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from affecthub.cli.checks import require_folder
from affecthub.cli.printing import (
    AsJson,
    console,
    print_json,
    print_scores,
    print_screen,
    print_table,
)
from affecthub.entries import entry_of
from affecthub.errors import require_extras
from affecthub.training.model_folder import require_model_folder
from affecthub.training.run_folder import require_no_run

if TYPE_CHECKING:
    from affecthub.training.recipe import Recipe

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
        list[str] | None,
        typer.Option(
            metavar="PATH|NAME=PATH",
            help="The corpus' folder; the demo corpus is made if need be. Of several corpora, a "
            "folder that has one by the name of each, or NAME=PATH for each; NAME may also be a "
            "folder that completes a corpus.",
        ),
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
    features: Annotated[
        Path | None,
        typer.Option(help="What `affecthub features` made of the corpus, in place of its media."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where an earlier run stopped; add seeds to it.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Run seeds again that the folder has scores of.")
    ] = False,
    plan: Annotated[
        bool,
        typer.Option("--plan", help="Check everything, say what the run will cost, and stop."),
    ] = False,
    measure: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="With --plan: steps to run for the time of one, where the model is on this disk; "
            "by default 3 of a model from scratch.",
        ),
    ] = None,
    peak: Annotated[
        float | None,
        typer.Option(
            min=0.001,
            help="With --plan: the device's peak in TFLOP/s, for a time that is not measured.",
        ),
    ] = None,
    share: Annotated[
        float, typer.Option(min=0.001, max=1, help="With --peak: the share that a step reaches.")
    ] = 0.4,
    as_json: AsJson = False,
) -> None:
    """Fine-tune by a recipe, answer the test split, score it and write a report.

    A recipe of reinforcement learning (affectgpt_r1, mer_r1) trains by rewards instead, and the
    test split is scored before and after. Fusions, conversation models and captioners (fusion_lmf,
    erc_bigru, demo_captions) are scored beside what guessing scores; chat models
    (emos_basic7_omni) get adapters. `affecthub recipes` lists every recipe with its kind.
    """
    # What is mistyped is told before torch and the corpus are loaded.
    given = data_dir or []
    if len(given) == 1 and "=" not in given[0] and not plan:
        require_folder(Path(given[0]), "`--data-dir`")
    if features is not None:
        require_folder(features, "`--features`")
    require_extras("train", purpose="train")
    from affecthub.settings import parse_overrides
    from affecthub.training.mixtures.folders import parse_folders
    from affecthub.training.recipe import load_recipe
    from affecthub.training.recipe_kinds import OF_FOLDERS, PLANS, PROGRAMS, function_of, kind_of

    output_dir = output_dir or Path("runs") / Path(recipe).stem
    changes = parse_overrides(overrides)
    if features is not None:
        changes["features"] = str(features)
    kind = kind_of(recipe)
    if kind in PROGRAMS:
        several = parse_folders(given) if kind in OF_FOLDERS else None
        if plan and kind in PLANS:
            how = {"data_dir": several, "output_dir": output_dir, "overrides": changes}
            if not function_of(PLANS[kind])(recipe, as_json=as_json, **how):
                raise typer.Exit(1)
            return
        if plan:
            raise ValueError(
                f"`--plan` is of fine-tuning: got it with {recipe}, a recipe of the kind {kind!r}."
            )
        if not (resume or overwrite):
            require_no_run(output_dir)
        function_of(PROGRAMS[kind])(
            recipe,
            data_dir=several or (Path(given[0]) if given else None),
            output_dir=output_dir,
            seeds=seed or [],
            protocols=protocol or [],
            overrides=changes,
            resume=resume,
            as_json=as_json,
        )
        return
    chosen = load_recipe(recipe, **changes)
    folders = parse_folders(given)
    if plan:
        _plan(chosen, folders, output_dir, measure, peak, share, as_json)
        return
    for name in protocol or [chosen.protocol]:
        for source in replace(chosen, protocol=name).sources():
            entry_of(source.corpus).choose(source.config or None, source.protocol)
    if chosen.model is not None:
        require_model_folder(chosen.model)
    if not (resume or overwrite):
        require_no_run(output_dir)
    if folders is None:
        folders = _demo_folder(chosen, output_dir)
    from affecthub.training.experiment import run_grid, save_scores
    from affecthub.training.processes import this_process
    from affecthub.training.progress import only_our_bars
    from affecthub.training.report import write_report

    only_our_bars()
    runs = run_grid(
        chosen,
        data_dir=folders,
        output_dir=output_dir,
        seeds=seed or [chosen.seed],
        protocols=protocol or [chosen.protocol],
        resume=resume,
        overwrite=overwrite,
        progress=not as_json,
    )
    if this_process().index:
        return  # the first process of a launch tells
    report = write_report(
        output_dir / "report.html",
        runs,
        title=f"{Path(recipe).stem} on {chosen.corpus}",
        lead=f"Given {', '.join(chosen.modalities)}; trained on each protocol's training split and "
        "scored on its test split, beside the most frequent label.",
        base=load_recipe(recipe),
    )
    print_scores(save_scores(runs, output_dir), as_json, report=str(report))


def _demo_folder(recipe: "Recipe", output_dir: Path) -> Path:
    """The demo corpus, made beside what is trained where no folder was given."""
    if recipe.corpus == "demo" and not recipe.more_corpora:
        from affecthub.datasets_scripts import make_demo

        return make_demo(output_dir / "corpus")
    raise ValueError(
        f"`--data-dir`: got none, expected a folder of {recipe.corpus}. "
        f"{entry_of(recipe.corpus).how_to_get}"
    )


def _plan(
    recipe: "Recipe",
    folders: Any,
    output_dir: Path,
    measure: int | None,
    peak: float | None,
    share: float,
    as_json: bool,
) -> None:
    """Print the plan of a run; leave with 1 where something stands against it."""
    from affecthub.training.plan import plan_run
    from affecthub.training.progress import only_our_bars

    only_our_bars()
    with tempfile.TemporaryDirectory(prefix="affecthub-plan-") as scratch:
        if folders is None and recipe.corpus == "demo":
            folders = _demo_folder(recipe, Path(scratch))
        planned = plan_run(
            recipe,
            data_dir=folders,
            output_dir=output_dir,
            measure=measure,
            peak_tflops=peak,
            share=share,
        )
    if as_json:
        print_json(planned.to_dict())
    else:
        print_screen(planned)
    if not planned.ok:
        raise typer.Exit(1)
