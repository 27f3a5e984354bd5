"""Votes as people write them: one label, one set of labels, one number or nothing per annotator."""

from collections.abc import Iterable
from typing import Any, Literal

from affecthub.metrics.plain_values import is_missing, plain

Vote = str | float | list[str] | None
Kind = Literal["labels", "sets", "numbers"]


def votes_of(clip: Any, where: str) -> list[Vote]:
    """The votes of one clip as plain lists, labels and numbers.

    Raises:
        TypeError: The clip is no list, or a vote is of the wrong kind.

    Example:
        >>> votes_of(("joy", {"fear"}, None), "predictions[0]")
        ['joy', ['fear'], None]
    """
    clip = plain(clip)
    if not isinstance(clip, list):
        raise TypeError(
            f"`{where}` is not a list of votes: got {clip!r} ({type(clip).__name__}), expected one "
            "vote per annotator."
        )
    return [read_vote(vote, f"{where}, annotator {i}") for i, vote in enumerate(clip)]


def read_vote(vote: Any, where: str) -> Vote:
    """One vote as text, a sorted list of text, a number or None; NaN, "" and [] are None.

    Raises:
        TypeError: It is none of these.
    """
    vote = plain(vote)
    if is_missing(vote) or vote == "":
        return None
    if isinstance(vote, str):
        return vote
    if isinstance(vote, int | float) and not isinstance(vote, bool):
        return vote
    if isinstance(vote, list | set) and all(isinstance(v, str) for v in vote):
        return sorted(set(vote)) or None
    raise TypeError(
        f"`{where}` is not a vote: got {vote!r} ({type(vote).__name__}), expected a label, a list "
        "of labels, a number or None."
    )


def kind_of(votes: Iterable[Vote]) -> Kind:
    """Say what the votes are; labels among sets are sets of one, no votes at all are labels.

    Raises:
        ValueError: Numbers stand beside labels.
    """
    kinds = {type(vote) for vote in votes if vote is not None}
    if kinds & {int, float}:
        if kinds & {str, list}:
            raise ValueError(
                "votes are of two kinds: got numbers beside labels, expected one kind. Write "
                "numbers as numbers everywhere."
            )
        return "numbers"
    return "sets" if list in kinds else "labels"


def as_set(vote: Vote) -> list[str]:
    """A vote for labels as a list of labels, empty where there is none."""
    if isinstance(vote, list):
        return vote
    return [vote] if isinstance(vote, str) else []
