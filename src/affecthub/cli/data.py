"""The commands of ``affecthub data``: list, show, labels, verify, export, view, split, leaks."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from affecthub.cli.options import DataDir, Options, Roots, named_folders, own_options
from affecthub.cli.printing import AsJson, console, print_json, print_screen, print_table
from affecthub.entries import entries, entry_of
from affecthub.errors import require_extras

if TYPE_CHECKING:
    from affecthub.datasets_scripts.corpus import Corpus

data = typer.Typer(help="Corpora on this disk.", no_args_is_help=True)

# What `verify` says again below its tables.
MAX_FAULTS = 10


@data.command("list")
def data_list(as_json: AsJson = False) -> None:
    """List the corpora that can be loaded."""
    if as_json:
        print_json([asdict(corpus) for corpus in entries().values()])
        return
    rows = [
        (corpus.name, corpus.n_rows, corpus.languages, corpus.licence, corpus.title)
        for corpus in entries().values()
    ]
    print_table(["name", "clips", "language", "licence", "what it is"], rows)
    console.print("affecthub data show NAME says how to get one and how it can be loaded.")


@data.command("show")
def data_show(
    name: Annotated[str, typer.Argument(help="Corpus name.")], as_json: AsJson = False
) -> None:
    """Show a corpus: its columns, configurations, protocols, layouts, terms, where to get it."""
    entry = entry_of(name)
    require_extras("data", purpose="read a corpus")
    from affecthub.datasets_scripts.card import read_card

    card = read_card(entry)
    layouts = {layout.name: layout.description for layout in entry.builder_class().LAYOUTS}
    if as_json:
        print_json({**asdict(entry), "layouts": layouts, "card": asdict(card)})
        return
    console.print(f"{entry.title}.\n{entry.how_to_get}\n")
    facts = {
        "clips": entry.n_rows,
        "languages": entry.languages,
        "licence": entry.terms,
        "configurations": entry.configs,
        "protocols": entry.protocols,
        "group": entry.groups or "unknown: no speaker-independent split can be made",
    }
    print_table(["corpus", entry.name], facts.items())
    print_table(["layout", "what the folder holds"], layouts.items())
    if entry.roots:
        print_table(["root", "other folder that completes it"], entry.roots.items())
    if entry.shares:
        print_table(["shares clips with", "which"], entry.shares.items())
    for what, table in {"configuration": card.configs, "protocol": card.protocols}.items():
        if table:
            print_table([what, *_plain(table[0][1:])], [_plain(row) for row in table[1:]])
    print_table(["column", "meaning"], [_plain(row) for row in card.columns])
    if card.path:
        console.print(f"More in its card: {card.path}", soft_wrap=True)


@data.command("labels")
def data_labels(
    name: Annotated[
        str | None, typer.Argument(help="Corpus, or goemotions; by default all.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what labels mean: basic emotion, sign, other names, and why some have none."""
    from affecthub.labels import GOEMOTIONS_NOTE, label_table

    tables = {key: label_table(key) for key in ([name] if name else [*entries(), "goemotions"])}
    known = entries()
    ends = {key: known[key].sentiment if key in known else None for key in tables}
    notes = {key: known[key].label_note if key in known else GOEMOTIONS_NOTE for key in tables}
    if as_json:
        found = {
            key: {"labels": rows, "sentiment": ends[key], "note": notes[key]}
            for key, rows in tables.items()
        }
        print_json(found)
        return
    for key, rows in tables.items():
        if rows:
            print_table(list(rows[0]), [row.values() for row in rows], title=key)
        else:
            console.print(f"{key}: no set of emotion labels.")
        if scale := ends[key]:
            console.print("Sentiment from {} to {}.".format(*scale))
        if notes[key]:
            console.print(notes[key])
        console.print()


@data.command("verify")
def data_verify(
    name: Annotated[str, typer.Argument(help="Corpus name.")],
    data_dir: DataDir,
    config: Annotated[str | None, typer.Option(help="Config of the corpus.")] = None,
    root: Roots = [],  # noqa: B006 - typer reads the default, nothing changes it
    options: Options = [],  # noqa: B006
    as_json: AsJson = False,
) -> None:
    """Compare the files on this disk with what the corpus should hold.

    Exits 1 where there are problems, a figure differs without a noted reason, or media are broken,
    or missing where others are there.
    """
    from affecthub.datasets_scripts import verify

    report = verify(name, data_dir, config, named_folders(root), **own_options(options))
    if as_json:
        print_json(report.to_dict())
    else:
        print_screen(report)
        n = len(report.faults)
        for fault in report.faults[:MAX_FAULTS]:
            console.print(f"Not as it should be: {fault}", soft_wrap=True)
        if n > MAX_FAULTS:
            console.print(f"and {n - MAX_FAULTS} more, in the tables above")
    if not report.ok:
        raise typer.Exit(1)


@data.command("export")
def data_export(
    name: Annotated[str, typer.Argument(help="Corpus name.")],
    out_dir: Annotated[Path, typer.Argument(help="Folder to write the files and a card to.")],
    data_dir: DataDir,
    to: Annotated[str, typer.Option(help="parquet, webdataset or chat-jsonl.")] = "parquet",
    config: Annotated[str | None, typer.Option(help="Config of the corpus.")] = None,
    protocol: Annotated[
        str | None, typer.Option(help="One protocol; by default all in Parquet, else the first.")
    ] = None,
    root: Roots = [],  # noqa: B006 - typer reads the default, nothing changes it
    options: Options = [],  # noqa: B006
    embed_media: Annotated[
        bool, typer.Option(help="Write the media, or only paths within the corpus.")
    ] = True,
    file_mb: Annotated[int, typer.Option(help="Size of a Parquet file or a tar.")] = 500,
    answer: Annotated[
        str | None,
        typer.Option(help="Chat: emotion, open_vocabulary, description or sentiment."),
    ] = None,
    question: Annotated[str | None, typer.Option(help="Chat: asked in place of ours.")] = None,
    recipe: Annotated[
        str | None,
        typer.Option(help="Chat: ask and answer as this recipe of a chat model trains it."),
    ] = None,
    trainer: Annotated[
        str | None,
        typer.Option("--for", help="With --recipe: ms-swift or llama-factory; writes its command."),
    ] = None,
    push: Annotated[
        str | None, typer.Option(metavar="REPO_ID", help="Upload it to this Hub repository.")
    ] = None,
    private: Annotated[
        bool, typer.Option("--private/--public", help="Who sees the repository.")
    ] = True,
    i_have_the_right: Annotated[
        bool,
        typer.Option("--i-have-the-right", help="Push although the terms forbid it to others."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write a corpus as Parquet, WebDataset or chat messages, readable without affecthub."""
    from affecthub.datasets_scripts.corpus import Corpus

    roots, own = named_folders(root), own_options(options)
    corpus = Corpus(name, data_dir, config, protocol=protocol, roots=roots, **own)
    how: dict[str, Any] = {"to": to, "embed_media": embed_media, "file_mb": file_mb}
    how |= {"answer": answer, "question": question}
    run = None
    if trainer is not None and recipe is None:
        raise ValueError(
            f"`--for` writes the command of a recipe: got {trainer!r} without --recipe, expected "
            "one, as --recipe emos_basic7_omni."
        )
    if recipe is not None:
        from affecthub.cli.omni import wording_of

        how["wording"], run = wording_of(recipe, name, trainer, embed_media)
    url = None
    if push is None:
        done = corpus.export(out_dir, **how)
    else:
        from affecthub.hub_cards.publishing.exports import publish_export

        rights = {"private": private, "i_have_the_right": i_have_the_right}
        done, url = publish_export(corpus, out_dir, push, **rights, **how)
    if run is not None:
        run(done)
    columns = ("protocol", "split", "clips")
    if as_json:
        splits = [dict(zip(columns, count, strict=True)) for count in done.written.counts]
        notes = done.written.notes
        print_json({"out_dir": done.folder, "splits": splits, "notes": notes, "url": url})
        return
    print_table(columns, done.written.counts)
    for note in done.written.notes:
        console.print(note)
    console.print(f"Written to {done.folder}; its README.md says how it is read.", soft_wrap=True)
    if run is not None:
        console.print(run.told, soft_wrap=True, highlight=False)
    if url:
        console.print(f"Pushed to {url}", soft_wrap=True)


@data.command("view")
def data_view(
    name: Annotated[str, typer.Argument(help="Corpus name.")],
    data_dir: DataDir,
    out: Annotated[Path | None, typer.Option(help="Page to write; by default NAME.html.")] = None,
    config: Annotated[str | None, typer.Option(help="Config of the corpus.")] = None,
    protocol: Annotated[str | None, typer.Option(help="How it is split.")] = None,
    root: Roots = [],  # noqa: B006 - typer reads the default, nothing changes it
    options: Options = [],  # noqa: B006
    limit: Annotated[int, typer.Option(help="How many clips, spread over the splits.")] = 120,
    embed: Annotated[
        bool, typer.Option("--embed", help="Put media into the page, not into files beside it.")
    ] = False,
) -> None:
    """Write a page of clips with players, labels, counts per split and filters."""
    from affecthub.datasets_scripts.corpus import Corpus

    roots, own = named_folders(root), own_options(options)
    corpus = Corpus(name, data_dir, config, protocol=protocol, roots=roots, **own)
    page = corpus.view(out or Path(f"{name}.html"), limit=limit, embed=embed)
    console.print(f"Written to {page}; open it in a browser.", soft_wrap=True)


@data.command("split")
def data_split(
    name: Annotated[str, typer.Argument(help="Corpus name.")],
    data_dir: DataDir,
    out: Annotated[Path, typer.Option(help="Split file to write, <protocol>.json.")],
    config: Annotated[str | None, typer.Option(help="Config of the corpus.")] = None,
    root: Roots = [],  # noqa: B006 - typer reads the default, nothing changes it
    options: Options = [],  # noqa: B006
    column: Annotated[str, typer.Option(help="Column whose values are not cut.")] = "group_id",
    within: Annotated[
        str | None, typer.Option(help="Match labels within each value of this column as well.")
    ] = None,
    fractions: Annotated[
        str, typer.Option(metavar="SPLIT=SHARE,...", help="Shares of the clips.")
    ] = "train=0.7,validation=0.1,test=0.2",
    tolerance: Annotated[float, typer.Option(help="By how much shares may be off.")] = 0.02,
    seed: Annotated[int, typer.Option(help="Of the search.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Make a split that cuts no group and keeps the mix of labels on every side."""
    from affecthub.datasets_scripts.corpus import Corpus

    shares = _shares(fractions)
    made = Corpus(name, data_dir, config, roots=named_folders(root), **own_options(options)).split(
        out, column=column, within=within, fractions=shares, tolerance=tolerance, seed=seed
    )
    if as_json:
        print_json({"out": out, **made.to_dict()})
        return
    print_screen(made)
    console.print(f"{made.heading()} Load it with:")
    console.print(f'  affecthub.load_dataset("{name}", ..., protocol="{out}")', soft_wrap=True)


@data.command("leaks")
def data_leaks(
    corpus: Annotated[str, typer.Argument(metavar="NAME[:CONFIG]=DIR", help="Corpus, folder.")],
    other: Annotated[
        str | None,
        typer.Argument(metavar="[NAME[:CONFIG]=DIR]", help="Another; else splits of the one."),
    ] = None,
    protocol: Annotated[
        str, typer.Option(help="Protocol whose splits are compared, or a split file.")
    ] = "official",
    root: Roots = [],  # noqa: B006 - typer reads the default, nothing changes it
    options: Options = [],  # noqa: B006
    as_json: AsJson = False,
) -> None:
    """Show which groups, speakers, clips and transcripts two corpora, or two splits, share."""
    one = _open(corpus, protocol, root, options)
    report = one.leaks(None if other is None else _open(other, protocol, root, options))
    if as_json:
        print_json(report.to_dict())
        return
    print_screen(report)
    if not report.found:
        console.print("Nothing shared in what could be compared.")


def _plain(cells: Sequence[str]) -> list[str]:
    """Cells of a card without its marks for code."""
    return [cell.replace("`", "") for cell in cells]


def _shares(text: str) -> dict[str, float]:
    """Read ``train=0.7,test=0.3``."""
    try:
        pairs = [pair.split("=") for pair in text.split(",")]
        return {name.strip(): float(share) for name, share in pairs}
    except ValueError as error:
        raise ValueError(
            f"`--fractions`: got {text!r}, expected SPLIT=SHARE,..., as in train=0.8,test=0.2"
        ) from error


def _open(text: str, protocol: str, root: list[str], options: list[str]) -> "Corpus":
    """Open ``NAME[:CONFIG]=DIR``, with what the corpus knows of roots and options."""
    from affecthub.datasets_scripts.corpus import Corpus

    what, equals, folder = text.partition("=")
    if not equals:
        raise ValueError(
            f"corpus: got {text!r}, expected NAME=DIR or NAME:CONFIG=DIR, as in meld=/data/MELD"
        )
    name, _, config = what.partition(":")
    known = entry_of(name).roots
    roots = {key: path for key, path in named_folders(root).items() if key in known}
    own = entry_of(name).builder_class().options()
    told = {key: value for key, value in own_options(options).items() if key in own}
    return Corpus(name, folder, config or None, protocol=protocol, roots=roots, **told)
