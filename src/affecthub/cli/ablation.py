"""``affecthub bench ablation``: one setting changed, value by value, the paper's figures beside."""

from pathlib import Path
from typing import Annotated, Any

import typer

from affecthub.cli.checks import require_folder
from affecthub.cli.printing import AsJson, console, print_json, print_sections
from affecthub.errors import require_extras
from affecthub.training.model_folder import require_model_folder


def ablation(
    kind: Annotated[str, typer.Argument(help="modalities, frames, lora-rank or fusion.")],
    recipe: Annotated[str, typer.Option(help="Installed recipe name or YAML file.")],
    data_dir: Annotated[Path, typer.Option(help="Folder of the recipe's corpus.")],
    output_dir: Annotated[
        Path | None,
        typer.Option(help="Where variants go, a folder each; a run that was stopped goes on."),
    ] = None,
    value: Annotated[
        list[str] | None,
        typer.Option(help="Repeat for several, such as audio+text; by default the paper's."),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(help="Trained model to ask with other inputs or frames; else one is trained."),
    ] = None,
    data_root: Annotated[
        Path | None,
        typer.Option(help="Score on the sets of MER-UniBench here, not on the test split."),
    ] = None,
    sets: Annotated[
        list[str] | None, typer.Option(help="Only these sets; separate by commas or repeat.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first clips.")] = None,
    lexicon: Annotated[
        str | None, typer.Option(help="Folder or name of a lexicon, for MER-UniBench.")
    ] = None,
    overrides: Annotated[
        list[str],
        typer.Option("--set", metavar="KEY=VALUE", help="Replace a field of the recipe."),
    ] = [],  # noqa: B006 - typer reads the default, nothing changes it
    as_json: AsJson = False,
) -> None:
    """Change inputs, frames, the adapters' rank or the fusion, and score every value."""
    require_folder(data_dir, "`--data-dir`")
    require_extras("train", purpose="run an ablation")
    from affecthub.settings import parse_overrides
    from affecthub.training.bench.ablation import run_ablation
    from affecthub.training.bench.ablation_report import AblationReport
    from affecthub.training.bench.benchmark import Scoring
    from affecthub.training.progress import only_our_bars
    from affecthub.training.recipe import load_recipe

    chosen = load_recipe(recipe, **parse_overrides(overrides))
    for each in (chosen.model, model):
        if each is not None:
            require_model_folder(each)
    only_our_bars()
    folder = output_dir or Path("runs") / f"ablation-{Path(recipe).stem}"
    options: dict[str, Any] = {"data_root": data_root, "limit": limit, "model": model}
    found = run_ablation(
        kind,
        chosen,
        data_dir=data_dir,
        output_dir=folder,
        values=value or None,
        sets=[name for each in sets or () for name in each.split(",")] or None,
        scoring=Scoring(lexicon, n_resamples=0),
        progress=not as_json,
        **options,
    )
    report = AblationReport(found)
    written = report.write(folder)
    if as_json:
        print_json(found | {"files": {kind: str(path) for kind, path in written.items()}})
        return
    console.print(report.heading(), soft_wrap=True)
    print_sections(report.sections()[:1])
    for note in report.notes():
        console.print(f"- {note}", soft_wrap=True)
    console.print(f"Tables: {', '.join(map(str, written.values()))}", soft_wrap=True)
