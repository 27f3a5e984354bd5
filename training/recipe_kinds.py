"""Which recipes fine-tune and which reinforce: told by the file, before anything is loaded."""

from importlib.resources import files
from pathlib import Path
from typing import Literal

import yaml

from affecthub.settings import read_yaml

Kind = Literal["sft", "grpo"]


def recipe_text(name_or_path: str | Path) -> str | None:
    """What the file of a recipe says, by its installed name or its path; None without one."""
    if str(name_or_path).endswith((".yaml", ".yml")):
        path = Path(name_or_path)
        return path.read_text(encoding="utf-8") if path.is_file() else None
    file = files("affecthub.training") / "recipes" / f"{name_or_path}.yaml"
    return file.read_text(encoding="utf-8") if file.is_file() else None


def kind_of(name_or_path: str | Path) -> Kind:
    """Whether a recipe is one of reinforcement learning: its file then begins ``kind: grpo``.

    Args:
        name_or_path: Installed name, or a path that ends in .yaml or .yml.

    Returns:
        ``"sft"`` also where there is no such recipe, so that who loads it says what is wrong.

    Example:
        >>> kind_of("affectgpt_r1"), kind_of("demo")
        ('grpo', 'sft')
    """
    try:
        values = read_yaml(recipe_text(name_or_path) or "")
    except yaml.YAMLError:
        return "sft"
    return "grpo" if isinstance(values, dict) and values.get("kind") == "grpo" else "sft"


def installed(kind: Kind) -> list[str]:
    """The names of the installed recipes of a kind."""
    folder = files("affecthub.training") / "recipes"
    names = (entry.name.removesuffix(".yaml") for entry in folder.iterdir())
    return sorted(name for name in names if recipe_text(name) and kind_of(name) == kind)
