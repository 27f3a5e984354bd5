"""The page that leads from each equation and table of the papers to what answers it here."""

from pathlib import Path
from typing import Any

import yaml

from pages.repository import repository

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docs" / "paper_index.yaml"


def index() -> list[dict[str, Any]]:
    """The papers, as the file has them."""
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))["papers"]


def page(_: Path) -> str:
    """The index as a page."""
    lines = [
        "# Every equation and table",
        "",
        "What the papers number, and what answers it here: the function, the command that prints "
        "it, the test that holds it. Where there is nothing, it says why. The data of this page is "
        f"[a file]({repository()}/blob/main/docs/paper_index.yaml), and a test asks whether every "
        "name in it exists.",
        "",
    ]
    for paper in index():
        lines += [f"## {paper['title']}", "", paper["about"], ""]
        if paper["items"]:
            lines += ["| | what it is | here |", "|---|---|---|"]
        for item in paper["items"]:
            lines.append(f"| {name(item)} | {item['what']} | {_answer(item)} |")
        lines.append("")
    return "\n".join(lines) + "\n"


def name(item: dict[str, Any]) -> str:
    """What the paper calls it.

    Example:
        >>> name({"equation": 3}), name({"table": 2})
        ('Equation 3', 'Table 2')
    """
    kind = next(key for key in ("equation", "table", "figure", "section") if key in item)
    return f"{kind.capitalize()} {item[kind]}"


def _answer(item: dict[str, Any]) -> str:
    parts = [item["note"]] if "note" in item else []
    if "not_here" in item:
        parts.insert(0, f"**Not here**: {item['not_here']}")
    parts += [
        f"[`{each.rpartition('.')[2]}`]({source(each)})" for each in item.get("functions", [])
    ]
    parts += [f"`{each}`".replace("|", "\\|") for each in item.get("commands", [])]
    for each in item.get("tests", []):
        file, _, test = each.partition("::")
        parts.append(f"[`{test}`]({file})")
    return "<br>".join(parts)


def source(function: str) -> str:
    """The file of a function's module, in the repository.

    Example:
        >>> source("affecthub.metrics.set_f.scores.set_f")
        'metrics/set_f/scores.py'
    """
    module = function.rpartition(".")[0].removeprefix("affecthub.").replace(".", "/")
    here = ROOT if (ROOT / module.partition("/")[0]).is_dir() else ROOT / "src" / "affecthub"
    file = here / f"{module}.py"
    return (file if file.is_file() else here / module / "__init__.py").relative_to(ROOT).as_posix()
