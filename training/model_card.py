"""A model card for a run's folder, from what the run knows of itself."""

from pathlib import Path
from typing import Any

import yaml

from affecthub.training.arguments import settings
from affecthub.training.recipe import Recipe

# Written into ours, so that a card of someone's own is never replaced.
MARK = "<!-- Made by affecthub from recipe.yaml and training.json. -->"


def write_card(folder: str | Path, recipe: Recipe, facts: dict[str, Any]) -> Path | None:
    """Write ``README.md`` beside the model, unless somebody wrote one.

    Args:
        folder: The run's.
        recipe: What was run.
        facts: What ``training.json`` says; ``scores`` gives a table where it is there.

    Returns:
        The card; None where another one stands.
    """
    path = Path(folder) / "README.md"
    if path.is_file() and not _is_ours(path.read_text("utf-8")):
        return None
    path.write_text(card(recipe, facts), encoding="utf-8")
    return path


def card(recipe: Recipe, facts: dict[str, Any]) -> str:
    """The card as Markdown with the Hub's front matter."""
    head: dict[str, Any] = {"library_name": "transformers", "tags": ["emotion-recognition"]}
    if recipe.model is not None and not Path(recipe.model).exists():
        head["base_model"] = recipe.model
    if recipe.lora is not None:
        head = {"library_name": "peft"} | {k: v for k, v in head.items() if k != "library_name"}
    front = yaml.safe_dump(head, sort_keys=False, allow_unicode=True)
    lines = [
        f"---\n{front}---\n",
        MARK,
        "",
        f"# AffectGPT fine-tuned on {recipe.corpus}",
        "",
        f"From {_base(recipe)}, on the training clips of protocol `{recipe.protocol}` of the "
        f"corpus `{recipe.corpus}`, given {', '.join(recipe.modalities)} and asked "
        f"`{recipe.question}`.",
        "",
        "| | |",
        "|---|---|",
        *(f"| {name} | {value} |" for name, value in _rows(recipe, facts)),
        "",
        *_scores(facts.get("scores") or {}),
        "## Use",
        "",
        "```python",
        "from affecthub.training.model import load_model",
        "",
        'model, processor = load_model("FOLDER_OR_ID")',
        'model.describe("clip.mp4", processor)',
        "```",
        "",
        "`recipe.yaml` says how it was trained, `training.json` what the run was.",
        "",
    ]
    return "\n".join(lines)


def _base(recipe: Recipe) -> str:
    """Where the weights came from; of a folder its name alone, for others have no such path."""
    if recipe.towers is not None:
        return "three pretrained towers"
    if recipe.model is None:
        return "random weights"
    return f"`{Path(recipe.model).name if Path(recipe.model).exists() else recipe.model}`"


def _rows(recipe: Recipe, facts: dict[str, Any]) -> list[tuple[str, str]]:
    trainer = settings(recipe)
    launch = facts.get("launch", {})
    losses = [row["loss"] for row in facts.get("losses", []) if "loss" in row]
    rows = [
        ("Training clips", f"{facts['n_train']:,} of {facts['n_there']:,}"),
        ("Clips drawn", f"{facts.get('n_seen', 0):,}"),
        ("Clips of a step", f"{facts.get('global_batch_size', 0):,}"),
        ("Learning rate", f"{trainer['learning_rate']:g}"),
        ("Parameters", f"{facts['n_parameters']:,}, {facts['n_trained']:,} of them trained"),
        ("Seed", str(recipe.seed)),
        ("Processes", f"{launch.get('n_processes', 1)} ({launch.get('kind', 'one process')})"),
    ]
    if losses:
        rows.append(("Last training loss", f"{losses[-1]:.4f}"))
    return rows + [("Note", note) for note in facts.get("notes", [])]


def _scores(scores: dict[str, Any]) -> list[str]:
    numbers = {name: value for name, value in scores.items() if isinstance(value, int | float)}
    if not numbers:
        return []
    return [
        "## Scores",
        "",
        "On the protocol's test clips, by one seed.",
        "",
        "| score | value |",
        "|---|---|",
        *(f"| {name} | {value:.4g} |" for name, value in numbers.items()),
        "",
    ]


def _is_ours(text: str) -> bool:
    """Whether a card is this module's, or the empty form that PEFT leaves."""
    return MARK in text or "# Model Card for Model ID" in text
