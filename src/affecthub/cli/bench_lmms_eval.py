"""``affecthub bench lmms-eval``: tasks for that program over exports on this disk."""

from pathlib import Path
from typing import Annotated

import typer

from affecthub.cli.printing import AsJson, console, print_json, print_table
from affecthub.errors import require_extras


def lmms_eval(
    out: Annotated[Path, typer.Argument(help="Folder to write; empty or not there yet.")],
    mer_unibench: Annotated[
        Path | None,
        typer.Option(help="Folder that `affecthub data export mer_unibench` wrote."),
    ] = None,
    emos: Annotated[
        list[Path] | None,
        typer.Option(
            help="Folder that `affecthub data export emos` wrote. Repeat for its configuration "
            "goemotions beside a static one."
        ),
    ] = None,
    protocol: Annotated[str, typer.Option(help="Of EmoS.")] = "speaker_independent",
    split: Annotated[str, typer.Option(help="Of that protocol.")] = "test",
    media: Annotated[
        str, typer.Option(help="Letters of a (sound) and v (film); t for the transcript alone.")
    ] = "av",
    as_json: AsJson = False,
) -> None:
    """Write tasks of lmms-eval that ask about exported clips and score as affecthub does."""
    require_extras("metrics", purpose="score the answers of lmms-eval")
    from affecthub.hub_cards.lmms_eval.writing import write_tasks

    done = write_tasks(
        out,
        mer_unibench=mer_unibench,
        emos=emos or (),
        protocol=protocol,
        split=split,
        media=media,
    )
    if as_json:
        print_json({"folder": done.folder, "tasks": done.names, "missing": done.missing})
        return
    print_table(["task"], [(name,) for name in done.names])
    if done.missing:
        console.print(f"Without clips, so left out: {', '.join(done.missing)}.", soft_wrap=True)
    console.print(
        f"lmms-eval eval --include_path {done.folder} --tasks {done.names[-1]} --model ...",
        soft_wrap=True,
    )
