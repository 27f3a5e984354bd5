"""Read the tables that the lexicon is made from, and refuse what breaks their rules."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from affecthub.errors import unknown_name
from affecthub.labels import BASIC7

# Where the idea of each wheel comes from; arrangement and wording are ours (see README.md).
SOURCES = {
    "feeling wheel": "after G. Willcox, The Feeling Wheel, 1982",
    "intensity wheel": "after R. Plutchik, Emotion: A Psychoevolutionary Synthesis, 1980",
    "emotion tree": "after P. Shaver et al., 1987, and W. G. Parrott, 2001",
    "family wheel": "after K. R. Scherer, What are emotions?, 2005 (Geneva Emotion Wheel)",
    "annotation taxonomy": "after D. Demszky et al., GoEmotions, 2020",
}
REASONS = (
    "arousal",
    "blend",
    "condition",
    "conduct",
    "judgement",
    "knowledge",
    "relation",
    "wish",
)
KINDS = ("negators", "exempt", "degrees", "hedges", "before", "after", "breaks")

# Words (English) or characters (Chinese) that may stand between a negator and what it turns.
REACH = {"en": 3, "zh": 4}


class Meaning(NamedTuple):
    """One fine meaning that words share; see `affecthub.metrics.lexicon.concepts.Concept`."""

    polarity: int | None
    basic7: str | None
    reason: str | None
    valence: int
    arousal: int
    negated: str | None


class Place(NamedTuple):
    """Where a concept stands on a wheel."""

    inner: str
    middle: str
    word: str


def read_words(tables: Path, table: str) -> dict[str, dict[str, str]]:
    """Word to its row; a word may have only one."""
    words: dict[str, dict[str, str]] = {}
    for row in _rows(tables / table):
        if row["word"] in words:
            raise ValueError(f"{table}: got {row['word']!r} twice, expected one row. Keep one.")
        words[row["word"]] = row
    return words


def read_concepts(tables: Path) -> dict[str, Meaning]:
    """Name to concept.

    Raises:
        ValueError: A concept comes twice, a class or a sign is unknown, or a concept has both a
            basic emotion and a reason for having none, or neither.
    """
    concepts: dict[str, Meaning] = {}
    for row in _rows(tables / "concepts.tsv"):
        name, basic7, reason = row["concept"], row["basic7"], row["reason"]
        if name in concepts:
            raise ValueError(f"concepts.tsv: got {name!r} twice, expected one row. Keep one.")
        for column, known in (("basic7", BASIC7), ("reason", REASONS)):
            if row[column] not in ("", *known):
                raise ValueError(
                    f"concepts.tsv: {name} has {column} {row[column]!r}, expected one of "
                    f"{', '.join(known)} or nothing. Correct the row."
                )
        if bool(basic7) == bool(reason):
            raise ValueError(
                f"concepts.tsv: {name} has basic7 {basic7!r} and reason {reason!r}, expected one "
                "of the two. The reason says why there is no basic emotion."
            )
        concepts[name] = Meaning(
            polarity=_sign(row, "polarity") if row["polarity"] else None,
            basic7=basic7 or None,
            reason=reason or None,
            valence=_sign(row, "valence"),
            arousal=_sign(row, "arousal"),
            negated=row["negated"] or None,
        )
    return concepts


def read_wheels(tables: Path, concepts: dict[str, Meaning]) -> dict[str, dict[str, Place]]:
    """Wheel to concept to place.

    Raises:
        ValueError: A wheel is unknown, or does not place every concept once.
    """
    wheels: dict[str, dict[str, Place]] = {name: {} for name in SOURCES}
    for row in _rows(tables / "wheels.tsv"):
        if row["wheel"] not in wheels:
            raise unknown_name("wheel", row["wheel"], wheels)
        places = wheels[row["wheel"]]
        if row["concept"] in places:
            raise ValueError(
                f"wheels.tsv: {row['wheel']} places {row['concept']!r} twice, expected once. "
                "Keep one row."
            )
        places[row["concept"]] = Place(row["inner"], row["middle"], row["word"])
    for name, places in wheels.items():
        if places.keys() != concepts.keys():
            raise ValueError(
                f"wheels.tsv: {name} and concepts.tsv differ in "
                f"{', '.join(sorted(places.keys() ^ concepts.keys()))}, expected the same "
                "concepts. Give every concept one place on every wheel."
            )
    return wheels


def read_composition(tables: Path) -> dict[str, dict[str, list[str]]]:
    """Language to kind to the words that compose, longest first.

    Raises:
        ValueError: A kind is unknown, or the same words both turn an emotion word and do not.
    """
    found: dict[str, dict[str, list[str]]] = {
        language: {kind: [] for kind in KINDS} for language in REACH
    }
    for row in _rows(tables / "composition.tsv"):
        if row["kind"] not in KINDS:
            raise unknown_name("kind", row["kind"], KINDS)
        kinds = found[row["language"]]
        # A frame or a degree may stand on either side of the emotion word.
        rivals = [kind for kind in KINDS if (kind == "after") == (row["kind"] == "after")]
        for words in (row["words"], *row["traditional"].split()):
            for rival in rivals:
                if words in kinds[rival]:
                    raise ValueError(
                        f"composition.tsv: {words!r} is among the {rival} and the {row['kind']}, "
                        "expected one kind. Keep one row."
                    )
            kinds[row["kind"]].append(words)
    return {
        language: {kind: sorted(words, key=lambda x: (-len(x), x)) for kind, words in kinds.items()}
        for language, kinds in found.items()
    }


def _rows(table: Path) -> Iterator[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, restval="", delimiter="\t", quoting=csv.QUOTE_NONE)


def _sign(row: dict[str, str], column: str) -> int:
    if row[column] not in ("-1", "0", "1"):
        raise ValueError(
            f"concepts.tsv: {row['concept']} has {column} {row[column]!r}, expected -1, 0 or 1. "
            "Correct the row."
        )
    return int(row[column])
