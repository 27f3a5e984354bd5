"""``affecthub score``: answers in files against references in files."""

from collections.abc import Callable, Iterable
from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated, Any

import typer

from affecthub.cli.printing import AsJson, print_json, print_table
from affecthub.errors import unknown_name
from affecthub.settings import parse_overrides


def score(
    metric: Annotated[str, typer.Argument(help="Metric name, for example set_f.")],
    predictions: Annotated[
        Path, typer.Option(help="csv, json or jsonl of predictions, or a folder of them.")
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
    from affecthub.metrics import folder_scorer, load_metric, require_known
    from affecthub.metrics.answers.files import read_pairs, require_label_file

    named: dict[str, Any] = {"lexicon": lexicon, "ring": ring}
    chosen = {key: value for key, value in named.items() if value is not None}
    chosen |= parse_overrides(options)
    score_folder = folder_scorer(metric) if predictions.is_dir() else None
    if score_folder is not None:
        _check_options(metric, chosen, score_folder)
        result = score_folder(predictions, references, **chosen)
    else:
        require_known(metric)
        for file in (predictions, references):
            require_label_file(file)
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
