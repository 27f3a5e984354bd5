"""Where each clip's media lie: references that travel to workers and are read there."""

from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.layout import (
    AUDIO_SUFFIXES,
    VIDEO_SUFFIXES,
    File,
    Tree,
    read_span,
)

# Where a file's bytes lie; `archive` is null for a file of its own. Both paths are absolute.
FILE_REF = pa.struct(
    [("path", pa.string()), ("archive", pa.string()), ("offset", pa.int64()), ("size", pa.int64())]
)
# How undecoded `Audio` and `Video` are stored.
ENCODED = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
_SUFFIXES = {"audio": AUDIO_SUFFIXES, "video": VIDEO_SUFFIXES}
_NULL = pa.scalar(None, pa.string())


def attach_media(
    rows: pa.Table,
    tree: Tree,
    modalities: Iterable[str],
    media_key: Callable[[File], str | None],
) -> pa.Table:
    """Add the columns ``audio`` and ``video`` (references, null where absent) and ``media_issue``.

    Cheap checks only: a file is there and is not empty. ``media.check_media`` opens files.

    Args:
        rows: Table with ``id``; a ``media_issue`` that it brings is kept in front.
        tree: The data folder.
        modalities: Which of "audio" and "video" the corpus has.
        media_key: Gives the clip id that a file belongs to.
    """
    issues = [rows["media_issue"]] if "media_issue" in rows.column_names else []
    for kind in modalities:
        found = _media_files(tree, _SUFFIXES[kind], media_key)
        where = pc.index_in(rows["id"], value_set=pa.array(found, pa.string()))
        refs = file_refs(tree, list(found.values())).take(where)
        empty = pc.fill_null(pc.equal(pc.struct_field(refs, "size"), 0), False)
        why = f"{kind} file missing" if found else f"no {kind} in the folder"
        issue = pc.if_else(empty, f"{kind} file empty", _NULL)
        issues.append(pc.if_else(pc.is_null(refs), why, issue))
        rows = set_column(rows, kind, pc.if_else(empty, pa.scalar(None, FILE_REF), refs))
    return set_column(rows, "media_issue", reduce(join_issues, issues))


def join_issues(first: Any, second: Any) -> Any:
    """Join two columns of reasons by "; ", a null adding nothing."""
    both = pc.binary_join_element_wise(first, second, "; ")
    # Not null_handling="skip": pyarrow 26 then loses the rows that are null in both.
    return pc.coalesce(both, first, second)


def require_media(rows: pa.Table, source: str) -> None:
    """Raise where a clip has a ``media_issue``.

    Raises:
        FileNotFoundError: Names the number of clips, the first and its reason.
    """
    issue = rows["media_issue"]
    n_bad = len(issue) - issue.null_count
    if n_bad:
        first = pc.index(pc.is_valid(issue), True).as_py()
        raise FileNotFoundError(
            f"{source}: {n_bad} of {len(issue)} clips lack media, first {rows['id'][first]}: "
            f"got {issue[first]}, expected every file. Complete the folder, or pass "
            'on_missing_media="null".'
        )


def file_refs(tree: Tree, files: list[File]) -> pa.StructArray:
    """Give references to files that need no ``Tree`` to be read: an array of ``FILE_REF``."""
    archives = [str(tree.root / file.archive) if file.archive else None for file in files]
    return pa.StructArray.from_arrays(
        [
            pa.array([str(tree.root / file.path) for file in files], pa.string()),
            pa.array(archives, pa.string()),
            pa.array([file.offset for file in files], pa.int64()),
            pa.array([file.size for file in files], pa.int64()),
        ],
        fields=list(FILE_REF),
    )


def read_ref(ref: dict[str, Any]) -> bytes:
    """Read the bytes that a reference (one ``FILE_REF`` as a dict) points at."""
    return read_span(ref["archive"] or ref["path"], ref["offset"], ref["size"])


def encoded_media(ref: dict[str, Any]) -> dict[str, Any]:
    """Give a row's media: the path of a file, or the bytes and file name of a member of a tar."""
    if ref["archive"] is None:
        return {"bytes": None, "path": ref["path"]}
    return {"bytes": read_ref(ref), "path": ref["path"].rpartition("/")[2]}


def set_column(table: pa.Table, name: str, column: Any) -> pa.Table:
    """Replace a column, or append it."""
    if name in table.column_names:
        return table.set_column(table.column_names.index(name), name, column)
    return table.append_column(name, column)


def _media_files(
    tree: Tree, suffixes: frozenset[str], media_key: Callable[[File], str | None]
) -> dict[str, File]:
    """Map clip ids to files; of several, the disk goes before a tar, then the shortest path."""
    candidates = [file for file in tree.files if file.suffix in suffixes]
    candidates.sort(key=lambda file: (file.archive is not None, len(file.path), file.path))
    found: dict[str, File] = {}
    for file in candidates:
        key = media_key(file)
        if key is not None:
            found.setdefault(key, file)
    return found
