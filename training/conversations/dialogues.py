"""Dialogues out of a corpus' rows: who speaks when, what is scored, and what had to be left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import datasets
import numpy as np
from numpy.typing import NDArray

from affecthub.errors import unknown_name

# Labels that are not scored, as PyTorch's cross entropy has it.
IGNORED = -100
# What becomes of utterances whose label is outside of the label set.
OUTSIDE = ("context", "drop")
NEEDED = ("id", "dialogue_id", "turn_index", "speaker_id")
# Clips that messages name.
_NAMED = 5


@dataclass(frozen=True)
class Dialogue:
    """One conversation, in the order in which it was spoken.

    Args:
        id: The corpus' name of it.
        clips: Ids of its utterances.
        speakers: Who speaks, numbered from 0 by first appearance, int64 ``(utterances,)``.
        labels: Numbers in the label set, `IGNORED` for those outside of it, the same shape.
        apart: What the utterances are scored apart by, None each where nothing is.
    """

    id: str
    clips: tuple[str, ...]
    speakers: NDArray[np.int64]
    labels: NDArray[np.int64]
    apart: tuple[str | None, ...]

    def __len__(self) -> int:
        """Number of utterances."""
        return len(self.clips)


@dataclass
class Found:
    """What a split's rows held beside dialogues.

    Args:
        n_clips: Rows that were read.
        alone: Clips that belong to no dialogue.
        n_outside: Utterances of another label than those of the set.
        n_unlabelled: Utterances without a label.
        n_no_speaker: Utterances whose speaker is not known; those of a dialogue count as one.
        n_single: Dialogues of one utterance.
        dropped: Dialogues of which nothing was left.
    """

    n_clips: int = 0
    alone: list[str] = field(default_factory=list)
    n_outside: int = 0
    n_unlabelled: int = 0
    n_no_speaker: int = 0
    n_single: int = 0
    dropped: list[str] = field(default_factory=list)

    def notes(self, split: str, outside: str) -> list[str]:
        """What a reader of the scores must know, one sentence each."""
        kept = "kept as context and not scored" if outside == "context" else "left out"
        told = [
            (len(self.alone), f"clips belong to no dialogue and are left out: {named(self.alone)}"),
            (self.n_outside, f"utterances have a label outside of the set: {kept}"),
            (self.n_unlabelled, f"utterances have no label: {kept}"),
            (self.n_no_speaker, "utterances have no speaker: in a dialogue they count as one's"),
            (self.n_single, "dialogues have one utterance: there is no history to go by"),
            (len(self.dropped), f"dialogues have no utterance left: {named(self.dropped)}"),
        ]
        return [f"{split}: {n} of {self.n_clips} {what}." for n, what in told[:4] if n] + [
            f"{split}: {n} {what}." for n, what in told[4:] if n
        ]


def read_dialogues(
    rows: datasets.Dataset,
    *,
    label: str = "emotion",
    emotions: Sequence[str] = (),
    outside: str = "context",
    apart: str | None = None,
) -> tuple[list[Dialogue], Found]:
    """Put the utterances of a split together by `dialogue_id`, in the order of `turn_index`.

    Args:
        rows: Clips of a corpus.
        label: A ClassLabel column.
        emotions: The labels that are scored, in the order of their numbers; none takes all.
        outside: Utterances of other labels are ``"context"``, heard and not scored, or ``"drop"``.
        apart: A column whose values are scored apart, too.

    Returns:
        Dialogues in the order of their first rows, and what was found beside them. No rows give no
        dialogues.

    Raises:
        ValueError: A column is missing, the label is no ClassLabel or has no such value, no clip
            belongs to a dialogue, or utterances have no place in theirs, or the same.
    """
    if outside not in OUTSIDE:
        raise unknown_name("`outside`", outside, OUTSIDE)
    numbers = label_numbers(rows.features, label, emotions)
    columns = [*NEEDED, label, *([apart] if apart else [])]
    lacking = [name for name in columns if name not in rows.features]
    if lacking:
        raise ValueError(
            f"the clips lack {' and '.join(f'`{name}`' for name in lacking)}: got "
            f"{', '.join(rows.features)}, expected these too."
        )
    found = Found(n_clips=len(rows))
    members: dict[str, list[dict[str, Any]]] = {}
    table = rows.select_columns(columns).with_format(None)[:]
    for values in zip(*(table[name] for name in columns), strict=True):
        row = dict(zip(columns, values, strict=True))
        if row["dialogue_id"] is None:
            found.alone.append(row["id"])
        else:
            members.setdefault(row["dialogue_id"], []).append(row)
    if len(rows) and not members:
        raise ValueError(
            f"there are no dialogues: got {len(rows)} clips without `dialogue_id`, expected some "
            "with it. Take a corpus of conversations (affecthub data list), or of a folder say "
            "which column has them: columns={'dialogue': ...}."
        )
    _require_places(members)
    made = []
    for name, utterances in members.items():
        ordered = sorted(utterances, key=lambda row: row["turn_index"])
        dialogue = _dialogue(name, ordered, label, numbers, outside, apart, found)
        if len(dialogue):
            made.append(dialogue)
            found.n_single += len(dialogue) == 1
        else:
            found.dropped.append(name)
    return made, found


def label_numbers(
    features: Mapping[str, Any], label: str, emotions: Sequence[str]
) -> dict[int, int]:
    """The corpus' number of a label to its number in the set.

    Raises:
        ValueError: The column is no ClassLabel, or has no label of a name, or one is named twice.
    """
    feature = features.get(label)
    if not isinstance(feature, datasets.ClassLabel):
        told = [name for name, kind in features.items() if isinstance(kind, datasets.ClassLabel)]
        raise ValueError(
            f"`label` names {label!r}: got {feature}, expected a ClassLabel column, one of "
            f"{', '.join(told) or 'none'}."
        )
    wanted = list(emotions) or list(feature.names)
    for name in wanted:
        if name not in feature.names:
            raise unknown_name(f"label of `{label}`", name, feature.names)
    if len(set(wanted)) < len(wanted) or len(wanted) < 2:
        raise ValueError(
            f"`emotions` is no label set: got {', '.join(wanted)}, expected two or more, each once."
        )
    return {feature.names.index(name): place for place, name in enumerate(wanted)}


def first_appearance(speakers: Sequence[Any]) -> NDArray[np.int64]:
    """Number speakers from 0, in the order in which they first speak.

    Example:
        >>> first_appearance(["Ross", "Rachel", "Ross", None]).tolist()
        [0, 1, 0, 2]
    """
    places: dict[Any, int] = {}
    return np.array([places.setdefault(who, len(places)) for who in speakers], np.int64)


def named(names: Sequence[str]) -> str:
    """The first few of many names."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(map(str, names[:_NAMED])) + more


def _dialogue(
    name: str,
    utterances: list[dict[str, Any]],
    label: str,
    numbers: dict[int, int],
    outside: str,
    apart: str | None,
    found: Found,
) -> Dialogue:
    labels = [numbers.get(row[label], IGNORED) for row in utterances]
    n_unlabelled = sum(row[label] is None for row in utterances)
    found.n_unlabelled += n_unlabelled
    found.n_outside += sum(number == IGNORED for number in labels) - n_unlabelled
    found.n_no_speaker += sum(row["speaker_id"] is None for row in utterances)
    kept = [i for i, number in enumerate(labels) if outside == "context" or number != IGNORED]
    rows = [utterances[i] for i in kept]
    return Dialogue(
        name,
        tuple(row["id"] for row in rows),
        first_appearance([row["speaker_id"] for row in rows]),
        np.array([labels[i] for i in kept], np.int64),
        tuple(row[apart] if apart else None for row in rows),
    )


def _require_places(members: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Refuse utterances whose order cannot be told."""
    lost = [row["id"] for rows in members.values() for row in rows if row["turn_index"] is None]
    if lost:
        raise ValueError(
            f"the order of utterances is not known: got {len(lost)} without `turn_index`, "
            f"{named(lost)}, expected their place in the dialogue, a whole number. Fill the "
            "column; of a folder it follows from the order of rows or from `start`."
        )
    for name, rows in members.items():
        places: dict[int, str] = {}
        for row in rows:
            first = places.setdefault(row["turn_index"], row["id"])
            if first != row["id"]:
                raise ValueError(
                    f"dialogue {name!r} has two utterances in one place: got {first!r} and "
                    f"{row['id']!r} at `turn_index` {row['turn_index']}, expected one of them "
                    "elsewhere. Correct the annotation file."
                )
