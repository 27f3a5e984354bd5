"""Options that several commands share: where a corpus lies, what it takes of its own, prompts."""

from pathlib import Path
from typing import Annotated, Any

import typer

DataDir = Annotated[Path, typer.Option("--data-dir", help="The corpus' folder.")]
Roots = Annotated[
    list[str],
    typer.Option("--root", metavar="NAME=PATH", help="Another folder of the corpus; repeatable."),
]
Options = Annotated[
    list[str],
    typer.Option(
        "--set",
        metavar="OPTION=VALUE",
        help="An option of the corpus' own, as columns.label=emo of folder; repeatable.",
    ),
]
OwnPrompts = Annotated[
    list[str],
    typer.Option(
        "--prompt",
        help="YAML file of a prompt of your own, by which journals were asked; repeat it for "
        "several.",
    ),
]


def named_folders(pairs: list[str]) -> dict[str, str]:
    """Read ``NAME=PATH`` options."""
    for pair in pairs:
        if "=" not in pair:
            raise ValueError(
                f"`--root`: got {pair!r}, expected NAME=PATH, as in meld=/data/MELD.Raw"
            )
    return dict(pair.split("=", 1) for pair in pairs)


def own_options(pairs: list[str], option: str = "--set") -> dict[str, Any]:
    """Read ``OPTION=VALUE`` options, values as YAML; ``columns.label=emo`` is text inside one."""
    found: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        outer, dot, key = name.partition(".")
        if not equals or not outer or (dot and not key):
            raise ValueError(
                f"`{option}`: got {pair!r}, expected OPTION=VALUE, as in columns.label=emo"
            )
        if dot:
            found.setdefault(outer, {})[key] = None if value in ("", "null") else value
            continue
        found[outer] = yaml_value(option, pair, value)
    return found


def yaml_value(option: str, pair: str, value: str) -> Any:
    """Read the value of a ``NAME=VALUE`` pair that stands behind an option."""
    import yaml

    from affecthub.settings import read_yaml

    try:
        return read_yaml(value)
    except yaml.YAMLError as error:
        raise ValueError(f"`{option}`: got {pair!r}, expected a value in YAML ({error})") from error
