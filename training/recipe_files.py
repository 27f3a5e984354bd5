"""Reading a recipe of another kind: a file, what goes over it, and a dataclass."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from affecthub.errors import unknown_name
from affecthub.settings import merge, read_yaml
from affecthub.training.recipe import in_words
from affecthub.training.recipe_kinds import installed, kind_of, recipe_text

R = TypeVar("R")


def load_as(
    owner: type[R],
    kind: str,
    what: str,
    name_or_path: str | Path,
    overrides: dict[str, Any],
    *,
    trainer: str = "TrainingArguments",
    mappings: Sequence[str] = (),
) -> R:
    """Read a recipe of one kind by its installed name or from a YAML file.

    Args:
        owner: The dataclass that it becomes; its field ``kind`` is the recipe's.
        kind: As the file says it.
        what: The kind in words, for errors: "reinforcement learning".
        name_or_path: Installed name, or a path that ends in .yaml or .yml.
        overrides: Fields that replace what the file says; a mapping is merged over the file's.
        trainer: Whose fields the recipe's ``trainer`` has, for errors.
        mappings: Fields from which an override of null takes an entry away.

    Raises:
        FileNotFoundError: The path does not exist.
        ValueError: The name, a field or a value is not known, close matches are listed; or the
            recipe is of another kind.
    """
    text = recipe_text(name_or_path)
    if text is None and str(name_or_path).endswith((".yaml", ".yml")):
        raise FileNotFoundError(f"recipe file not found: {name_or_path}. Check the path.")
    if text is None:
        raise unknown_name("recipe", str(name_or_path), installed(kind))
    try:
        values = read_yaml(text)
    except yaml.YAMLError as error:
        raise ValueError(f"recipe {name_or_path} is not YAML: {error}") from error
    if (found := kind_of(name_or_path)) != kind:
        raise ValueError(
            f"recipe {name_or_path} is none of {what}: got one of the kind {found!r}, expected "
            f"`kind: {kind}` in it, as in {', '.join(installed(kind))}. "
            f"Run it with: affecthub train {name_or_path}"
        )
    values = merge(values, overrides)
    for name in mappings:
        if isinstance(values.get(name), dict):
            values[name] = {key: each for key, each in values[name].items() if each is not None}
    try:
        return TypeAdapter(owner).validate_python(values)
    except ValidationError as error:
        wrong = " ".join(in_words(detail, owner, trainer) for detail in error.errors())
        raise ValueError(f"{name_or_path}: {wrong}") from error
