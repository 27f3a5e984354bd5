"""Which media of a table can be used: files are opened, and what cannot be read becomes null."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa

from affecthub.datasets_scripts.faces import check_faces
from affecthub.datasets_scripts.media import check_media
from affecthub.datasets_scripts.references import ENCODED, join_issues, set_column

_CHECKS: dict[str, Callable[[dict[str, Any]], str | None]] = {
    "audio": lambda item: check_media(item, None),
    "video": lambda item: check_media(None, item),
    "face": check_faces,
}
# Decoding is native code that runs beside Python; more threads than this only wait for the disk.
N_THREADS = 4


def media_issues(kind: str, media: Sequence[dict[str, Any] | None]) -> list[str | None]:
    """Say of each file why it cannot be used, in order; None where it can, or there is none.

    A file that several clips share is opened once.

    Args:
        kind: "audio", "video" or "face".
        media: Values of that column.
    """
    check = _CHECKS[kind]
    # Members of a tar have no path of their own, but their bytes are in the row.
    keys = [item and (item["path"], id(item["bytes"]) if item["bytes"] else None) for item in media]
    distinct = dict(zip(keys, media, strict=True))
    with ThreadPoolExecutor(N_THREADS) as pool:
        answers = pool.map(lambda item: check(item) if item else None, distinct.values())
        issue_of = dict(zip(distinct, answers, strict=True))
    return [issue_of[key] for key in keys]


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
        issues = media_issues(kind, media)
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
