"""Which media of a table can be used: files are opened, and what cannot be read becomes null."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa

from affecthub.datasets_scripts.reading.faces import check_faces
from affecthub.datasets_scripts.reading.references import ENCODED, join_issues, set_column
from affecthub.media import MediaError, check_media, video_end_s
from affecthub.media.sources import SLACK_S

_CHECKS: dict[str, Callable[[dict[str, Any]], str | None]] = {
    "audio": lambda item: check_media(item, None),
    "video": lambda item: check_media(None, item),
    "face": check_faces,
}
# Decoding is native code that runs beside Python; more threads than this only wait for the disk.
N_THREADS = 4


def media_issues(kind: str, rows: pa.Table) -> list[str | None]:
    """Say of each row why its file cannot be used; None where it can, or there is none.

    A file that several clips share is opened once.

    Args:
        kind: "audio", "video" or "face".
        rows: Finished rows; where they have ``video_end_s``, a film must reach as far.
    """
    media = rows[kind].to_pylist()
    in_film = kind == "video" and "video_end_s" in rows.column_names
    check: Callable[[dict[str, Any]], str | float | None]
    check = _check_film if in_film else _CHECKS[kind]
    # Members of a tar have no path of their own, but their bytes are in the row.
    keys = [item and (item["path"], id(item["bytes"]) if item["bytes"] else None) for item in media]
    distinct = dict(zip(keys, media, strict=True))
    with ThreadPoolExecutor(N_THREADS) as pool:
        answers = pool.map(lambda item: check(item) if item else None, distinct.values())
        answer_of = dict(zip(distinct, answers, strict=True))
    ends_s = rows["video_end_s"].to_pylist() if in_film else [None] * len(keys)
    return [_within(answer_of[key], end_s) for key, end_s in zip(keys, ends_s, strict=True)]


def drop_unusable(rows: pa.Table, modalities: Iterable[str], *, fatal: bool) -> pa.Table:
    """Set media that cannot be read to null and say why in `media_issue`; silence is only noted.

    Args:
        rows: Finished rows.
        modalities: Media columns of the corpus.
        fatal: Raise instead.

    Raises:
        ValueError: With `fatal`, names the first clip and what is wrong with it.
    """
    for kind in modalities:
        media = rows[kind].to_pylist()
        issues = media_issues(kind, rows)
        if not any(issues):
            continue
        if fatal:
            bad = next(i for i, issue in enumerate(issues) if issue)
            raise ValueError(
                f"clip {rows['id'][bad]}: got {issues[bad]}, expected usable media. Repair "
                f'{media[bad]["path"]}, or pass on_missing_media="null".'
            )
        kept = [
            item if issue in (None, "silent audio") else None
            for item, issue in zip(media, issues, strict=True)
        ]
        rows = set_column(rows, kind, pa.array(kept, ENCODED))
        joined = join_issues(rows["media_issue"], pa.chunked_array([pa.array(issues, pa.string())]))
        rows = set_column(rows, "media_issue", joined)
    return rows


def _check_film(item: dict[str, Any]) -> str | float:
    """Say why a film that clips share cannot be used, or where it ends in seconds."""
    issue = check_media(None, item)
    try:
        return issue or video_end_s(item)
    except (MediaError, OSError) as error:
        return f"video: {error}"


def _within(film: str | float | None, end_s: float | None) -> str | None:
    """The issue of a film, or of a clip that ends after it."""
    if film is None or isinstance(film, str):
        return film
    if end_s is None or end_s <= film + SLACK_S:
        return None
    return f"video: ends at {film:.1f} s, before the clip does"
