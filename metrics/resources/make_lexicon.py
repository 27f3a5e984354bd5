"""Make ``lexicon.json``, the built-in emotion lexicon, from the tables beside this file.

Meaning lives in one place: every word has a concept, and every wheel arranges the concepts. A word
stands for the outer words of its concept, exactly one on every wheel, so none is ambiguous.

Run it after changing a table:

    python -m affecthub.metrics.resources.make_lexicon
"""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from affecthub.errors import unknown_name
from affecthub.labels import BASIC7
from affecthub.metrics.parsing import normalise
from affecthub.metrics.resources.inflection import inflect, unhyphenate

NAME, VERSION = "affecthub", "0.1.0"
TABLES = Path(__file__).parent
TARGET = TABLES / "lexicon.json"

# Where the idea of each wheel comes from; arrangement and wording are ours (see README.md).
SOURCES = {
    "feeling wheel": "after G. Willcox, The Feeling Wheel, 1982",
    "intensity wheel": "after R. Plutchik, Emotion: A Psychoevolutionary Synthesis, 1980",
    "emotion tree": "after P. Shaver et al., 1987, and W. G. Parrott, 2001",
    "family wheel": "after K. R. Scherer, What are emotions?, 2005 (Geneva Emotion Wheel)",
    "annotation taxonomy": "after D. Demszky et al., GoEmotions, 2020",
}


class Concept(NamedTuple):
    """One fine meaning that words share: its sign, and the basic emotion it is a degree of."""

    polarity: int | None
    basic7: str | None


class Place(NamedTuple):
    """Where a concept stands on a wheel."""

    inner: str
    middle: str
    word: str


def make() -> dict[str, Any]:
    """Give the lexicon document, built from the tables and checked.

    Returns:
        ``{"name", "version", "wheels": [{"name", "source", "sectors"}], "words": {name: {"forms",
        "wheel_words", "language", "basic7", "polarity"}}}``.

    Raises:
        ValueError: A table breaks a rule; the table, the word and the rule are named.
    """
    concepts = _read_concepts()
    english = {row["word"]: row for row in _rows("words_en.tsv")}
    chinese = {row["word"]: row for row in _rows("words_zh.tsv")}
    wheels = _read_wheels(concepts)
    owners = {word: row["concept"] for word, row in (english | chinese).items()}
    _check_concepts(owners, concepts)
    _check_wheels(wheels, owners)
    wheel_words = _wheel_words(wheels)

    forms = _english_forms(english)
    forms |= {word: [word, *row["traditional"].split()] for word, row in chinese.items()}
    _check_forms(forms)
    return {
        "name": NAME,
        "version": VERSION,
        "wheels": [
            {"name": name, "source": SOURCES[name], "sectors": _sectors(places)}
            for name, places in wheels.items()
        ],
        "words": {
            word: {
                "forms": list(dict.fromkeys(forms[word])),
                "wheel_words": wheel_words[concept],
                "language": "en" if word in english else "zh",
                "basic7": concepts[concept].basic7,
                "polarity": concepts[concept].polarity,
            }
            for word, concept in sorted(owners.items())
        },
    }


def render(document: dict[str, Any]) -> str:
    """Give the document as JSON text, one middle sector and one word per line."""

    def line(value: object) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def block(table: dict[str, Any], indent: str) -> str:
        return ",\n".join(f"{indent}{line(key)}:{line(value)}" for key, value in table.items())

    wheels = ",\n".join(
        f'  {{"name":{line(wheel["name"])},"source":{line(wheel["source"])},"sectors":{{\n'
        + ",\n".join(
            f"    {line(inner)}:{{\n{block(groups, '      ')}}}"
            for inner, groups in wheel["sectors"].items()
        )
        + "}}"
        for wheel in document["wheels"]
    )
    return (
        f'{{"name":{line(document["name"])},"version":{line(document["version"])},\n'
        f'"wheels":[\n{wheels}],\n"words":{{\n{block(document["words"], "")}}}}}\n'
    )


def main() -> None:
    """Write ``lexicon.json`` and print its size."""
    document = make()
    TARGET.write_text(render(document), encoding="utf-8")
    for language in ("en", "zh"):
        words = [word for word in document["words"].values() if word["language"] == language]
        n_forms = sum(len(word["forms"]) for word in words)
        print(f"{language}: {len(words)} words, {n_forms} forms")


def _rows(table: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a table; a word or concept may have only one."""
    seen: set[str] = set()
    with (TABLES / table).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, restval="", delimiter="\t", quoting=csv.QUOTE_NONE):
            key = next(iter(row.values()))
            if table != "wheels.tsv" and key in seen:
                raise ValueError(f"{table}: got {key!r} twice, expected one row. Keep one.")
            seen.add(key)
            yield row


def _read_concepts() -> dict[str, Concept]:
    concepts = {}
    for row in _rows("concepts.tsv"):
        polarity, basic7 = row["polarity"], row["basic7"]
        if basic7 and basic7 not in BASIC7:
            raise ValueError(
                f"concepts.tsv: {row['concept']} has basic7 {basic7!r}, expected one of "
                f"{', '.join(BASIC7)} or nothing. Correct the row."
            )
        concepts[row["concept"]] = Concept(int(polarity) if polarity else None, basic7 or None)
    return concepts


def _read_wheels(concepts: dict[str, Concept]) -> dict[str, dict[str, Place]]:
    """Give wheel to concept to place; every wheel places every concept once."""
    wheels: dict[str, dict[str, Place]] = {name: {} for name in SOURCES}
    for row in _rows("wheels.tsv"):
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


def _sectors(places: dict[str, Place]) -> dict[str, dict[str, list[str]]]:
    sectors: dict[str, dict[str, list[str]]] = {}
    for inner, middle, word in places.values():
        sectors.setdefault(inner, {}).setdefault(middle, []).append(word)
    return sectors


def _english_forms(rows: dict[str, dict[str, str]]) -> dict[str, list[str]]:
    """Give word to forms. A form with a row of its own is a word, not a form of another."""
    forms = {}
    for word, row in rows.items():
        also = [form for form in row["also"].split(", ") if form]
        every = inflect(word, row["endings"].split()) + unhyphenate(also)
        forms[word] = [form for form in every if form == word or form not in rows]
    return forms


def _check_concepts(owners: dict[str, str], concepts: dict[str, Concept]) -> None:
    for word, concept in owners.items():
        if concept not in concepts:
            raise ValueError(
                f"words: {word!r} has the concept {concept!r}, which concepts.tsv does not list. "
                "Correct the word or add the concept."
            )


def _check_wheels(wheels: dict[str, dict[str, Place]], owners: dict[str, str]) -> None:
    """Check that every wheel word stands in the sector of its own meaning."""
    for name, places in wheels.items():
        for concept, (inner, middle, word) in places.items():
            if owners.get(word) != concept:
                raise ValueError(
                    f"wheels.tsv: {name} has {word!r} for {concept!r}, but in words_en.tsv it "
                    f"means {owners.get(word)!r}. Choose a word of the concept."
                )
            core, group = (places.get(owners.get(sector, "")) for sector in (inner, middle))
            if core is None or core.inner != inner:
                raise ValueError(
                    f"wheels.tsv: on {name} the meaning of {inner!r} lies outside sector "
                    f"{inner!r}, expected it inside. Rename the sector."
                )
            if group is None or (group.inner, group.middle) != (inner, middle):
                raise ValueError(
                    f"wheels.tsv: on {name} the meaning of {middle!r} lies outside sector "
                    f"{middle!r}, expected it inside. Rename the sector."
                )


def _wheel_words(wheels: dict[str, dict[str, Place]]) -> dict[str, list[str]]:
    """Give concept to wheel words: its outer words, of which exactly one stands on every wheel."""
    standing = {
        name: {word for place in places.values() for word in place}
        for name, places in wheels.items()
    }
    wheel_words: dict[str, list[str]] = {}
    for places in wheels.values():
        for concept, place in places.items():
            words = wheel_words.setdefault(concept, [])
            if place.word not in words:
                words.append(place.word)
    for concept, words in wheel_words.items():
        for name, here in standing.items():
            if len(here.intersection(words)) != 1:
                raise ValueError(
                    f"wheels.tsv: {concept!r} has {sorted(here.intersection(words))} on {name}, "
                    "expected one word. Use the same outer word on both wheels, or another."
                )
    return wheel_words


def _check_forms(forms: dict[str, list[str]]) -> None:
    """Check that every form belongs to one word and is spelled as labels are looked up."""
    owner: dict[str, str] = {}
    for word, spellings in forms.items():
        for form in spellings:
            if owner.setdefault(form, word) != word:
                raise ValueError(
                    f"words: {form!r} is a form of {owner[form]!r} and of {word!r}, expected one "
                    "owner. Drop an ending or give the form a row of its own."
                )
            if form != normalise(form, "any"):
                raise ValueError(
                    f"words: {word!r} has the form {form!r}, which no label is looked up as, "
                    f"expected {normalise(form, 'any')!r}. Correct the row."
                )


if __name__ == "__main__":
    main()
