"""``affecthub features``: what frozen towers and encoders make of a corpus, once and for all."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from affecthub.cli.checks import require_corpus
from affecthub.cli.printing import AsJson, console, print_json, print_table
from affecthub.entries import entry_of
from affecthub.errors import require_extras
from affecthub.training.features.encoders.table import ENCODERS, find_encoder
from affecthub.training.model_folder import require_model_folder

if TYPE_CHECKING:
    from affecthub.training.features.index import Summary

# Clips of a kind that are named.
_SHOWN = 10
# The command that needs no name.
_MAKE = "make"
# Clips that towers encode together.
_BATCH = 16


class _Features(TyperGroup):
    """Commands of which one needs no name: a corpus in the place of a command makes features."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the name of the usual command where there is none."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = [_MAKE, *args]
        return super().parse_args(ctx, args)


features = typer.Typer(
    cls=_Features,
    help="What frozen encoders make of a corpus, kept in a folder. CORPUS alone makes features.",
    no_args_is_help=True,
)


@features.command(_MAKE)
def features_make(
    corpus: Annotated[str, typer.Argument(help="Corpus name.")],
    data_dir: Annotated[Path, typer.Option(help="The corpus' folder.")],
    out: Annotated[Path, typer.Option(help="Folder of features; one that was stopped goes on.")],
    model: Annotated[
        str | None, typer.Option(help="Folder or Hub id of a saved AffectGPT: its towers.")
    ] = None,
    encoder: Annotated[
        str | None,
        typer.Option(help="Or an encoder: folder, Hub id, or a name of `affecthub features list`."),
    ] = None,
    modality: Annotated[
        str | None, typer.Option(help="What the encoder must encode: audio, text or vision.")
    ] = None,
    level: Annotated[
        str, typer.Option(help="utterance, one vector a clip, or frame, one for each step.")
    ] = "utterance",
    style: Annotated[
        str, typer.Option(help="clean, or merbench: as published, padding and tags included.")
    ] = "clean",
    pooling: Annotated[
        str, typer.Option(help="Of steps to a vector: mean, max, first, last or mean_std.")
    ] = "mean",
    layers: Annotated[
        str | None, typer.Option(help="last, raw, a number, mean:N, sum:N or sum_raw:N.")
    ] = None,
    tokens: Annotated[
        str | None,
        typer.Option(help="Of a picture: sum, mean, mean_raw, first, pooled or projection."),
    ] = None,
    frames: Annotated[
        int | None, typer.Option(min=0, help="Pictures of a clip, evenly spaced; 0 is all.")
    ] = None,
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
        typer.Option(
            help="Column that is read: audio, face, video, text; by default what is used."
        ),
    ] = None,
    dtype: Annotated[str, typer.Option(help="To keep: fp16, bf16 or fp32.")] = "fp16",
    compute: Annotated[
        str | None, typer.Option(help="To encode in: fp32, bf16 or fp16; by its size otherwise.")
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(min=1, help="Clips that are encoded together.")
    ] = None,
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
    """Keep what towers or an encoder make of a corpus, in a folder that datasets can load."""
    require_corpus(corpus, data_dir, protocol)
    _, protocol = entry_of(corpus).choose(config, protocol)
    if (model is None) == (encoder is None):
        raise ValueError(
            f"`--model` and `--encoder`: got {'neither' if model is None else 'both'}, expected "
            "one: towers of an AffectGPT, or an encoder."
        )
    shared: dict[str, Any] = {
        "config": config,
        "protocol": protocol,
        "splits": split or (),
        "dtype": dtype,
        "n_workers": workers,
        "shard_clips": shard_clips,
        "retry": retry,
        "progress": not as_json,
    }
    asked = {
        "level": level,
        "style": style,
        "pooling": pooling,
        "layers": layers,
        "tokens": tokens,
        "frames": frames,
    }
    if model is not None:
        _refuse_encoders_options({**asked, "modality": modality, "compute": compute})
        require_model_folder(model)
        require_extras("data", "model", purpose="make features")
        from affecthub.training.features.corpus import fill_corpus
        from affecthub.training.progress import only_our_bars

        only_our_bars()
        media = medium or ()
        size = batch_size or _BATCH
        summary = fill_corpus(corpus, model, data_dir, out, media=media, batch_size=size, **shared)
    else:
        assert encoder is not None
        if len(medium or ()) > 1:
            raise ValueError(f"`--medium`: got {medium}, expected one for an encoder")
        find_encoder(encoder)
        require_extras("data", "model", purpose="make features")
        from affecthub.training.features.encoders.corpus import fill_encoder
        from affecthub.training.features.encoders.rules import Wanted
        from affecthub.training.progress import only_our_bars

        only_our_bars()
        summary = fill_encoder(
            corpus,
            encoder,
            data_dir,
            out,
            wanted=Wanted(**asked),
            modality=modality,
            medium=medium[0] if medium else None,
            compute=compute,
            batch_size=batch_size,
            **shared,
        )
    _tell(summary, as_json)


@features.command("list")
def features_list(as_json: AsJson = False) -> None:
    """List the encoders that are known by name: those of the EmotionTalk paper's tables."""
    if as_json:
        print_json([asdict(encoder) for encoder in ENCODERS])
        return
    rows = [
        (row.modality, row.name, row.title, row.width, f"{row.size_m:,}", row.licence or "unstated")
        for row in ENCODERS
    ]
    columns = ["encodes", "name", "in the paper", "width", "million parameters", "licence"]
    print_table(columns, rows)
    notes = [(row.name, row.note) for row in ENCODERS if row.note]
    print_table(["name", "what to know"], notes)
    console.print(
        "Any other encoder of transformers goes by its folder or Hub id. Licences are those of the "
        "Hub's cards when this was written; read them before use.",
        soft_wrap=True,
    )


@features.command("import")
def features_import(
    source: Annotated[
        Path,
        typer.Argument(help="Folder of npy files or of folders NAME-UTT, NAME-FRA; MMSA's pkl."),
    ],
    corpus: Annotated[str, typer.Option(help="Corpus whose clips these are.")],
    data_dir: Annotated[Path, typer.Option(help="The corpus' folder.")],
    out: Annotated[Path, typer.Option(help="Folder of the caches, one for each kind of features.")],
    modality: Annotated[
        str | None,
        typer.Option(help="Of features whose names are not known: audio, text or vision."),
    ] = None,
    config: Annotated[
        str | None, typer.Option(help="Configuration of the corpus; by default its first.")
    ] = None,
    protocol: Annotated[
        str | None, typer.Option(help="Protocol that names the splits; by default its first.")
    ] = None,
    split: Annotated[
        list[str] | None, typer.Option(help="Repeat for several; by default all.")
    ] = None,
    dtype: Annotated[str, typer.Option(help="To keep: fp16, bf16 or fp32.")] = "fp16",
    infinite_to_zero: Annotated[
        bool,
        typer.Option("--infinite-to-zero", help="Put zero for infinite numbers, as MMSA does."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make caches of features that MERBench or MMSA have left, one npy a clip or one pkl."""
    require_corpus(corpus, data_dir, protocol)
    _, protocol = entry_of(corpus).choose(config, protocol)
    if not source.expanduser().exists():
        raise FileNotFoundError(f"features not found: {source}. Check the path.")
    require_extras("data", "model", purpose="make features")
    from affecthub.training.features.importing.corpus import import_features
    from affecthub.training.progress import only_our_bars

    only_our_bars()
    made = import_features(
        source,
        corpus,
        data_dir,
        out,
        modality=modality,
        config=config,
        protocol=protocol,
        splits=split or (),
        dtype=dtype,
        infinite_to_zero=infinite_to_zero,
        progress=not as_json,
    )
    if int(os.environ.get("RANK", 0)):
        return
    if as_json:
        print_json([asdict(one) for one in made])
        return
    for one in made:
        console.print(
            f"{one.encoder}: {one.modality}, {one.level}, width {one.width}; "
            f"{one.summary.n_clips - len(one.absent) - len(one.zeros):,} clips in "
            f"{one.summary.folder}",
            soft_wrap=True,
        )
        _name(one.absent, f"clips of {corpus} have no features and null in their place")
        _name(one.zeros, "clips have zeros alone, and null in their place")
        _name(one.strange, f"clips with features are not in {corpus} and are left out")


def _refuse_encoders_options(asked: dict[str, Any]) -> None:
    """Refuse what is of encoders alone, where towers are asked for."""
    usual = {"level": "utterance", "style": "clean", "pooling": "mean"}
    given = [f"--{name}" for name, value in asked.items() if value != usual.get(name)]
    if given:
        raise ValueError(
            f"`{given[0]}` is of encoders: got it with `--model`, whose towers say themselves what "
            "is taken of them. Give `--encoder` in its place, or leave it."
        )


def _name(clips: list[str], what: str) -> None:
    """Print how many clips, and the first of them."""
    if clips:
        more = ", ..." if len(clips) > _SHOWN else ""
        console.print(f"{len(clips):,} {what}: {', '.join(clips[:_SHOWN])}{more}", soft_wrap=True)


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
