"""DEP and EAMT: who speaks next decides whose past is read as the speaker's.

Their papers' architectures are not public: this is the form that others compared them in (Shi et
al., 2023, second-hand), and ours where that is silent.
"""

import torch
from torch import Tensor, nn

from .configuration_erc import ErcConfig
from .modeling_conversation import Conversation
from .modeling_dialogues import Dialogues
from .modeling_recurrence import WindowRNN
from .modeling_windows import gather, turns, window


class RoleReader(nn.Module):
    """The states of one role: a GRU over them alone, and attention.

    A role that never spoke gives zeros.
    """

    def __init__(self, width: int, num_layers: int, dropout: float, attention: str) -> None:
        super().__init__()
        self.rnn = WindowRNN("gru", width, width, num_layers, dropout, False)
        self.attention = attention
        if attention != "none":
            self.query = nn.Linear(width, width)
            self.key = nn.Linear(width, width)
            self.value = nn.Linear(width, width)

    def forward(self, states: Tensor, here: Tensor) -> Tensor:
        """States of shape (N, K, H) and where the role spoke, (N, K), to (N, H)."""
        found, last = self.rnn(self.rnn.project(states), here)
        if self.attention == "none":
            return last
        asking = found if self.attention == "mean" else last[:, None]
        scores = self.query(asking) @ self.key(found).transpose(1, 2) * found.shape[-1] ** -0.5
        shares = scores.masked_fill(~here[:, None, :], -1e4).softmax(-1)
        looked = shares @ self.value(found)
        if self.attention == "mean":
            count = here.sum(1, keepdim=True).clamp(min=1)
            return looked.masked_fill(~here[..., None], 0).sum(1) / count
        return looked[:, 0].masked_fill(~here.any(1, keepdim=True), 0)


class TurnModel(Conversation):
    """A GRU over the last steps of the dialogue; its states go to two readers by role.

    Args:
        config: With the options of DEP or EAMT.

    The speaker is who speaks next (``next_speaker="given"``, which a deployed model has to know or
    to guess), or who spoke last (``"unknown"``). In DEP all others are the other role. In EAMT it
    is who spoke last of them; what spectators said is heard by the first GRU alone.
    """

    def __init__(self, config: ErcConfig) -> None:
        super().__init__()
        option, width = config.option, config.width
        self.context, self.in_turns = option.context, option.turns
        self.given = option.next_speaker == "given"
        self.leaves_spectators = config.algorithm == "eamt"
        sizes = (option.num_layers, config.dropped)
        self.interaction = WindowRNN("gru", config.feature_dim, width, *sizes, False)
        self.speaker = RoleReader(width, *sizes, option.attention)
        self.other = RoleReader(width, *sizes, option.attention)
        self.dropout = nn.Dropout(config.dropped)
        self.features_dim = 3 * width

    def forward(self, dialogues: Dialogues) -> Tensor:
        """Features of shape (B, L, 3 * hidden_dim): speaker, other, interaction."""
        speakers, mask = dialogues.speakers, dialogues.mask
        heard = dialogues.features
        if self.in_turns:
            heard, places, there = turns(heard, speakers, mask, self.context)
        else:
            places, there = window(mask, self.context)
        who = gather(speakers, places).flatten(0, 1)
        there = there.flatten(0, 1)
        following = dialogues.next_speakers if self.given else speakers
        is_speaker, is_other = self._roles(who, there, following.flatten())
        projected = gather(self.interaction.project(heard), places).flatten(0, 1)
        states, last = self.interaction(projected, there)
        states = self.dropout(states)
        found = [self.speaker(states, is_speaker), self.other(states, is_other), last]
        return self.dropout(torch.cat(found, -1)).view(*speakers.shape, -1)

    def _roles(self, who: Tensor, there: Tensor, following: Tensor) -> tuple[Tensor, Tensor]:
        """Where the speaker spoke, and where the other role did, of shape (N, K)."""
        is_speaker = there & (who == following[:, None])
        is_other = there & ~is_speaker
        if self.leaves_spectators:
            steps = torch.arange(who.shape[1], device=who.device)
            latest = steps.expand_as(who).masked_fill(~is_other, 0).amax(1, keepdim=True)
            is_other = is_other & (who == who.gather(1, latest))
        return is_speaker, is_other
