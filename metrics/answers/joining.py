"""Answers and references brought together by clip, where the two name clips in their own ways."""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any, NamedTuple

# Endings that file names have and clip ids lack.
_MEDIA = re.compile(
    r"\.(mp4|avi|mkv|mov|webm|wav|flac|mp3|m4a|ogg|npy)$",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"^(train|dev|val|valid|validation|test)[_-]", re.IGNORECASE)
_SPELLINGS = dict.fromkeys(("dev", "val", "valid", "validation"), "validation")


class Joined(NamedTuple):
    """Answers and references of the same clips.

    Attributes:
        ids: The clips, in the order of the references.
        predictions: One answer each.
        references: One reference each.
        n_unanswered: References without an answer, which are left out.
        n_unknown: Answers without a reference, which are left out.
        how: What of the ids was compared, in words; empty where they are equal as they stand.
    """

    ids: list[str]
    predictions: list[Any]
    references: list[Any]
    n_unanswered: int
    n_unknown: int
    how: str


def join_labels(predictions: Mapping[str, Any], references: Mapping[str, Any]) -> Joined:
    """Pair answers with references by clip id; clips that only one side has are counted.

    Ids are compared as they stand; where few agree, by the file name without folders and ending,
    and then without the name of a split before it where one side alone has it, provided that no
    two clips become one. A clip of one split is never taken for another's.

    Args:
        predictions: Clip id to answer.
        references: Clip id to reference.

    Returns:
        The pairs, and how many clips of either side are without the other.

    Raises:
        ValueError: Not a single clip is on both sides.

    Example:
        >>> joined = join_labels({"a_1": "joy"}, {"v/a_1.mp4": "happy", "v/a_2.mp4": "sad"})
        >>> joined.predictions, joined.references, joined.n_unanswered, joined.how
        (['joy'], ['happy'], 1, 'file names without folders and endings')
    """
    sides = (predictions, references)
    both_split = all(any(_SPLIT.match(_file(clip)) for clip in side) for side in sides)
    ways: tuple[tuple[str, Callable[[str], str]], ...] = (
        ("", str),
        ("file names without folders and endings", _file),
        ("file names, however their split is spelled", _canonical)
        if both_split
        else ("file names without folders, endings and the split's name", _without_split),
    )
    best: tuple[dict[str, str], str] = ({}, "")
    for how, name in ways:
        ours, theirs = _renamed(predictions, name), _renamed(references, name)
        if ours is None or theirs is None:
            continue
        shared = {theirs[key]: ours[key] for key in theirs if key in ours}
        if len(shared) > len(best[0]):
            best = (shared, how)
    pairs, how = best
    if not pairs:
        raise ValueError(
            "predictions and references share no clip: got ids such as "
            f"{_few(predictions)} and {_few(references)}, expected the same ones. Name the columns "
            "of the ids."
        )
    ids = [clip for clip in references if clip in pairs]
    return Joined(
        ids,
        [predictions[pairs[clip]] for clip in ids],
        [references[clip] for clip in ids],
        len(references) - len(ids),
        len(predictions) - len(ids),
        how,
    )


def _renamed(ids: Iterable[str], name: Callable[[str], str]) -> dict[str, str] | None:
    """Name to id, None where two ids get one name."""
    ids = list(ids)
    named = {name(clip): clip for clip in ids}
    return named if len(named) == len(ids) else None


def _file(clip: str) -> str:
    return _MEDIA.sub("", PurePosixPath(clip.replace("\\", "/")).name)


def _without_split(clip: str) -> str:
    return _SPLIT.sub("", _file(clip))


def _canonical(clip: str) -> str:
    """The file name with one spelling of its split."""
    name = _file(clip)
    split = _SPLIT.match(name)
    if split is None:
        return name
    word = split[1].lower()
    return f"{_SPELLINGS.get(word, word)}_{name[split.end() :]}"


def _few(ids: Iterable[str]) -> str:
    return ", ".join(list(ids)[:2]) or "none"
