"""``affecthub annotate run``: steps of models and people over a corpus, sifted by filters."""

from pathlib import Path
from typing import Annotated, Any

import typer

from affecthub.cli.checks import require_corpus
from affecthub.cli.options import DataDir, Options, Roots, named_folders, own_options
from affecthub.cli.printing import AsJson, console, print_json
from affecthub.errors import require_extras


def annotate_run(
    run: Annotated[str, typer.Argument(help="Name of a run that comes along, or RUN.yaml.")],
    corpus: Annotated[str, typer.Option(help="The corpus, by name.")],
    data_dir: DataDir,
    out: Annotated[Path, typer.Option("--out", help="Folder of all texts; a run goes on there.")],
    model: Annotated[
        list[str],
        typer.Option(
            metavar="BACKEND=MODEL",
            help="Which model a backend of the run is, as `affecthub ask --model` takes it; "
            "repeat it.",
        ),
    ] = [],  # noqa: B006 - typer reads the default, nothing changes it
    config: Annotated[str | None, typer.Option(help="Config of the corpus.")] = None,
    protocol: Annotated[str, typer.Option(help="How it is split.")] = "official",
    split: Annotated[str | None, typer.Option(help="One split; by default all.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most how many clips.")] = None,
    again: Annotated[
        list[str], typer.Option(metavar="STEP", help="Start a step's answers anew; repeat it.")
    ] = [],  # noqa: B006
    retry: Annotated[
        bool, typer.Option("--retry", help="Ask again about clips that have an error.")
    ] = False,
    root: Roots = [],  # noqa: B006
    options: Options = [],  # noqa: B006
    as_json: AsJson = False,
) -> None:
    """Annotate a corpus by the steps of a run file: models, people, filters.

    affecthub annotate run emer --corpus demo --data-dir D --out O --model sees=URL#M --model says=M

    What was made lies in OUT/annotated, what was dropped in OUT/dropped.jsonl with its reason.

    Tables that wait for people lie in OUT/people; fill `checker` and `after`, and run it again.
    """
    require_extras("train", purpose="annotate a corpus")
    require_corpus(corpus, data_dir, protocol)
    from affecthub.training.annotating.clips import corpus_rows
    from affecthub.training.annotating.result import write_result
    from affecthub.training.annotating.run_file import load_run
    from affecthub.training.annotating.running import run_steps
    from affecthub.training.asking.backends.choosing import backend_of
    from affecthub.training.progress import only_our_bars

    only_our_bars()
    told = load_run(run).with_models(_models(model))
    unknown = [name for name in again if name not in {step.name for step in told.steps}]
    if unknown:
        raise ValueError(f"`--again`: got {unknown[0]!r}, expected a step of {told.name}.")
    rows = corpus_rows(
        corpus,
        data_dir,
        config=config,
        protocol=protocol,
        split=split,
        limit=limit,
        roots=named_folders(root),
        **own_options(options),
    )
    state = run_steps(
        told,
        rows,
        out,
        make_backend=backend_of,
        again=again,
        retry=retry,
        progress=not as_json,
        tell=None if as_json else _tell,
    )
    result = write_result(state, out)
    if as_json:
        print_json(result)
        return
    for name, tables in state.waiting.items():
        for path, n in tables.items():
            console.print(f"{name} waits for people: {n} clips in {path}", soft_wrap=True)
    n, n_left = result["n"], result["n_left"]
    console.print(f"{out}: {n_left} of {n} clips left; see report.md", soft_wrap=True)


def _models(given: list[str]) -> dict[str, str]:
    models = {}
    for each in given:
        name, equals, model = each.partition("=")
        if not (name and equals and model):
            raise ValueError(f"`--model`: got {each!r}, expected BACKEND=MODEL.")
        models[name] = model
    return models


def _tell(line: str) -> Any:
    console.print(line, soft_wrap=True)
