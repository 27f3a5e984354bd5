"""Open a folder: its rows, its label set and splits, and what is wrong with it."""

from collections import Counter

import pyarrow as pa

from affecthub.datasets_scripts.folder.class_folders import rows_of_class_folders
from affecthub.datasets_scripts.folder.contents import Contents
from affecthub.datasets_scripts.folder.media_files import MediaFiles
from affecthub.datasets_scripts.folder.options import FolderConfig
from affecthub.datasets_scripts.folder.sheet import find_tables, read_sheet
from affecthub.datasets_scripts.folder.table_rows import rows_of_table
from affecthub.datasets_scripts.reading.layout import Tree
from affecthub.datasets_scripts.reading.references import set_column

ORDER = ("train", "validation", "test")


def open_folder(tree: Tree, options: FolderConfig) -> Contents:
    """Open a folder.

    Args:
        tree: The folder.
        options: What the user says of it.

    Raises:
        ValueError: It is not plain which table or file is meant, a table is unreadable, no column
            names the clips, or a path leaves the folder.
        FileNotFoundError: A named table is not there.
    """
    media = MediaFiles(tree)
    tables = find_tables(tree, options.table)
    contents = (
        rows_of_table(read_sheet(tree, tables, options.encoding), options, media)
        if tables
        else rows_of_class_folders(media)
    )
    rows = contents.rows
    # A film has sound too; a folder without either is told that it lacks both.
    contents.kinds = media.kinds if media.kinds == ("audio",) else ("audio", "video")
    if "language" not in rows.column_names and options.language is not None:
        contents.rows = set_column(rows, "language", pa.repeat(options.language, rows.num_rows))
    if "split_official" in rows.column_names:
        found = rows["split_official"].drop_null().unique().to_pylist()
        contents.splits = (*(n for n in ORDER if n in found), *sorted(set(found) - set(ORDER)))
        if n_without := rows["split_official"].null_count:
            contents.problems.append(f"{n_without} clips without a split are in none")
    _choose_labels(contents, options)
    _note_unused(contents, media)
    return contents


def _choose_labels(contents: Contents, options: FolderConfig) -> None:
    """Take the label set that was told, else the labels found, sorted."""
    found: list[str] = []
    if "emotion" in contents.rows.column_names:
        found = sorted(contents.rows["emotion"].drop_null().unique().to_pylist())
    if options.labels is not None:
        contents.labels = tuple(options.labels)
        contents.read_as["labels"] = f"as told: {', '.join(contents.labels)}"
        return
    if all(
        label.removeprefix("-").isascii() and label.removeprefix("-").isdigit() for label in found
    ):
        found = sorted(found, key=int)
    contents.labels = tuple(found)
    if found:
        contents.read_as["labels"] = f"those found, sorted: {', '.join(found)}"
    alike = Counter(label.casefold() for label in found)
    for label, n in alike.items():
        if n > 1:
            same = [name for name in found if name.casefold() == label]
            contents.problems.append(f"labels differ only by case: {', '.join(same)}")


def _note_unused(contents: Contents, media: MediaFiles) -> None:
    """Name media that no row has."""
    for kind, paths in media.paths.items():
        used = set(contents.rows[f"_{kind}_key"].to_pylist())
        left = [path for path in paths if path not in used]
        if left:
            contents.problems.append(f"{len(left)} {kind} files have no row, first {left[0]}")
