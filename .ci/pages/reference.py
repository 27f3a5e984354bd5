"""Pages of the reference: directives that mkdocstrings makes docstrings of."""

from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path

import affecthub

# Room -> what the page says first, and modules whose public names it shows.
ROOMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "corpora_and_rows": (
        "A corpus opened, its rows, its splits and what two of them share.",
        (
            "affecthub.entries",
            "affecthub.datasets_scripts.row",
            "affecthub.datasets_scripts.protocols.make_split",
            "affecthub.datasets_scripts.protocols.leaks",
            "affecthub.datasets_scripts.verifying.report",
            "affecthub.datasets_scripts.exports.export",
        ),
    ),
    "labels": (
        "What labels mean, and how votes become one.",
        (
            "affecthub.labels",
            "affecthub.annotation.votes",
            "affecthub.annotation.aggregation",
            "affecthub.annotation.agreement",
        ),
    ),
    "media": (
        "Sound and frames out of files, paths, bytes and streams.",
        ("affecthub.media.sound", "affecthub.media.frames", "affecthub.media.cut"),
    ),
    "metrics": (
        "The pure functions under the `evaluate` modules, over lists and NumPy.",
        (
            "affecthub.metrics.set_f.scores",
            "affecthub.metrics.hit_rate.scores",
            "affecthub.metrics.set_overlap.scores",
            "affecthub.metrics.sentiment.scores",
            "affecthub.metrics.emotion_classification.scores",
            "affecthub.metrics.goemotions.scores",
            "affecthub.metrics.confidence.scores",
            "affecthub.metrics.turning_points.scores",
            "affecthub.metrics.label_agreement.scores",
            "affecthub.metrics.speaking_style_caption.scores",
            "affecthub.metrics.mer_unibench.scores",
            "affecthub.metrics.parsing",
            "affecthub.metrics.answers.extraction",
            "affecthub.metrics.answers.chat",
            "affecthub.metrics.answers.resampling",
        ),
    ),
    "training": (
        "Recipes, runs, answers, rewards.",
        (
            "affecthub.training.recipe",
            "affecthub.training.sft",
            "affecthub.training.grpo",
            "affecthub.training.predict",
            "affecthub.training.plan",
            "affecthub.training.rewards.wheels",
            "affecthub.training.rewards.form",
            "affecthub.training.rewards.length",
        ),
    ),
    "hub": (
        "What a push sends, and how.",
        (
            "affecthub.hub_cards.staged",
            "affecthub.hub_cards.datasets",
            "affecthub.hub_cards.models",
            "affecthub.hub_cards.metrics",
            "affecthub.hub_cards.spaces",
            "affecthub.hub_cards.publishing",
            "affecthub.hub_cards.publishing.publish",
            "affecthub.hub_cards.cards",
        ),
    ),
    "plots": (
        "Pictures of corpora, answers and scores, in one look: each function is `affecthub.plots`' "
        "own, draws on `ax` or on a new figure and returns the axes.",
        (
            "affecthub.plots.distribution",
            "affecthub.plots.heat_maps",
            "affecthub.plots.wheel",
            "affecthub.plots.reliability",
            "affecthub.plots.track",
        ),
    ),
}


def front(_: Path) -> str:
    """The names that ``affecthub`` itself has."""
    lines = [
        "# affecthub",
        "",
        "The names of the package itself; each is imported on first use.",
        "",
    ]
    for name, module in affecthub._PUBLIC.items():
        lines += [f"::: {_home(name, module)}", "    options:", "      show_root_heading: true"]
        lines += ["      heading_level: 2", *(_own_members(name)), ""]
    return "\n".join(lines) + "\n"


def rooms() -> dict[str, Callable[[Path], str]]:
    """Page to what writes it, of the modules that exist."""
    return {
        name: lambda _, title=name, text=text, there=there: _room(title, text, there)
        for name, (text, modules) in ROOMS.items()
        if (there := [module for module in modules if _exists(module)])
    }


def _room(title: str, text: str, modules: Iterable[str]) -> str:
    lines = [f"# {title.replace('_', ' ').capitalize()}", "", text, ""]
    for module in modules:
        lines += [f"## {module}", "", f"::: {module}", "    options:"]
        lines += ["      show_root_heading: false", "      show_root_toc_entry: false"]
        lines += ["      heading_level: 3"]
        if module.endswith(".scores"):  # beside the score stands what its module reads input with
            lines.append(f"      members: [{', '.join(_scores(module))}]")
        lines.append("")
    return "\n".join(lines) + "\n"


def _scores(module: str) -> list[str]:
    return [module.split(".")[-2], "score_folder", "sign_counts"]


def _own_members(name: str) -> list[str]:
    # Methods that transformers and datasets document are theirs.
    if name == "AffectGPTForConditionalGeneration":
        return ["      members: [describe, forward, generate]"]
    return []


def _home(name: str, module: str) -> str:
    """Where a name is defined, which is where its docstring is found without running anything."""
    found = getattr(affecthub, name)
    home = getattr(found, "__module__", None)
    return f"{home}.{name}" if home and hasattr(found, "__qualname__") else f"{module}.{name}"


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
