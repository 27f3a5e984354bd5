"""What is learned of EmotionTalk's clips: whose label, of which label set, on which splits."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import datasets
import numpy as np
from numpy.typing import NDArray

from affecthub.cache import content_key
from affecthub.datasets_scripts import load_dataset
from affecthub.entries import entry_of
from affecthub.errors import unknown_name
from affecthub.training.fusion.labels import read_labels

CORPUS = "emotiontalk"
PROTOCOLS = ("official", "speaker_independent")
CONTINUOUS = "continuous"
SETS = ("four", "seven")
SOURCES = ("multimodal", "audio", "text", "vision")
TARGETS = (*(f"{source}_{classes}" for classes in SETS for source in SOURCES), CONTINUOUS)
SPLITS = ("train", "validation", "test")

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Target:
    """Labels of one source and set.

    Args:
        name: A member of `TARGETS`.
        names: The classes; of `CONTINUOUS` none.
        clips: Split to the numbers of its clips that have such a label.
        values: Split to their classes, or scores.
    """

    name: str
    names: tuple[str, ...]
    clips: Mapping[str, Ints]
    values: Mapping[str, NDArray[Any]]

    @property
    def source(self) -> str:
        """Whose label."""
        return "sentiment" if self.name == CONTINUOUS else self.name.rsplit("_", 1)[0]

    @property
    def classes(self) -> str | None:
        """The label set, None of `CONTINUOUS`."""
        return None if self.name == CONTINUOUS else self.name.rsplit("_", 1)[1]

    @cached_property
    def digest(self) -> str:
        """Tells labels and splits from others."""
        parts = [self.name]
        for split in SPLITS:
            parts += [str(self.clips[split].tolist()), str(self.values[split].tolist())]
        return content_key("|".join(parts))[:16]


@dataclass(frozen=True)
class Clips:
    """EmotionTalk under a protocol.

    Args:
        data_dir: Its folder.
        protocol: A member of `PROTOCOLS`.
        rows: The clips of all splits, one after the other.
        splits: Split to the numbers of its clips.
    """

    data_dir: Path
    protocol: str
    rows: datasets.Dataset
    splits: Mapping[str, Ints]

    @cached_property
    def ids(self) -> list[str]:
        """Ids of all clips."""
        return list(self.rows["id"])

    @cached_property
    def recordings(self) -> NDArray[np.str_]:
        """The recording group of every clip, as ``G3``: two actors, many dialogues."""
        return np.array([f"G{int(group[1:])}" for group in self.rows["actor_group"]])

    @cached_property
    def shared_speakers(self) -> tuple[str, ...]:
        """Speakers of validation and test clips both."""
        speakers = np.array(self.rows["speaker_id"])
        both = {*speakers[self.splits["validation"]]} & {*speakers[self.splits["test"]]}
        return tuple(sorted(map(str, both)))

    @cached_property
    def targets(self) -> dict[str, Target]:
        """Every target that the labels at hand allow."""
        found = {}
        for name in TARGETS:
            source, _, classes = name.rpartition("_")
            label = "sentiment" if name == CONTINUOUS else source
            column = {"multimodal": "emotion", "vision": "emotion_video"}.get(
                label, label if name == CONTINUOUS else f"emotion_{label}"
            )
            values = self.rows[column] if column in self.rows.column_names else []
            if all(value is None for value in values):
                continue
            found[name] = self._target(name, label, None if name == CONTINUOUS else classes)
        return found

    def _target(self, name: str, label: str, classes: str | None) -> Target:
        labels = read_labels(self.rows, label, classes)
        known = labels.known.numpy()
        values = labels.classes.numpy() if labels.names else labels.scores.numpy()
        clips = {split: index[known[index]] for split, index in self.splits.items()}
        return Target(
            name, labels.names, clips, {split: values[index] for split, index in clips.items()}
        )

    def next_utterances(self, target: Target) -> Ints:
        """Places in ``target.clips["test"]`` of utterances that have one before them.

        Of each dialogue's utterances with a label of the set all but the first: what forecasting
        the next emotion is scored on.
        """
        index = target.clips["test"]
        dialogues, turns = self.rows["dialogue_id"], self.rows["turn_index"]
        first: dict[str, int] = {}
        for clip in index.tolist():
            known = first.get(dialogues[clip])
            if known is None or turns[clip] < turns[known]:
                first[dialogues[clip]] = clip
        starts = {*first.values()}
        return np.array([i for i, clip in enumerate(index.tolist()) if clip not in starts], int)


def read_clips(data_dir: str | Path, protocol: str = "official") -> Clips:
    """Read EmotionTalk.

    Args:
        data_dir: Its folder, of labels at least.
        protocol: A member of `PROTOCOLS`.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: No such protocol, or a split has no clip with a label.
    """
    if protocol not in PROTOCOLS:
        raise unknown_name("protocol", protocol, PROTOCOLS)
    config, _ = entry_of(CORPUS).choose(None, protocol)
    parts = load_dataset(CORPUS, config, data_dir=data_dir, protocol=protocol)
    empty = [split for split in SPLITS if split not in parts or not len(parts[split])]
    if empty:
        raise ValueError(
            f"{data_dir}: got no clip of {', '.join(empty)} under {protocol!r}, expected clips of "
            "all three splits. Take the whole of EmotionTalk's label files."
        )
    ends = np.cumsum([0, *(len(parts[split]) for split in SPLITS)])
    splits = {split: np.arange(ends[i], ends[i + 1]) for i, split in enumerate(SPLITS)}
    rows = datasets.concatenate_datasets([parts[split] for split in SPLITS])
    clips = Clips(Path(data_dir), protocol, rows, splits)
    if not clips.targets:
        raise ValueError(
            f"{data_dir} has no labels: got {len(rows)} clips without any, expected mm_label.npz, "
            "mm.csv or the clips' JSON."
        )
    return clips


