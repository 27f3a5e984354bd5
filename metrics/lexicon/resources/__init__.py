"""The built-in emotion lexicon (``lexicon.json``), the tables it is made from, and its maker."""

import csv
import json
from importlib.resources import files
from typing import Any


def read_lexicon() -> dict[str, Any]:
    """The built-in lexicon as it stands in its file; README.md beside it says its form."""
    text = (files("affecthub.metrics") / "lexicon" / "resources" / "lexicon.json").read_text(
        encoding="utf-8"
    )
    document: dict[str, Any] = json.loads(text)
    return document


def read_translations() -> dict[str, str]:
    """The English of Chinese words whose usual translation is not their concept's first word.

    Both words have the same concept.
    """
    table = files("affecthub.metrics") / "lexicon" / "resources" / "translations.tsv"
    lines = table.read_text(encoding="utf-8").splitlines()
    return {row["chinese"]: row["english"] for row in csv.DictReader(lines, delimiter="\t")}
