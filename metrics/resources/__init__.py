"""The built-in emotion lexicon (``lexicon.json``), the tables it is made from, and its maker."""

import json
from importlib.resources import files
from typing import Any


def read_lexicon() -> dict[str, Any]:
    """Give the built-in lexicon as it stands in its file; README.md beside it says its form."""
    text = (files("affecthub.metrics") / "resources" / "lexicon.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document
