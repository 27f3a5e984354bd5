"""DialogueGCN: context, then messages over a graph of utterances, in dense matrices.

Source: Ghosal et al. (2019), section 3; the official form follows the released code.
"""

from dataclasses import replace

import torch
from torch import Tensor, nn

from .configuration_erc import ErcConfig
from .modeling_attention import DialogueAttention
from .modeling_conversation import Conversation
from .modeling_dialoguernn import DialogueReader
from .modeling_dialogues import Dialogues
from .modeling_graph import (
    PairAttention,
    RelationalLayer,
    RowAttention,
    SumLayer,
    edges,
    relations,
)
from .modeling_recurrence import packed
from .modeling_scan import read_lstm


class GraphNetwork(nn.Module):
    """Both layers of the graph, and what an utterance is read off, under the released names."""

    def __init__(self, config: ErcConfig, dim: int) -> None:
        super().__init__()
        option = config.option
        graph_dim = option.graph_dim or config.hidden_dim
        n_relations = 2 * config.n_speakers**2
        self.conv1 = RelationalLayer(dim, graph_dim, n_relations, option.n_bases)
        self.conv2 = SumLayer(graph_dim, graph_dim)
        self.matchatt = (
            DialogueAttention(
                dim + graph_dim,
                official=config.is_official,
                squash=config.is_official,
                causal=bool(config.causal),
            )
            if option.nodal_attention
            else None
        )
        self.linear = nn.Linear(dim + graph_dim, graph_dim)
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self, nodes: Tensor, weights: Tensor, numbers: Tensor, heard: Tensor, mask: Tensor
    ) -> Tensor:
        """Nodes of shape (B, L, D) to features of shape (B, L, graph_dim)."""
        found = self.conv2(self.conv1(nodes, mask, weights, numbers), heard)
        states = torch.cat([nodes, found], -1)
        if self.matchatt is not None:
            states = self.matchatt(states, mask)
        return self.dropout(self.linear(states).relu())


class DialogueGCN(Conversation):
    """A context layer, the graph, and a layer with ReLU.

    Args:
        config: ``causal`` takes one direction of the context (as wide as one), and windows and
            attention without what comes later.

    Differs: In ``official`` the messages run backwards: the weights of i's window are right, but j
    hears i by them and not i j; with ``future=0`` an utterance hears the coming ones alone. The
    weights of edges depend on an utterance's place, the context on the padding of its batch. In
    ``fixed`` i hears its window, weights are the paper's, and the attention over the dialogue has
    no tanh before its softmax.
    """

    def __init__(self, config: ErcConfig) -> None:
        super().__init__()
        option = config.option
        self.official, self.n_speakers = config.is_official, config.n_speakers
        self.past = option.past
        self.future = 0 if config.causal else option.future
        dim = self._add_context(config)
        self.att_model: nn.Module = (
            RowAttention(dim, option.max_length) if self.official else PairAttention(dim)
        )
        self.graph_net = GraphNetwork(config, dim)
        self.features_dim = self.graph_net.linear.out_features

    def _add_context(self, config: ErcConfig) -> int:
        """The layer that reads the dialogue first; the width of what it gives."""
        option, width = config.option, config.hidden_dim
        self.base, self.causal = option.base, bool(config.causal)
        if self.base == "none":
            self.base_linear = nn.Linear(config.feature_dim, 2 * width)
            return 2 * width
        if self.base == "dialoguernn":
            usual = max(1, round(width * 3 / 2))
            option = replace(
                option,
                global_dim=option.global_dim or usual,
                party_dim=option.party_dim or usual,
            )
            sizes = (config.feature_dim, width, config.n_speakers, option)
            self.dialog_rnn_f = DialogueReader(*sizes)
            self.dialog_rnn_r = None if self.causal else DialogueReader(*sizes)
        else:
            layers = {"lstm": nn.LSTM, "gru": nn.GRU}[self.base]
            sides = {"bidirectional": not self.causal, "dropout": config.dropout}
            rnn = layers(config.feature_dim, width, 2, batch_first=True, **sides)
            setattr(self, self.base, rnn)
        return width if self.causal else 2 * width

    def forward(self, dialogues: Dialogues) -> Tensor:
        """Features of shape (B, L, features_dim)."""
        nodes = self._context(dialogues)
        heard = edges(dialogues.mask, self.past, self.future)
        weights = self.att_model(nodes, heard)
        numbers = relations(dialogues.speakers, self.n_speakers, self.official)
        if self.official:
            parts = (each.transpose(1, 2) for each in (weights, numbers, heard))
            weights, numbers, heard = parts
        return self.graph_net(nodes, weights, numbers, heard, dialogues.mask)

    def _context(self, dialogues: Dialogues) -> Tensor:
        """What an utterance is in its dialogue, of shape (B, L, D)."""
        heard = dialogues.features
        if self.base == "none":
            return self.base_linear(heard)
        if self.base == "dialoguernn":
            states = self.dialog_rnn_f(heard, dialogues.speakers)
            if self.dialog_rnn_r is None:
                return states
            turned = dialogues.backwards(heard)
            back = self.dialog_rnn_r(turned, dialogues.backwards(dialogues.speakers))
            return torch.cat([states, dialogues.backwards(back)], -1)
        rnn = getattr(self, self.base)
        if self.base == "lstm" and heard.device.type == "cpu":
            return read_lstm(rnn, dialogues, self.official)
        return rnn(heard)[0] if self.official else packed(rnn, heard, dialogues.lengths)
