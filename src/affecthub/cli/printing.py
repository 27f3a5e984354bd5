"""What every command prints: tables for people, JSON for programs."""

import codecs
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


def speak_utf8() -> None:
    """Write UTF-8 where the locale names no encoding but ASCII: labels and transcripts are Chinese.

    Python does so by itself in most such places, but not where its UTF-8 mode is switched off.
    """
    for stream in (sys.stdout, sys.stderr):
        encoding = getattr(stream, "encoding", None)
        if encoding is not None and codecs.lookup(encoding).name == "ascii":
            stream.reconfigure(encoding="utf-8")  # type: ignore[union-attr]


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
