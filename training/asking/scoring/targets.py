"""Published figures beside a journal's scores: tables of EmoS, EMER, EmotionTalk and AffectGPT."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from affecthub.metrics.mer_unibench.paper import published_rows
from affecthub.screen import Section
from affecthub.settings import read_yaml
from affecthub.training.captioning.kinds import kind_in
from affecthub.training.captioning.table import SCORES, paper_table_5
from affecthub.unibench import SETS

# A table of more scores has a row for each of them, and systems in columns.
_WIDE = 8


@dataclass(frozen=True)
class Target:
    """A table of a paper.

    Attributes:
        id: Its name here.
        title: What it shows.
        source: Paper and table.
        note: Why scores of ours need not agree with it.
        corpus: That it is of.
        metric: That gives its scores.
        scores: Names of these: a score, or a label and ``precision``, ``recall`` or ``f1``.
        systems: System to its figures, in the order of `scores`; None where none is printed.
        subset: Part of the clips that it is of, as in ``subsets``; "" for all.
        language: Of what was asked; "" for any.
        per_cent: Whether figures are per cent; else fractions.
    """

    id: str
    title: str
    source: str
    note: str
    corpus: str
    metric: str
    scores: tuple[str, ...]
    systems: Mapping[str, tuple[float | None, ...]]
    subset: str = ""
    language: str = ""
    per_cent: bool = False


@cache
def paper_tables() -> tuple[Target, ...]:
    """The tables of EmoS (7, 8, 12, 13, section 4.4) and of EMER (3).

    Example:
        >>> table = paper_tables()[0]
        >>> table.id, table.scores[0], table.systems["Gemini-3"][0]
        ('emos_table_7', 'accuracy', 0.611)
    """
    text = (files("affecthub.training.asking.scoring") / "paper.yaml").read_text("utf-8")
    return tuple(_target(entry) for entry in read_yaml(text))


def targets(result: Mapping[str, Any]) -> list[Target]:
    """The tables that a journal's scores belong beside.

    Args:
        result: See `affecthub.training.asking.scoring.scored.score_journal`.
    """
    asked = result.get("language") or ""
    fit = [
        table
        for table in paper_tables()
        if table.corpus == result["corpus"]
        and table.metric in result["scores"]
        and (not asked or not table.language or asked.startswith(table.language))
    ]
    return [*fit, *_captions(result), *_unibench(result)]


def beside(named: Sequence[tuple[str, Mapping[str, Any]]]) -> list[tuple[Section, str]]:
    """Every table that one of the journals belongs beside, with their scores first.

    Args:
        named: What tables call a journal, and its result.

    Returns:
        A table, and what is to be known of it.
    """
    tables: dict[str, Target] = {}
    cells: dict[str, dict[str, list[str]]] = {}
    for name, result in named:
        for table in targets(result):
            tables[table.id] = table
            ours, part = _ours(table, result)
            cells.setdefault(table.id, {})[f"{name} ({part})" if part else name] = ours
    found = []
    for key, table in tables.items():
        systems = cells[key] | {
            name: [_shown(value, table) for value in row] for name, row in table.systems.items()
        }
        if len(table.scores) > _WIDE:
            rows = [[s, *(row[i] for row in systems.values())] for i, s in enumerate(table.scores)]
            section = Section(table.title, ["score", *systems], rows)
        else:
            rows = [[name, *row] for name, row in systems.items()]
            section = Section(table.title, ["system", *table.scores], rows)
        unit = "per cent" if table.per_cent else "fractions"
        found.append((section, f"{table.title}: {table.source}, {unit} as printed. {table.note}"))
    return found


def _ours(table: Target, result: Mapping[str, Any]) -> tuple[list[str], str]:
    """A journal's figures under a table's scores; and which clips they are of, where of others."""
    scored = result["scores"][table.metric]
    part = scored["subsets"].get(table.subset, scored)
    values = {name: score["value"] for name, score in part["scores"].items()}
    values |= scored["details"].get("without_interval", {})
    for row in part["per_label"]:
        values |= {f"{row['label']} {name}": row[name] for name in ("precision", "recall", "f1")}
    scale = 100 if table.per_cent else 1
    whole = "all clips" if table.subset and part is scored else ""
    return [_shown(scale * values.get(score, math.nan), table) for score in table.scores], whole


def _shown(value: float | None, table: Target) -> str:
    if value is None or value != value:
        return ""
    return f"{value:.2f}" if table.per_cent else f"{value:.3f}"


def _target(entry: Mapping[str, Any]) -> Target:
    rows = entry["rows"]
    if entry.get("by") == "system":
        scores = tuple(entry["scores"])
        systems = {name: tuple(row) for name, row in rows.items()}
    else:
        scores = tuple(rows)
        systems = {
            name: tuple(row[i] for row in rows.values()) for i, name in enumerate(entry["systems"])
        }
    return Target(
        id=entry["id"],
        title=entry["title"],
        source=entry["source"],
        note=entry["note"],
        corpus=entry["corpus"],
        metric=entry["metric"],
        scores=scores,
        systems=systems,
        subset=entry.get("subset", ""),
        language=entry.get("language", ""),
        per_cent=entry.get("per_cent", False),
    )


def _captions(result: Mapping[str, Any]) -> list[Target]:
    """Table 5 of EmotionTalk: the rows of the kind of caption that was asked for."""
    metric = "speaking_style_caption"
    if result["corpus"] != "emotiontalk" or metric not in result["scores"]:
        return []
    kind = kind_in(result["scores"][metric]["column"])
    rows = [row for row in paper_table_5() if row["target"] == kind]
    if not rows:
        return []
    return [
        Target(
            id="emotiontalk_table_5",
            title=f"EmotionTalk, Table 5 ({kind} captions)",
            source="EmotionTalk (arXiv 2505.23018), Table 5",
            note="Rows of Omni models are asked without training, as here; the others are trained. "
            "The paper names neither tokenizer nor models of its metrics.",
            corpus="emotiontalk",
            metric=metric,
            scores=SCORES,
            systems={row["decoder"]: tuple(row[score] for score in SCORES) for row in rows},
        )
    ]


def _unibench(result: Mapping[str, Any]) -> list[Target]:
    """The column of AffectGPT's Table 2 that a set of MER-UniBench is."""
    place = next((i for i, s in enumerate(SETS) if s.name == result["split"]), None)
    if result["corpus"] != "mer_unibench" or place is None:
        return []
    metric = SETS[place].primary
    if metric not in result["scores"]:
        return []
    score = next(iter(result["scores"][metric]["scores"]))
    return [
        Target(
            id=f"affectgpt_table_2_{result['split']}",
            title=f"AffectGPT, Table 2 ({result['split']})",
            source="AffectGPT (arXiv 2501.16566), Table 2",
            note="The paper takes the best epoch of each set on the set itself, and a language "
            "model takes the labels out of descriptions; its wheels are --lexicon mer2025.",
            corpus="mer_unibench",
            metric=metric,
            scores=(score,),
            systems={
                f"{row.model} ({row.modalities})": (row.scores[place],) for row in published_rows()
            },
            per_cent=True,
        )
    ]
