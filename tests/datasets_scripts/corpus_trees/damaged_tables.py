"""Ways in which a csv can be damaged, beyond those of any text."""

import csv
import io
from collections.abc import Callable
from random import Random
from typing import Any

from corpus_trees.damage import STRANGE, Damage, Mutation


def _table(data: bytes) -> tuple[list[str], list[list[str]]] | None:
    try:
        header, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    except (UnicodeDecodeError, ValueError, csv.Error):
        return None
    return (header, rows) if rows and all(len(row) == len(header) for row in rows) else None


def _csv(header: list[str], rows: list[list[str]], **dialect: Any) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, **{"lineterminator": "\n", **dialect})
    writer.writerows([header, *rows])
    return stream.getvalue().encode("utf-8", "surrogatepass")


def _on_table(change: Callable[[list[str], list[list[str]], Random], Damage | None]) -> Mutation:
    """Make a mutation of a change to a csv's header and rows."""

    def mutation(data: bytes, rng: Random) -> Damage | None:
        table = _table(data)
        return change(*table, rng) if table else None

    mutation.__name__ = change.__name__
    return mutation


def strange_cell(header: list[str], rows: list[list[str]], rng: Random) -> Damage:
    """One cell holds something else."""
    row = rng.choice(rows)
    row[rng.randrange(len(row))] = rng.choice(STRANGE)
    return Damage(_csv(header, rows), "cells", 1)


def strange_start(header: list[str], rows: list[list[str]], rng: Random) -> Damage:
    """One cell begins with what leads out of a folder, or out of the text."""
    row, column = rng.choice(rows), rng.randrange(len(header))
    row[column] = rng.choice(("../", "/", "\\\\", "C:", "\0", " ", "'", '"')) + row[column]
    return Damage(_csv(header, rows), "cells", 1)


def cut_rows(header: list[str], rows: list[list[str]], rng: Random) -> Damage:
    """Some rows are missing."""
    gone = set(rng.sample(range(len(rows)), rng.randrange(1, min(4, len(rows) + 1))))
    kept = [row for i, row in enumerate(rows) if i not in gone]
    return Damage(_csv(header, kept), "cut", len(gone))


def doubled_row(header: list[str], rows: list[list[str]], rng: Random) -> Damage:
    """A row stands twice."""
    return Damage(_csv(header, [*rows, rng.choice(rows)]), "alike")


def shuffled_rows(header: list[str], rows: list[list[str]], rng: Random) -> Damage:
    """Rows in another order."""
    return Damage(_csv(header, rng.sample(rows, len(rows))), "alike")


def quoted(header: list[str], rows: list[list[str]], rng: Random) -> Damage:
    """Every cell in quotes, lines as Windows ends them."""
    return Damage(_csv(header, rows, quoting=csv.QUOTE_ALL, lineterminator="\r\n"), "same")


def swapped_columns(header: list[str], rows: list[list[str]], rng: Random) -> Damage:
    """Columns in another order, each with its name."""
    order = rng.sample(range(len(header)), len(header))
    return Damage(_csv([header[i] for i in order], [[r[i] for i in order] for r in rows]), "same")


def swapped_names(header: list[str], rows: list[list[str]], rng: Random) -> Damage | None:
    """Two columns under each other's name."""
    if len(header) < 2:
        return None
    i, j = rng.sample(range(len(header)), 2)
    header[i], header[j] = header[j], header[i]
    return Damage(_csv(header, rows), "any")


def doubled_name(header: list[str], rows: list[list[str]], rng: Random) -> Damage:
    """Two columns of one name."""
    header[rng.randrange(len(header))] = rng.choice(header)
    return Damage(_csv(header, rows), "any")


def dropped_column(header: list[str], rows: list[list[str]], rng: Random) -> Damage:
    """A column is missing."""
    i = rng.randrange(len(header))
    rows = [row[:i] + row[i + 1 :] for row in rows]
    return Damage(_csv(header[:i] + header[i + 1 :], rows), "cells", len(rows))


def ragged(header: list[str], rows: list[list[str]], rng: Random) -> Damage:
    """A row has a cell too many, or too few."""
    row = rng.choice(rows)
    row[:] = rng.choice((row[:-1], [*row, "x"]))
    return Damage(_csv(header, rows), "cells", 1)


def header_only(header: list[str], rows: list[list[str]], rng: Random) -> Damage:
    """No rows."""
    return Damage(_csv(header, []), "broken")


def no_header(header: list[str], rows: list[list[str]], rng: Random) -> Damage:
    """The first line is missing."""
    return Damage(_csv(rows[0], rows[1:]), "any")


def other_delimiter(header: list[str], rows: list[list[str]], rng: Random) -> Damage | None:
    """Saved with the separator of another country."""
    if len(header) < 2:
        return None
    return Damage(_csv(header, rows, delimiter=rng.choice(";\t|")), "alike")


def open_quote(header: list[str], rows: list[list[str]], rng: Random) -> Damage:
    """A quotation mark that nothing closes."""
    lines = _csv(header, rows).splitlines(keepends=True)
    at = rng.randrange(1, len(lines))
    cells = lines[at].split(b",")
    i = rng.randrange(len(cells))
    cells[i] = b'"' + cells[i]
    lines[at] = b",".join(cells)
    return Damage(b"".join(lines), "cells", 1)


_CHANGES = (strange_cell, strange_start, cut_rows, doubled_row, shuffled_rows, quoted)
_CHANGES += (swapped_columns, swapped_names, doubled_name, dropped_column, ragged, header_only)
_CHANGES += (no_header, other_delimiter, open_quote)
# Cells are damaged most often, because there is most to get wrong.
_CHANGES += (strange_cell,) * 3
TABLE: tuple[Mutation, ...] = tuple(map(_on_table, _CHANGES))
