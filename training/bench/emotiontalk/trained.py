"""Tables 3, 4 and 12: rows of the paper with ours beside them, and rows of ours alone."""

from collections.abc import Iterable, Mapping
from typing import Any

from affecthub.training.bench.emotiontalk.constants import reached, target_of
from affecthub.training.bench.emotiontalk.encoders import Source, Sources, chosen_trio
from affecthub.training.bench.emotiontalk.fusing import TFIDF, Fusing
from affecthub.training.bench.emotiontalk.paper import (
    COLUMNS,
    FUSED,
    PaperRow,
    PaperTable,
    listed,
    paper_table,
)
from affecthub.training.bench.emotiontalk.scoring import HEADS

# Read together, so that features are read once for what is fed the same.
Row = dict[str, Any]


def paper_row(table: PaperTable, row: PaperRow, floors: Mapping[str, Any]) -> Row:
    """A row of the paper, with nothing of ours yet.

    Args:
        table: It is in.
        row: Of it.
        floors: What constant answers score on the official test split.

    Returns:
        ``group``, ``name``, ``in_paper``, ``cells``: column to ``paper`` (metric to figure),
        ``reached`` (metrics in which a constant answer is as good) and ``here``, None.
    """
    cells = {
        column: {
            "paper": dict(cell),
            "reached": reached(table.number, row.group, column, cell, floors),
            "here": None,
        }
        for column, cell in row.cells.items()
    }
    return {"group": row.group, "name": row.name, "in_paper": True, "cells": cells}


def own_row(table: PaperTable, group: str, name: str) -> Row:
    """A row that the paper does not have."""
    cells: dict[str, Any] = {c: {"paper": None, "reached": [], "here": None} for c in table.columns}
    return {"group": group, "name": name, "in_paper": False, "cells": cells}


def table_3(fusing: Fusing, sources: Sources, floors: Mapping[str, Any]) -> list[Row]:
    """Features of one modality, the same three times into ``attention``, as published."""
    table = paper_table(3)
    rows = [paper_row(table, row, floors) for row in table.rows]
    for modality in table.groups:
        known = {row["name"] for row in rows if row["group"] == modality}
        own = [title for title in sources.titles(modality) if title not in known]
        rows += [own_row(table, modality, title) for title in own]
    has_text = any(fusing.clips.rows["text"])
    if has_text:
        rows.append(own_row(table, "text", TFIDF))
    for row in rows:
        source = sources.get(row["group"], row["name"])
        if source is None and row["name"] != TFIDF:
            row["reason"] = f"no features of {row['name']}"
            continue
        given = {row["group"]: source}
        for column in table.columns:
            _fill(fusing, row, column, target_of(3, row["group"], column), "attention", given, True)
        _mean(row, table)
    return sorted(rows, key=lambda row: table.groups.index(row["group"]))


def table_4(
    fusing: Fusing, sources: Sources, floors: Mapping[str, Any], asked: Mapping[str, str]
) -> list[Row]:
    """Ten fusions of three encoders."""
    table = paper_table(4)
    rows = [paper_row(table, row, floors) for row in table.rows]
    # All algorithms of a level and a target read the same features.
    for level in table.groups:
        given, reason = _trio(fusing, sources, FUSED, level, asked)
        for column in table.columns:
            for row in (row for row in rows if row["group"] == level):
                if reason:
                    row["reason"] = reason
                    continue
                target = target_of(4, level, column)
                _fill(fusing, row, column, target, row["name"], given, False, level)
    for row in rows:
        _mean(row, table)
    return rows


def table_12(
    fusing: Fusing, sources: Sources, floors: Mapping[str, Any], asked: Mapping[str, str]
) -> list[Row]:
    """LMF over encoders."""
    table = paper_table(12)
    rows = []
    for said in table.rows:
        row = paper_row(table, said, floors)
        wanted = dict(zip(FUSED, said.name.split(" + "), strict=True))
        found = {m: sources.get(m, title) for m, title in wanted.items()}
        lacking = [wanted[m] for m, source in found.items() if source is None]
        if lacking:
            row["reason"] = f"no features of {listed(lacking)}"
        else:
            _lmf(fusing, row, table, found)
        rows.append(row)
    given, reason = _trio(fusing, sources, FUSED, "utterance", asked)
    name = " + ".join(TFIDF if s is None else s.title for s in given.values())
    if not reason and name not in {row["name"] for row in rows}:
        rows.append(own_row(table, "utterance", name))
        _lmf(fusing, rows[-1], table, given)
    return rows


def _trio(
    fusing: Fusing,
    sources: Sources,
    wanted: Mapping[str, str],
    level: str,
    asked: Mapping[str, str],
) -> tuple[dict[str, Source | None], str]:
    """The three caches of a level; of vectors, TF-IDF stands in for text that has none."""
    needed = dict(wanted)
    words = level == "utterance" and not sources.titles("text") and any(fusing.clips.rows["text"])
    if words:
        needed.pop("text")
    found, reason = chosen_trio(sources, needed, level, asked)
    if reason or not words:
        return dict(found), reason
    return {m: found.get(m) for m in wanted}, ""


def _lmf(fusing: Fusing, row: Row, table: PaperTable, given: Mapping[str, Source | None]) -> None:
    for column in table.columns:
        _fill(fusing, row, column, target_of(12, "", column), "lmf", given, False)
    _mean(row, table)


def _fill(
    fusing: Fusing,
    row: Row,
    column: str,
    target: str | None,
    algorithm: str,
    given: Mapping[str, Source | None],
    thrice: bool,
    level: str = "utterance",
) -> None:
    """Train a cell, or say why not."""
    if target is None:
        return
    labels = fusing.clips.targets.get(target)
    if labels is None:
        row["cells"][column]["reason"] = f"no labels: {COLUMNS[column]}"
        return
    row["cells"][column]["here"] = fusing.cell(algorithm, labels, given, level=level, thrice=thrice)


def _mean(row: Row, table: PaperTable) -> None:
    """The mean of a row's columns, where all of them are there."""
    columns = [column for column in table.columns if column != "mean"]
    cells = [row["cells"][column]["here"] for column in columns]
    if "mean" not in table.columns or not all(cells):
        return
    row["cells"]["mean"]["here"] = {
        name: {"mean": sum(cell[name]["mean"] for cell in cells) / len(cells), "sd": None}
        for name in table.metrics
        if name in HEADS
    } | {"n": None, "n_runs": cells[0]["n_runs"]}


def substitutes(rows: Iterable[Row]) -> list[str]:
    """What was fused in Table 4, where it was not what the paper fused."""
    found: dict[str, None] = {}
    for row in rows:
        for cell in row["cells"].values():
            if cell["here"] and cell["here"].get("inputs"):
                inputs = cell["here"]["inputs"]
                if inputs != FUSED:
                    found[" + ".join(inputs.values())] = None
    return list(found)
