"""The card beside a corpus' builder, as far as programs ask for what it says."""

import inspect
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from affecthub.datasets_scripts.row import LEADING_NOTES
from affecthub.entries import Entry

Table = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Card:
    """What a card says in its tables.

    Attributes:
        path: Where it lies; None where the corpus has none.
        columns: Column, or several of them, and what they mean; a leading one in the card's words
            where it has any.
        configs: Head and rows of the table of configurations; empty where there is none.
        protocols: The same of protocols.
    """

    path: Path | None
    columns: Table
    configs: Table
    protocols: Table


def read_card(entry: Entry) -> Card:
    """Read the card of a corpus: ``README.md`` beside its builder.

    A table belongs to the columns where its first head is "column", to the configurations or the
    protocols where its first cells name one of them.

    Args:
        entry: The corpus.

    Returns:
        Its card; without one, the leading columns alone.
    """
    path = Path(inspect.getfile(entry.builder_class())).with_name("README.md")
    tables = _tables(path.read_text(encoding="utf-8")) if path.is_file() else []
    own = [(row[0], row[-1]) for table in tables if table[0][0] == "column" for row in table[1:]]
    told = set().union(*(names_in(cell) for cell, _ in own)) if own else set()
    leading = [item for item in LEADING_NOTES.items() if item[0] not in told]
    return Card(
        path=path if path.is_file() else None,
        columns=(*leading, *own),
        configs=_naming(tables, entry.configs),
        protocols=_naming(tables, entry.protocols),
    )


def names_in(cell: str) -> set[str]:
    """The words of a cell that can be names of columns.

    Example:
        >>> sorted(names_in("`season`, `episode`")), names_in("emotion")
        (['episode', 'season'], {'emotion'})
    """
    return set(re.findall(r"\w+", cell))


def _naming(tables: Iterable[Table], names: Iterable[str]) -> Table:
    """The first table whose first cells name one of ``names`` in backticks."""
    for table in tables:
        if any(f"`{name}`" in row[0] for row in table[1:] for name in names):
            return table
    return ()


def _tables(text: str) -> list[Table]:
    """The tables of a card: head, then rows; code is no table."""
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    found = []
    for lines in re.findall(r"(?:^\|.*\|[ ]*$\n?)+", text, flags=re.MULTILINE):
        rows = [
            tuple(cell.strip() for cell in line.strip().strip("|").split("|"))
            for line in lines.splitlines()
        ]
        if len(rows) > 2:
            found.append((rows[0], *rows[2:]))
    return found
