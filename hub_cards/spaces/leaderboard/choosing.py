"""Which lines a reader asked for, and their ranks."""

from collections.abc import Sequence
from dataclasses import dataclass

from affecthub.hub_cards.spaces.leaderboard.entries import MEAN, Entry


@dataclass(frozen=True)
class View:
    """What a reader asked for.

    Attributes:
        column: A set, or ``"mean"``.
        ascending: Lowest first.
        lexicon: Only this; empty for all.
        protocol: Only this; empty for all.
        modalities: Only systems that are given just these, joined by a plus; empty for all,
            ``"unsaid"`` for those that do not tell.
        intervals: Whether intervals are shown.
        second: Whether F1 and accuracy are shown.
        stated: Whether rows that the paper states are shown.
    """

    column: str = MEAN
    ascending: bool = False
    lexicon: str = ""
    protocol: str = ""
    modalities: str = ""
    intervals: bool = True
    second: bool = False
    stated: bool = True


@dataclass(frozen=True)
class Ranked:
    """A line and its rank among its group; None where the column does not rank it."""

    rank: int | None
    entry: Entry


@dataclass(frozen=True)
class Group:
    """Lines that may be ranked together.

    Attributes:
        proof: ``"scored"`` or ``"stated"``.
        lexicon: What placed the labels.
        protocol: How checkpoints were chosen.
        lines: In the order asked for.
    """

    proof: str
    lexicon: str
    protocol: str
    lines: tuple[Ranked, ...]


def groups(entries: Sequence[Entry], view: View) -> list[Group]:
    """The lines that fit, in groups that are ranked each by itself.

    Systems that a paper states come last; protocols of theirs that are not said stand in one group
    with those that are, as the paper's table has them.
    """
    fitting: dict[tuple[str, str, str], list[Entry]] = {}
    for entry in entries:
        if fits(entry, view):
            proof, lexicon, protocol = entry.group
            key = (proof, lexicon, "" if proof == "stated" else protocol)
            fitting.setdefault(key, []).append(entry)
    ordered = sorted(fitting, key=lambda key: (key[0] == "stated", key[1] == "", key[1:]))
    return [Group(*key, ranked(fitting[key], view)) for key in ordered]


def fits(entry: Entry, view: View) -> bool:
    """Whether a line is asked for. The paper's lexicon is its own: a chosen one leaves them out."""
    if entry.kind == "stated" and not view.stated:
        return False
    if view.lexicon and entry.kind != "stated" and entry.lexicon != view.lexicon:
        return False
    if view.protocol and entry.protocol != view.protocol:
        return False
    return view.modalities in ("", "+".join(entry.modalities) or "unsaid")


def ranked(entries: Sequence[Entry], view: View) -> tuple[Ranked, ...]:
    """Lines by the column asked for; those it does not rank come after, by what they have.

    Equal scores, to the two digits shown, share a rank.
    """

    def value(entry: Entry) -> float:
        score = entry.score(view.column)
        return -1.0 if score is None else round(score.value, 2)

    sure = [entry for entry in entries if entry.ranks_by(view.column)]
    rest = [entry for entry in entries if not entry.ranks_by(view.column)]
    best_first = sorted(value(entry) for entry in sure)[::-1]
    lines = [Ranked(best_first.index(value(entry)) + 1, entry) for entry in sure]
    lines.sort(key=lambda line: (line.rank or 0, line.entry.system.lower()))
    if view.ascending:
        lines.reverse()
    rest.sort(key=lambda entry: (-value(entry), entry.system.lower()))
    return (*lines, *(Ranked(None, entry) for entry in rest))
