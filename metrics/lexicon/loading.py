"""A lexicon by what a caller writes: nothing, a release's name, a folder, a file, or a lexicon."""

import json
from functools import lru_cache
from os import PathLike
from pathlib import Path

from affecthub.metrics.lexicon.compiled import compiled_tables
from affecthub.metrics.lexicon.emotion_lexicon import Lexicon
from affecthub.metrics.lexicon.released import RELEASES, fetch_tables
from affecthub.metrics.lexicon.resources import read_lexicon


def load_lexicon(source: Lexicon | str | PathLike[str] | None = None) -> Lexicon:
    """The built-in lexicon, released tables from a folder, or a lexicon file.

    Args:
        source: None for the built-in lexicon; ``"mer2025"`` or ``"mer2026"`` for released tables,
            fetched from their repository once (see
            `affecthub.metrics.lexicon.released.fetch_tables` for their terms); a folder in the
            released format (``format.csv``, ``synonym.xlsx``, ``wheel1.xlsx`` to ``wheel5.xlsx``),
            compiled once and cached by content; a ``.json`` file in the form of the built-in one;
            or a `Lexicon`, given back.

    Returns:
        The lexicon. Loading the same content again is free.

    Raises:
        FileNotFoundError: The folder, the file, or a table in the folder does not exist.
        ValueError: A table lacks a sheet or a column, or holds what no table may.
        TypeError: `source` is none of the above.
        ConnectionError: Released tables could not be fetched.

    Example:
        >>> load_lexicon().identity["name"]
        'affecthub'
    """
    if isinstance(source, Lexicon):
        return source
    if source is None:
        return _built_in()
    if not isinstance(source, str | PathLike):
        raise TypeError(
            f"`lexicon` is of the wrong kind: got {source!r} ({type(source).__name__}), expected "
            "None, a path or a Lexicon."
        )
    path = fetch_tables(str(source)) if source in RELEASES else Path(source)
    if path.is_dir():
        return compiled_tables(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"lexicon not found: got {path}, expected a folder of released tables (format.csv, "
            f"synonym.xlsx, wheel1.xlsx to wheel5.xlsx), a .json file, or {' or '.join(RELEASES)}."
        )
    try:
        return Lexicon.from_document(json.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


@lru_cache(maxsize=1)
def _built_in() -> Lexicon:
    return Lexicon.from_document(read_lexicon())
