"""Training clips that turn out not to be readable: their place stays empty, and they are listed."""

import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Dataset

from affecthub.training.evaluation.undisturbed import random_untouched
from affecthub.training.examples import UnusableClipError

# What a batch holds beside its tensors, until `watching.WatchesClips` takes it out.
CLIPS, BROKEN = "clips", "broken_clips"
_MASKED = -100


@dataclass(frozen=True)
class Fetched:
    """A clip as it was fetched.

    Args:
        clip_id: Which.
        tensors: The processor's, without the batch axis; None where it cannot be read.
        reason: Why it cannot, or None.
    """

    clip_id: str
    tensors: Mapping[str, torch.Tensor] | None
    reason: str | None = None


class Readable(Dataset):
    """Examples as they are, but that one that cannot be read does not end the run.

    Args:
        examples: What is fetched by number and raises `UnusableClipError`.
        ids: The clip of each number.
    """

    def __init__(self, examples: Any, ids: Sequence[str]) -> None:
        self.examples = examples
        self.ids = list(ids)
        self._stand_in: Mapping[str, torch.Tensor] | None = None

    def __len__(self) -> int:
        """Number of clips."""
        return len(self.examples)

    def __getitem__(self, key: int | tuple[int, int]) -> Fetched:
        """One clip or draw, or why it cannot be read."""
        clip_id = self.ids[key[0] if isinstance(key, tuple) else key]
        try:
            return Fetched(clip_id, self.examples[key])
        except UnusableClipError as error:
            return Fetched(clip_id, None, error.reason)

    def lengths(self) -> list[int]:
        """The examples' own, see `Examples.lengths`."""
        lengths: list[int] = self.examples.lengths()
        return lengths

    def stand_in(self) -> Mapping[str, torch.Tensor]:
        """The first clip that can be read, with every label masked: it teaches nothing.

        A batch of which no clip can be read still goes through the model, because other processes
        wait for its gradients.

        Raises:
            ValueError: No clip can be read.
        """
        if self._stand_in is None:
            with random_untouched():
                found = next(
                    (each for each in map(self.__getitem__, range(len(self))) if each.tensors), None
                )
            if found is None or found.tensors is None:
                raise ValueError(
                    f"not one of {len(self)} clips can be read: expected some to train on. "
                    f"{self[0].reason}"
                )
            labels = torch.full_like(found.tensors["labels"], _MASKED)
            self._stand_in = {**found.tensors, "labels": labels}
        return self._stand_in


class Collator:
    """Makes a batch of the clips that can be read, with the names of all and the broken ones.

    Args:
        pad: Makes a batch of examples: a processor's ``pad``, or ``pack``.
        stand_in: Gives an example that teaches nothing, for a batch without a readable clip.
    """

    def __init__(
        self, pad: Callable[..., Any], stand_in: Callable[[], Mapping[str, torch.Tensor]]
    ) -> None:
        self.pad = pad
        self.stand_in = stand_in

    def __call__(self, fetched: Sequence[Fetched]) -> dict[str, Any]:
        """The batch."""
        read = [each.tensors for each in fetched if each.tensors is not None]
        broken = {each.clip_id: each.reason for each in fetched if each.tensors is None}
        return {
            **self.pad(read or [self.stand_in()]),
            CLIPS: [each.clip_id for each in fetched],
            BROKEN: broken,
        }


class BrokenClips:
    """The clips of a run that could not be read, in memory and in files that outlive a kill.

    Args:
        folder: Where each process writes its own jsonl, ``id`` and ``reason`` per line; what an
            earlier start of the run found is read from there.
        rank: The process.
    """

    FILES = "broken-clips-*.jsonl"

    def __init__(self, folder: str | Path, rank: int = 0) -> None:
        self.path = Path(folder) / self.FILES.replace("*", str(rank))
        self.reasons: dict[str, str] = {}
        self._warned = False
        for path in sorted(Path(folder).glob(self.FILES)):
            for line in path.read_text("utf-8").splitlines():
                try:
                    row = json.loads(line)
                    self.reasons[row["id"]] = row["reason"]
                except (ValueError, KeyError):
                    continue  # a line cut off by a kill: the clip will be met again

    def note(self, found: Mapping[str, str]) -> None:
        """List clips; warn of the first one."""
        new = {clip_id: why for clip_id, why in found.items() if clip_id not in self.reasons}
        if not new:
            return
        self.reasons |= new
        if not self._warned:
            self._warned = True
            warnings.warn(
                f"a clip cannot be read and its place in the batch stays empty: "
                f"{next(iter(new.values()))} Others are listed beside it in training.json.",
                stacklevel=3,
            )
        text = "".join(
            json.dumps({"id": clip_id, "reason": why}, ensure_ascii=True) + "\n"
            for clip_id, why in new.items()
        )
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            warnings.warn(f"{self.path} cannot be written: {error}", stacklevel=3)
