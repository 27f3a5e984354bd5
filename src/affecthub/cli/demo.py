"""``affecthub demo``: the whole road on a synthetic corpus, or on real pretrained encoders."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from affecthub.cli.checks import require_folder
from affecthub.cli.printing import AsJson, console, print_json, print_scores, print_screen
from affecthub.entries import entry_of
from affecthub.errors import require_extras


def demo(
    output_dir: Annotated[Path, typer.Option(help="Where everything goes.")] = Path("demo"),
    seed: Annotated[list[int] | None, typer.Option(help="Repeat for several.")] = None,
    pretrained: Annotated[
        bool,
        typer.Option(
            "--pretrained",
            help="Instead of training AffectGPT from random weights, train heads on frozen "
            "features of real encoders (Whisper, MiniLM, a network for faces). Offline.",
        ),
    ] = False,
    corpus: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=FOLDER",
            help="With --pretrained: another corpus to describe and score. Repeat for several.",
        ),
    ] = None,
    language_model: Annotated[
        str | None,
        typer.Option(
            help="With --pretrained: folder of the language model that answers a clip, or `gemma` "
            "for the one of the extra pretrained-gemma; by default a tiny random one."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run the whole road on a synthetic corpus: make, verify, train, predict, score, report."""
    if not pretrained and (corpus or language_model):
        raise ValueError(
            "`--corpus` and `--language-model` are of the pretrained road: got no --pretrained. "
            "Add it, or train on a corpus with `affecthub train`."
        )
    if pretrained:
        _demo_pretrained(output_dir, corpus or [], language_model, seed, as_json)
        return
    require_extras("train", purpose="run the demo")
    from affecthub.training.demo import run_demo
    from affecthub.training.progress import only_our_bars

    only_our_bars()

    result = run_demo(output_dir, seeds=seed or [0], progress=not as_json, say=_say)
    print_scores(result.table, as_json, report=str(result.report))
    if not as_json:
        console.print("Load the model with:")
        console.print(
            "  from affecthub.modeling.affectgpt import AffectGPTForConditionalGeneration\n"
            f'  model = AffectGPTForConditionalGeneration.from_pretrained("{result.model_dir}")',
            highlight=False,
            soft_wrap=True,
        )


def _demo_pretrained(
    output_dir: Path,
    corpora: list[str],
    language_model: str | None,
    seed: list[int] | None,
    as_json: bool,
) -> None:
    """Print what the pretrained road scores."""
    if seed:
        raise ValueError("`--seed`: the pretrained road has none, its heads start from zeros.")
    named = dict(_name_and_folder(text) for text in corpora)
    require_extras("pretrained", purpose="run the pretrained demo")
    from affecthub.training.pretrained.demo import run_pretrained
    from affecthub.training.progress import only_our_bars

    only_our_bars()
    report = run_pretrained(
        output_dir,
        corpora=named,
        language_model=language_model,
        progress=not as_json,
        say=_say,
    )
    page = output_dir / "pretrained" / "report.html"
    if as_json:
        print_json(report.to_dict() | {"report": str(page)})
        return
    print_screen(report)
    for note in report.notes():
        console.print(note)
    console.print(f"Report: {page}", soft_wrap=True)


def _name_and_folder(text: str) -> tuple[str, Path]:
    """Take NAME=FOLDER apart."""
    name, found, folder = text.partition("=")
    if not found:
        raise ValueError(f"`--corpus`: got {text!r}, expected NAME=FOLDER, as in meld=MELD.Raw.")
    require_folder(Path(folder), f"`--corpus {name}`")
    return entry_of(name).name, Path(folder).expanduser()


def _say(step: str) -> None:
    Console(stderr=True, markup=False).print(step, style="bold")
