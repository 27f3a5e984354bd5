"""Overlap of label sets under a grouping of labels: the set-level scores of EMER and of MER2024.

The grouping is a ring of a lexicon's wheels, lists of words that mean the same, or a function.
Unlike set-F, a label without a group is not dropped: it is a group of its own.
"""

import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from affecthub.errors import unknown_name
from affecthub.metrics.lexicon.emotion_lexicon import RINGS, Lexicon, Ring
from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.parsing import (
    STYLES,
    Style,
    clip_items,
    normalise,
    parse_labels,
    require_same_length,
)
from affecthub.metrics.plain_values import plain
from affecthub.metrics.wheels.clips import LexiconSource

Group = Sequence[str]
Groups = Sequence[Group] | Sequence[Sequence[Group]] | Callable[[str], str | None]

SCORES = ("set_overlap", "accuracy_s", "recall_s", "overlap_s")

# The labels of each clip, and the group of a clip's label (None where no group has the label).
_Labels = list[list[str]]
_Grouping = Callable[[int, str], str | None]


def set_overlap(
    predictions: Iterable[object],
    references: Iterable[object],
    *,
    lexicon: LexiconSource = None,
    ring: Ring = "inner",
    groups: Groups | None = None,
    style: Style | None = None,
) -> dict[str, Any]:
    """How far predicted and reference label sets agree once synonyms count as one label.

    Both label lists of a clip become sets of groups, P and R::

        accuracy_s = |P and R| / |P|      set_overlap = (accuracy_s + recall_s) / 2
        recall_s   = |P and R| / |R|      overlap_s   = |P and R| / |P or R|

    Each is a mean over the clips that have a reference label; a clip without predicted labels
    scores 0. Under a lexicon all are averaged over its wheels.

    Args:
        predictions: One list of labels, text or None per clip; see
            `affecthub.metrics.parsing.parse_labels`.
        references: The same, aligned with `predictions`.
        lexicon: Groups labels by wheel sector: None for the built-in one, or what
            `load_lexicon` takes. Not together with `groups`.
        ring: ``"inner"`` or ``"middle"``, the ring of the lexicon's sectors.
        groups: In place of a lexicon: lists of labels of one meaning, for all clips, or one such
            list of lists per clip; or a function from label to the name of its group, None for
            none. A label in two groups belongs to the later one; a group goes by its first label.
        style: How texts are read, ``"any"`` or ``"released"``; None for what the lexicon says, and
            ``"any"`` under `groups`.

    Returns:
        ``set_overlap``, ``accuracy_s``, ``recall_s``, ``overlap_s`` in [0, 1], higher is better;
        ``avg``, the name equation 2 gives to ``set_overlap``; ``per_wheel``, a list of dicts with
        ``wheel`` and the four scores, empty under `groups`; ``n_scored``, clips with a reference
        label; ``n_clips``; ``coverage``, the share of prediction and of reference labels that the
        grouping knows (None where there are no labels); ``grouping``, what grouped the labels;
        ``ring`` (None under `groups`); ``style``. Where no clip is scored the scores are NaN and a
        UserWarning says so.

    Raises:
        ValueError: Lengths differ, `groups` has not one list per clip, both `lexicon` and `groups`
            are given, a text is a lone ``[``, or an option is unknown.
        TypeError: A value is neither text nor list, or a label or a group is of the wrong kind.

    Source: EMER paper (Lian et al., Explainable Multimodal Emotion Recognition), section 4.2, eq. 1
        and 2, and section 5, eq. 3.
    Differs: the paper does not say what an empty set scores. No predictions score 0, as in the
        scoring code of MER2024; clips without reference labels are left out, where that code stops
        at a division by zero or, with no predictions either, counts 0.

    Example:
        >>> groups = [["happy", "joyful"], ["sad", "blue"]]
        >>> scores = set_overlap(["joyful, tired"], ["happy, blue"], groups=groups)
        >>> scores["accuracy_s"], scores["recall_s"], round(scores["overlap_s"], 3)
        (0.5, 0.5, 0.333)
    """
    if style is not None and style not in STYLES:
        raise unknown_name("style", style, STYLES)
    if ring not in RINGS:
        raise unknown_name("ring", ring, RINGS)
    require_one_grouping(lexicon, groups)
    predicted = clip_items(predictions, "predictions")
    reference = clip_items(references, "references")
    require_same_length(predicted, reference)
    groupings: dict[str, _Grouping]
    if groups is None:
        table = load_lexicon(lexicon)
        style = style or table.style
        groupings = _wheel_groupings(table, ring)
        made_with = {"kind": "lexicon", **table.identity}
    else:
        style = style or "any"
        kind, grouping = _given_grouping(groups, len(reference), style)
        groupings = {kind: grouping}
        made_with = {"kind": kind}
    found = [parse_labels(item, style) for item in predicted]
    wanted = [parse_labels(item, style) for item in reference]
    per_wheel = [{"wheel": name, **_scores(found, wanted, g)} for name, g in groupings.items()]
    n_scored = sum(map(bool, wanted))
    if not n_scored:
        warnings.warn(
            "set_overlap is nan: no clip has a reference label, so nothing could be scored.",
            UserWarning,
            stacklevel=2,
        )
    scores = {key: float(np.mean([wheel[key] for wheel in per_wheel])) for key in SCORES}
    return {
        **scores,
        "avg": scores["set_overlap"],
        "per_wheel": per_wheel if groups is None else [],
        "n_scored": n_scored,
        "n_clips": len(wanted),
        "coverage": {
            "predictions": _coverage(found, list(groupings.values())),
            "references": _coverage(wanted, list(groupings.values())),
        },
        "grouping": made_with,
        "ring": ring if groups is None else None,
        "style": style,
    }


def require_one_grouping(lexicon: LexiconSource, groups: Groups | None) -> None:
    """Raise a ValueError where labels would be grouped by a lexicon and by groups at once."""
    if lexicon is not None and groups is not None:
        raise ValueError(
            "labels are grouped twice: got both `lexicon` and `groups`, expected one of them. "
            "Leave the other out."
        )


def as_groups(groups: object) -> tuple[str, list[Any]]:
    """Lists of groups as lists, and whether they are ``"groups"`` or ``"groups per clip"``.

    Raises:
        TypeError: A label is not text, or groups of one and of many clips are mixed.

    Example:
        >>> as_groups([["happy", "glad"], ["sad"]])[0], as_groups([[["happy", "glad"]], []])[0]
        ('groups', 'groups per clip')
    """
    wrong = TypeError(
        f"`groups` is of the wrong kind: got {groups!r}, expected lists of labels "
        '([["happy", "joyful"], ["sad"]]), one such list of lists per clip, or a function.'
    )
    groups = plain(groups)
    if isinstance(groups, str) or not isinstance(groups, Iterable):
        raise wrong
    entries = [_listed(entry, wrong) for entry in groups]
    members = [member for entry in entries for member in entry]
    if all(isinstance(member, str) for member in members):
        return "groups", entries
    per_clip = [[_listed(group, wrong) for group in entry] for entry in entries]
    if not all(isinstance(label, str) for entry in per_clip for group in entry for label in group):
        raise wrong
    return "groups per clip", per_clip


def _listed(entry: object, wrong: TypeError) -> list[Any]:
    if isinstance(entry, str) or not isinstance(entry, Iterable):
        raise wrong
    return list(entry)


def _given_grouping(groups: Groups, n_clips: int, style: Style) -> tuple[str, _Grouping]:
    """The kind of a grouping passed by the caller, and the grouping."""
    if callable(groups):
        group_of = groups
        return "function", lambda clip, label: group_of(label)
    kind, lists = as_groups(groups)
    if kind == "groups":
        shared = _group_names(lists, style)
        return kind, lambda clip, label: shared.get(label)
    if len(lists) != n_clips:
        raise ValueError(
            f"`groups` does not fit the clips: got groups for {len(lists)} clips, expected "
            f"{n_clips}. Give one list of lists per clip, or one for all."
        )
    tables = [_group_names(own, style) for own in lists]
    return kind, lambda clip, label: tables[clip].get(label)


def _group_names(groups: list[list[str]], style: Style) -> dict[str, str]:
    """Each label the name of its group, which is the group's first label."""
    return {
        normalise(label, style): normalise(group[0], style) for group in groups for label in group
    }


def _wheel_groupings(table: Lexicon, ring: Ring) -> dict[str, _Grouping]:
    """One grouping per wheel: label to sector."""
    sectors = lru_cache(maxsize=None)(lambda label: table.sectors(label, ring))

    def on(wheel: int) -> _Grouping:
        return lambda clip, label: sectors(label)[wheel]

    return {wheel.name: on(number) for number, wheel in enumerate(table.wheels)}


def _scores(predicted: _Labels, reference: _Labels, group: _Grouping) -> dict[str, float]:
    """The four scores under one grouping; NaN where no clip has a reference label."""
    sizes = []
    for clip, labels in enumerate(reference):
        if labels:
            found = {group(clip, label) or label for label in predicted[clip]}
            wanted = {group(clip, label) or label for label in labels}
            sizes.append((len(found), len(wanted), len(found & wanted)))
    if not sizes:
        return dict.fromkeys(SCORES, float("nan"))
    n_found, n_wanted, n_shared = np.array(sizes).T
    # A clip without predictions shares nothing, so dividing by 1 gives the 0 it scores.
    accuracy = float(np.mean(n_shared / np.maximum(n_found, 1)))
    recall = float(np.mean(n_shared / n_wanted))
    overlap = float(np.mean(n_shared / (n_found + n_wanted - n_shared)))
    return dict(zip(SCORES, ((accuracy + recall) / 2, accuracy, recall, overlap), strict=True))


def _coverage(clips: _Labels, groupings: list[_Grouping]) -> float | None:
    """The share of labels that any of the groupings knows, None where there are none."""
    labels = [(clip, label) for clip, found in enumerate(clips) for label in found]
    known = sum(any(group(*label) for group in groupings) for label in labels)
    return known / len(labels) if labels else None
