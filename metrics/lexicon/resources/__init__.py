"""The built-in emotion lexicon (``lexicon.json``), the tables it is made from, and its maker."""

import csv
import json
from typing import Any

from affecthub.metrics.texts import text_of


def read_lexicon() -> dict[str, Any]:
    """The built-in lexicon as it stands in its file; README.md beside it says its form."""
    document: dict[str, Any] = json.loads(text_of("lexicon/resources/lexicon.json"))
    return document


def read_translations() -> dict[str, str]:
    """The English of Chinese words whose usual translation is not their concept's first word.

    Both words have the same concept.
    """
    lines = text_of("lexicon/resources/translations.tsv").splitlines()
    return {row["chinese"]: row["english"] for row in csv.DictReader(lines, delimiter="\t")}
