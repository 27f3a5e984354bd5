"""What every command prints: tables for people, JSON for programs."""

import json
import sys
from collections.abc import Iterable
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

# Brackets in answers and names are text, not markup. Piped output has no width of its own.
console = Console(markup=False, highlight=False, width=None if sys.stdout.isatty() else 120)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def print_json(value: Any) -> None:
    """Print any plain value; paths become text."""
    print(json.dumps(value, indent=1, ensure_ascii=False, default=str))


def print_table(
    columns: Iterable[str], rows: Iterable[Iterable[Any]], *, title: str | None = None
) -> None:
    """Print rows as a table; lists are joined, floats get four digits."""
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*map(_cell, row))
    console.print(table)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)
