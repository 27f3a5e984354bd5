"""Make ``lexicon.json``, the built-in emotion lexicon, from the tables beside this file.

Meaning lives in one place: every word has a concept, and every wheel arranges the concepts. A word
stands for the outer words of its concept, which on every wheel share one sector, so none is
ambiguous.

Run it after changing a table:

    python -m affecthub.metrics.lexicon.resources.make_lexicon
"""

import json
from pathlib import Path
from typing import Any

from affecthub.metrics.lexicon.resources import checks, tables
from affecthub.metrics.lexicon.resources.inflection import inflect, unhyphenate
from affecthub.metrics.lexicon.resources.tables import Place

NAME, VERSION = "affecthub", "1.0.0"
TABLES = Path(__file__).parent
TARGET = TABLES / "lexicon.json"


def make() -> dict[str, Any]:
    """The lexicon document, built from the tables and checked.

    Returns:
        ``{"name", "version", "wheels": [{"name", "source", "neutral", "sectors"}], "concepts":
        {concept: {"polarity", "basic7", "reason", "valence", "arousal", "negated", "wheel_words",
        "words": {"en": ["name|form|form"], "zh": [...]}}}, "composition": {"en": {...}, "zh":
        {...}}}``.

    Raises:
        ValueError: A table breaks a rule; the table, the word and the rule are named.
    """
    concepts = tables.read_concepts(TABLES)
    english = tables.read_words(TABLES, "words_en.tsv")
    chinese = tables.read_words(TABLES, "words_zh.tsv")
    wheels = tables.read_wheels(TABLES, concepts)
    owners = {word: row["concept"] for word, row in (english | chinese).items()}
    checks.check_concepts(owners, concepts)
    checks.check_wheels(wheels, owners)
    wheel_words = {
        concept: list(dict.fromkeys(places[concept].word for places in wheels.values()))
        for concept in concepts
    }
    forms = {
        "en": _english_forms(english),
        "zh": {word: [word, *row["traditional"].split()] for word, row in chinese.items()},
    }
    checks.check_forms(forms["en"] | forms["zh"])
    return {
        "name": NAME,
        "version": VERSION,
        "wheels": [
            {
                "name": name,
                "source": tables.SOURCES[name],
                "neutral": places["neutrality"].inner,
                "sectors": _sectors(places, wheel_words),
            }
            for name, places in wheels.items()
        ],
        "concepts": {
            name: {
                **concept._asdict(),
                "wheel_words": wheel_words[name],
                "words": {
                    language: [
                        "|".join(spellings)
                        for word, spellings in words.items()
                        if owners[word] == name
                    ]
                    for language, words in forms.items()
                },
            }
            for name, concept in concepts.items()
        },
        "composition": {
            language: {**kinds, "reach": tables.REACH[language]}
            for language, kinds in tables.read_composition(TABLES).items()
        },
    }


def render(value: Any, depth: int = 0) -> str:
    """A part of the document as JSON text: one word per line, one middle sector per line."""
    if isinstance(value, dict) and any(isinstance(entry, dict | list) for entry in value.values()):
        entries = [
            f"{json.dumps(key, ensure_ascii=False)}:{render(entry, depth + 1)}"
            for key, entry in value.items()
        ]
        return "{" + _lines(entries, depth) + "}"
    if isinstance(value, list) and any(isinstance(entry, dict) or "|" in entry for entry in value):
        return "[" + _lines([render(entry, depth + 1) for entry in value], depth) + "]"
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def main() -> None:
    """Write ``lexicon.json`` and print its size."""
    document = make()
    TARGET.write_text(render(document) + "\n", encoding="utf-8")
    for language in ("en", "zh"):
        words = [x for concept in document["concepts"].values() for x in concept["words"][language]]
        print(f"{language}: {len(words)} words, {sum(x.count('|') + 1 for x in words)} forms")


def _lines(entries: list[str], depth: int) -> str:
    indent = "\n" + " " * depth
    return indent + f",{indent}".join(entries)


def _sectors(
    places: dict[str, Place], wheel_words: dict[str, list[str]]
) -> dict[str, dict[str, list[str]]]:
    """The sectors of a wheel; each concept lends its outer words of all wheels."""
    sectors: dict[str, dict[str, list[str]]] = {}
    for concept, (inner, middle, _) in places.items():
        sectors.setdefault(inner, {}).setdefault(middle, []).extend(wheel_words[concept])
    return sectors


def _english_forms(rows: dict[str, dict[str, str]]) -> dict[str, list[str]]:
    """Word to forms. A form with a row of its own is a word, not a form of another."""
    forms = {}
    for word, row in rows.items():
        also = [form for form in row["also"].split(", ") if form]
        every = inflect(word, row["endings"].split()) + unhyphenate(also)
        forms[word] = list(
            dict.fromkeys(form for form in every if form == word or form not in rows)
        )
    return forms


if __name__ == "__main__":
    main()
