"""DialogueRNN: a global state, a state per speaker and an emotion state, in both directions.

Source: Majumder et al. (2019), section 3, in the form of the released code.
"""

import torch
from torch import Tensor, nn

from .configuration_erc import ErcConfig
from .configuration_options import DialogueGCNOptions, DialogueRNNOptions
from .modeling_attention import DialogueAttention, MatchingAttention, SimpleAttention
from .modeling_conversation import Conversation
from .modeling_dialogues import Dialogues
from .modeling_recurrence import gru_step

Options = DialogueRNNOptions | DialogueGCNOptions


class DialogueCell(nn.Module):
    """The cells of one direction, under the names of the released code."""

    def __init__(
        self, input_dim: int, emotion_dim: int, global_dim: int, party_dim: int, option: Options
    ) -> None:
        super().__init__()
        self.g_cell = nn.GRUCell(input_dim + party_dim, global_dim)
        self.p_cell = nn.GRUCell(input_dim + global_dim, party_dim)
        self.e_cell = nn.GRUCell(party_dim, emotion_dim)
        if option.listener_state:
            self.l_cell = nn.GRUCell(input_dim + party_dim, party_dim)
        kind = option.context_attention
        self.attention = (
            SimpleAttention(global_dim)
            if kind == "simple"
            else MatchingAttention(global_dim, input_dim, kind, option.attention_dim)
        )


class DialogueReader(nn.Module):
    """One direction of DialogueRNN over whole dialogues.

    What depends on the utterances alone is projected for all of them at once; a step updates the
    speaker's state, and the others' only where listeners change. At step t, with speaker s:
    g_t = GRU([u_t; q_s], g_t-1), c_t looks at g_1 to g_t-1, q_s = GRU([u_t; c_t], q_s),
    e_t = GRU(q_s, e_t-1).
    """

    def __init__(self, input_dim: int, emotion_dim: int, n_speakers: int, option: Options) -> None:
        super().__init__()
        usual = max(1, round(emotion_dim * 5 / 3))
        self.global_dim = option.global_dim or usual
        self.party_dim = option.party_dim or usual
        self.n_speakers = n_speakers
        self.listens = option.listener_state
        sizes = (input_dim, emotion_dim, self.global_dim, self.party_dim)
        self.dialogue_cell = DialogueCell(*sizes, option)
        self.dropout = nn.Dropout(option.recurrent_dropout)

    def forward(self, utterances: Tensor, speakers: Tensor) -> Tensor:
        """Utterances of shape (B, L, D) by speakers (B, L) to emotion states (B, L, E)."""
        cell, drop = self.dialogue_cell, self.dropout
        n, length = speakers.shape
        g_in, g_own = _halves(cell.g_cell, utterances)
        p_in, p_context = _halves(cell.p_cell, utterances)
        l_in, l_own = _halves(cell.l_cell, utterances) if self.listens else (None, None)
        asked = cell.attention.ask(utterances)
        parties = utterances.new_zeros(n, self.n_speakers, self.party_dim)
        g = utterances.new_zeros(n, self.global_dim)
        rows = torch.arange(n, device=utterances.device)
        past: list[Tensor] = []
        spoken = []
        for t in range(length):
            who = speakers[:, t]
            before = parties[rows, who]
            g = drop(_step(cell.g_cell, g_in[:, t] + before @ g_own, g))
            inputs = p_in[:, t]
            if past:
                memory = torch.stack(past, 1)
                weights = cell.attention.scores(memory, asked[:, t]).softmax(-1)
                inputs = inputs + (weights[:, None] @ memory)[:, 0] @ p_context
            past.append(g)
            own = drop(_step(cell.p_cell, inputs, before))
            if l_in is not None and l_own is not None:
                inputs = (l_in[:, t] + own @ l_own)[:, None].expand(-1, self.n_speakers, -1)
                parties = drop(_step(cell.l_cell, inputs, parties))
            speaking = nn.functional.one_hot(who, self.n_speakers)[..., None].bool()
            parties = own[:, None].where(speaking, parties)
            spoken.append(own)
        return self._emotions(torch.stack(spoken, 1))

    def _emotions(self, spoken: Tensor) -> Tensor:
        """The emotion states, which nothing else depends on, after all speakers' states."""
        cell = self.dialogue_cell.e_cell
        projected = nn.functional.linear(spoken, cell.weight_ih, cell.bias_ih)
        e = spoken.new_zeros(len(spoken), cell.hidden_size)
        states = []
        for t in range(spoken.shape[1]):
            e = self.dropout(_step(cell, projected[:, t], e))
            states.append(e)
        return torch.stack(states, 1)


def _halves(cell: nn.GRUCell, utterances: Tensor) -> tuple[Tensor, Tensor]:
    """The input side of the utterances, and the weights, transposed, of what stands beside them."""
    dim = utterances.shape[-1]
    projected = nn.functional.linear(utterances, cell.weight_ih[:, :dim], cell.bias_ih)
    return projected, cell.weight_ih[:, dim:].T


def _step(cell: nn.GRUCell, projected: Tensor, hidden: Tensor) -> Tensor:
    return gru_step(projected, hidden, cell.weight_hh, cell.bias_hh)


class DialogueRNN(Conversation):
    """Both directions, attention over the dialogue's emotions, and a layer with ReLU.

    Args:
        config: ``causal`` leaves out the direction that begins at the end, and lets an utterance
            look at those before it only.

    Differs: ``fixed`` and ``official`` are the same network. Where ``official`` counts padding as a
    score of 0 before it leaves it out, ``fixed`` never does.
    """

    def __init__(self, config: ErcConfig) -> None:
        super().__init__()
        option = config.option
        sizes = (config.feature_dim, config.width, config.n_speakers)
        self.dialog_rnn_f = DialogueReader(*sizes, option)
        self.dialog_rnn_r = None if config.causal else DialogueReader(*sizes, option)
        dim = config.width * (1 if config.causal else 2)
        self.matchatt = (
            DialogueAttention(
                dim, official=config.is_official, squash=False, causal=bool(config.causal)
            )
            if option.emotion_attention
            else None
        )
        self.features_dim = 2 * (option.head_dim or config.width)
        self.linear = nn.Linear(dim, self.features_dim)
        self.dropout = nn.Dropout(config.dropped)
        # The released code drops .15 more of the states than it does elsewhere.
        self.dropout_rec = nn.Dropout(min(config.dropped + 0.15, 1.0))

    def forward(self, dialogues: Dialogues) -> Tensor:
        """Features of shape (B, L, features_dim)."""
        states = self.dropout_rec(self.dialog_rnn_f(dialogues.features, dialogues.speakers))
        if self.dialog_rnn_r is not None:
            turned = dialogues.backwards(dialogues.features)
            back = self.dialog_rnn_r(turned, dialogues.backwards(dialogues.speakers))
            back = self.dropout_rec(dialogues.backwards(back))
            states = torch.cat([states, back], -1)
        if self.matchatt is not None:
            states = self.matchatt(states, dialogues.mask)
        return self.dropout(self.linear(states).relu())
