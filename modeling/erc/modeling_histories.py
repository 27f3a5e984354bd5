"""Which histories CMN and ICON read: places in dialogues, and who asks for them."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor


class Masks(NamedTuple):
    """What stands where in histories of K places.

    Attributes:
        is_own: Booleans of shape (S, K): what the asking speaker said.
        is_other: The same of all others.
        seen: Booleans of shape (S, Q, K): what lies before each of the utterances that ask.
    """

    is_own: Tensor
    is_other: Tensor
    seen: Tensor


@dataclass(frozen=True)
class Histories:
    """What some speakers said and heard, oldest first, and the utterances that ask for it.

    Attributes:
        rows: The dialogue that each lies in, of shape (S,).
        places: Its utterances, of shape (S, K), 0 where there is none.
        masks: Who said what of it, and what is seen by whom.
        asks: Places of utterances, of shape (S, Q).
        asking: Booleans of shape (S, Q): which of these ask for this history.
    """

    rows: Tensor
    places: Tensor
    masks: Masks
    asks: Tensor
    asking: Tensor

    @property
    def asked(self) -> tuple[Tensor, Tensor]:
        """Dialogues and places of the utterances that ask, of shape (A,) each."""
        return self.rows[:, None].expand_as(self.asks)[self.asking], self.asks[self.asking]


def by_speaker(speakers: Tensor, mask: Tensor, size: int) -> Histories:
    """One history for each speaker of each dialogue, for all that asks within ``size`` utterances.

    Args:
        speakers: Of shape (B, L).
        mask: Booleans of shape (B, L).
        size: Most utterances of a history.

    Returns:
        Histories of the utterances at places 0 to ``size``, which begin with their dialogue.
    """
    n = min(mask.shape[1], size + 1)
    speakers, mask = speakers[:, :n], mask[:, :n]
    present = torch.nn.functional.one_hot(speakers).bool() & mask[..., None]
    rows, who = present.any(1).nonzero(as_tuple=True)
    speaks = (speakers[rows] == who[:, None]) & mask[rows]
    here = torch.arange(n, device=mask.device)
    own, there = speaks[:, : n - 1], mask[rows, : n - 1]
    return Histories(
        rows=rows,
        places=here[: n - 1].expand(len(rows), -1),
        masks=Masks(own, there & ~own, (here[:-1] < here[:, None]) & there[:, None]),
        asks=here.expand(len(rows), -1),
        asking=speaks,
    )


def by_window(speakers: Tensor, mask: Tensor, size: int, first: int = 0) -> Histories:
    """One history for each utterance from place ``first`` on, of exactly ``size`` places.

    Args:
        speakers: Of shape (B, L).
        mask: Booleans of shape (B, L).
        size: Places of a history; those before the dialogue are empty.
        first: Place of the first utterance that asks.
    """
    rows, asks = mask[:, first:].nonzero(as_tuple=True)
    asks = asks + first
    places = asks[:, None] + torch.arange(size, device=mask.device) - size
    there = places >= 0
    places = places.clamp(min=0)
    own = there & (speakers[rows[:, None], places] == speakers[rows, asks][:, None])
    return Histories(
        rows=rows,
        places=places,
        masks=Masks(own, there & ~own, there[:, None]),
        asks=asks[:, None],
        asking=torch.ones_like(asks[:, None], dtype=torch.bool),
    )
