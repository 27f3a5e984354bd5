"""``affecthub recipes``: which are installed, and every field of one."""

from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from affecthub.cli.printing import AsJson, console, print_json, print_table
from affecthub.errors import require_extras


def recipes(
    name: Annotated[
        str | None, typer.Argument(help="Show the fields of this one, or of a YAML file.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the recipes that are installed, or show every field of one with what it means."""
    require_extras("train", purpose="read recipes")
    if name is not None:
        _show(name, as_json)
        return
    from affecthub.training.recipe_kinds import installed, kind_of

    rows = [
        {"name": each, "kind": kind_of(each), "description": _lead(each), "file": str(_file(each))}
        for each in installed()
    ]
    if as_json:
        print_json(rows)
        return
    columns = ["name", "kind", "description"]
    print_table(
        ["recipe", "kind", "what it trains"], [[row[key] for key in columns] for row in rows]
    )
    console.print("Fields of one: affecthub recipes NAME", soft_wrap=True)
    console.print(f"Files: {_file('NAME')}", soft_wrap=True)


def _show(name: str, as_json: bool) -> None:
    from affecthub.training.fields import groups, trainer_note
    from affecthub.training.recipe import load_recipe
    from affecthub.training.recipe_kinds import FINE_TUNING, kind_of

    if (kind := kind_of(name)) != FINE_TUNING:
        _show_other(name, kind, as_json)
        return
    recipe = load_recipe(name)
    values = recipe.to_dict()
    if as_json:
        print_json(values)
        return
    console.print(f"{name}: {_lead(name)}" if _file(name).is_file() else name)
    for title, rows in groups().items():
        shown = []
        for field, default, meaning in rows:
            outer, _, inner = field.partition(".")
            value = values[outer]
            if inner and outer in ("questions", "more_corpora"):
                continue  # there are several, shown whole above
            if inner:
                value = value.get(inner) if value else None
            elif isinstance(value, dict) and outer != "questions":
                value = "as below" if value else {}
            shown.append([field, _as_yaml(value), default, meaning])
        print_table(["field", "here", "default", "meaning"], shown, title=title)
    rows_of_trainer = [[key, _as_yaml(value)] for key, value in values["trainer"].items()]
    print_table(["field of trainer", "here"], rows_of_trainer, title="trainer")
    console.print(trainer_note(), soft_wrap=True)


def _show_other(name: str, kind: str, as_json: bool) -> None:
    """Show a recipe that does not fine-tune AffectGPT."""
    from affecthub.training.recipe_kinds import LOADERS, function_of

    values = function_of(LOADERS[kind])(name).to_dict()
    if as_json:
        print_json(values)
        return
    console.print(f"{name}: {_lead(name)}" if _file(name).is_file() else name)
    rows = [[key, _as_yaml(value)] for key, value in values.items() if key != "trainer"]
    print_table(["field", "here"], rows)
    rows_of_trainer = [[key, _as_yaml(value)] for key, value in values.get("trainer", {}).items()]
    if rows_of_trainer:
        print_table(["field of trainer", "here"], rows_of_trainer, title="trainer")


def _as_yaml(value: object) -> str:
    import yaml

    text = yaml.safe_dump(value, default_flow_style=True, width=10_000, allow_unicode=True)
    return text.strip().removesuffix("\n...").strip()


def _file(name: str) -> Path:
    return Path(str(files("affecthub.training"))) / "recipes" / f"{name}.yaml"


def _lead(name: str) -> str:
    """The comment at the head of a recipe's file, to the end of its first sentence."""
    lines = []
    for line in _file(name).read_text("utf-8").splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# "))
    return " ".join(lines).partition(". ")[0].removesuffix(".") + "."
