"""Where each clip's media lie: references that travel to workers and are read there."""

from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.reading.layout import (
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
# How undecoded `Audio` and `Video`, and face arrays, are stored.
ENCODED = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
_SUFFIXES = {"audio": AUDIO_SUFFIXES, "video": VIDEO_SUFFIXES, "face": frozenset({".npy"})}
_NULL = pa.scalar(None, pa.string())


def attach_media(
    rows: pa.Table,
    trees: Mapping[str, Tree],
    modalities: Iterable[str],
    media_key: Callable[[File, str], str | None],
    *,
    sound_in_video: bool = False,
) -> pa.Table:
    """Add a column of references per modality (null where absent) and ``media_issue``.

    Cheap checks only: a file is there, is not empty, and is no pointer to its content.
    ``media.check_media`` opens files.

    Args:
        rows: Table with ``id``, or ``_<modality>_key`` where several clips share a file or files
            are not named by clip; a ``media_issue`` that it brings is kept in front.
        trees: The data folder by the name ``""``, then the other roots by theirs; of two files
            for one clip the earlier root's is taken.
        modalities: Which of "audio", "video" and "face" the corpus has. A missing face array is
            no issue: faces are cut from the video by whoever wants them.
        media_key: Gives the clip id (or key) that a file of a root belongs to.
        sound_in_video: A clip without a sound file takes the sound track of its video.
    """
    issues = [rows["media_issue"]] if "media_issue" in rows.column_names else []
    files = {kind: _media_files(trees, _SUFFIXES[kind], media_key) for kind in modalities}
    stubs = [f"{tree.root}/{path}" for tree in trees.values() for path in tree.pointers]
    refs = {kind: _refs_of(rows, kind, found) for kind, found in files.items()}
    if sound_in_video:
        files["audio"] = files["audio"] or files["video"]
        refs["audio"] = pc.if_else(pc.is_null(refs["audio"]), refs["video"], refs["audio"])
    for kind, column in refs.items():
        empty = pc.fill_null(pc.equal(pc.struct_field(column, "size"), 0), False)
        issue = pc.if_else(empty, f"{kind} file empty", _NULL)
        if kind != "face":
            why = f"{kind} file missing" if files[kind] else f"no {kind} in the folder"
            issue = pc.if_else(pc.is_null(column), why, issue)
        if stubs:
            is_stub = pc.is_in(pc.struct_field(column, "path"), value_set=pa.array(stubs))
            issue = pc.if_else(is_stub, f"{kind} file is a pointer, its content not fetched", issue)
            empty = pc.or_(empty, is_stub)
        issues.append(issue)
        if pc.any(empty).as_py():  # choosing between structs is slow, and few files are empty
            column = pc.if_else(empty, pa.scalar(None, FILE_REF), column)
        rows = set_column(rows, kind, column)
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


def file_refs(tree: Tree, files: Iterable[File]) -> pa.StructArray:
    """References to files that need no ``Tree`` to be read: an array of ``FILE_REF``."""
    return _refs([(tree, file) for file in files])


def read_ref(ref: dict[str, Any]) -> bytes:
    """Read the bytes that a reference (one ``FILE_REF`` as a dict) points at."""
    return read_span(ref["archive"] or ref["path"], ref["offset"], ref["size"])


def encoded_media(ref: dict[str, Any]) -> dict[str, Any]:
    """A row's media: the path of a file, or the bytes and file name of a member of a tar."""
    if ref["archive"] is None:
        return {"bytes": None, "path": ref["path"]}
    return {"bytes": read_ref(ref), "path": ref["path"].rpartition("/")[2]}


def set_column(table: pa.Table, name: str, column: Any) -> pa.Table:
    """Replace a column, or append it."""
    if name in table.column_names:
        return table.set_column(table.column_names.index(name), name, column)
    return table.append_column(name, column)


def _refs(files: Iterable[tuple[Tree, File]]) -> pa.StructArray:
    files = list(files)
    archives = [f"{tree.root}/{file.archive}" if file.archive else None for tree, file in files]
    return pa.StructArray.from_arrays(
        [
            pa.array([f"{tree.root}/{file.path}" for tree, file in files], pa.string()),
            pa.array(archives, pa.string()),
            pa.array([file.offset for _, file in files], pa.int64()),
            pa.array([file.size for _, file in files], pa.int64()),
        ],
        fields=list(FILE_REF),
    )


def _refs_of(rows: pa.Table, kind: str, found: Mapping[str, tuple[Tree, File]]) -> pa.ChunkedArray:
    """Each row's reference to its file of a modality, null where there is none."""
    key = f"_{kind}_key" if f"_{kind}_key" in rows.column_names else "id"
    where = pc.index_in(rows[key], value_set=pa.array(found, pa.string()))
    return pa.chunked_array([_refs(found.values())]).take(where)


def _media_files(
    trees: Mapping[str, Tree],
    suffixes: frozenset[str],
    media_key: Callable[[File, str], str | None],
) -> dict[str, tuple[Tree, File]]:
    """Map keys to files; of several, the disk goes before a tar, then the shortest path."""
    found: dict[str, tuple[Tree, File]] = {}
    for root, tree in trees.items():
        candidates = [file for file in tree.files if file.suffix in suffixes]
        candidates.sort(key=lambda file: (file.archive is not None, len(file.path), file.path))
        for file in candidates:
            key = media_key(file, root)
            if key is not None:
                found.setdefault(key, (tree, file))
    return found
