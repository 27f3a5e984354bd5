"""``affecthub features``: what frozen towers make of a corpus, once and for all."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from affecthub.cli.checks import require_corpus
from affecthub.cli.printing import AsJson, console, print_json, print_table
from affecthub.entries import entry_of
from affecthub.errors import require_extras
from affecthub.training.model_folder import require_model_folder

if TYPE_CHECKING:
    from affecthub.training.features.index import Summary

# Clips of a kind that are named.
_SHOWN = 10


def features(
    corpus: Annotated[str, typer.Argument(help="Corpus name.")],
    model: Annotated[str, typer.Option(help="Folder or Hub id of a saved AffectGPT.")],
    data_dir: Annotated[Path, typer.Option(help="The corpus' folder.")],
    out: Annotated[Path, typer.Option(help="Folder of features; one that was stopped goes on.")],
    config: Annotated[
        str | None, typer.Option(help="Configuration of the corpus; by default its first.")
    ] = None,
    protocol: Annotated[
        str | None, typer.Option(help="Protocol that names the splits; by default its first.")
    ] = None,
    split: Annotated[
        list[str] | None, typer.Option(help="Repeat for several; by default all.")
    ] = None,
    medium: Annotated[
        list[str] | None,
        typer.Option(help="audio, face or video; by default what the model has a use for."),
    ] = None,
    dtype: Annotated[str, typer.Option(help="fp16, bf16 or fp32.")] = "fp16",
    batch_size: Annotated[int, typer.Option(min=1, help="Clips that are encoded together.")] = 16,
    workers: Annotated[
        int | None,
        typer.Option(min=0, help="Processes that decode, for each that encodes; by default cores."),
    ] = None,
    shard_clips: Annotated[
        int, typer.Option(min=1, help="Clips of a file; a kill loses what is in none yet.")
    ] = 256,
    retry: Annotated[
        bool, typer.Option("--retry", help="Try clips again that could not be read.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Keep what a model's frozen towers make of a corpus, in a folder that datasets can load."""
    require_corpus(corpus, data_dir, protocol)
    _, protocol = entry_of(corpus).choose(config, protocol)
    require_model_folder(model)
    require_extras("data", "model", purpose="make features")
    from affecthub.training.features.corpus import fill_corpus
    from affecthub.training.progress import only_our_bars

    only_our_bars()
    summary = fill_corpus(
        corpus,
        model,
        data_dir,
        out,
        config=config,
        protocol=protocol,
        splits=split or (),
        media=medium or (),
        dtype=dtype,
        batch_size=batch_size,
        n_workers=workers,
        shard_clips=shard_clips,
        retry=retry,
        progress=not as_json,
    )
    _tell(summary, as_json)


def _tell(summary: "Summary", as_json: bool) -> None:
    """Print what the folder holds."""
    if int(os.environ.get("RANK", 0)):
        return  # one of many processes speaks
    if as_json:
        print_json(asdict(summary))
        return
    console.print(
        f"{summary.n_clips:,} clips in {summary.folder}, {summary.n_bytes / 1e6:,.1f} MB",
        soft_wrap=True,
    )
    for column, n_clips in summary.lacking.items():
        if n_clips:
            console.print(f"{n_clips:,} of them have no {column}")
    if summary.issues:
        _table(summary.issues, "lack media and have null in their place")
    if summary.broken:
        _table(summary.broken, "could not be read and have no features")
        console.print(
            f"All stand in {summary.folder / 'broken.jsonl'}. Mend them and add --retry.",
            soft_wrap=True,
        )


def _table(reasons: dict[str, str], what: str) -> None:
    shown = list(reasons.items())[:_SHOWN]
    print_table(["id", "reason"], shown, title=f"{len(reasons):,} clips {what}")
