"""What every kind of encoder has: a reader for worker processes, and what encodes in batches."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import torch


class Reader(Protocol):
    """Reads a clip for an encoder; it is handed to worker processes and holds no weights."""

    def __call__(self, row: Mapping[str, Any]) -> Any | None:
        """A clip's input, None where the clip has nothing to encode.

        Raises:
            ValueError: The clip cannot be used.
            OSError: Its file is not there.
        """


class Encoder(Protocol):
    """An encoder with its rules.

    Args:
        reader: Reads its input.
        medium: Column of a corpus that it reads.
        width: Numbers in a vector of a step.
        key: What decides the numbers, as plain values.
        batch_size: Clips that are usually encoded together.
    """

    reader: Reader
    medium: str
    width: int
    key: dict[str, Any]
    batch_size: int
    model: Any

    def steps(self, clips: Sequence[Any]) -> list[torch.Tensor]:
        """Vectors of clips, float32 ``(steps, width)`` each, on the CPU."""


def alike(inputs: Iterable[torch.Tensor], most: int) -> Iterator[tuple[list[int], torch.Tensor]]:
    """Stack tensors of one shape, at most so many at a time: nothing is ever padded.

    Yields:
        Places of some tensors, and these stacked; every place once.

    Example:
        >>> [places for places, _ in alike([torch.zeros(2), torch.zeros(3), torch.zeros(2)], 8)]
        [[0, 2], [1]]
    """
    of_shape: dict[tuple[int, ...], list[tuple[int, torch.Tensor]]] = {}
    for place, values in enumerate(inputs):
        of_shape.setdefault(tuple(values.shape), []).append((place, values))
    for same in of_shape.values():
        for start in range(0, len(same), most):
            some = same[start : start + most]
            yield [place for place, _ in some], torch.stack([values for _, values in some])


def regrouped(parts: Sequence[torch.Tensor], counts: Sequence[int]) -> list[torch.Tensor]:
    """Join parts of clips, so many of each, along their steps; float32 on the CPU."""
    joined = []
    start = 0
    for count in counts:
        joined.append(torch.cat(list(parts[start : start + count])).float().cpu())
        start += count
    return joined


def on_model(model: Any, values: torch.Tensor) -> torch.Tensor:
    """Values where a model lies, in its precision if they are floating."""
    if values.is_floating_point():
        return values.to(model.device, model.dtype)
    return values.to(model.device)


def plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a processor that decide numbers, without those that name things."""
    return {
        name: value
        for name, value in sorted(settings.items())
        if isinstance(value, bool | int | float | str | list | tuple | dict)
        and not name.startswith("_")
        and name not in ("processor_class", "image_processor_type", "feature_extractor_type")
    }
