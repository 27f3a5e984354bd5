"""Same label: the share of clips whose label is the reference, letter for letter."""

import math
import warnings
from collections.abc import Sequence
from typing import Any


def same_label(predictions: Sequence[Any], references: Sequence[Any]) -> dict[str, Any]:
    """Compare labels.

    Args:
        predictions: One label per clip.
        references: The same, aligned.

    Returns:
        ``same_label`` in [0, 1], higher is better, NaN without clips; ``n_clips``.
    """
    pairs = list(zip(predictions, references, strict=True))
    if not pairs:
        warnings.warn("same_label is nan: there are no clips", stacklevel=2)
    right = sum(label == reference for label, reference in pairs)
    return {"same_label": right / len(pairs) if pairs else math.nan, "n_clips": len(pairs)}
