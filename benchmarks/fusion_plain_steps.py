"""The released fusions that go step by step, written plainly as `fusion_plain` is."""

from itertools import combinations
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class MFN(nn.Module):
    """Memory fusion, cell by cell."""

    def __init__(self, dims: tuple[int, int, int], width: int, rate: float, mem: int = 128) -> None:
        super().__init__()
        self.width, self.mem = width, mem
        audio, text, video = dims
        self.lstm_l, self.lstm_a, self.lstm_v = (
            nn.LSTMCell(dim, width) for dim in (text, audio, video)
        )
        seen = self._see(width)
        self.att2_fc1, self.att2_fc2 = nn.Linear(seen, width), nn.Linear(width, mem)
        self.gamma1_fc1, self.gamma1_fc2 = nn.Linear(seen + mem, width), nn.Linear(width, mem)
        self.gamma2_fc1, self.gamma2_fc2 = nn.Linear(seen + mem, width), nn.Linear(width, mem)
        self.out_fc1 = nn.Linear(3 * width + mem, width)
        self.out_fc2 = nn.Linear(width, width // 2)
        self.drop = nn.Dropout(rate)
        self.fc_out_1 = nn.Linear(width // 2, 7)

    def _see(self, width: int) -> int:
        self.att1_fc1, self.att1_fc2 = nn.Linear(6 * width, width), nn.Linear(width, 6 * width)
        return 6 * width

    def _attend(self, h0: list[Tensor], h: list[Tensor], c0: list[Tensor], c: list[Tensor]) -> Any:
        both = torch.cat([*c0, *c], 1)
        scores = self.att1_fc2(self.drop(torch.relu(self.att1_fc1(both))))
        return functional.softmax(scores, 1) * both

    def forward(self, audio: Tensor, text: Tensor, video: Tensor) -> tuple[Tensor, Tensor]:
        """Logits and the loss of its own."""
        audio, text, video = (x.permute(1, 0, 2) for x in (audio, text, video))
        n_steps, n_clips = text.shape[:2]
        h = [torch.zeros(n_clips, self.width) for _ in range(3)]
        c = [torch.zeros(n_clips, self.width) for _ in range(3)]
        memory = torch.zeros(n_clips, self.mem)
        cells = (self.lstm_l, self.lstm_a, self.lstm_v)
        for i in range(n_steps):
            new = [
                cell(x[i], (h[k], c[k]))
                for k, (cell, x) in enumerate(zip(cells, (text, audio, video), strict=True))
            ]
            h1, c1 = [each[0] for each in new], [each[1] for each in new]
            attended = self._attend(h, h1, c, c1)
            made = torch.tanh(self.att2_fc2(self.drop(torch.relu(self.att2_fc1(attended)))))
            both = torch.cat([attended, memory], 1)
            keep = torch.sigmoid(self.gamma1_fc2(self.drop(torch.relu(self.gamma1_fc1(both)))))
            take = torch.sigmoid(self.gamma2_fc2(self.drop(torch.relu(self.gamma2_fc1(both)))))
            memory = keep * memory + take * made
            h, c = h1, c1
        last = torch.cat([*h, memory], 1)
        features = self.out_fc2(self.drop(torch.relu(self.out_fc1(last))))
        return self.fc_out_1(features), torch.zeros(())


class Graph(nn.Module):
    """The dynamic fusion graph; its nodes' networks are no parameters, as released."""

    def __init__(self, width: int, inner: int = 100) -> None:
        super().__init__()
        self.nodes = [(0, 1), (0, 2), (1, 2), (0, 1, 2)]

        def chain(dim: int, out: int) -> nn.Sequential:
            return nn.Sequential(nn.Linear(dim, inner), nn.Sequential(nn.Linear(inner, out)))

        self.networks = {node: chain(len(self._parts(node)) * width, width) for node in self.nodes}
        self.t_network = chain(7 * width, width)
        self.efficacy_model = nn.Sequential(
            nn.Linear(3 * width, inner),
            nn.Sequential(nn.Linear(inner, width)),
            nn.Linear(width, 19),
        )
        self.all_efficacies: list[Tensor] = []

    def _apply(self, *args: Any, **kwargs: Any) -> "Graph":
        """Take the networks along to a device: no module does with what is not registered."""
        for network in self.networks.values():
            network._apply(*args, **kwargs)
        return super()._apply(*args, **kwargs)

    @staticmethod
    def _parts(node: tuple[int, ...]) -> list[tuple[int, ...]]:
        return [part for n in range(1, len(node)) for part in combinations(node, n)]

    def forward(self, singles: list[Tensor]) -> Tensor:
        """From three nodes to the top."""
        shares = self.efficacy_model(torch.cat(singles, 1))
        self.all_efficacies.append(shares.detach().cpu().squeeze())
        made = dict(zip([(0,), (1,), (2,)], singles, strict=True))
        edge = 0
        for node in self.nodes:
            parts = []
            for part in self._parts(node):
                parts.append(made[part] * shares[:, edge].unsqueeze(1))
                edge += 1
            made[node] = self.networks[node](torch.cat(parts, 1))
        top = []
        for part in [(0,), (1,), (2,), *self.nodes]:
            top.append(made[part] * shares[:, edge].unsqueeze(1))
            edge += 1
        return self.t_network(torch.cat(top, 1))


class GraphMFN(MFN):
    """MFN over the graph."""

    def _see(self, width: int) -> int:
        self.l_transform, self.a_transform, self.v_transform = (
            nn.Linear(2 * width, width) for _ in range(3)
        )
        self.graph_mfn = Graph(width)
        return width

    def _attend(self, h0: list[Tensor], h: list[Tensor], c0: list[Tensor], c: list[Tensor]) -> Any:
        layers = (self.l_transform, self.a_transform, self.v_transform)
        singles = [
            torch.relu(layer(torch.cat([before, now], 1)))
            for layer, before, now in zip(layers, h0, h, strict=True)
        ]
        return self.graph_mfn(singles)


class Cross(nn.Module):
    """Attention of queries over keys of another modality, steps first."""

    def __init__(self, dim: int, heads: int, rate: float) -> None:
        super().__init__()
        self.heads, self.rate = heads, rate
        self.in_proj_weight = nn.Parameter(nn.init.xavier_uniform_(torch.empty(3 * dim, dim)))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * dim))
        self.out_proj = nn.Linear(dim, dim)

    def forward(self, query: Tensor, key: Tensor, mask: Tensor) -> Tensor:
        """(Tq, B, D) to (Tq, B, D)."""
        n_query, n_clips, dim = query.shape
        q, k, v = (
            functional.linear(x, w, b)
            for x, w, b in zip(
                (query, key, key),
                self.in_proj_weight.chunk(3),
                self.in_proj_bias.chunk(3),
                strict=True,
            )
        )
        q = q * (dim // self.heads) ** -0.5
        q, k, v = (
            x.contiguous().view(len(x), n_clips * self.heads, -1).transpose(0, 1) for x in (q, k, v)
        )
        shares = torch.bmm(q, k.transpose(1, 2)) + mask
        shares = functional.softmax(shares.float(), -1).type_as(shares)
        shares = functional.dropout(shares, self.rate, self.training)
        found = torch.bmm(shares, v).transpose(0, 1).contiguous().view(n_query, n_clips, dim)
        return self.out_proj(found)


class CrossLayer(nn.Module):
    """One layer of it."""

    def __init__(self, dim: int, heads: int, rate: float) -> None:
        super().__init__()
        self.rate = rate
        self.self_attn = Cross(dim, heads, rate)
        self.fc1, self.fc2 = nn.Linear(dim, 4 * dim), nn.Linear(4 * dim, dim)
        self.layer_norms = nn.ModuleList([nn.LayerNorm(dim), nn.LayerNorm(dim)])

    def forward(self, x: Tensor, source: Tensor | None) -> Tensor:
        """(T, B, D) to the same."""
        query = self.layer_norms[0](x)
        key = query if source is None else self.layer_norms[0](source)
        ahead = 1 + abs(len(key) - len(query))
        mask = torch.triu(torch.full((len(query), len(key)), float("-inf")), ahead)
        made = self.self_attn(query, key, mask)
        x = x + functional.dropout(made, self.rate, self.training)
        made = functional.relu(self.fc1(self.layer_norms[1](x)))
        made = self.fc2(functional.dropout(made, self.rate, self.training))
        return x + functional.dropout(made, self.rate, self.training)


class CrossEncoder(nn.Module):
    """Layers and a norm."""

    def __init__(self, dim: int, heads: int, layers: int, rate: float) -> None:
        super().__init__()
        self.dim, self.rate = dim, rate
        self.layers = nn.ModuleList([CrossLayer(dim, heads, rate) for _ in range(layers)])
        self.layer_norm = nn.LayerNorm(dim)

    def forward(self, x: Tensor, source: Tensor | None = None) -> Tensor:
        """(T, B, D) to the same."""
        x = functional.dropout(self.dim**0.5 * x, self.rate, self.training)
        if source is not None:
            source = functional.dropout(self.dim**0.5 * source, self.rate, self.training)
        for layer in self.layers:
            x = layer(x, source)
        return self.layer_norm(x)


class MulT(nn.Module):
    """Six crossmodal encoders and three over pairs."""

    def __init__(
        self, dims: tuple[int, int, int], width: int, rate: float, layers: int = 4, heads: int = 8
    ) -> None:
        super().__init__()
        self.rate = rate
        audio, text, video = dims
        self.proj_l, self.proj_a, self.proj_v = (
            nn.Conv1d(dim, width, 1, bias=False) for dim in (text, audio, video)
        )
        for target in "lav":
            for source in "lav".replace(target, ""):
                made = CrossEncoder(width, heads, layers, rate)
                setattr(self, f"trans_{target}_with_{source}", made)
            made = CrossEncoder(2 * width, heads, max(layers, 3), rate)
            setattr(self, f"trans_{target}_mem", made)
        self.proj1, self.proj2 = nn.Linear(6 * width, 6 * width), nn.Linear(6 * width, 6 * width)
        self.out_layer = nn.Linear(6 * width, width // 2)
        self.fc_out_1 = nn.Linear(width // 2, 7)

    def forward(self, audio: Tensor, text: Tensor, video: Tensor) -> tuple[Tensor, Tensor]:
        """Logits and the loss of its own."""
        text = functional.dropout(text, self.rate, self.training)
        seen = {
            letter: getattr(self, f"proj_{letter}")(x.transpose(1, 2)).permute(2, 0, 1)
            for letter, x in zip("lav", (text, audio, video), strict=True)
        }
        last = []
        for target in "lav":
            pair = [
                getattr(self, f"trans_{target}_with_{source}")(seen[target], seen[source])
                for source in "lav".replace(target, "")
            ]
            last.append(getattr(self, f"trans_{target}_mem")(torch.cat(pair, 2))[-1])
        x = torch.cat(last, 1)
        inner = functional.dropout(functional.relu(self.proj1(x)), self.rate, self.training)
        return self.fc_out_1(self.out_layer(self.proj2(inner) + x)), torch.zeros(())


class _Attn(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.attn = nn.Linear(2 * width, width, bias=False)
        self.v = nn.Linear(width, 1, bias=False)

    def forward(self, s: Tensor, joint: Tensor) -> Tensor:
        n_steps = len(joint)
        s = s.unsqueeze(1).repeat(1, n_steps, 1)
        energy = torch.tanh(self.attn(torch.cat([s, joint.transpose(0, 1)], 2)))
        return functional.softmax(self.v(energy).squeeze(2), 1)


class _Encoder(nn.Module):
    def __init__(self, dim: int, width: int, rate: float) -> None:
        super().__init__()
        self.rnn = nn.LSTM(dim, width, bidirectional=True)
        self.fc = nn.Linear(width, width, bias=False)
        self.drop = nn.Dropout(rate)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        states, (ends, _) = self.rnn(x)
        half = states.shape[2] // 2
        joint = states[:, :, :half] + states[:, :, half:]
        return self.drop(joint), torch.tanh(self.fc(ends[-2] + ends[-1]))


class _Decoder(nn.Module):
    def __init__(self, dim: int, width: int) -> None:
        super().__init__()
        self.rnn = nn.LSTM(dim + width, width, bidirectional=True)
        self.fc_out = nn.Linear(2 * width, dim)

    def forward(self, x: Tensor, s: Tensor, joint: Tensor, attention: nn.Module) -> Any:
        shares = attention(s, joint).unsqueeze(1)
        found = torch.bmm(shares, joint.transpose(0, 1)).transpose(0, 1)
        out, (ends, _) = self.rnn(torch.cat([x.unsqueeze(0), found], 2))
        half = out.shape[2] // 2
        out = (out[:, :, :half] + out[:, :, half:]).squeeze(0)
        return self.fc_out(torch.cat([out, found.squeeze(0)], 1)), ends[-2] + ends[-1]


class MCTN(nn.Module):
    """Text to video and back, what is between them to sound; recurrences run over the batch."""

    def __init__(self, dims: tuple[int, int, int], width: int, rate: float) -> None:
        super().__init__()
        self.widest = max(dims)
        self.attn1, self.attn2 = _Attn(width), _Attn(width)
        self.encoder1 = _Encoder(self.widest, width, rate)
        self.encoder2 = _Encoder(width, width, rate)
        self.decoder1, self.decoder2 = _Decoder(self.widest, width), _Decoder(self.widest, width)
        self.fc_out_0 = nn.Module()
        self.fc_out_0.rnn = nn.LSTM(width, width, batch_first=True)
        self.fc_out_0.linear_1 = nn.Linear(width, width)
        self.drop = nn.Dropout(rate)
        self.fc_out_1 = nn.Linear(width, 7)

    @staticmethod
    def _decoded(decoder: nn.Module, attention: nn.Module, joint: Any, s: Any, goal: Any) -> Any:
        out = torch.zeros_like(goal)
        given = goal[0]
        for t in range(1, len(goal)):
            out[t], s = decoder(given, s, joint, attention)
            given = goal[t]
        return out

    def forward(self, audio: Tensor, text: Tensor, video: Tensor) -> tuple[Tensor, Tensor]:
        """Logits and the loss of its own."""
        audio, text, video = (
            torch.cat([x, torch.zeros(*x.shape[:2], self.widest - x.shape[2])], 2)
            for x in (audio, text, video)
        )
        joint, s = self.encoder1(text)
        seen = self._decoded(self.decoder1, self.attn1, joint, s, video)
        again, s = self.encoder1(seen)
        read = self._decoded(self.decoder1, self.attn1, again, s, text)
        last, s = self.encoder2(joint)
        heard = self._decoded(self.decoder2, self.attn2, last, s, audio)
        pairs = ((seen, video), (read, text), (heard, audio))
        own = 0.3 * sum(functional.mse_loss(made, goal) for made, goal in pairs)
        _, (ends, _) = self.fc_out_0.rnn(last)
        features = self.fc_out_0.linear_1(self.drop(ends.squeeze(0)))
        return self.fc_out_1(features), own
