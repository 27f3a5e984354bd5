"""The folders of a corpus, listed, or an error that says how to get them."""

from collections.abc import Mapping
from typing import Any

from affecthub.datasets_scripts.reading.layout import Tree
from affecthub.entries import Entry
from affecthub.errors import unknown_name


def scan_folder(entry: Entry, data_dir: Any) -> Tree:
    """List the folder of a corpus, or say how to get one."""
    if data_dir is None:
        raise ValueError(f"`data_dir`: got None, expected a folder. {entry.how_to_get}")
    try:
        return Tree.scan(data_dir)
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{error} of {entry.name}. {entry.how_to_get}") from None


def scan_roots(entry: Entry, roots: Mapping[str, Any] | None) -> dict[str, Tree]:
    """List the other folders of a corpus, in the order of its entry."""
    roots = roots or {}
    for name in roots:
        if name not in entry.roots:
            raise unknown_name(f"root of {entry.name}", name, entry.roots)
    try:
        return {name: Tree.scan(roots[name]) for name in entry.roots if name in roots}
    except FileNotFoundError as error:
        known = "; ".join(f"{name}: {what}" for name, what in entry.roots.items())
        raise FileNotFoundError(f"{error} as one of `roots` of {entry.name} ({known})") from None


def read_otherwise(trees: Mapping[str, Tree]) -> dict[str, str]:
    """The files of an unusual form that could be read all the same: file, and how.

    Args:
        trees: The data folder by the name ``""``, then the other roots by theirs.
    """
    return {
        f"{root}: {path}" if root else path: how
        for root, tree in trees.items()
        for path, how in tree.read_as.items()
    }
