"""Steps that people take: a table goes out, is filled in any spreadsheet, and comes back.

A round's table has a row per clip: what stood there before, what shall stand there after, who
looked at it, and a note. A row counts once `checker` is filled; `after` may be emptied, where all
of a text was wrong. The next round starts from what the last one left. Nothing that people wrote
is ever written over: rows are added, and those that nobody touched follow the step before.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from affecthub.cache import write_whole

COLUMNS = ("id", "subtitle", "before", "after", "checker", "note")
# A spreadsheet computes a cell that begins so, be it a model's "- He smiles"; the quote before it
# says that it is text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_QUOTE = "'"


@dataclass(frozen=True)
class Checked:
    """What people did to one clip's text in one round.

    Attributes:
        before: As it was.
        after: As it is.
        checker: Who looked at it.
        note: What they say.
    """

    before: str
    after: str
    checker: str
    note: str = ""


def check_round(
    path: Path, texts: Mapping[str, str], subtitles: Mapping[str, str]
) -> dict[str, Checked]:
    """Take in what people have filled, and hand out what they have not seen.

    Args:
        path: The round's table, csv in UTF-8; it is made, or rows are added to it. A text that a
            spreadsheet would take for a formula has a single quote before it.
        texts: By clip id, what is to be checked.
        subtitles: By clip id, what is said in the clip, for whoever checks.

    Returns:
        The clips that somebody has looked at.

    Raises:
        ValueError: The table lacks a column, has a clip twice, or its `before` is not what the
            step before says now; the line is named.
    """
    rows = _read(path)
    checked: dict[str, Checked] = {}
    n_renewed = 0
    for line, row in enumerate(rows, start=2):
        clip_id = row["id"]
        if clip_id not in texts:
            continue  # of a clip that was dropped meanwhile; what was written stays
        if _is_untouched(row) and row["before"] != texts[clip_id]:
            row["before"] = row["after"] = texts[clip_id]
            n_renewed += 1
        if _plain(row["before"]) != _plain(texts[clip_id]):
            raise ValueError(
                f"{path}, line {line}: clip {clip_id!r} was checked for another text than the step "
                f"before gives now: got {row['before'][:40]!r}, expected {texts[clip_id][:40]!r}. "
                "Move the table away to have it checked again."
            )
        if row["checker"].strip():
            checked[clip_id] = Checked(
                row["before"], row["after"].strip(), row["checker"].strip(), row["note"].strip()
            )
    known = {row["id"] for row in rows}
    new = [
        dict(zip(COLUMNS, (i, subtitles.get(i, ""), text, text, "", ""), strict=True))
        for i, text in texts.items()
        if i not in known
    ]
    if new or n_renewed:
        _write(path, [*rows, *new])
    return checked


def _read(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: {error}. Save the table as csv in UTF-8.") from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    lacking = [name for name in COLUMNS if name not in (reader.fieldnames or [])]
    if lacking:
        got = ", ".join(reader.fieldnames or []) or "none"
        raise ValueError(
            f"{path} lacks column {lacking[0]!r}: got {got}. Save it as csv, separated by commas, "
            "with its first line."
        )
    names = reader.fieldnames or []
    rows = [{name: _unquoted(row.get(name) or "") for name in names} for row in reader]
    seen: set[str] = set()
    for line, row in enumerate(rows, start=2):
        if row["id"] in seen:
            raise ValueError(
                f"{path}, line {line}: got clip {row['id']!r} twice, expected it once."
            )
        seen.add(row["id"])
    return rows


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    out = io.StringIO(newline="")
    names = list(dict.fromkeys([*COLUMNS, *(name for row in rows for name in row)]))
    writer = csv.DictWriter(out, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _quoted(text) for name, text in row.items()} for row in rows)
    write_whole(path, "\ufeff" + out.getvalue())  # spreadsheets know UTF-8 by that mark


def _is_untouched(row: Mapping[str, str]) -> bool:
    """Whether nobody wrote anything into a row."""
    same = _plain(row["after"]) == _plain(row["before"])
    return same and not row["checker"].strip() and not row["note"].strip()


def _quoted(text: str) -> str:
    return _QUOTE + text if text.lstrip(_QUOTE).startswith(_FORMULA) else text


def _unquoted(text: str) -> str:
    """The text without our quote, which a spreadsheet may have taken away as well."""
    is_ours = text.startswith(_QUOTE) and text.lstrip(_QUOTE).startswith(_FORMULA)
    return text[1:] if is_ours else text


def _plain(text: str) -> str:
    """A text without what a spreadsheet changes: kinds of line ends, space at the edges."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
