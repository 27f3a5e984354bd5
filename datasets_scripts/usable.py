"""Which media of a table can be used: files are opened, and what cannot be read becomes null."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa

from affecthub.datasets_scripts.media import check_media
from affecthub.datasets_scripts.references import ENCODED, join_issues, set_column

# Decoding is native code that runs beside Python; more threads than this only wait for the disk.
N_THREADS = 4


def media_issues(kind: str, media: Sequence[dict[str, Any] | None]) -> list[str | None]:
    """Say of each file why it cannot be used, in order; None where it can, or there is none.

    Args:
        kind: "audio" or "video".
        media: Values of that column.
    """
    with ThreadPoolExecutor(N_THREADS) as pool:
        only = ({"audio": None, "video": None, kind: item} for item in media)
        return list(pool.map(lambda arguments: check_media(**arguments), only))


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
