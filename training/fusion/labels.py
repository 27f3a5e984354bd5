"""What a fusion learns of a clip: a class out of a label set, a score, or both."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from affecthub.errors import unknown_name
from affecthub.labels import emotion_of

MULTIMODAL, OWN, SENTIMENT = "multimodal", "own", "sentiment"
# Modality -> the column of its own labels, as EmotionTalk has them.
OWN_COLUMN = {"audio": "emotion_audio", "text": "emotion_text", "vision": "emotion_video"}
SOURCES = (MULTIMODAL, OWN, *OWN_COLUMN, SENTIMENT)
# The four emotions that the field calls four-class, in any corpus' words.
_FOUR = ("neutral", "joy", "sadness", "anger")
IGNORED = -100


@dataclass(frozen=True)
class Labels:
    """Labels of clips.

    Args:
        column: Where the classes stand; None where only a score is learned.
        names: The classes, in the order of their numbers; empty where there are none.
        classes: ``(clips,)`` int64, `IGNORED` where a clip has no label of the set.
        scores: ``(clips,)`` float32, NaN where a clip has none.
    """

    column: str | None
    names: tuple[str, ...]
    classes: Tensor
    scores: Tensor

    @property
    def known(self) -> Tensor:
        """Which clips have what is learned, ``(clips,)`` bool."""
        return self.classes != IGNORED if self.names else ~self.scores.isnan()


def read_labels(
    rows: Any,
    label: str = MULTIMODAL,
    classes: str | int | Sequence[str] | None = None,
    modalities: Sequence[str] = (),
) -> Labels:
    """Read the labels of clips.

    Args:
        rows: Clips of a corpus, a ``datasets.Dataset``.
        label: ``multimodal`` (the column ``emotion``), ``own`` (the label that annotators gave
            the one modality that is used), ``audio``, ``text`` or ``vision`` (that of this one),
            ``sentiment`` (the score alone), or any ClassLabel column.
        classes: ``seven`` or None for the whole label set, ``four`` for neutral, glad, sad and
            angry, or a list of names. Clips with another label are left out.
        modalities: Those that are used; asked for by ``own``.

    Raises:
        ValueError: No such column or label set, ``own`` of several modalities, or no clip that has
            a label.
    """
    scores = torch.full((len(rows),), torch.nan)
    if "sentiment" in rows.column_names:
        found = [np.nan if value is None else value for value in rows["sentiment"]]
        scores = torch.tensor(found, dtype=torch.float32)
    if label == SENTIMENT:
        if scores.isnan().all():
            raise ValueError(
                "`label` is sentiment: got clips without a score, expected a column `sentiment`. "
                "Choose another label."
            )
        return Labels(None, (), torch.full((len(rows),), IGNORED), scores)
    column = _column(rows, label, modalities)
    all_names = tuple(rows.features[column].names)
    names = _names(all_names, classes)
    number = torch.full((len(all_names) + 1,), IGNORED)
    for i, name in enumerate(names):
        number[all_names.index(name)] = i
    given = torch.tensor([-1 if value is None else value for value in rows[column]]).long()
    labels = Labels(column, names, number[given], scores)
    if not labels.known.any():
        raise ValueError(
            f"`{column}`: got {len(rows)} clips and none with a label of {', '.join(names)}, "
            "expected some. Choose another label or other classes."
        )
    return labels


def _column(rows: Any, label: str, modalities: Sequence[str]) -> str:
    """The column that a source of labels stands for."""
    from datasets import ClassLabel

    if label == OWN:
        if len(modalities) != 1:
            raise ValueError(
                f"`label` is own: got {', '.join(modalities) or 'no modality'}, expected one "
                "modality. Say which one's label it is, or take `multimodal`."
            )
        label = modalities[0]
    column = "emotion" if label == MULTIMODAL else OWN_COLUMN.get(label, label)
    if not isinstance(rows.features.get(column), ClassLabel):
        known = [name for name, kind in rows.features.items() if isinstance(kind, ClassLabel)]
        raise unknown_name("column of labels", column, [*SOURCES, *known])
    return column


def _names(names: tuple[str, ...], classes: str | int | Sequence[str] | None) -> tuple[str, ...]:
    """The labels of a set that are learned, in the set's order."""
    if classes is None or classes in ("seven", "all", 7):
        return names
    if classes in ("four", 4):
        found = [(name, emotion_of(name)) for name in names]
        four = tuple(name for name, known in found if known is not None and known.name in _FOUR)
        if len(four) != 4:
            raise ValueError(
                f"`classes` is four: got the labels {', '.join(names)}, expected names of neutral, "
                "glad, sad and angry among them. Give the names that you want as a list."
            )
        return four
    if isinstance(classes, str | int):
        raise unknown_name("label set", str(classes), ("seven", "four"))
    for name in classes:
        if name not in names:
            raise unknown_name("label", name, names)
    if len(set(classes)) < 2:
        raise ValueError(f"`classes` are {list(classes)}: expected two or more labels.")
    return tuple(name for name in names if name in classes)
