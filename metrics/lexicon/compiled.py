"""Compiled lexicon tables on disk: JSON lines under the user's cache folder, keyed by content.

Six workbooks take a good part of a second to read; the compiled file takes milliseconds.
"""

import json
import logging
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from affecthub.cache import cache_root, content_key, write_whole
from affecthub.metrics.lexicon import workbooks
from affecthub.metrics.lexicon.emotion_lexicon import Lexicon
from affecthub.metrics.lexicon.workbooks import VERSION_LENGTH, read_tables, tables_key

logger = logging.getLogger(__name__)

# Part of the file name, so that another version of the compiler never meets this one's output.
_COMPILER = content_key(Path(workbooks.__file__).read_bytes())[:8]


def cache_folder() -> Path:
    """The folder of compiled lexicons."""
    return cache_root() / "lexicons"


def compiled_tables(folder: Path) -> Lexicon:
    """The lexicon of a folder of released tables, compiled at most once per content.

    An edited table has another content hash and so never meets an old compilation. A cache file
    that is cut off or altered is rebuilt; a cache folder that cannot be written to is logged and
    done without.

    Raises:
        FileNotFoundError: A table is missing.
        ValueError: A table is not as released; see `affecthub.metrics.lexicon.workbooks`.
    """
    return _compiled(folder.resolve(), tables_key(folder))


@lru_cache(maxsize=8)
def _compiled(folder: Path, key: str) -> Lexicon:
    path = cache_folder() / f"{key[:32]}-{_COMPILER}.jsonl"
    document = _read(path)
    if document is None:
        document = {**read_tables(folder), "version": key[:VERSION_LENGTH]}
        _write(path, document)
    # The same tables may lie in a folder of another name.
    return replace(Lexicon.from_document(document), name=folder.name)


def _read(path: Path) -> dict[str, Any] | None:
    """A cached document, or None where there is none that can be trusted to be whole."""
    try:
        checksum, _, text = path.read_text(encoding="utf-8").partition("\n")
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        logger.warning("cannot read %s (%s); compiling the lexicon again", path, error)
        return None
    if checksum != _checksum(text):
        logger.warning("%s is damaged; compiling the lexicon again", path)
        return None
    document: dict[str, Any] = json.loads(text)
    return document


def _write(path: Path, document: dict[str, Any]) -> None:
    """Write a document so that a reader sees all of it or nothing."""
    text = json.dumps(document, ensure_ascii=False)
    try:
        write_whole(path, f"{_checksum(text)}\n{text}")
    except OSError as error:
        logger.warning("cannot cache the compiled lexicon in %s (%s)", path.parent, error)


def _checksum(text: str) -> str:
    return json.dumps({"sha256": content_key(text)})
