"""What is learned of EmotionTalk's clips: whose label, of which label set, on which splits."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import torch
from torch import Tensor

from affecthub.cache import content_key
from affecthub.datasets_scripts import load_dataset
from affecthub.entries import entry_of
from affecthub.errors import unknown_name
from affecthub.training.fusion.labels import OWN_COLUMN, SENTIMENT, Labels, read_labels

CORPUS = "emotiontalk"
PROTOCOLS = ("official", "speaker_independent")
CONTINUOUS = "continuous"
SETS = ("four", "seven")
SOURCES = ("multimodal", *OWN_COLUMN)
TARGETS = (*(f"{source}_{classes}" for classes in SETS for source in SOURCES), CONTINUOUS)
SPLITS = ("train", "validation", "test")
_COLUMNS = (
    *("id", "text", "text_raw", "speaker_id", "dialogue_id", "turn_index", "actor_group"),
    *("emotion", *OWN_COLUMN.values(), SENTIMENT),
)


@dataclass(frozen=True)
class Target:
    """Labels of one source and set.

    Args:
        name: A member of `TARGETS`.
        labels: Of all clips of the corpus.
        splits: Split to the numbers of its clips that have such a label, ``(n,)`` int64.
    """

    name: str
    labels: Labels
    splits: Mapping[str, Tensor]

    @property
    def source(self) -> str:
        """Whose label, as `read_labels` takes it."""
        return SENTIMENT if self.name == CONTINUOUS else self.name.rpartition("_")[0]

    @property
    def classes(self) -> str | None:
        """The label set, None of `CONTINUOUS`."""
        return None if self.name == CONTINUOUS else self.name.rpartition("_")[2]

    @cached_property
    def digest(self) -> str:
        """Tells labels and splits from others."""
        labels = self.labels
        values = labels.classes if labels.names else labels.scores
        parts = [self.name]
        for split in SPLITS:
            parts += [str(self.splits[split].tolist()), str(values[self.splits[split]].tolist())]
        return content_key("|".join(parts))[:16]


# What captioners learn from.
_HEARD = ("audio", "emo_cap")


class Rows:
    """Columns of clips as lists; a dataset's own are read clip by clip, each time anew.

    Args:
        rows: A ``datasets.Dataset``.
    """

    def __init__(self, rows: datasets.Dataset) -> None:
        self.column_names = [name for name in _COLUMNS if name in rows.column_names]
        self.features = {name: rows.features[name] for name in self.column_names}
        table = rows.select_columns(self.column_names).with_format("arrow")[:]
        self._lists = {name: table.column(name).to_pylist() for name in self.column_names}

    def __len__(self) -> int:
        """Number of clips."""
        return len(self._lists["id"])

    def __getitem__(self, name: str) -> list[Any]:
        """A column."""
        return self._lists[name]


@dataclass(frozen=True)
class Clips:
    """EmotionTalk under a protocol.

    Args:
        data_dir: Its folder.
        protocol: A member of `PROTOCOLS`.
        rows: The clips of all splits, one after the other.
        splits: Split to the numbers of its clips, ``(n,)`` int64.
        has_captions: Whether clips have sound and captions of how it is spoken.
    """

    data_dir: Path
    protocol: str
    rows: Rows
    splits: Mapping[str, Tensor]
    has_captions: bool = False

    @cached_property
    def recordings(self) -> np.ndarray:
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
            column = OWN_COLUMN.get(source, "emotion" if source else SENTIMENT)
            if column not in self.rows.column_names or not any(
                value is not None for value in self.rows[column]
            ):
                continue
            labels = read_labels(self.rows, source or SENTIMENT, classes if source else None)
            known = labels.known
            splits = {split: index[known[index]] for split, index in self.splits.items()}
            if all(len(index) for index in splits.values()):
                found[name] = Target(name, labels, splits)
        return found

    def next_utterances(self, target: Target) -> Tensor:
        """Test clips with an utterance before them in their dialogue.

        Of each dialogue's utterances with a label of the set all but the first: what forecasting
        the next emotion is scored on.
        """
        index = target.splits["test"].tolist()
        dialogues, turns = self.rows["dialogue_id"], self.rows["turn_index"]
        first: dict[str, int] = {}
        for clip in index:
            known = first.setdefault(dialogues[clip], clip)
            if turns[clip] < turns[known]:
                first[dialogues[clip]] = clip
        starts = {*first.values()}
        return torch.tensor([clip for clip in index if clip not in starts]).long()


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
    splits = {split: torch.arange(ends[i], ends[i + 1]) for i, split in enumerate(SPLITS)}
    whole = datasets.concatenate_datasets([parts[split] for split in SPLITS])
    rows = Rows(whole)
    heard = whole.select_columns([*_HEARD]).with_format("arrow")[:]
    has_captions = all(heard.column(name).null_count < len(rows) for name in _HEARD)
    clips = Clips(Path(data_dir), protocol, rows, splits, has_captions)
    if not clips.targets:
        raise ValueError(
            f"{data_dir} has no labels: got {len(rows)} clips without any, expected mm_label.npz, "
            "mm.csv or the clips' JSON."
        )
    return clips
