"""What every command prints: tables for people, JSON for programs."""

import json
import sys
from collections.abc import Iterable
from typing import Annotated, Any

import typer
from rich.console import Console

from affecthub.screen import Screen, Section, as_table

# Brackets and colons in answers and names are no markup. Piped output has no width of its own.
console = Console(
    markup=False, emoji=False, highlight=False, width=None if sys.stdout.isatty() else 120
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def print_json(value: Any) -> None:
    """Print any plain value; paths become text."""
    print(json.dumps(value, indent=1, ensure_ascii=False, default=str))


def print_table(
    columns: Iterable[str], rows: Iterable[Iterable[Any]], *, title: str | None = None
) -> None:
    """Print rows as a table; lists are joined, floats get four digits."""
    console.print(as_table(Section(title or "", list(columns), [list(row) for row in rows])))


def print_screen(report: Screen) -> None:
    """Print the sections of a report."""
    for section in report.sections():
        console.print(as_table(section))


def print_scores(table: list[dict[str, Any]], as_json: bool, *, report: str) -> None:
    """Print a score table: per cent, with the standard deviation over seeds."""
    if as_json:
        print_json({"scores": table, "report": report})
        return
    scores = [key for key in table[0] if isinstance(table[0][key], dict)]
    rows = []
    for row in table:
        shown = []
        for key in scores:
            sd = row[key]["sd"]
            spread = f" ± {100 * sd:.1f}" if sd is not None else ""
            shown.append(f"{100 * row[key]['mean']:.1f}{spread}")
        rows.append([row["name"], *shown, row["n"], row["seeds"]])
    print_table(["", *scores, "clips", "seeds"], rows, title="per cent, higher is better")
    console.print(f"Report: {report}", soft_wrap=True)
