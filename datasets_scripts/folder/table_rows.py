"""The rows of a table: columns by their roles, the files of each clip, and what else it has."""

from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.families.label_lists import read_label_lists
from affecthub.datasets_scripts.folder.columns import (
    NUMBERS,
    Roles,
    choose_columns,
    is_numeric,
    read_splits,
)
from affecthub.datasets_scripts.folder.contents import Contents
from affecthub.datasets_scripts.folder.media_files import MediaFiles, plain, stem
from affecthub.datasets_scripts.folder.options import FolderConfig
from affecthub.datasets_scripts.folder.sheet import Sheet
from affecthub.datasets_scripts.reading.tables import require_inside, text_or_null, to_numbers
from affecthub.datasets_scripts.reading.turns import number_turns
from affecthub.datasets_scripts.row import LEADING_COLUMNS

TEXTS = {
    "text": "text",
    "text_en": "text_en",
    "label": "emotion",
    "speaker": "speaker_id",
    "dialogue": "dialogue_id",
    "description": "description",
    "language": "language",
}
SECONDS = {"start": "start_s", "end": "end_s", "duration": "duration_s", "sentiment": "sentiment"}
SPAN = ("video_start_s", "video_end_s")
# A column of the table may not be called as one of ours that it is not.
RESERVED = frozenset({*LEADING_COLUMNS, *SPAN, "video_crop", "face"})
_WHOLE = r"^\s*[+-]?(0|[1-9]\d{0,17})\s*$"
_DECIMAL = r"^\s*[+-]?((0|[1-9]\d{0,14})?\.\d+|(0|[1-9]\d{0,14})\.?)([eE][+-]?\d{1,2})?\s*$"


def rows_of_table(sheet: Sheet, options: FolderConfig, media: MediaFiles) -> Contents:
    """The rows of a table."""
    table, where = sheet.table, sheet.where
    told = options.columns or {}

    def names_media(role: str, column: pa.ChunkedArray) -> bool:
        return not media.kinds and role != "file" or media.names_any(role, column.to_pylist())

    roles = choose_columns(table, told, names_media, where)
    if not any(role in roles for role in ("id", "file", "audio", "video")):
        raise ValueError(
            f"{where}: got columns {table.column_names}, of which none is known to name the clips' "
            "files or ids, expected one. Say which: columns={'file': ...} or columns={'id': ...}."
        )
    columns = {TEXTS[r]: text_or_null(table[roles.columns[r]]) for r in TEXTS if r in roles}
    columns |= {
        SECONDS[role]: to_numbers(table[roles.columns[role]], where, roles.columns[role])
        for role in NUMBERS
        if role in roles
    }
    if "label" in roles:
        columns["emotion"] = pc.utf8_trim_whitespace(columns["emotion"])
    if "speaker" in roles:
        columns["group_id"] = columns["speaker_id"]
    if "split" in roles:
        columns["split_official"] = read_splits(table[roles.columns["split"]], where)
    if "open_vocabulary" in roles:
        lists = read_label_lists(table[roles.columns["open_vocabulary"]])
        columns["open_vocabulary"] = pa.chunked_array([lists])
    if "start" in roles and "end" in roles and "duration" not in roles:
        columns["duration_s"] = pc.subtract(columns["end_s"], columns["start_s"])
    if "dialogue" in roles:
        columns["turn_index"] = _turns(columns)
    columns["id"] = _ids(table, roles, where)

    contents = Contents(pa.table(columns), read_as={"table": sheet.stated()})
    contents.read_as["columns"] = roles.stated()
    contents.guessed = bool(roles.guessed)
    _add_media(contents, table, roles, sheet, media)
    _add_further(contents, table, roles)
    return contents


def _ids(table: pa.Table, roles: Roles, where: str) -> pa.ChunkedArray:
    """The clips' ids: their column, else the stems of their files, with folders if need be."""
    if "id" in roles:
        return pc.utf8_trim_whitespace(table[roles.columns["id"]])
    role = next(role for role in ("file", "video", "audio") if role in roles)
    paths = [stem(plain(cell)) for cell in table[roles.columns[role]].to_pylist()]
    names = [path.rpartition("/")[2] for path in paths]
    ids = paths if len(set(names)) < len(names) else names
    twice, n = Counter(ids).most_common(1)[0]
    if n > 1 and twice:
        raise ValueError(
            f"{where}: {n} rows have the file {twice!r}, and no column has their ids; expected a "
            "row a clip. Remove repeated rows, or say where ids stand: columns={'id': ...}."
        )
    return pa.chunked_array([pa.array(ids, pa.string())])


def _turns(columns: dict[str, pa.ChunkedArray]) -> pa.ChunkedArray:
    """The order of clips in their dialogues: by when they start, else as the table has them."""
    dialogue = columns["dialogue_id"].combine_chunks()
    start = columns.get("start_s")
    order = np.arange(len(dialogue))
    if start is not None and not start.null_count:
        order = start.to_numpy()
    turns = number_turns(pc.fill_null(dialogue, ""), order)
    return pa.chunked_array([pc.if_else(pc.is_valid(dialogue), turns, pa.scalar(None, turns.type))])


def _add_media(
    contents: Contents, table: pa.Table, roles: Roles, sheet: Sheet, media: MediaFiles
) -> None:
    """Find the files of each clip; where clips share a film, their times say what of it is whose.

    Raises:
        ValueError: A path leaves the folder, or may be one of several files.
    """
    for role in ("file", "audio", "video"):
        if role in roles:
            require_inside(table[roles.columns[role]], sheet.where)
    ids = contents.rows["id"].to_pylist()
    found: dict[str, list[str | None]] = {}
    for kind in media.paths:
        if kind in roles or "file" in roles:
            role = kind if kind in roles else "file"
        elif not ("audio" in roles or "video" in roles):
            role = "id"
        else:  # the clip's other file has the same name
            role = "video" if kind == "audio" else "audio"
        cells = table[roles.columns[role]].to_pylist()
        found[kind] = []
        for clip, cell in zip(ids, cells, strict=True):
            try:
                found[kind].append(media.find(kind, cell, sheet.folder) if cell.strip() else None)
            except ValueError as error:
                raise ValueError(
                    f"{sheet.where}: {kind} of clip {clip}: {error} in column "
                    f"{roles.columns[role]!r}."
                ) from error
    rows = contents.rows
    shared = {kind: _shared(paths) for kind, paths in found.items()}
    timed = {"start_s", "end_s"} <= set(rows.column_names)
    if shared["video"] and timed:
        known = pa.array([path in shared["video"] for path in found["video"]])
        for name, times in zip(SPAN, ("start_s", "end_s"), strict=True):
            rows = rows.append_column(name, pc.if_else(known, rows[times], None))
        # Sound has no span of its own: that of a film is cut with it.
        sound = found["audio"]
        found["audio"] = [None if path in shared["audio"] else path for path in sound]
        shared["audio"] = set()
        n_films = len(shared["video"])
        contents.read_as["films"] = f"{n_films} are shared by clips and cut at their times"
        shared["video"] = set()
    for kind, twice in shared.items():
        if twice:
            contents.problems.append(
                f"{len(twice)} {kind} files are each of several clips, first {min(twice)}: "
                "every one of these clips has the whole file"
            )
    for kind, paths in found.items():
        rows = rows.append_column(f"_{kind}_key", pa.array(paths, pa.string()))
    contents.rows = rows


def _shared(paths: list[str | None]) -> set[str]:
    return {path for path, n in Counter(paths).items() if path is not None and n > 1}


def _add_further(contents: Contents, table: pa.Table, roles: Roles) -> None:
    """Keep the columns that play no role, as whole numbers, numbers or text."""
    renamed = []
    for name in table.column_names:
        if name in roles.columns.values():
            continue
        column, own = table[name], name
        while own in RESERVED or own.startswith("_") or own in contents.rows.column_names:
            own = f"table_{own}"
        if own != name:
            renamed.append(f"{name!r} is {own!r}")
        values = text_or_null(column)
        if is_numeric(column, _WHOLE):
            values = pc.utf8_trim_whitespace(pc.utf8_ltrim(values, characters="+ \t")).cast(
                pa.int64()
            )
        elif is_numeric(column, _DECIMAL):
            values = to_numbers(column, "", name)
        contents.rows = contents.rows.append_column(own, values)
        contents.further[own] = values.type
    if contents.further:
        contents.read_as["further columns"] = ", ".join(contents.further)
    if renamed:
        contents.read_as["renamed"] = "; ".join(renamed)
