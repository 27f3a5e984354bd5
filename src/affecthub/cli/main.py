"""The command line: every room's main job, for people and, with ``--json``, for programs."""

import os
import sys
import warnings
from importlib.metadata import version as installed
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from affecthub.cli.annotate import annotate
from affecthub.cli.ask import ask
from affecthub.cli.bench import bench
from affecthub.cli.convert import convert
from affecthub.cli.data import data
from affecthub.cli.demo import demo
from affecthub.cli.doctor import doctor
from affecthub.cli.features import features
from affecthub.cli.metrics import metrics
from affecthub.cli.predict import predict
from affecthub.cli.printing import speak_utf8
from affecthub.cli.push import push
from affecthub.cli.recipes import recipes
from affecthub.cli.score import score
from affecthub.cli.train import TrainCommand, train

app = typer.Typer(
    name="affecthub",
    help="Multimodal emotion recognition: corpora, metrics, AffectGPT and training.",
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="rich",
)
app.add_typer(data, name="data")
app.add_typer(convert, name="convert")
app.add_typer(bench, name="bench")
app.add_typer(push, name="push")
app.add_typer(features, name="features")
app.add_typer(annotate, name="annotate")

app.command()(score)
app.command(cls=TrainCommand)(train)
for command in (predict, ask, metrics, recipes, demo, doctor):
    app.command()(command)


@app.callback()
def top(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", "-V", help="Show the version and exit.")
    ] = False,
) -> None:
    """Multimodal emotion recognition: corpora, metrics, AffectGPT and training."""
    if version:
        print(f"affecthub {installed('affecthub')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())


def main() -> None:
    """Run the command line; a user's mistake ends in one line and exit code 1."""
    speak_utf8()
    plain = warnings.formatwarning
    if not os.environ.get("AFFECTHUB_DEBUG"):
        warnings.formatwarning = _one_line
    try:
        sys.exit(app(standalone_mode=False))
    except (TyperException, ValueError, TypeError, OSError, ImportError) as error:
        if os.environ.get("AFFECTHUB_DEBUG"):
            raise
        message = error.format_message() if hasattr(error, "format_message") else str(error)
        if not message:  # a command without arguments has shown its help
            sys.exit(0)
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
