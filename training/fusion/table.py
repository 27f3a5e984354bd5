"""Features and labels of a corpus, as tensors on one device, cut into batches where they lie."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from affecthub.errors import unknown_name
from affecthub.training.fusion.blocks import Block, Steps, Vectors
from affecthub.training.fusion.labels import IGNORED, Labels

Missing = Literal["mask", "drop", "refuse"]
MODALITIES = ("audio", "text", "vision")
MISSING: tuple[Missing, ...] = ("mask", "drop", "refuse")
# Clips that errors and notes name.
NAMED = 5
_ONE: Mapping[str, int] = {}


@dataclass(frozen=True)
class FeatureTable:
    """What fusions train on. `load_table` reads one, `table_of` makes one of arrays.

    Args:
        corpus: Where the clips are from.
        ids: Of the clips, in the order of every tensor.
        blocks: Modality to its features; those that are not here are not used.
        labels: What is learned.
        splits: ``train``, ``validation`` and ``test`` to the numbers of their clips with a label
            and at least one modality, each ``(n,)`` int64.
        missing: What becomes of a clip without a modality: ``mask``; ``drop``, masked, and others
            lose one in training (modality dropout); ``refuse``, which `load_table` has done.
        notes: What was found: clips without features or labels, counted and named.
        facts: What else a report should say, as the protocol and where features come from.
    """

    corpus: str
    ids: tuple[str, ...]
    blocks: Mapping[str, Block]
    labels: Labels
    splits: Mapping[str, Tensor]
    missing: Missing = "mask"
    notes: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def dims(self) -> dict[str, int]:
        """Widths of the modalities."""
        return {name: block.width for name, block in self.blocks.items()}

    @property
    def level(self) -> str:
        """``frame`` where any modality has steps, else ``utterance``."""
        is_frame = any(isinstance(block, Steps) for block in self.blocks.values())
        return "frame" if is_frame else "utterance"

    @property
    def device(self) -> torch.device:
        """Where the tensors are."""
        return self.labels.classes.device

    @property
    def n_bytes(self) -> int:
        """Bytes that all features take; no padding is among them."""
        return sum(block.n_bytes for block in self.blocks.values())

    @property
    def lengths(self) -> Tensor:
        """Steps of the longest modality of each clip, ``(clips,)`` int64."""
        return torch.stack([block.lengths for block in self.blocks.values()]).amax(0)

    def batch(self, index: Tensor, at_least: Mapping[str, int] = _ONE) -> dict[str, Tensor]:
        """Clips as a model takes them.

        Args:
            index: ``(batch,)`` numbers of clips, on the table's device.
            at_least: Modality to the least steps to pad it to.

        Returns:
            ``audio``, ``text``, ``vision`` (those that are used) as float32, ``(batch, width)`` or
            padded at the end ``(batch, T, width)``; ``NAME_mask`` bool of the clips or steps that
            are there, left out where all clips of the table have their one vector; ``labels`` and
            ``scores`` where they are learned.
        """
        found: dict[str, Tensor] = {}
        done: dict[int, tuple[Tensor, Tensor]] = {}
        for name, block in self.blocks.items():
            # One block may stand for several modalities, as in the official unimodal runs.
            if id(block) not in done:
                done[id(block)] = block.rows(index, at_least.get(name, 1))
            found[name], mask = done[id(block)]
            if not (isinstance(block, Vectors) and self._is_whole(name)):
                found[f"{name}_mask"] = mask
        if self.labels.names:
            found["labels"] = self.labels.classes.index_select(0, index)
        else:
            found["scores"] = self.labels.scores.index_select(0, index)
        return found

    def to(self, device: torch.device | str) -> "FeatureTable":
        """The same on a device."""
        blocks = {name: block.to(device) for name, block in self.blocks.items()}
        labels = replace(
            self.labels,
            classes=self.labels.classes.to(device),
            scores=self.labels.scores.to(device),
        )
        splits = {name: index.to(device) for name, index in self.splits.items()}
        return replace(self, blocks=blocks, labels=labels, splits=splits)

    def of(self, *modalities: str) -> "FeatureTable":
        """The same with some modalities alone; clips that have none of them are in no split.

        Raises:
            ValueError: The table has no such modality.
        """
        for name in modalities:
            if name not in self.blocks:
                raise unknown_name("modality of the table", name, self.blocks)
        blocks = {name: self.blocks[name] for name in MODALITIES if name in modalities}
        there = torch.stack([block.there for block in blocks.values()]).any(0)
        splits = {name: index[there[index]] for name, index in self.splits.items()}
        return replace(self, blocks=blocks, splits=splits)

    def tripled(self, modality: str) -> "FeatureTable":
        """One modality's features in the place of all three, as the official unimodal runs feed it.

        Raises:
            ValueError: The table has no such modality.
        """
        alone = self.of(modality)
        return replace(alone, blocks=dict.fromkeys(MODALITIES, alone.blocks[modality]))

    def normalised(self) -> "FeatureTable":
        """The same with features less the mean and over the deviation of the training clips."""
        train = self.splits["train"]
        made = {id(block): block.normalised(train) for block in self.blocks.values()}
        return replace(self, blocks={name: made[id(block)] for name, block in self.blocks.items()})

    def _is_whole(self, name: str) -> bool:
        """Whether every clip has a modality; asked once."""
        known = self.__dict__.setdefault("_whole", {})
        if name not in known:
            known[name] = bool(self.blocks[name].there.all())
        return bool(known[name])


def require_finite(blocks: Mapping[str, Block], ids: Sequence[str]) -> None:
    """Refuse features that are not numbers.

    Raises:
        ValueError: Names the modality, how many clips, and the first of them.
    """
    for name, block in blocks.items():
        bad = block.broken().tolist()
        if bad:
            raise ValueError(
                f"{name} features of {len(bad)} clips are not finite: got nan or infinity for "
                f"{named([ids[i] for i in bad])}, expected numbers. Make them again, or take these "
                "clips out."
            )


def named(ids: Sequence[str]) -> str:
    """The first of some clips, in words.

    Example:
        >>> named(["a", "b"]), named(list("abcdefg"))
        ('a, b', 'a, b, c, d, e, ...')
    """
    return ", ".join(ids[:NAMED]) + (", ..." if len(ids) > NAMED else "")


def table_of(
    features: Mapping[str, Any],
    labels: Sequence[int] | None,
    splits: Mapping[str, Sequence[int]],
    *,
    names: Sequence[str] = (),
    scores: Sequence[float] | None = None,
    ids: Sequence[str] | None = None,
    corpus: str = "arrays",
    missing: Missing = "mask",
) -> FeatureTable:
    """Make a table of arrays.

    Args:
        features: ``audio``, ``text``, ``vision`` (some of them) to an array ``(clips, width)``, or
            a list of arrays ``(steps, width)``; None in a list is a clip that lacks the modality.
        labels: Class numbers, `IGNORED` where there is none; None learns the scores alone.
        splits: ``train``, ``validation``, ``test`` to numbers of clips.
        names: The classes; by default their numbers.
        scores: A number for each clip, NaN where there is none.
        ids: By default numbers.
        corpus: What reports call it.
        missing: See `FeatureTable`.

    Raises:
        ValueError: Lengths differ, a modality is unknown, or a feature is not finite.
    """
    require_missing(missing)
    blocks = {}
    for name, values in features.items():
        if name not in MODALITIES:
            raise unknown_name("modality", name, MODALITIES)
        blocks[name] = _block(values)
    if not blocks:
        raise ValueError(f"`features` is empty: expected some of {', '.join(MODALITIES)}.")
    blocks = {name: blocks[name] for name in MODALITIES if name in blocks}
    n_clips = len(next(iter(blocks.values())).there)
    ids = tuple(ids if ids is not None else map(str, range(n_clips)))
    given = {"labels": labels, "scores": scores, "ids": ids}
    sizes = {name: len(block.there) for name, block in blocks.items()}
    sizes |= {name: len(each) for name, each in given.items() if each is not None}
    if len(set(sizes.values())) > 1:
        raise ValueError(f"lengths differ: got {sizes}, expected one row per clip in each.")
    require_finite(blocks, ids)
    classes = torch.full((n_clips,), IGNORED) if labels is None else torch.tensor(labels).long()
    n_classes = 0 if labels is None else int(classes.max()) + 1
    known = Labels(
        None if labels is None else "labels",
        tuple(names) or tuple(map(str, range(n_classes))),
        classes,
        torch.tensor(scores).float() if scores is not None else torch.full((n_clips,), torch.nan),
    )
    table = FeatureTable(corpus, ids, blocks, known, {}, missing)
    return replace(table, splits=usable(table, splits))


def usable(table: FeatureTable, splits: Mapping[str, Sequence[int] | Tensor]) -> dict[str, Tensor]:
    """Clips of each split that have a label and at least one modality.

    Raises:
        ValueError: Nothing is left to train on.
    """
    there = torch.stack([block.there for block in table.blocks.values()]).any(0)
    can = table.labels.known & there
    found = {}
    for name, index in splits.items():
        numbers = torch.as_tensor(index).long()
        found[name] = numbers[can[numbers]]
    if not len(found.get("train", ())):
        raise ValueError(
            f"{table.corpus} has nothing to train on: got no clip of `train` with features and a "
            "label, expected some. Choose another label or protocol, or fill the features."
        )
    return found


def require_missing(missing: str) -> None:
    """Refuse a choice that is none.

    Raises:
        ValueError: It is not one of `MISSING`.
    """
    if missing not in MISSING:
        raise unknown_name("`missing`", missing, MISSING)


def _block(values: Any) -> Block:
    """Arrays as a block."""
    if isinstance(values, Vectors | Steps):
        return values
    if isinstance(values, torch.Tensor | np.ndarray):
        tensor = torch.as_tensor(values)
        if tensor.dim() == 2:
            return Vectors(tensor, torch.ones(len(tensor), dtype=torch.bool))
        values = list(tensor)
    there = torch.tensor([value is not None for value in values], dtype=torch.bool)
    steps = [torch.as_tensor(value) for value in values if value is not None]
    if not steps:
        raise ValueError("a modality is empty: got no clip with features, expected some.")
    if steps[0].dim() == 1:
        rows = torch.zeros(len(values), len(steps[0]), dtype=steps[0].dtype)
        rows[there] = torch.stack(steps)
        return Vectors(rows, there)
    lengths = torch.zeros(len(values), dtype=torch.long)
    lengths[there] = torch.tensor([len(each) for each in steps])
    ends = torch.cat([lengths.new_zeros(1), lengths.cumsum(0)])
    return Steps(torch.cat(steps), ends, there)
