"""What kind of run a recipe describes: told by the file, before anything is loaded."""

from collections.abc import Callable
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from affecthub.errors import unknown_name
from affecthub.settings import read_yaml

# A recipe whose file does not say its kind fine-tunes AffectGPT.
FINE_TUNING = "sft"
# Kind -> the function that `affecthub train` hands such a recipe to, and the one that reads it.
# The first is called as program(recipe, *, data_dir, output_dir, seeds, protocols, overrides,
# resume, as_json); the second as load(name_or_path, **overrides) and gives what has `to_dict`.
PROGRAMS = {
    "grpo": "affecthub.cli.reinforce:reinforce",
    "fusion": "affecthub.cli.fusion:fuse",
    "conversation": "affecthub.cli.conversation:converse",
    "captioner": "affecthub.cli.captioning:caption",
    "omni": "affecthub.cli.omni:tune",
}
# Kinds whose corpora may lie in several folders: `data_dir` is then what `parse_folders` gives.
OF_FOLDERS = ("omni",)
# Kind -> what prints the plan of a run and says whether nothing stands against it, called as
# plan(recipe, *, data_dir, output_dir, overrides, as_json).
PLANS = {"omni": "affecthub.cli.omni:plan"}
# Kind -> the program of one run on many processes; called as train(recipe, *, data_dir, output_dir,
# resume, overwrite) with what its loader gives.
ON_PROCESSES = {"omni": "affecthub.training.omni.run:train_omni"}
LOADERS = {
    "grpo": "affecthub.training.rl.recipe:load_grpo_recipe",
    "fusion": "affecthub.training.fusion.recipe:load_fusion_recipe",
    "conversation": "affecthub.training.conversations.recipe:load_conversation_recipe",
    "captioner": "affecthub.training.captioning.recipe:load_caption_recipe",
    "omni": "affecthub.training.omni.recipe:load_omni_recipe",
}


def recipe_text(name_or_path: str | Path) -> str | None:
    """What the file of a recipe says, by its installed name or its path; None without one."""
    if str(name_or_path).endswith((".yaml", ".yml")):
        path = Path(name_or_path)
        return path.read_text(encoding="utf-8") if path.is_file() else None
    file = files("affecthub.training") / "recipes" / f"{name_or_path}.yaml"
    return file.read_text(encoding="utf-8") if file.is_file() else None


def kind_of(name_or_path: str | Path) -> str:
    """The kind of a recipe: ``kind: grpo`` in its file is reinforcement learning, say.

    Args:
        name_or_path: Installed name, or a path that ends in .yaml or .yml.

    Returns:
        ``"sft"`` also where there is no such recipe, so that who loads it says what is wrong.

    Raises:
        ValueError: The file says a kind that there is not.

    Example:
        >>> kind_of("affectgpt_r1"), kind_of("demo")
        ('grpo', 'sft')
    """
    try:
        values = read_yaml(recipe_text(name_or_path) or "")
    except yaml.YAMLError:
        return FINE_TUNING
    kind = values.get("kind", FINE_TUNING) if isinstance(values, dict) else FINE_TUNING
    if kind != FINE_TUNING and kind not in PROGRAMS:
        raise unknown_name("kind of recipe", str(kind), [FINE_TUNING, *PROGRAMS])
    return str(kind)


def installed(kind: str | None = None) -> list[str]:
    """The names of the installed recipes of a kind, or of all."""
    folder = files("affecthub.training") / "recipes"
    names = (entry.name.removesuffix(".yaml") for entry in folder.iterdir())
    return sorted(name for name in names if recipe_text(name) and kind in (None, kind_of(name)))


def function_of(address: str) -> Callable[..., Any]:
    """The function at ``package.module:name``, imported now."""
    module, _, name = address.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), name)
    return found
