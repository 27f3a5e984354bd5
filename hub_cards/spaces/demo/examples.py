"""Clips to try, from a folder that lists them."""

import json
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

EXAMPLES = "examples.json"


@dataclass(frozen=True)
class Example:
    """A clip to try.

    Attributes:
        path: The file.
        text: What is said in it.
    """

    path: str
    text: str


def read_examples(folder: str | PathLike[str] | None) -> list[Example]:
    """The clips that ``examples.json`` of a folder lists; none without a folder.

    Raises:
        FileNotFoundError: The list, or a file of it, is not there.
        ValueError: A file of it lies outside of the folder.
    """
    if folder is None:
        return []
    folder = Path(folder).resolve()
    rows = json.loads((folder / EXAMPLES).read_text(encoding="utf-8"))
    found = []
    for row in rows:
        path = (folder / row["file"]).resolve()
        if not path.is_relative_to(folder):
            raise ValueError(f"{EXAMPLES}: got {row['file']!r}, expected a file of the folder.")
        if not path.is_file():
            raise FileNotFoundError(f"{EXAMPLES}: got {row['file']!r}, expected a file of it.")
        found.append(Example(str(path), row["text"]))
    return found
