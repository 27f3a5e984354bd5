"""What a report looks like: the same titled columns as text, in a notebook, in a terminal.

A report says what it consists of in ``sections()``; how that is drawn stands here once.
"""

from collections.abc import Iterable, Sequence
from html import escape
from io import StringIO
from typing import Any, NamedTuple

WIDTH = 110
_TITLE = "text-align:left;font-style:italic"
# More columns than this leave a cell of the width no room for a count.
MAX_COLUMNS = 12
_STYLE = (
    "border-collapse:collapse;margin:0 0 1em 0",
    "text-align:left;padding:2px 14px 2px 0;border-bottom:1px solid #999;font-weight:600",
    "text-align:left;padding:2px 14px 2px 0;vertical-align:top;white-space:pre-line",
)


class Section(NamedTuple):
    """Rows under a title.

    Attributes:
        title: What they are; empty for none.
        columns: Heads of the columns; no line of heads where all are empty.
        rows: Cells as text, numbers, lists, or None for an empty one.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]


class Screen:
    """Something that prints itself: a heading, then its sections."""

    def heading(self) -> str:
        """One line above the sections."""
        return ""

    def sections(self) -> list[Section]:
        """What there is to see; empty sections are left out."""
        raise NotImplementedError

    def __repr__(self) -> str:
        """The screen as plain text."""
        return as_text(self.heading(), self.sections())

    def _repr_html_(self) -> str:
        return as_html(self.heading(), self.sections())


def as_text(heading: str, sections: Iterable[Section], width: int = WIDTH) -> str:
    """A heading and sections as text of at most ``width`` characters a line."""
    from rich.console import Console

    out = StringIO()
    console = Console(
        file=out,
        width=width,
        markup=False,
        emoji=False,
        highlight=False,
        no_color=True,
        force_jupyter=False,  # else rich shows it in a notebook, beside what the notebook shows
    )
    if heading:
        console.print(heading)
    for section in sections:
        console.print(as_table(section))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def as_table(section: Section) -> Any:
    """A section as a table that `rich` prints; one that is far wider than high lies on its side."""
    from rich.table import Table
    from rich.text import Text

    if len(section.columns) > max(MAX_COLUMNS, 2 * len(section.rows)):
        section = _turned(section)
    named = any(section.columns)
    table = Table(title=section.title or None, title_justify="left", show_header=named)
    for column in section.columns:
        table.add_column(column, overflow="fold")
    for row in section.rows:
        table.add_row(*(Text(cell(value)) for value in row))
    return table


def _turned(section: Section) -> Section:
    """The same cells with a row for each column but the first, which names the new columns."""
    (first, *heads), rows = section.columns, section.rows
    columns = [first, *(cell(row[0]) for row in rows)]
    cells = [[head, *(row[i] for row in rows)] for i, head in enumerate(heads, start=1)]
    return Section(section.title, columns, cells)


def as_html(heading: str, sections: Iterable[Section]) -> str:
    """A heading and sections for a notebook; every cell is escaped."""
    parts = [f'<p style="white-space:pre-line"><b>{escape(heading)}</b></p>'] if heading else []
    table, head, body = _STYLE
    for section in sections:
        columns = "".join(f'<th style="{head}">{escape(name)}</th>' for name in section.columns)
        columns = f"<thead><tr>{columns}</tr></thead>" if any(section.columns) else ""
        rows = "".join(
            "<tr>"
            + "".join(f'<td style="{body}">{escape(cell(value))}</td>' for value in row)
            + "</tr>"
            for row in section.rows
        )
        caption = (
            f'<caption style="{_TITLE}">{escape(section.title)}</caption>' if section.title else ""
        )
        parts.append(f'<table style="{table}">{caption}{columns}<tbody>{rows}</tbody></table>')
    return "".join(parts)


def cell(value: Any) -> str:
    """A cell as text: lists are joined, floats get four digits, None is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)
