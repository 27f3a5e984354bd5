"""The key of a cache: everything that a corpus' rows depend on."""

import hashlib
import inspect
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

import affecthub.annotation
import affecthub.labels
import affecthub.media
from affecthub.datasets_scripts.protocols.rules import SplitRule
from affecthub.datasets_scripts.reading.layout import Tree
from affecthub.entries import Entry


def fingerprint(
    builders: Iterable[type],
    code: Iterable[str],
    entry: Entry,
    trees: Iterable[Tree],
    rule: SplitRule | None,
) -> str:
    """Digest what decides the rows.

    Args:
        builders: The builder's class and those it is made of.
        code: Folders of this room whose code also decides what a row is.
        entry: What the corpus says of itself.
        trees: The listed folders.
        rule: A user's own split file; those of the corpus lie beside its builder.

    Returns:
        A hexadecimal digest of our code and data files, the entry, and the name, size and time of
        every listed file.
    """
    folders = {Path(inspect.getfile(each)).parent for each in builders}
    folders |= {Path(__file__).parent / name for name in code}
    folders |= {Path(room.__path__[0]) for room in (affecthub.annotation, affecthub.media)}
    digest = hashlib.sha256(_source_digest(tuple(sorted(folders))).encode())
    digest.update(repr(replace(entry, builder="")).encode())
    digest.update(repr([tree.stamps for tree in trees]).encode())
    if rule is not None:
        digest.update(repr(rule).encode())
    return digest.hexdigest()


@cache
def _source_digest(folders: tuple[Path, ...]) -> str:
    """Digest of the code and data files that decide what a row is."""
    digest = hashlib.sha256(Path(affecthub.labels.__file__).read_bytes())
    for folder in folders:
        files = (path for form in ("*.py", "*.json", "splits/*.json") for path in folder.glob(form))
        for path in sorted(files):
            digest.update(path.read_bytes())
    return digest.hexdigest()
