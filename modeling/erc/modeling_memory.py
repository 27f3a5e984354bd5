"""CMN and ICON: what was said before each utterance, as memories that it reads several times.

Source: Hazarika et al. (2018a, 2018b); the official forms follow the released graphs.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from .configuration_erc import ErcConfig
from .modeling_conversation import Conversation
from .modeling_dialogues import Dialogues
from .modeling_histories import Histories, Masks, by_speaker, by_window
from .modeling_recurrence import scan


class ResetFirstGRU(nn.Module):
    """TensorFlow's GRU: r, u = s(W [x; h] + b), c = tanh(W' [x; r h] + b'), h' = u h + (1 - u) c.

    torch's resets after the product with its matrix, so that their weights are not exchangeable.
    """

    def __init__(self, input_dim: int, hidden_dim: int) -> None:
        super().__init__()
        self.input_dim, self.hidden_dim = input_dim, hidden_dim
        self.gates = nn.Linear(input_dim + hidden_dim, 2 * hidden_dim)
        self.candidate = nn.Linear(input_dim + hidden_dim, hidden_dim)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start as TensorFlow's does: gates open."""
        for layer in (self.gates, self.candidate):
            nn.init.xavier_uniform_(layer.weight)
        nn.init.ones_(self.gates.bias)
        nn.init.zeros_(self.candidate.bias)

    def project(self, values: Tensor) -> Tensor:
        """The input side, of shape (..., 3 * hidden_dim)."""
        weight = torch.cat([self.gates.weight, self.candidate.weight])[:, : self.input_dim]
        return nn.functional.linear(
            values, weight, torch.cat([self.gates.bias, self.candidate.bias])
        )

    def read(self, projected: Tensor, mask: Tensor | None) -> Tensor:
        """States over projected steps (N, K, ...), 0 where the mask is False."""
        hidden_dim = self.hidden_dim
        gates = self.gates.weight[:, self.input_dim :]
        candidate = self.candidate.weight[:, self.input_dim :]

        def step(one: Tensor, hidden: Tensor, _: Tensor | None) -> tuple[Tensor, None]:
            both = torch.sigmoid(one[:, : 2 * hidden_dim] + hidden @ gates.T)
            reset, update = both.chunk(2, -1)
            new = torch.tanh(one[:, 2 * hidden_dim :] + (reset * hidden) @ candidate.T)
            return new + update * (hidden - new), None

        return scan(projected, mask, hidden_dim, step)[0]

    def forward(self, values: Tensor, mask: Tensor | None) -> Tensor:
        """States over steps (N, K, D), 0 where the mask is False."""
        return self.read(self.project(values), mask)


class MemoryNetwork(Conversation):
    """What CMN and ICON share: histories of both sides, reading, and the penalty.

    Every utterance has the ``context`` utterances before it, split into its speaker's own and those
    of all others, on one line of time. A history that begins with its dialogue is the beginning of
    that of every later utterance of this speaker: it is made once for all of them, and what dropout
    takes out of it is out for all. Utterances beyond ``context`` have a history each, as all have
    in ``official``, where the empty places before a dialogue are read, too.
    """

    def __init__(self, config: ErcConfig) -> None:
        super().__init__()
        option, width = config.option, config.width
        self.official, self.context, self.hops = config.is_official, option.context, option.hops
        usual = 1e-3 if self.official else 0.0
        self.l2 = usual if option.l2 is None else option.l2
        self.query = nn.Linear(config.feature_dim, width)
        self.local_own = ResetFirstGRU(config.feature_dim, width)
        self.local_other = ResetFirstGRU(config.feature_dim, width)
        self.dropout = nn.Dropout(config.dropped)
        self.features_dim = width

    def forward(self, dialogues: Dialogues) -> Tensor:
        """Features of shape (B, L, hidden_dim)."""
        queries = self.query(dialogues.features).tanh()
        own, other = (
            layer.project(dialogues.features) for layer in (self.local_own, self.local_other)
        )
        found = torch.zeros_like(queries)
        for histories in self._histories(dialogues):
            rows = histories.rows[:, None]
            read = self._answer(
                queries[rows, histories.asks],
                own[rows, histories.places],
                other[rows, histories.places],
                histories.masks,
            )
            found = found.index_put(histories.asked, read[histories.asking])
        return found

    def _histories(self, dialogues: Dialogues) -> Iterator[Histories]:
        speakers, mask = dialogues.speakers, dialogues.mask
        first = 0
        if not self.official:
            yield by_speaker(speakers, mask, self.context)
            first = self.context + 1
        if mask.shape[1] > first:
            yield by_window(speakers, mask, self.context, first)

    def read_histories(
        self, queries: Tensor, own: Tensor, other: Tensor, is_own: Tensor, is_other: Tensor
    ) -> Tensor:
        """Answer for histories that are cut already, as the released graphs are given them.

        Args:
            queries: Utterances of shape (N, D).
            own: What their speakers said before, of shape (N, K, D), right-aligned in time.
            other: What others said, on the same line of time.
            is_own: Booleans of shape (N, K), where there is something.
            is_other: The same.

        Returns:
            Features of shape (N, hidden_dim), for the classifier.
        """
        is_own, is_other = is_own.bool(), is_other.bool()
        masks = Masks(is_own, is_other, (is_own | is_other)[:, None])
        query = self.query(queries).tanh()[:, None]
        projected = self.local_own.project(own), self.local_other.project(other)
        return self._answer(query, *projected, masks)[:, 0]

    def _answer(self, query: Tensor, own: Tensor, other: Tensor, masks: Masks) -> Tensor:
        """From projected utterances (S, K, ...) to features of what asks, (S, Q, H)."""
        own = self.dropout(self.local_own.read(own, masks.is_own))
        other = self.dropout(self.local_other.read(other, masks.is_other))
        return self.remember(query, own, other, masks)

    def remember(self, query: Tensor, own: Tensor, other: Tensor, masks: Masks) -> Tensor:
        """Read histories of shape (S, K, H) by queries of shape (S, Q, H), several times."""
        raise NotImplementedError

    def look(self, query: Tensor, keys: Tensor, values: Tensor, seen: Tensor) -> Tensor:
        """What queries find: the softmax of tanh(q . key) over what each sees; 0 if nothing is."""
        scores = (query @ keys.transpose(1, 2)).tanh().masked_fill(~seen, -1e4)
        shares = self.dropout(scores.softmax(-1)).masked_fill(~seen, 0)
        return shares @ values

    def penalty(self, classifier: nn.Linear) -> Tensor | None:
        """Half the squares of all weights; the released one is their mean per variable.

        Of the biases the released code means to leave out, that of the classes stays in.
        """
        if not self.l2:
            return None
        own = self.named_parameters()
        weights: list[Tensor] = [each for name, each in own if name.endswith("weight")]
        weights.append(classifier.weight)
        if self.official:
            weights.append(classifier.bias)
        squares = torch.stack([each.square().sum() / 2 for each in weights])
        return self.l2 * (squares.mean() if self.official else squares.sum())


class CMN(MemoryNetwork):
    """A memory per side, both read at every hop.

    Differs: In ``official`` one layer makes the memories that are asked and those that are read,
    the same at every hop; each side's softmax also runs over the places of the other's, and the
    memories' layers over the empty places before a dialogue. In ``fixed`` what is read at a hop is
    made of what was asked, by a layer of its own, and is what the next hop asks, as in the paper;
    a side is read where it spoke.
    """

    def __init__(self, config: ErcConfig) -> None:
        super().__init__(config)
        width = config.width
        self.memory_own = ResetFirstGRU(width, width)
        self.memory_other = ResetFirstGRU(width, width)
        if not self.official:
            self.next_own = ResetFirstGRU(width, width)
            self.next_other = ResetFirstGRU(width, width)

    def remember(self, query: Tensor, own: Tensor, other: Tensor, masks: Masks) -> Tensor:
        """Read histories of shape (S, K, H) by queries of shape (S, Q, H), several times."""
        if self.official:
            return self._remember_official(query, own, other, masks)
        is_own, is_other, seen = masks
        sides = [
            (self.memory_own(own.tanh(), is_own), self.next_own, is_own),
            (self.memory_other(other.tanh(), is_other), self.next_other, is_other),
        ]
        for _ in range(self.hops):
            found = query
            turned = []
            for asked, layer, here in sides:
                memory = layer(asked, here)
                found = found + self.look(query, asked, memory, seen & here[:, None])
                turned.append((memory, layer, here))
            query, sides = found.tanh(), turned
        return query

    def _remember_official(self, query: Tensor, own: Tensor, other: Tensor, masks: Masks) -> Tensor:
        asked = [self.memory_own(own.tanh(), None), self.memory_other(other.tanh(), None)]
        sides = zip(asked, (masks.is_own, masks.is_other), strict=True)
        memories = [each.masked_fill(~here[..., None], 0) for each, here in sides]
        for hop in range(self.hops):
            keys = memories if hop else asked
            found = query
            for key, memory in zip(keys, memories, strict=True):
                found = found + self.look(query, key, memory, masks.seen)
            query = found.tanh()
        return query


class ICON(MemoryNetwork):
    """One memory of both sides, made anew of the last one at every hop.

    Differs: In ``official`` the memories' layers also run over the empty places before a dialogue,
    so that what an utterance remembers depends on how many there are; ``fixed`` skips them.
    """

    def __init__(self, config: ErcConfig) -> None:
        super().__init__(config)
        width = config.width
        self.memory_first = ResetFirstGRU(width, width)
        self.memory_next = ResetFirstGRU(width, width)

    def remember(self, query: Tensor, own: Tensor, other: Tensor, masks: Masks) -> Tensor:
        """Read histories of shape (S, K, H) by queries of shape (S, Q, H), several times."""
        union = masks.is_own | masks.is_other
        memory = (own + other).tanh()
        for hop in range(self.hops):
            layer = self.memory_next if hop else self.memory_first
            memory = layer(memory, None if self.official else union)
            memory = memory.masked_fill(~union[..., None], 0)
            query = (query + self.look(query, memory, memory, masks.seen)).tanh()
        return query
