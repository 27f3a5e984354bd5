"""The command line: every room's main job, for people and, with ``--json``, for programs."""

import os
import sys
import warnings
from collections.abc import Callable, Iterable
from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.exceptions import TyperException

from affecthub.data_commands import DataDir, data
from affecthub.errors import require_extras, unknown_name
from affecthub.model_commands import convert
from affecthub.printing import AsJson, console, print_json, print_table

app = typer.Typer(
    name="affecthub",
    help="Multimodal emotion recognition: corpora, metrics, AffectGPT and training.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
)
app.add_typer(data, name="data")
app.add_typer(convert, name="convert")

Overrides = Annotated[
    list[str], typer.Option("--set", metavar="KEY=VALUE", help="Replace a field of the recipe.")
]


@app.command()
def score(
    metric: Annotated[str, typer.Argument(help="Metric name, for example set_f.")],
    predictions: Annotated[
        Path, typer.Option(help="csv, json or jsonl of predictions; mer_unibench: a folder.")
    ],
    references: Annotated[Path, typer.Option(help="The same of references.")],
    lexicon: Annotated[
        str | None, typer.Option(help="Folder or name of a lexicon; by default the built-in one.")
    ] = None,
    ring: Annotated[str | None, typer.Option(help="inner or middle ring of the wheels.")] = None,
    options: Annotated[
        list[str], typer.Option("--set", metavar="KEY=VALUE", help="Option of the metric.")
    ] = [],  # noqa: B006 - typer reads the default, nothing changes it
    as_json: AsJson = False,
) -> None:
    """Score predictions against references; the metric's card says what each option does."""
    from affecthub.metrics import load_metric
    from affecthub.metrics.answers.files import read_pairs
    from affecthub.training.recipe import parse_overrides

    named: dict[str, Any] = {"lexicon": lexicon, "ring": ring}
    chosen = {key: value for key, value in named.items() if value is not None}
    chosen |= parse_overrides(options)
    if metric == "mer_unibench" and predictions.is_dir():
        from affecthub.metrics.mer_unibench.scores import score_folder

        _check_options(metric, chosen, score_folder)
        result = score_folder(predictions, references, **chosen)
    else:
        module = load_metric(metric)
        _check_options(metric, chosen, module.compute)
        predicted, expected = read_pairs(predictions, references)
        result = module.compute(predictions=predicted, references=expected, **chosen)
    if as_json:
        print_json(result)
        return
    numbers = {key: value for key, value in result.items() if isinstance(value, int | float | str)}
    print_table(["score", "value"], numbers.items(), title=metric)
    for key, value in result.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            print_table(list(value[0]), [row.values() for row in value], title=key)
        elif isinstance(value, dict) and value:
            print_table([key, ""], value.items())


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
    option: Annotated[
        list[str] | None, typer.Option(help="One of the answers of `one_of`; repeat it.")
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
    require_extras("data", "model", purpose="answer about clips")
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
            options=option or (),
            max_new_tokens=max_new_tokens,
            output_file=output,
            progress=not as_json,
        )
    else:
        answers = predict_files(
            model,
            clips or [],
            text=text,
            question=question,
            options=option or (),
            max_new_tokens=max_new_tokens,
        )
    if as_json:
        print_json([{"id": clip, "prediction": answer} for clip, answer in answers.items()])
    elif len(answers) == 1 and corpus is None:
        print(*(" ".join(answer.split()) for answer in answers.values()))
    else:
        print_table(["id", "prediction"], answers.items())


@app.command()
def demo(
    output_dir: Annotated[Path, typer.Option(help="Where everything goes.")] = Path("demo"),
    seed: Annotated[list[int] | None, typer.Option(help="Repeat for several.")] = None,
    as_json: AsJson = False,
) -> None:
    """Run the whole road on a synthetic corpus: make, verify, train, predict, score, report."""
    require_extras("train", purpose="run the demo")
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
        print_json(found)
        return
    for key in ("affecthub", "python", "platform"):
        console.print(f"{key}: {found[key]}")
    console.print(f"accelerator: {found['accelerator'] or 'none, models run on the CPU'}")
    java = found["java"] or "none, the reference SPICE and METEOR cannot run"
    console.print(f"java: {java}")
    rows = [
        (part["package"], part["version"] or f"missing, for {part['needed_for']}", part["extra"])
        for part in found["parts"]
    ]
    print_table(["package", "version", "extra"], rows)
    missing = [extra for extra, complete in found["extras"].items() if not complete]
    if missing:
        console.print(f"Add what is missing with: pip install 'affecthub[{','.join(missing)}]'")


def main() -> None:
    """Run the command line; a user's mistake ends in one line and exit code 1."""
    plain = warnings.formatwarning
    if not os.environ.get("AFFECTHUB_DEBUG"):
        warnings.formatwarning = _one_line
    try:
        sys.exit(app(standalone_mode=False))
    except (TyperException, ValueError, TypeError, OSError, ImportError) as error:
        if os.environ.get("AFFECTHUB_DEBUG"):
            raise
        message = error.format_message() if hasattr(error, "format_message") else str(error)
        if message:  # none where a command without arguments has shown its help
            print(f"error: {' '.join(message.split())}", file=sys.stderr)
        sys.exit(1)
    except (KeyboardInterrupt, typer.Abort):
        print("stopped", file=sys.stderr)
        sys.exit(130)
    finally:
        warnings.formatwarning = plain


def _one_line(message: Warning | str, *where: Any, **line: Any) -> str:
    """Show a warning as errors are shown, without the place in the code."""
    return f"warning: {' '.join(str(message).split())}\n"


def _check_options(metric: str, chosen: Iterable[str], compute: Callable[..., Any]) -> None:
    """Refuse options that a metric does not have, with close names."""
    accepted = signature(compute).parameters
    if any(parameter.kind is Parameter.VAR_KEYWORD for parameter in accepted.values()):
        return  # it names its own
    clips = {"predictions", "references", "folder"}
    known = [option for option in accepted if option not in clips]
    for option in chosen:
        if option not in known:
            raise unknown_name(f"option of {metric}", option, known)


def _print_scores(table: list[dict[str, Any]], as_json: bool, *, report: str) -> None:
    """Print a score table: per cent, with the standard deviation over seeds."""
    if as_json:
        print_json({"scores": table, "report": report})
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
    print_table(["", *scores, "clips", "seeds"], rows, title="per cent, higher is better")
    console.print(f"Report: {report}", soft_wrap=True)


if __name__ == "__main__":
    main()
