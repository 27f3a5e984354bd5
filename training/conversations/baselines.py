"""Answers that look at no utterance: the commonest label, and labels that were there before.

Those that read gold labels of the history are oracles: no system knows them. The deployable form
of each reads what a recogniser said instead.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from affecthub.training.conversations.dialogues import IGNORED, Dialogue
from affecthub.training.conversations.scores import score

MAJORITY = "majority"
# Name -> what it answers.
BASELINES = {
    MAJORITY: "the commonest label of the training split",
    "same as before": "the label before, in the same dialogue",
    "same speaker before": "the label that the same speaker had before, else the label before",
    "transition": "what most often follows the label before, in the training split",
}


@dataclass(frozen=True)
class Target:
    """An utterance whose label is asked for.

    Args:
        dialogue: The one it is in.
        place: Its number there.
    """

    dialogue: Dialogue
    place: int

    @property
    def label(self) -> int:
        """Its label."""
        return int(self.dialogue.labels[self.place])

    @property
    def clip(self) -> str:
        """Its id."""
        return self.dialogue.clips[self.place]

    @property
    def apart(self) -> str | None:
        """What it is scored apart by."""
        return self.dialogue.apart[self.place]


def targets(dialogues: Sequence[Dialogue], task: str) -> list[Target]:
    """What a task asks for: labelled utterances; in a forecast not the first of a dialogue."""
    return [
        Target(dialogue, place)
        for dialogue in dialogues
        for place in range(1 if task == "forecast" else 0, len(dialogue))
        if dialogue.labels[place] != IGNORED
    ]


def transitions(dialogues: Sequence[Dialogue], n_classes: int) -> NDArray[np.int64]:
    """How often a label follows another, ``(label before, label)``; others between are skipped."""
    counts = np.zeros((n_classes, n_classes), np.int64)
    for target in targets(dialogues, "recognise"):
        before = next(_labels_before(target, None), None)
        if before is not None:
            counts[before[0], target.label] += 1
    return counts


def baseline_answers(
    asked: Sequence[Target],
    train: Sequence[Dialogue],
    n_classes: int,
    *,
    known: Mapping[str, int] | None = None,
) -> dict[str, NDArray[np.int64]]:
    """What each baseline answers.

    Args:
        asked: What is asked for.
        train: Dialogues that the commonest label and the transitions are counted in.
        n_classes: Size of the label set.
        known: Clip to the label that a recogniser gave it, for the deployable form; None reads the
            gold labels.

    Returns:
        Name of `BASELINES` to class numbers, in the order of `asked`. Where nothing was said
        before, each answers the majority. Utterances outside of the label set are looked over.

    Raises:
        ValueError: No training utterance has a label.
    """
    frequencies = np.bincount([each.label for each in targets(train, "recognise")] or [], None, 1)
    if not frequencies.sum():
        raise ValueError(
            f"there is nothing to count labels in: got {len(train)} training dialogues without a "
            "label of the set, expected some."
        )
    majority = int(frequencies.argmax())
    follows = transitions(train, n_classes)
    # A label that nothing ever followed says no more than the majority does.
    after = np.where(follows.sum(1) > 0, follows.argmax(1), majority)
    answers: dict[str, list[int]] = {name: [] for name in BASELINES}
    for target in asked:
        history = list(_labels_before(target, known))
        speaker = target.dialogue.speakers[target.place]
        last = history[0][0] if history else None
        own = next((label for label, who in history if who == speaker), last)
        answers[MAJORITY].append(majority)
        answers["same as before"].append(majority if last is None else last)
        answers["same speaker before"].append(majority if own is None else own)
        answers["transition"].append(majority if last is None else int(after[last]))
    return {name: np.array(each, np.int64) for name, each in answers.items()}


def baseline_rows(
    asked: Sequence[Target],
    train: Sequence[Dialogue],
    n_classes: int,
    *,
    known: Mapping[str, int] | None = None,
) -> list[dict[str, Any]]:
    """The baselines' scores.

    Args:
        asked: As `baseline_answers`.
        train: The same.
        n_classes: The same.
        known: The same.

    Returns:
        A dict each, with ``name``, ``oracle`` (whether it reads gold labels of the history),
        ``recogniser`` (whether it reads a recogniser's) and what `score` gives.
    """
    reference = [each.label for each in asked]
    answers = baseline_answers(asked, train, n_classes, known=known)
    return [
        {
            "name": name,
            "oracle": known is None and name != MAJORITY,
            "recogniser": known is not None and name != MAJORITY,
            **score(reference, answer, n_classes),
        }
        for name, answer in answers.items()
        if known is None or name != MAJORITY
    ]


def _labels_before(target: Target, known: Mapping[str, int] | None) -> Iterator[tuple[int, int]]:
    """Label and speaker of what was said before, the newest first; others are looked over."""
    dialogue = target.dialogue
    for place in range(target.place - 1, -1, -1):
        if known is not None:
            yield known[dialogue.clips[place]], int(dialogue.speakers[place])
        elif dialogue.labels[place] != IGNORED:
            yield int(dialogue.labels[place]), int(dialogue.speakers[place])
