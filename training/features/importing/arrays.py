"""Features of clips as somebody else has kept them, and whether they can be used."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from affecthub.training.features.names import Level, Modality

# Files that errors name, of each kind of fault.
_NAMED = 3

Read = Callable[[], np.ndarray]


@dataclass(frozen=True)
class Foreign:
    """One kind of features of some clips.

    Args:
        name: Of the cache that is made of it.
        encoder: What made the features, as their owner calls it.
        modality: What they tell of.
        level: One vector a clip, or one for each step.
        clips: Clip to what reads its features.
        source: File or folder, for readers of the cache.
    """

    name: str
    encoder: str
    modality: Modality
    level: Level
    clips: Mapping[str, Read]
    source: str


@dataclass
class Checked:
    """What a look at all features has shown.

    Args:
        width: Numbers in a vector.
        digest: SHA-256 of all of them.
        zeros: Clips whose features are zeros alone: MERBench writes these for clips without any.
    """

    width: int
    digest: str
    zeros: list[str] = field(default_factory=list)


def check(foreign: Foreign) -> Checked:
    """Look at the features of every clip before any is taken.

    Args:
        foreign: The features.

    Raises:
        ValueError: Some are empty, not finite, of another width or shape than most, or no arrays
            of numbers; names the first files of each fault and how many there are.
    """
    faults: dict[str, list[str]] = {}
    widths: dict[int, list[str]] = {}
    zeros: list[str] = []
    digest = hashlib.sha256()
    for clip, values in _read(foreign, faults):
        fault = _fault(values, foreign.level)
        if fault is not None:
            faults.setdefault(fault, []).append(clip)
            continue
        steps = as_steps(values)
        widths.setdefault(steps.shape[1], []).append(clip)
        if not steps.any():
            zeros.append(clip)
        digest.update(f"{clip}{steps.shape}".encode())
        digest.update(np.ascontiguousarray(steps, np.float32).data)
    if len(widths) > 1:
        usual = max(widths, key=lambda width: len(widths[width]))
        for width, clips in widths.items():
            if width != usual:
                faults.setdefault(f"width {width}, others {usual}", []).extend(clips)
    if faults or not widths:
        raise ValueError(
            f"{foreign.source}: features cannot be taken: {_told(faults) or 'there are none'}. "
            "Mend or remove these; clips without features may be absent."
        )
    (width,) = widths
    return Checked(width, digest.hexdigest(), zeros)


def as_steps(values: np.ndarray) -> np.ndarray:
    """Features as ``(steps, width)``: a single vector is one step."""
    return values[None] if values.ndim == 1 else values


def _read(foreign: Foreign, faults: dict[str, list[str]]) -> Iterator[tuple[str, np.ndarray]]:
    for clip, read in foreign.clips.items():
        try:
            yield clip, read()
        except (ValueError, OSError, EOFError) as error:
            faults.setdefault(f"unreadable ({str(error)[:100]})", []).append(clip)


def _fault(values: np.ndarray, level: Level) -> str | None:
    """What is wrong with a clip's features; None where nothing is."""
    if values.dtype.kind not in "fiu":
        return f"{values.dtype} in place of numbers"
    if values.size == 0:
        return "empty"
    if values.ndim not in (1, 2):
        return f"{values.ndim} dimensions, expected 1 or 2"
    if level == "utterance" and len(as_steps(values)) != 1:
        return "several vectors, expected one"
    if not np.isfinite(values).all():
        return "NaN or infinite"
    return None


def _told(faults: Mapping[str, Sequence[str]]) -> str:
    parts = []
    for fault, clips in sorted(faults.items()):
        more = ", ..." if len(clips) > _NAMED else ""
        parts.append(f"{len(clips)} {fault}: {', '.join(clips[:_NAMED])}{more}")
    return "; ".join(parts)
