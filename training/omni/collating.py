"""A batch of clips that have the same kinds of media, padded on the left."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from affecthub.training.asking.backends.transformers_batches import collate as collate_inputs
from affecthub.training.omni.encoding import INTERLEAVED
from affecthub.training.omni.families import ChatFamily
from affecthub.training.order import IGNORED

# What the model is told where sound stands between frames; nothing in it looks at the tokens.
FLAG = "use_audio_in_video"
_OWN = ("labels", INTERLEAVED)


def collate(
    examples: Sequence[Mapping[str, torch.Tensor]], *, family: ChatFamily, pad_token_id: int
) -> dict[str, Any]:
    """One batch of several clips.

    Args:
        examples: Each of `Encoder.encode`.
        family: Of the model.
        pad_token_id: What fills shorter rows on the left.

    Returns:
        Tokens and `labels` of shape (batch, n_tokens); media one after the other, in the order of
        the clips. For a model that can hear between frames, `use_audio_in_video`, true or false
        for the batch.

    Raises:
        ValueError: The clips have other kinds of media, or some have their sound between frames and
            others have not: the model would place the tokens of some wrongly, without an error.
    """
    kinds = {frozenset(each) for each in examples}
    between = {bool(each[INTERLEAVED]) for each in examples}
    if len(kinds) > 1 or len(between) > 1:
        differ = sorted(frozenset.union(*kinds) - frozenset.intersection(*kinds))
        raise ValueError(
            f"a batch of clips with other kinds of media: got {', '.join(differ) or 'sound'} in "
            "some alone, expected the same in all. Group them by their kinds."
        )
    read = [{name: each[name] for name in each if name not in _OWN} for each in examples]
    batch = collate_inputs(read, pad_token_id)
    longest = batch["input_ids"].shape[1]
    labels = [each["labels"] for each in examples]
    batch["labels"] = torch.cat(
        [
            torch.nn.functional.pad(each, (longest - each.shape[1], 0), value=IGNORED)
            for each in labels
        ]
    )
    if family.interleaves:
        batch[FLAG] = between.pop()
    return batch
