"""Every field of a recipe with its default and meaning: for ``--help`` and for training's page.

The meanings are those of the docstrings in recipe.py, the reasons those of arguments.py, so that
each stands once. ``python -m affecthub.training.fields > training/README.md`` writes the page.
"""

import inspect
import re
from dataclasses import MISSING, Field, fields
from typing import Any

from affecthub.training.arguments import DEFAULTS, DOCUMENTED, REFUSED
from affecthub.training.recipe import PARTS, Recipe
from affecthub.training.recipe_parts import LoraRecipe

Row = tuple[str, str, str]

_GROUP = re.compile(r"^> Parameters that control the (\w+)$", re.MULTILINE)
_FIELD = re.compile(r"^ {4}(\w+): (.+(?:\n {8}.+)*)", re.MULTILINE)


def groups() -> dict[str, list[Row]]:
    """The recipe's own fields, in the groups of its docstring.

    Returns:
        Group to rows of field, default and meaning; a part's fields follow it, as `lora.r`.
    """
    _, *cut = _GROUP.split((inspect.getdoc(Recipe) or "").partition("Raises:")[0])
    return {
        title: [
            row
            for name, meaning in _meanings(text).items()
            for row in (_row(Recipe, name, meaning), *_rows_of_part(name))
        ]
        for title, text in zip(cut[::2], cut[1::2], strict=True)
    }


def trainer_defaults() -> list[Row]:
    """Fields of `trainer` whose default is ours, with the reason or the source."""
    return [(name, _yaml(default.value), f"{default.why}.") for name, default in DEFAULTS.items()]


def trainer_note() -> str:
    """Where the other fields of `trainer` are documented, and which a recipe cannot set."""
    return (
        "Every other field of transformers.TrainingArguments keeps its name and its default: "
        f"{DOCUMENTED}. A recipe cannot set {', '.join(REFUSED)}; the error says why."
    )


def page() -> str:
    """The page as Markdown."""
    lines = [
        "# Training",
        "",
        "<!-- Made by: python -m affecthub.training.fields > training/README.md -->",
        "",
        "`affecthub train RECIPE --data-dir D --output-dir O` fine-tunes by a recipe, answers the",
        "test split, scores the answers and writes a report. A recipe is a YAML file; `--set` goes",
        "over it, key by key:",
        "",
        "```",
        "affecthub train demo --data-dir D --output-dir O \\",
        "    --set seed=1 --set trainer.max_steps=3 --set 'trainer={report_to: none}'",
        "```",
        "",
        "`--plan` checks everything a run needs before anything is downloaded, and says what it",
        "will cost: parameters, tokens, FLOPs, memory, disk, and time from measured steps",
        "(`--measure N`) or from the device's peak (`--peak TFLOPS --share S`).",
        "",
        "[Recipes](recipes/README.md) says which are installed, and how one trains on several",
        "corpora; [mixtures](mixtures/README.md) tells how they are drawn and packed. Many",
        "processes run the same one:",
        "`accelerate launch -m affecthub.training.sft RECIPE --data-dir D --output-dir O`; see",
        "[launchers](launchers/README.md).",
        "",
        "[Real pretrained models](pretrained/README.md) tells of frozen encoders that package",
        "wheels carry and of heads trained on them: `affecthub demo --pretrained`.",
        "",
        "## Fields",
    ]
    for title, rows in groups().items():
        lines += ["", f"### {title.capitalize()}", "", *_table(rows)]
    lines += [
        "",
        "## `trainer`",
        "",
        "These defaults are not those of `TrainingArguments`. Evaluating and saving go together,",
        "so that the best weights can be kept: `eval_strategy: no` alone keeps the last ones.",
        "`per_device_eval_batch_size` is the recipe's `predict_batch_size`.",
        "",
        *_table(trainer_defaults()),
        "",
        "Every other field of `transformers.TrainingArguments` keeps its name and its default;",
        f"they are [documented there]({DOCUMENTED}).",
        "",
        "A recipe cannot set:",
        "",
        *(f"- `{name}`: {why}." for name, why in REFUSED.items()),
    ]
    return "\n".join(lines) + "\n"


def _meanings(text: str) -> dict[str, str]:
    """Cut a docstring's list of fields into field and meaning."""
    found = _FIELD.findall(text.replace("``", "`"))
    return {name: " ".join(words.split()) for name, words in found}


def _rows_of_part(name: str) -> list[Row]:
    if name not in PARTS:
        return []
    part = PARTS[name]
    found = _meanings((inspect.getdoc(part) or "").partition("Args:")[2].partition("Raises:")[0])
    return [_row(part, inner, meaning, f"{name}.") for inner, meaning in found.items()]


def _row(owner: type, name: str, meaning: str, prefix: str = "") -> Row:
    own = next(field for field in fields(owner) if field.name == name)
    return f"{prefix}{name}", _default(own), meaning


def _default(own: Field[Any]) -> str:
    """A field's default as a recipe would write it."""
    value = own.default
    if own.default_factory is not MISSING:
        value = own.default_factory()
    if value is MISSING:
        return "(must be given)"
    if isinstance(value, LoraRecipe):
        return "as below"
    return _yaml(value)


def _yaml(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(value)}]"
    if isinstance(value, str):
        # Braces and an empty text are read as something else without quotes.
        return f'"{value}"' if "{" in value or not value else value
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def _table(rows: list[Row]) -> list[str]:
    head = ["| field | default | meaning |", "|---|---|---|"]
    return head + [f"| `{name}` | `{default}` | {meaning} |" for name, default, meaning in rows]


if __name__ == "__main__":
    print(page(), end="")
