"""``affecthub metrics``: which there are, and the options of one."""

import re
from importlib.resources import files
from inspect import Parameter
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from affecthub.cli.printing import AsJson, console, print_json, print_table

_ARGUMENT = re.compile(r"^ {4}(\w+): (.+(?:\n {8}.+)*)", re.MULTILINE)


def metrics(
    name: Annotated[str | None, typer.Argument(help="Show the options of this one.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the metrics, or show what one takes and where its card is."""
    if name is not None:
        _show(name, as_json)
        return
    from affecthub.metrics import list_metrics

    rows = [
        {"name": each, "description": _line(each), "card": str(_card(each))}
        for each in list_metrics()
    ]
    if as_json:
        print_json(rows)
        return
    print_table(["metric", "what it is"], [[row["name"], row["description"]] for row in rows])
    console.print("Options of one: affecthub metrics NAME", soft_wrap=True)
    console.print(f"Cards: {_card('NAME')}", soft_wrap=True)


def _show(name: str, as_json: bool) -> None:
    from affecthub.metrics import load_metric, require_known

    require_known(name)
    module = type(load_metric(name))
    meanings = _meanings(module.about.inputs)
    options = [
        {
            "option": option.name,
            "default": None if option.default is Parameter.empty else option.default,
            "meaning": meanings.pop(option.name, ""),
        }
        for option in module.options()
    ]
    clips = [{"given": key, "meaning": meanings[key]} for key in meanings]
    found: dict[str, Any] = {
        "name": name,
        "description": _line(name),
        "inputs": clips,
        "options": options,
        "card": str(_card(name)),
    }
    if as_json:
        print_json(found)
        return
    console.print(f"{name}: {found['description']}")
    print_table(["given", "meaning"], [row.values() for row in clips])
    rows = [[row["option"], repr(row["default"]), row["meaning"]] for row in options]
    print_table(["option", "default", "meaning"], rows, title="--set OPTION=VALUE")
    console.print(f"Card: {found['card']}", soft_wrap=True)


def _card(name: str) -> Path:
    """Where a metric's card lies, in a checkout as in an installed package."""
    return Path(str(files("affecthub.metrics"))) / name / "README.md"


def _line(name: str) -> str:
    """The description at the head of a metric's card."""
    head = _card(name).read_text("utf-8").split("---")[1]
    return " ".join(str(yaml.safe_load(head)["description"]).split())


def _meanings(inputs: str) -> dict[str, str]:
    """Argument to meaning, of the section Args."""
    section = inputs.partition("Args:\n")[2].partition("\n\n")[0]
    return {key: " ".join(words.split()) for key, words in _ARGUMENT.findall(section)}
