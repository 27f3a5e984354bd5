"""What every command prints: tables for people, JSON for programs."""

import codecs
import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
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
    """Print any plain value as strict JSON; paths become text, what is no number null."""
    strict = _strict(value)
    print(json.dumps(strict, indent=1, ensure_ascii=False, default=str, allow_nan=False))


def _strict(value: Any) -> Any:
    """The same value without NaN and infinity, which JSON has no word for."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _strict(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(inner) for inner in value]
    return value


def print_table(
    columns: Iterable[str], rows: Iterable[Iterable[Any]], *, title: str | None = None
) -> None:
    """Print rows as a table; lists are joined, floats get four digits."""
    console.print(as_table(Section(title or "", list(columns), [list(row) for row in rows])))


def print_scores_of(metric: str, result: Mapping[str, Any]) -> None:
    """Print what a metric gives: the score first, then what lies in it, a table each."""
    print_sections(score_sections(metric, result))


def score_sections(metric: str, result: Mapping[str, Any]) -> list[Section]:
    """A result as titled tables: single values, rows of mappings, a matrix of confusions."""
    single: list[list[Any]] = []
    tables: list[Section] = []
    for key, value in result.items():
        if isinstance(value, bool | int | float | str):
            single.append([key, value])
        elif isinstance(value, Mapping) and any(isinstance(v, Mapping) for v in value.values()):
            rows = [{key: name, **row} for name, row in value.items() if isinstance(row, Mapping)]
            tables.append(_rows_table("", rows))
        elif isinstance(value, Mapping):
            single += [[f"{key}.{name}", inner] for name, inner in value.items()]
        elif isinstance(value, list | tuple) and value and isinstance(value[0], Mapping):
            tables.append(_rows_table(key, value))
        elif isinstance(value, list | tuple) and value and isinstance(value[0], list):
            tables.append(_matrix(key, value, result.get("labels")))
        elif isinstance(value, list | tuple) and value:
            single.append([key, value])
    single.sort(key=lambda row: row[0] != metric)
    return [Section(metric, ["score", "value"], single), *tables]


def _rows_table(title: str, rows: Sequence[Mapping[str, Any]]) -> Section:
    """Rows under all their keys; a mapping in a cell has a column for each of its own."""
    flat = [_flat(row) for row in rows]
    columns = list(dict.fromkeys(key for row in flat for key in row))
    return Section(title, columns, [[row.get(key) for key in columns] for row in flat])


def _flat(row: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{above}{key}.")
        else:
            flat[f"{above}{key}"] = value
    return flat


def _matrix(title: str, counts: Sequence[Sequence[Any]], labels: Any) -> Section:
    """Counts with the names of their rows; a column more than labels is that of other answers."""
    names = list(labels) if isinstance(labels, list | tuple) else []
    if len(names) != len(counts):
        names = [str(number) for number in range(len(counts))]
    heads = names + ["(none)"] * (len(counts[0]) - len(names))
    body = [[name, *row] for name, row in zip(names, counts, strict=True)]
    return Section(f"{title}: references in rows, answers in columns", ["", *heads], body)


def print_sections(sections: Iterable[Section]) -> None:
    """Print titled tables."""
    for section in sections:
        console.print(as_table(section))


def print_screen(report: Screen) -> None:
    """Print the sections of a report."""
    print_sections(report.sections())


def shown_mean(
    score: Mapping[str, float | None] | None, digits: int, *, per_cent: bool = False
) -> str:
    """A score's mean over runs and its deviation as tables have them; a dash without a mean.

    Args:
        score: ``mean`` and ``sd``, which is None for one run.
        digits: Behind the point.
        per_cent: Show both times a hundred.

    Example:
        >>> shown_mean({"mean": 0.5, "sd": 0.012}, 1, per_cent=True)
        '50.0 ± 1.2'
    """
    mean = None if not score else score["mean"]
    if not score or mean is None:
        return "-"
    scale, sd = 100 if per_cent else 1, score["sd"]
    spread = "" if sd is None else f" ± {scale * sd:.{digits}f}"
    return f"{scale * mean:.{digits}f}{spread}"


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
            if key not in row:
                shown.append("")
                continue
            shown.append(shown_mean(row[key], 1, per_cent=True))
        rows.append([row["name"], *shown, row["n"], row["seeds"]])
    print_table(["", *scores, "clips", "seeds"], rows, title="per cent, higher is better")
    console.print(f"Report: {report}", soft_wrap=True)
