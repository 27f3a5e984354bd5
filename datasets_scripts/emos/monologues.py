"""What the EmoS paper states of its streaming monologues, against their files."""

from collections import Counter

from affecthub.datasets_scripts.emos import printed
from affecthub.datasets_scripts.emos.films import Film
from affecthub.datasets_scripts.verifying.report import Check


def checks(films: list[Film]) -> list[Check]:
    """Compare Tables 6, 10 and 11 and what sections 3.1 and 3.3.1 say of the monologues.

    Source: EmoS. A turning point is taken as a change of the Basic-7 label between consecutive
        utterances; the paper does not define it.
    """
    utterances = [u for film in films for u in film.annotation["utterances"]]
    n = len(utterances)
    basic7 = Counter(u["emotion"] for u in utterances)
    # Set by set, and labels with an emoji not counted: so the table was made.
    secondary = Counter(label for u in utterances for label in set(u["secondary_raw"]))
    results = _turning_points(films)
    results += [
        Check.compare(
            "section 3.1, sentences",
            printed.STREAMING_SENTENCES,
            sum(len(film.times["segments"]) for film in films),
            note=f"{n} utterances are annotated",
        ),
        Check.compare(
            "section 3.1, hours",
            printed.STREAMING_HOURS,
            round(sum(film.times["duration"] for film in films) / 3600, 2),
            within=0.25,
        ),
    ]
    for label, stated in printed.STREAMING_SHARES.items():
        for name, percent, counts in zip(
            ("Basic-7", "GoEmotions"), stated, (basic7, secondary), strict=True
        ):
            figure, note = f"section 3.3.1, {name}, {label}, %", "Tables 10 and 11 say otherwise"
            results.append(_share(figure, percent, counts[label], n, 0.05, note))
    results += [
        _share(f"Table 10, {label}, %", percent, secondary[label], n, 0.005)
        for label, percent in printed.by_label(printed.TABLE_10).items()
    ]
    return results + [
        _share(f"Table 11, {label}, %", percent, basic7[label], n, 0.05)
        for label, percent in printed.TABLE_11.items()
    ]


def _turning_points(films: list[Film]) -> list[Check]:
    """Compare Table 6."""
    changes = {
        film.title: [u["turning_point"] for u in film.annotation["utterances"][1:]]
        for film in films
    }
    n_turns = sum(sum(turns) for turns in changes.values())
    pairs = f"pairs of consecutive utterances: {sum(len(turns) for turns in changes.values())}"
    most = max(changes, key=lambda title: sum(changes[title]))
    longest = max(changes, key=lambda title: len(changes[title]))
    return [
        Check.compare("Table 6, segments", printed.TABLE_6["segments"], len(films)),
        Check.compare(
            "Table 6, turning points", printed.TABLE_6["turning points"], n_turns, note=pairs
        ),
        Check.compare(
            "Table 6, turning points per segment",
            printed.TABLE_6["turning points per segment"],
            round(n_turns / len(films), 2),
            within=0.05,
        ),
        Check.compare(
            "Table 6, most turning points",
            printed.TABLE_6_MOST,
            f"{sum(changes[most])} ({most})",
            note=f"most pairs: {len(changes[longest])} ({longest})",
        ),
    ]


def _share(figure: str, stated: float, count: int, n: int, within: float, note: str = "") -> Check:
    return Check.compare(figure, stated, round(100 * count / n, 2), within=within, note=note)
