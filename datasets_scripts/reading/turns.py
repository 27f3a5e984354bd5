"""The order of clips in their dialogues."""

import numpy as np
import pyarrow as pa


def number_turns(dialogue: pa.Array, order: np.ndarray) -> pa.Array:
    """Number the clips of each dialogue from 0.

    Args:
        dialogue: Dialogue of each clip.
        order: What clips of one dialogue are sorted by: a time, or a number with gaps.

    Returns:
        int32, in the order of the clips given.

    Example:
        >>> number_turns(pa.array(["a", "b", "a"]), np.array([7, 1, 2])).to_pylist()
        [1, 0, 0]
    """
    dialogues = dialogue.dictionary_encode().indices.to_numpy()
    by_time = np.lexsort((order, dialogues))
    starts = np.r_[True, np.diff(dialogues[by_time]) != 0]
    position = np.arange(len(by_time))
    turns = np.empty(len(by_time), dtype=np.int32)
    turns[by_time] = position - np.maximum.accumulate(np.where(starts, position, 0))
    return pa.array(turns)
