"""Which clips are asked together: like lengths, and always the same ones.

A batch is decided by the clips and its size alone, not by how many processes there are or where a
run was stopped. So the sums behind an answer are the same ones every time, to the last bit.
"""

from collections.abc import Sequence
from typing import Any

import datasets

from affecthub.training.recipe import Recipe

# Transcripts that go through the tokenizer at once.
_AT_ONCE = 10_000


def prompt_lengths(rows: datasets.Dataset, processor: Any, recipe: Recipe) -> list[int]:
    """Tokens of each clip's transcript; all else of a prompt is as long for every clip.

    Args:
        rows: Rows of a corpus.
        processor: Its tokenizer counts.
        recipe: Without "text" among its modalities all lengths are 0.
    """
    if "text" not in recipe.modalities or "text" not in rows.column_names:
        return [0] * len(rows)
    lengths: list[int] = []
    for batch in rows.select_columns(["text"]).iter(batch_size=_AT_ONCE):
        texts = [text if isinstance(text, str) else "" for text in batch["text"]]
        spoken = [text.encode("utf-8", "replace").decode() for text in texts]
        lengths += map(len, processor.tokenizer(spoken, add_special_tokens=False)["input_ids"])
    return lengths


def batches_by_length(lengths: Sequence[int], batch_size: int) -> list[list[int]]:
    """Numbers of clips, so many together, the longest first: what does not fit fails at once.

    Args:
        lengths: Of each clip's prompt.
        batch_size: Clips in a batch; the last one may have fewer.

    Returns:
        Each number from 0 on once; none without lengths.

    Example:
        >>> batches_by_length([3, 9, 3, 5], 2)
        [[1, 3], [0, 2]]
    """
    order = sorted(range(len(lengths)), key=lambda i: (-lengths[i], i))
    return [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
