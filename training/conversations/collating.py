"""Batches of dialogues of unequal length: padding, masks, and the labels of the task."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from affecthub.errors import unknown_name
from affecthub.training.conversations.dialogues import IGNORED, Dialogue, first_appearance

TASKS = ("recognise", "forecast")


class DialogueSet(Dataset):
    """Dialogues with the features of their utterances, kept in memory.

    Args:
        dialogues: What is trained on or answered.
        features: Clip to its vector, float32 ``(width,)``.
    """

    def __init__(
        self, dialogues: Sequence[Dialogue], features: Callable[[str], NDArray[np.float32]]
    ) -> None:
        self.dialogues = list(dialogues)
        self._features = [
            torch.from_numpy(np.stack([features(clip) for clip in each.clips]))
            for each in self.dialogues
        ]

    def __len__(self) -> int:
        """Number of dialogues."""
        return len(self.dialogues)

    def __getitem__(self, index: int) -> dict[str, Any]:
        """One dialogue as `collate_dialogues` takes it."""
        dialogue = self.dialogues[index]
        return {
            "features": self._features[index],
            "speakers": dialogue.speakers,
            "labels": dialogue.labels,
        }


def collate_dialogues(
    dialogues: Sequence[Mapping[str, Any]], task: str = "recognise"
) -> dict[str, Tensor]:
    """Pad dialogues to the longest of them, at the end.

    Args:
        dialogues: Each with ``features`` ``(utterances, width)``, ``speakers``, a name or number
            for each utterance, and perhaps ``labels``, a number each, -100 where none is scored.
        task: ``"recognise"``, or ``"forecast"``: place t then holds the label of utterance t + 1,
            and the last place none.

    Returns:
        ``features`` float32 ``(dialogues, longest, width)``, zeros in the padding; ``speakers``
        int64 ``(dialogues, longest)``, numbered in each dialogue from 0 by first appearance, 0 in
        the padding; ``mask`` bool, True where there is an utterance; and ``labels`` int64, -100 in
        the padding, where every dialogue has them.

    Raises:
        ValueError: There is no dialogue, one has no utterance, or lengths or widths do not fit.

    Example:
        >>> talk = {"features": [[1.0], [2.0]], "speakers": ["Ann", "Bob"], "labels": [0, 2]}
        >>> batch = collate_dialogues([talk, {**talk, "features": [[3.0]], "speakers": ["Bob"],
        ...     "labels": [1]}], task="forecast")
        >>> batch["labels"].tolist(), batch["speakers"].tolist(), batch["mask"].tolist()
        ([[2, -100], [-100, -100]], [[0, 1], [0, 0]], [[True, True], [True, False]])
    """
    if task not in TASKS:
        raise unknown_name("task", task, TASKS)
    if not dialogues:
        raise ValueError("there is nothing to put together: got no dialogues, expected one or more")
    features = [_features(each["features"], i) for i, each in enumerate(dialogues)]
    lengths = [len(each) for each in features]
    widths = {each.shape[1] for each in features}
    if len(widths) > 1:
        raise ValueError(
            f"features differ in width: got {', '.join(map(str, sorted(widths)))} in one batch, "
            "expected the same for every dialogue"
        )
    longest = max(lengths)
    shape = (len(dialogues), longest)
    batch = {
        "features": torch.zeros(*shape, widths.pop()),
        "speakers": torch.zeros(shape, dtype=torch.long),
        "mask": torch.zeros(shape, dtype=torch.bool),
    }
    is_labelled = all(each.get("labels") is not None for each in dialogues)
    if is_labelled:
        batch["labels"] = torch.full(shape, IGNORED)
    for i, (dialogue, n) in enumerate(zip(dialogues, lengths, strict=True)):
        batch["features"][i, :n] = features[i]
        batch["speakers"][i, :n] = torch.from_numpy(
            first_appearance(_as_long(dialogue["speakers"], n, "speakers", i))
        )
        batch["mask"][i, :n] = True
        if is_labelled:
            labels = torch.as_tensor(np.asarray(_as_long(dialogue["labels"], n, "labels", i)))
            if task == "recognise":
                batch["labels"][i, :n] = labels
            else:
                batch["labels"][i, : n - 1] = labels[1:]
    return batch


def collator(task: str) -> Callable[[Sequence[Mapping[str, Any]]], dict[str, Tensor]]:
    """`collate_dialogues` of a task, for a Trainer."""
    return partial(collate_dialogues, task=task)


def _features(values: Any, place: int) -> Tensor:
    made = torch.as_tensor(np.asarray(values, np.float32))
    if made.dim() != 2 or not len(made):
        raise ValueError(
            f"features of dialogue {place} do not fit: got shape {tuple(made.shape)}, expected "
            "(utterances, width) with one utterance or more"
        )
    return made


def _as_long(values: Any, n: int, name: str, place: int) -> list[Any]:
    given: list[Any] = values.tolist() if hasattr(values, "tolist") else list(values)
    if len(given) != n:
        raise ValueError(
            f"`{name}` of dialogue {place} are of another length: got {len(given)} for {n} "
            "utterances, expected one each"
        )
    return given
