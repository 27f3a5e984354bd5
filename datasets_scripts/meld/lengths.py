"""Clips of MELD that are far longer than what is said in them."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa

from affecthub.datasets_scripts.reading.references import encoded_media
from affecthub.media import MediaError, probe

# No utterance of the csv is longer than 41.04 s, but for two of the test split that are 235 and
# 305 s long by a slip in their times: whole scenes, of which the transcript is one sentence.
LONGEST_S = 60.0
# A clip may hold this much more than the csv says: it was cut at key frames.
SURPLUS_S = 10.0
_N_THREADS = 4


def length_issues(rows: pa.Table) -> list[str | None]:
    """Say of each clip whether its file is too long, in order; None where it is not or is missing.

    Args:
        rows: Rows with ``duration_s``, the length by the csv, and ``video`` as references.
    """

    def issue(ref: dict[str, Any] | None, stated_s: float | None) -> str | None:
        length_s = _length_s(ref) if ref else None
        limit_s = LONGEST_S if stated_s is None else min(LONGEST_S, stated_s + SURPLUS_S)
        if length_s is None or length_s <= limit_s:
            return None
        stated = "" if stated_s is None else f", by the csv {stated_s:.1f} s"
        return f"video is {length_s:.0f} s long for one utterance{stated}"

    refs, stated = rows["video"].to_pylist(), rows["duration_s"].to_pylist()
    with ThreadPoolExecutor(_N_THREADS) as pool:
        return list(pool.map(issue, refs, stated))


def _length_s(ref: dict[str, Any]) -> float | None:
    """The length that a file states, None where it is unreadable; others report that."""
    try:
        return probe(encoded_media(ref)).duration_s
    except (MediaError, OSError):
        return None
