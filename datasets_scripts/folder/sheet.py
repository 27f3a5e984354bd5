"""Which tables of a folder are meant, and their rows one below the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.folder.columns import ROLES, split_of
from affecthub.datasets_scripts.reading.any_table import TABLE_SUFFIXES, read_table
from affecthub.datasets_scripts.reading.layout import File, Tree, leaving

# Of several tables beside each other, one called so is meant.
PLAIN_NAMES = frozenset(
    {"label", "labels", "annotation", "annotations", "metadata", "meta", "transcript"}
    | {"transcripts", "transcription", "clips", "data", "标注", "标签"}
)


@dataclass(frozen=True)
class Sheet:
    """A table, or several one below the other.

    Attributes:
        table: Columns of text.
        where: The file or files, for errors.
        folder: The folder that they lie in, relative to the root.
        encodings: File to what it was read as.
        n_splits: How many splits the names of the files gave, 0 where they say nothing.
    """

    table: pa.Table
    where: str
    folder: str
    encodings: Mapping[str, str]
    n_splits: int = 0

    def stated(self) -> str:
        """What was read, for people."""
        files = [
            path if how in ("utf-8", "xlsx") else f"{path} (as {how})"
            for path, how in self.encodings.items()
        ]
        more = "; the split is the name of the file" if self.n_splits else ""
        return f"{', '.join(files)}, {self.table.num_rows} rows{more}"


def all_tables(tree: Tree) -> list[File]:
    """Every file that may be the table."""
    return [file for file in tree.files if file.suffix in TABLE_SUFFIXES]


def find_tables(tree: Tree, told: str | Sequence[str] | None) -> list[File]:
    """Find the table, or the tables that are one together; none where the folder has none.

    Args:
        tree: The folder.
        told: A path in it, or several; None takes the only table, of several those nearest to the
            root: the only one there, the only one with a plain name, or one for each split.

    Raises:
        ValueError: A path leaves the folder, or several tables could be meant.
        FileNotFoundError: A path is not there.
    """
    files = all_tables(tree)
    if told is not None:
        return [_named(tree, files, path) for path in ([told] if isinstance(told, str) else told)]
    depth = min((file.path.count("/") for file in files), default=0)
    near = [file for file in files if file.path.count("/") == depth]
    if len(near) < 2:
        return near
    plain = [file for file in near if file.stem.lower() in PLAIN_NAMES]
    if len(plain) == 1:
        return plain
    splits = [split_of(file.stem) for file in near]
    if None not in splits and len(set(splits)) == len(splits):
        return near
    names = ", ".join(file.path for file in near[:5]) + (", ..." if len(near) > 5 else "")
    raise ValueError(
        f"{tree.root}: got {len(near)} tables ({names}), expected one. Say which is meant: "
        f"table={near[0].path!r}, or a list of them that are read one below the other."
    )


def read_sheet(tree: Tree, files: Sequence[File], encoding: str | None) -> Sheet:
    """Read tables, one below the other.

    Raises:
        ValueError: One is unreadable, or lacks a column that another has.
    """
    where = ", ".join(str(tree.root / file.path) for file in files)
    read = [read_table(tree, file, encoding) for file in files]
    encodings = {file.path: how for file, (_, how) in zip(files, read, strict=True)}
    tables = [table for table, _ in read]
    for file, table in zip(files, tables, strict=True):
        if set(table.column_names) != set(tables[0].column_names):
            raise ValueError(
                f"{tree.root / file.path}: got columns {table.column_names}, expected those of "
                f"{files[0].path}, {tables[0].column_names}. Name the one table: table=..."
            )
    splits = [split_of(file.stem) for file in files]
    known = {name.lower() for name in tables[0].column_names}
    by_file = len(files) > 1 and None not in splits and not known & set(ROLES["split"])
    if by_file:
        tables = [
            table.append_column("split", pa.repeat(split, table.num_rows))
            for table, split in zip(tables, splits, strict=True)
        ]
    table = pa.concat_tables([table.select(tables[0].column_names) for table in tables])
    blank = [
        name
        for name in table.column_names
        if name.startswith("column_") and pc.all(pc.equal(table[name], "")).as_py()
    ]
    folder = files[0].path.rpartition("/")[0]
    return Sheet(table.drop_columns(blank), where, folder, encodings, by_file * len(set(splits)))


def _named(tree: Tree, files: Sequence[File], path: str) -> File:
    """The table that a user named."""
    name = path.replace("\\", "/").removeprefix("./")
    if name.startswith(f"{tree.root}/"):
        name = name.removeprefix(f"{tree.root}/")
    if leaving([name]) is not None:
        raise ValueError(
            f"`table`: got {path!r}, which leaves the folder {tree.root}, expected a path inside it"
        )
    found = next((file for file in files if file.path == name), None)
    if found is None:
        there = ", ".join(file.path for file in files[:5]) or "none"
        kinds = ", ".join(TABLE_SUFFIXES)
        raise FileNotFoundError(
            f"`table`: got {path!r}, not in {tree.root}; expected one of its {kinds}, which are "
            f"{there}"
        )
    return found
