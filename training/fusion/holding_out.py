"""Training clips to validate on, where a protocol has none."""

from collections.abc import Sequence

import numpy as np

SHARE = 0.1


def held_out(clips: Sequence[int], groups: Sequence[str | None]) -> tuple[list[int], list[int]]:
    """Divide training clips; the same every time.

    Args:
        clips: Their numbers.
        groups: Of all clips, by number: those of one group stay together; None is a clip alone.

    Returns:
        Those to train and those to validate on, a tenth or the one group next above it.

    Example:
        >>> train, held = held_out(range(6), ["a", "a", "a", "b", "b", "c"])
        >>> len(train) + len(held), bool(held)
        (6, True)
    """
    members: dict[str, list[int]] = {}
    for clip in clips:
        members.setdefault(
            f"clip {clip}" if groups[clip] is None else f"{groups[clip]}", []
        ).append(clip)
    names = list(members)
    held: set[int] = set()
    for place in np.random.default_rng(0).permutation(len(names)).tolist():
        if len(held) >= SHARE * len(clips) or len(members[names[place]]) == len(clips):
            break
        held.update(members[names[place]])
    return [clip for clip in clips if clip not in held], sorted(held)
