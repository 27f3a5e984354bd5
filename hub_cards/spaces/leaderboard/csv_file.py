"""The lines on show as CSV: a row for each system, with all that is known of it."""

import base64
import csv
import io
from collections.abc import Sequence
from html import escape

from affecthub.hub_cards.spaces.leaderboard.choosing import Group
from affecthub.hub_cards.spaces.leaderboard.entries import MEAN, SET_NAMES, Score
from affecthub.hub_cards.spaces.leaderboard.words import WORDS

_FIRST = "rank system kind lexicon protocol modalities n_sets answers where".split()


def as_csv(chosen: Sequence[Group]) -> str:
    """Lines in the order shown, columns in English.

    Returns:
        A head and a row for each line: rank in its group, what it is, and for the mean and each set
        its score in per cent with the ends of its interval; empty where there is none. A text that
        a spreadsheet would take for a formula has an apostrophe before it.
    """
    out = io.StringIO()
    columns = (MEAN, *SET_NAMES)
    write = csv.writer(out, lineterminator="\n")
    write.writerow([*_FIRST, *(f"{c}{end}" for c in columns for end in ("", "_low", "_high"))])
    for group in chosen:
        for line in group.lines:
            entry = line.entry
            scores = [entry.score(column) for column in columns]
            write.writerow(
                [
                    "" if line.rank is None else line.rank,
                    *map(_plain, (entry.system, entry.kind, entry.lexicon, entry.protocol)),
                    "+".join(entry.modalities),
                    len(entry.scores),
                    *map(_plain, (entry.answers, entry.where)),
                    *(cell for score in scores for cell in _cells(score)),
                ]
            )
    return out.getvalue()


def _cells(score: Score | None) -> list[str]:
    ends = (None, None, None) if score is None else (score.value, score.low, score.high)
    return ["" if value is None else f"{value:.2f}" for value in ends]


def _plain(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def csv_link(chosen: Sequence[Group], language: str) -> str:
    """A link that holds the CSV itself, so that nothing is asked of a server."""
    data = base64.b64encode(as_csv(chosen).encode("utf-8-sig")).decode()
    return (
        f'<p class="lb-csv"><a download="mer_unibench.csv" href="data:text/csv;base64,{data}">'
        f"{escape(WORDS('csv', language))}</a></p>"
    )
