"""The command line: every room's main job, for people and, with ``--json``, for programs."""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from typer.exceptions import TyperException

if TYPE_CHECKING:
    from collections.abc import Iterable

app = typer.Typer(
    name="affecthub",
    help="Multimodal emotion recognition: corpora, metrics, AffectGPT and training.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
)
data = typer.Typer(help="Corpora on this disk.", no_args_is_help=True)
app.add_typer(data, name="data")

# Brackets in answers and names are text, not markup.
console = Console(markup=False, highlight=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
DataDir = Annotated[Path, typer.Option("--data-dir", help="The corpus' folder.")]
Roots = Annotated[
    list[str],
    typer.Option("--root", metavar="NAME=PATH", help="Another folder of the corpus; repeatable."),
]
Overrides = Annotated[
    list[str], typer.Option("--set", metavar="KEY=VALUE", help="Replace a field of the recipe.")
]


@data.command("list")
def data_list(as_json: AsJson = False) -> None:
    """List the corpora that can be loaded."""
    from affecthub.datasets_scripts.catalog import CATALOG

    rows = [asdict(corpus) for corpus in CATALOG.values()]
    if as_json:
        _print_json(rows)
    else:
        columns = ("name", "n_rows", "configs", "protocols", "licence")
        _print_table(columns, [[row[column] for column in columns] for row in rows])
        for row in rows:
            console.print(f"\n{row['name']}: {row['title']}.\n  {row['how_to_get']}")


@data.command("labels")
def data_labels(
    name: Annotated[
        str | None, typer.Argument(help="Corpus, or goemotions; by default all.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what labels mean: basic emotion, sign, other names, and why some have none."""
    from affecthub.labels import LABEL_NOTES, LABEL_SETS, SENTIMENT_RANGES, label_table

    tables = {key: label_table(key) for key in ([name] if name else [*LABEL_SETS, "goemotions"])}
    if as_json:
        found = {
            key: {
                "labels": rows,
                "sentiment": SENTIMENT_RANGES.get(key),
                "note": LABEL_NOTES.get(key, ""),
            }
            for key, rows in tables.items()
        }
        _print_json(found)
        return
    for key, rows in tables.items():
        if rows:
            _print_table(list(rows[0]), [row.values() for row in rows], title=key)
        else:
            console.print(f"{key}: no set of emotion labels.")
        if key in SENTIMENT_RANGES:
            console.print("Sentiment from {} to {}.".format(*SENTIMENT_RANGES[key]))
        if key in LABEL_NOTES:
            console.print(LABEL_NOTES[key])
        console.print()


@data.command("verify")
def data_verify(
    name: Annotated[str, typer.Argument(help="Corpus name.")],
    data_dir: DataDir,
    config: Annotated[str | None, typer.Option(help="Config of the corpus.")] = None,
    root: Roots = [],  # noqa: B006 - typer reads the default, nothing changes it
    as_json: AsJson = False,
) -> None:
    """Compare the files on this disk with what the corpus should hold; exit 1 on problems."""
    from affecthub.datasets_scripts import verify

    report = verify(name, data_dir, config, _named_folders(root))
    if as_json:
        _print_json(report.to_dict())
    else:
        for title, columns, rows in report.tables():
            _print_table(columns, rows, title=title)
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
    embed_media: Annotated[
        bool, typer.Option(help="Write the media, or only paths within the corpus.")
    ] = True,
    file_mb: Annotated[int, typer.Option(help="Size of a Parquet file or a tar.")] = 500,
    answer: Annotated[
        str | None,
        typer.Option(help="Chat: emotion, open_vocabulary, description or sentiment."),
    ] = None,
    question: Annotated[str | None, typer.Option(help="Chat: asked in place of ours.")] = None,
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
    from affecthub.datasets_scripts.exporting import export

    done = export(
        name,
        out_dir,
        data_dir,
        config,
        protocol,
        embed_media,
        to=to,
        roots=_named_folders(root),
        file_mb=file_mb,
        answer=answer,
        question=question,
        push_to=push,
        private=private,
        i_have_the_right=i_have_the_right,
    )
    columns = ("protocol", "split", "clips")
    if as_json:
        splits = [dict(zip(columns, count, strict=True)) for count in done.written.counts]
        notes = done.written.notes
        _print_json({"out_dir": done.folder, "splits": splits, "notes": notes, "url": done.url})
        return
    _print_table(columns, done.written.counts)
    for note in done.written.notes:
        console.print(note)
    console.print(f"Written to {done.folder}; its README.md says how it is read.", soft_wrap=True)
    if done.url:
        console.print(f"Pushed to {done.url}", soft_wrap=True)


@data.command("split")
def data_split(
    name: Annotated[str, typer.Argument(help="Corpus name.")],
    data_dir: DataDir,
    out: Annotated[Path, typer.Option(help="Split file to write, <protocol>.json.")],
    config: Annotated[str | None, typer.Option(help="Config of the corpus.")] = None,
    root: Roots = [],  # noqa: B006 - typer reads the default, nothing changes it
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
    from affecthub.datasets_scripts.split_files import split_corpus

    made = split_corpus(
        name,
        data_dir,
        out,
        config=config,
        roots=_named_folders(root),
        column=column,
        within=within,
        fractions=_shares(fractions),
        tolerance=tolerance,
        seed=seed,
    )
    if as_json:
        _print_json({"out": out, **made.to_dict()})
        return
    for title, columns, rows in made.tables():
        _print_table(columns, rows, title=title)
    console.print(
        f"Largest label drift {made.largest_drift:.2f} points, by plain greedy "
        f"{made.greedy_drift:.2f}. Load it with:"
    )
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
    as_json: AsJson = False,
) -> None:
    """Show which groups, speakers, clips and transcripts two corpora, or two splits, share."""
    from affecthub.datasets_scripts import leakage

    sets = [_split_rows(text, protocol, root) for text in (corpus, other) if text is not None]
    report = leakage(*sets)
    if as_json:
        _print_json(report.to_dict())
        return
    for title, columns, rows in report.tables():
        _print_table(columns, rows, title=title)
    if not report.found:
        console.print("Nothing shared in what could be compared.")


@app.command()
def score(
    metric: Annotated[str, typer.Argument(help="Metric name, for example set_f.")],
    predictions: Annotated[Path, typer.Option(help="csv, json or jsonl of predicted labels.")],
    references: Annotated[Path, typer.Option(help="csv, json or jsonl of reference labels.")],
    lexicon: Annotated[
        Path | None, typer.Option(help="Folder of a released lexicon; by default the built-in one.")
    ] = None,
    ring: Annotated[str | None, typer.Option(help="inner or middle ring of the wheels.")] = None,
    as_json: AsJson = False,
) -> None:
    """Score predicted labels against reference labels."""
    from affecthub.metrics import load_metric
    from affecthub.metrics.reading import read_pairs

    module = load_metric(metric)
    predicted, expected = read_pairs(predictions, references)
    options: dict[str, Any] = {"lexicon": str(lexicon) if lexicon else None}
    if ring is not None:
        options["ring"] = ring
    result = module.compute(predictions=predicted, references=expected, **options)
    if as_json:
        _print_json(result)
        return
    numbers = {key: value for key, value in result.items() if isinstance(value, int | float)}
    _print_table(["score", "value"], numbers.items(), title=f"{metric}, {len(expected)} clips")
    wheels = result["per_wheel"]
    _print_table(list(wheels[0]), [wheel.values() for wheel in wheels], title="per wheel")
    console.print(f"lexicon: {result['lexicon']}")


@app.command()
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
    from affecthub.training.config import load_recipe, parse_overrides
    from affecthub.training.experiment import run_grid, save_scores
    from affecthub.training.progress import only_our_bars
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
    _print_scores(save_scores(runs, output_dir), as_json, report=str(report))


@app.command()
def predict(
    model: Annotated[str, typer.Option(help="Folder or Hub id of a saved AffectGPT.")],
    clips: Annotated[
        list[Path] | None, typer.Argument(help="Video or audio files; or name a corpus instead.")
    ] = None,
    text: Annotated[str | None, typer.Option(help="Transcript of the one clip.")] = None,
    question: Annotated[
        str | None, typer.Option(help="Named question, or one in words; by default as trained.")
    ] = None,
    corpus: Annotated[str | None, typer.Option(help="Corpus to answer instead of files.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="The corpus' folder.")] = None,
    split: Annotated[str, typer.Option(help="Split of the corpus.")] = "test",
    protocol: Annotated[str, typer.Option(help="Protocol of the corpus.")] = "speaker_independent",
    output: Annotated[
        Path | None, typer.Option(help="jsonl of answers; a run that was stopped goes on.")
    ] = None,
    max_new_tokens: Annotated[int, typer.Option(help="Longest answer.")] = 64,
    as_json: AsJson = False,
) -> None:
    """Answer a question about clips, or about a split of a corpus."""
    from affecthub.training.predict import predict_corpus, predict_files
    from affecthub.training.progress import only_our_bars

    if bool(clips) == (corpus is not None):
        raise ValueError("nothing to answer: give clips, or --corpus with --data-dir, not both.")
    only_our_bars()
    if corpus is not None:
        if data_dir is None:
            raise ValueError("`--corpus` is given without `--data-dir`: expected the folder.")
        answers = predict_corpus(
            model,
            corpus,
            data_dir,
            split=split,
            protocol=protocol,
            question=question,
            max_new_tokens=max_new_tokens,
            output_file=output,
            progress=not as_json,
        )
    else:
        answers = predict_files(
            model, clips or [], text=text, question=question, max_new_tokens=max_new_tokens
        )
    if as_json:
        _print_json([{"id": clip, "prediction": answer} for clip, answer in answers.items()])
    else:
        _print_table(["id", "prediction"], answers.items())


@app.command()
def demo(
    output_dir: Annotated[Path, typer.Option(help="Where everything goes.")] = Path("demo"),
    seed: Annotated[list[int] | None, typer.Option(help="Repeat for several.")] = None,
    as_json: AsJson = False,
) -> None:
    """Run the whole road on a synthetic corpus: make, verify, train, predict, score, report."""
    from affecthub.training.demo import run_demo
    from affecthub.training.progress import only_our_bars

    only_our_bars()

    def say(step: str) -> None:
        Console(stderr=True, markup=False).print(step, style="bold")

    result = run_demo(output_dir, seeds=seed or [0], progress=not as_json, say=say)
    _print_scores(result.table, as_json, report=str(result.report))
    if not as_json:
        console.print("Load the model with:")
        console.print(
            "  from affecthub.modeling.affectgpt import AffectGPTForConditionalGeneration\n"
            f'  model = AffectGPTForConditionalGeneration.from_pretrained("{result.model_dir}")',
            highlight=False,
            soft_wrap=True,
        )


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Show versions, extras present and missing, and what each missing one switches off."""
    from affecthub.doctor import diagnose

    found = diagnose()
    if as_json:
        _print_json(found)
        return
    for key in ("affecthub", "python", "platform"):
        console.print(f"{key}: {found[key]}")
    console.print(f"accelerator: {found['accelerator'] or 'none, models run on the CPU'}")
    java = found["java"] or "none, the reference SPICE and METEOR cannot run"
    console.print(f"java: {java}")
    rows = [
        (part["package"], part["version"] or f"missing: no {part['needed_for']}", part["extra"])
        for part in found["parts"]
    ]
    _print_table(["package", "version", "extra"], rows)
    missing = [extra for extra, complete in found["extras"].items() if not complete]
    if missing:
        console.print(f"Add what is missing with: pip install 'affecthub[{','.join(missing)}]'")


def main() -> None:
    """Run the command line; a user's mistake ends in one line and exit code 1."""
    try:
        sys.exit(app(standalone_mode=False))
    except (TyperException, ValueError, OSError, ImportError) as error:
        if os.environ.get("AFFECTHUB_DEBUG"):
            raise
        message = error.format_message() if hasattr(error, "format_message") else str(error)
        print(f"error: {' '.join(message.split())}", file=sys.stderr)
        sys.exit(1)
    except (KeyboardInterrupt, typer.Abort):
        print("stopped", file=sys.stderr)
        sys.exit(130)


def _named_folders(pairs: list[str]) -> dict[str, str]:
    """Read ``NAME=PATH`` options."""
    for pair in pairs:
        if "=" not in pair:
            raise ValueError(
                f"`--root`: got {pair!r}, expected NAME=PATH, as in meld=/data/MELD.Raw"
            )
    return dict(pair.split("=", 1) for pair in pairs)


def _shares(text: str) -> dict[str, float]:
    """Read ``train=0.7,test=0.3``."""
    try:
        pairs = [pair.split("=") for pair in text.split(",")]
        return {name.strip(): float(share) for name, share in pairs}
    except ValueError as error:
        raise ValueError(
            f"`--fractions`: got {text!r}, expected SPLIT=SHARE,..., as in train=0.8,test=0.2"
        ) from error


def _split_rows(text: str, protocol: str, root: list[str]) -> "dict[str, Any]":
    """Read the splits of ``NAME[:CONFIG]=DIR``, with those of the roots that the corpus knows."""
    from affecthub.datasets_scripts.annotations import split_rows
    from affecthub.datasets_scripts.catalog import corpus

    what, equals, folder = text.partition("=")
    if not equals:
        raise ValueError(
            f"corpus: got {text!r}, expected NAME=DIR or NAME:CONFIG=DIR, as in meld=/data/MELD"
        )
    name, _, config = what.partition(":")
    known = corpus(name).roots
    roots = {key: path for key, path in _named_folders(root).items() if key in known}
    splits = split_rows(name, folder, config or None, protocol, roots)
    return {f"{name}/{split}": rows for split, rows in splits.items()}


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=1, ensure_ascii=False, default=str))


def _print_scores(table: "list[dict[str, Any]]", as_json: bool, *, report: str) -> None:
    """Print a score table: per cent, with the standard deviation over seeds."""
    if as_json:
        _print_json({"scores": table, "report": report})
        return
    scores = [key for key in table[0] if isinstance(table[0][key], dict)]
    rows = []
    for row in table:
        shown = []
        for key in scores:
            sd = row[key]["sd"]
            spread = f" ± {100 * sd:.1f}" if sd is not None else ""
            shown.append(f"{100 * row[key]['mean']:.1f}{spread}")
        rows.append([row["name"], *shown, row["n"], row["seeds"]])
    _print_table(["", *scores, "clips", "seeds"], rows, title="per cent, higher is better")
    console.print(f"Report: {report}", soft_wrap=True)


def _print_table(
    columns: "Iterable[str]", rows: "Iterable[Iterable[Any]]", *, title: str | None = None
) -> None:
    """Print rows as a table; lists are joined, floats get four digits."""
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*map(_cell, row))
    console.print(table)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)


if __name__ == "__main__":
    main()
