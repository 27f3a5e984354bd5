"""The card beside a corpus' builder, as far as programs ask for what it says."""

import inspect
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from affecthub.datasets_scripts.row import LEADING_NOTES
from affecthub.entries import Entry

Table = tuple[tuple[str, ...], ...]

# What a section is about, by its heading: several sections of a card may be about one thing.
PARTS = {
    "getting": r"(getting it|how to get it)$",
    "protocols": r"((configurations and )?(protocols|splits))$",
    "shared": r"(contamination|whose clips these are|what to know before comparing numbers)$",
    "faults": r"(what (is|may be) (known to be )?wrong|what is not known|known faults"
    r"|placeholders are not labels|what the files show)",
    "limits": r"(biases and limits|limits and bias)$",
    "citation": r"citation$",
}


@dataclass(frozen=True)
class Card:
    """What a card says in its tables.

    Attributes:
        path: Where it lies; None where the corpus has none.
        columns: Column, or several of them, and what they mean; a leading one in the card's words
            where it has any.
        configs: Head and rows of the table of configurations; empty where there is none.
        protocols: The same of protocols.
        head: Its YAML.
        about: What it says before its first section.
        parts: Key of ``PARTS`` to the text of those sections, without their headings.
    """

    path: Path | None
    columns: Table
    configs: Table
    protocols: Table
    head: dict[str, Any] = field(default_factory=dict)
    about: str = ""
    parts: dict[str, str] = field(default_factory=dict)


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
    head, body = _halves(path.read_text(encoding="utf-8")) if path.is_file() else ("", "")
    tables = _tables(body)
    about, *sections = _sections(body)
    own = [(row[0], row[-1]) for table in tables if table[0][0] == "column" for row in table[1:]]
    told = set().union(*(names_in(cell) for cell, _ in own)) if own else set()
    leading = [item for item in LEADING_NOTES.items() if item[0] not in told]
    return Card(
        path=path if path.is_file() else None,
        columns=(*leading, *own),
        configs=_naming(tables, entry.configs),
        protocols=_naming(tables, entry.protocols),
        head=yaml.safe_load(head) or {},
        about=about[1],
        parts=_parts(sections),
    )


def names_in(cell: str) -> set[str]:
    """The words of a cell that can be names of columns.

    Example:
        >>> sorted(names_in("`season`, `episode`")), names_in("emotion")
        (['episode', 'season'], {'emotion'})
    """
    return set(re.findall(r"\w+", cell))


def _halves(text: str) -> tuple[str, str]:
    """The YAML of a card and what follows."""
    found = re.match(r"---\n(.*?)^---\n", text, flags=re.DOTALL | re.MULTILINE)
    return (found[1], text[found.end() :]) if found else ("", text)


def _sections(body: str) -> list[tuple[str, str]]:
    """Heading and text of each section; first what stands before them, without the title."""
    code = re.compile(r"```.*?```", re.DOTALL)
    # Lines of code may begin with a hash.
    plain = code.sub(lambda found: " " * len(found[0]), body)
    starts = [found.start() for found in re.finditer(r"^## ", plain, flags=re.MULTILINE)]
    first = re.sub(r"^# .*\n", "", body[: starts[0] if starts else None].lstrip())
    found = [("", first.strip())]
    for start, end in pairwise([*starts, len(body)]):
        heading, _, text = body[start:end].partition("\n")
        found.append((heading[3:].strip(), text.strip()))
    return found


def _parts(sections: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for heading, text in sections:
        for part, pattern in PARTS.items():
            if re.match(pattern, heading.lower()):
                found.setdefault(part, []).append(text)
    return {part: "\n\n".join(texts) for part, texts in found.items()}


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
