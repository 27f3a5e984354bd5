"""What an epoch of the conversation models costs, beside a plain write-up of the shipped loops.

    python benchmarks/erc.py [--batches 3] [--rounds 5]

Batches of sixteen dialogues as long as EmotionTalk's (25.9 utterances, deviation 8.7, 63 at most)
of features of width 1,024, drawn by a seed: forward, backward, a step of Adam. The plain
DialogueGCN makes its edges one by one, looks up by name what relation each is, and turns each
message by a matrix of its own; the plain DialogueRNN runs its cells on joined inputs, for every
speaker; plain CMN and ICON are given each utterance's history as a copy of 40 places. All have our
weights, and their answers are compared with ours before anything is timed. All take turns on one
core; the least processor time of each batch counts.
"""

import argparse
import platform
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import NamedTuple

import torch
from torch import Tensor, nn

from affecthub.modeling.erc import ErcConfig, ErcModel

DIM, PER_BATCH, N_DIALOGUES = 1024, 16, 587
N_UTTERANCES, DEVIATION, LEAST, MOST = 25.9, 8.7, 6, 63
N_LABELS, N_SPEAKERS, PAST, FUTURE = 4, 2, 10, 10
TOLERANCE = 1e-4


class Batch(NamedTuple):
    """Padded dialogues."""

    features: Tensor
    speakers: Tensor
    mask: Tensor
    labels: Tensor


def make_batches(n: int) -> list[Batch]:
    """Dialogues of two speakers, nobody's."""
    draw = torch.Generator().manual_seed(0)
    made = []
    for _ in range(n):
        drawn = N_UTTERANCES + DEVIATION * torch.randn(PER_BATCH, generator=draw)
        lengths = drawn.round().long().clamp(LEAST, MOST)
        mask = torch.arange(int(lengths.max())) < lengths[:, None]
        features = torch.randn(*mask.shape, DIM, generator=draw) * mask[..., None]
        speakers = torch.randint(0, N_SPEAKERS, mask.shape, generator=draw).masked_fill(~mask, 0)
        labels = torch.randint(0, N_LABELS, mask.shape, generator=draw).masked_fill(~mask, -100)
        made.append(Batch(features, speakers, mask, labels))
    return made


def plain_edges(length: int) -> list[tuple[int, int]]:
    """Pairs of utterances of which the second lies in the window of the first, as a growing set."""
    every: set[tuple[int, int]] = set()
    for i in range(length):
        window = range(max(0, i - PAST), min(length, i + FUTURE + 1))
        every = every.union({(i, j) for j in window})
    return list(every)


def plain_dialoguegcn(model: ErcModel, batch: Batch) -> Tensor:
    """Scores of all utterances, dialogue by dialogue: the released computation, edge by edge."""
    gcn = model.conversation
    states = gcn.lstm(batch.features)[0]
    shares = gcn.att_model.scalar(states).softmax(1).permute(0, 2, 1)
    lengths = batch.mask.sum(1).tolist()
    names = [f"{i}{j}{side}" for i in range(N_SPEAKERS) for j in range(N_SPEAKERS) for side in "01"]
    numbers = {name: number for number, name in enumerate(names)}
    who = nn.functional.one_hot(batch.speakers, N_SPEAKERS)
    found, weights, kinds = [], [], []
    start = 0
    for row, length in enumerate(lengths):
        pairs = plain_edges(length)
        near = torch.full_like(shares[row], 1e-10)
        for i, j in pairs:
            near[i, j] = 1.0
        normed = shares[row] * near
        normed = normed / normed.sum(-1, keepdim=True)
        for i, j in plain_edges(length):
            found.append(torch.tensor([start + i, start + j]))
            weights.append(normed[i, j])
            first, second = ((who[row, place] == 1).nonzero()[0][0].tolist() for place in (i, j))
            kinds.append(numbers[f"{first}{second}{int(i >= j)}"])
        start += length
    nodes = torch.cat([states[row, :length] for row, length in enumerate(lengths)])
    sender, receiver = torch.stack(found, 1)
    one, two = gcn.graph_net.conv1, gcn.graph_net.conv2
    matrices = (one.att @ one.basis.flatten(1)).view(-1, *one.basis.shape[1:])
    turned = torch.bmm(nodes[sender][:, None], matrices.index_select(0, torch.tensor(kinds)))[:, 0]
    turned = turned * torch.stack(weights)[:, None]
    empty = torch.zeros(start, turned.shape[1])
    hidden = empty.index_add(0, receiver, turned) + nodes @ one.root + one.bias
    passed = empty.index_add(0, receiver, (hidden @ two.weight)[sender])
    joined = torch.cat([nodes, passed + two.lin(hidden)], -1)
    looked = plain_attention(gcn.graph_net.matchatt.transform, joined.split(lengths), True)
    features = gcn.graph_net.dropout(gcn.graph_net.linear(looked).relu())
    return model.classifier(torch.cat([features[row, :n] for row, n in enumerate(lengths)]))


def plain_attention(layer: nn.Linear, dialogues: tuple[Tensor, ...], squash: bool) -> Tensor:
    """Every utterance looks at its dialogue, one place of all dialogues after the other."""
    states = nn.utils.rnn.pad_sequence(list(dialogues), batch_first=True)
    lengths = torch.tensor([len(each) for each in dialogues])
    mask = (torch.arange(states.shape[1]) < lengths[:, None]).float()
    looked = []
    for place in range(states.shape[1]):
        memory = (states * mask[..., None]).transpose(1, 2)
        scores = torch.bmm(layer(states[:, place])[:, None], memory)[:, 0] * mask
        scores = (scores.tanh() if squash else scores).softmax(-1) * mask
        scores = scores / scores.sum(-1, keepdim=True)
        looked.append(torch.bmm(scores[:, None], states)[:, 0])
    return torch.stack(looked, 1)


def plain_reader(reader: nn.Module, features: Tensor, speakers: Tensor) -> Tensor:
    """One direction of DialogueRNN, its cells on joined inputs and for every speaker."""
    cell = reader.dialogue_cell
    n, length = speakers.shape
    rows = torch.arange(n)
    parties = torch.zeros(n, N_SPEAKERS, reader.party_dim)
    g, e = torch.zeros(n, reader.global_dim), torch.zeros(n, cell.e_cell.hidden_size)
    history = torch.zeros(n, 0, reader.global_dim)
    found = []
    for t in range(length):
        said, who = features[:, t], speakers[:, t]
        context = torch.zeros(n, reader.global_dim)
        if t:
            asked = cell.attention.transform(said)[:, None]
            context = torch.bmm(torch.bmm(asked, history.transpose(1, 2)).softmax(2), history)[:, 0]
        g = reader.dropout(cell.g_cell(torch.cat([said, parties[rows, who]], 1), g))
        history = torch.cat([history, g[:, None]], 1)
        joined = torch.cat([said, context], 1)[:, None].expand(-1, N_SPEAKERS, -1).flatten(0, 1)
        new = reader.dropout(cell.p_cell(joined, parties.flatten(0, 1))).view_as(parties)
        speaking = nn.functional.one_hot(who, N_SPEAKERS)[..., None].float()
        parties = parties * (1 - speaking) + new * speaking
        e = reader.dropout(cell.e_cell(parties[rows, who], e))
        found.append(e)
    return torch.stack(found, 1)


def plain_reversed(values: Tensor, lengths: list[int]) -> Tensor:
    """Each dialogue from its end, one after the other."""
    turned = [each[:length].flip(0) for each, length in zip(values, lengths, strict=True)]
    return nn.utils.rnn.pad_sequence(turned, batch_first=True)


def plain_dialoguernn(model: ErcModel, batch: Batch) -> Tensor:
    """Scores of all utterances: the released computation, step by step."""
    rnn = model.conversation
    lengths = batch.mask.sum(1).tolist()
    ahead = rnn.dropout_rec(plain_reader(rnn.dialog_rnn_f, batch.features, batch.speakers))
    turned = [plain_reversed(each, lengths) for each in (batch.features, batch.speakers)]
    back = plain_reversed(plain_reader(rnn.dialog_rnn_r, *turned), lengths)
    states = torch.cat([ahead, rnn.dropout_rec(back)], -1)
    dialogues = tuple(states[row, :length] for row, length in enumerate(lengths))
    looked = plain_attention(rnn.matchatt.transform, dialogues, False)
    return model.classifier(rnn.dropout(rnn.linear(looked).relu()))[batch.mask]


def plain_memories(model: ErcModel, batch: Batch) -> Tensor:
    """Scores of all utterances: a copy of its history for each, empty places in front."""
    network = model.conversation
    k, given = network.context, []
    for row, place in batch.mask.nonzero().tolist():
        own, other = torch.zeros(2, k, DIM)
        is_own = torch.zeros(k, dtype=torch.bool)
        is_other = is_own.clone()
        for back in range(1, min(k, place) + 1):
            mine = batch.speakers[row, place - back] == batch.speakers[row, place]
            side, here = (own, is_own) if mine else (other, is_other)
            side[-back], here[-back] = batch.features[row, place - back], True
        given.append((batch.features[row, place], own, other, is_own, is_other))
    histories = [torch.stack(each) for each in zip(*given, strict=True)]
    return model.classifier(network.read_histories(*histories))


def ours(model: ErcModel, batch: Batch) -> Tensor:
    """Scores of all utterances, dialogue by dialogue."""
    return model(batch.features, batch.speakers, batch.mask).logits[batch.mask]


Scores = Callable[[ErcModel, Batch], Tensor]
PLAIN: dict[str, Scores] = {
    "dialoguegcn": plain_dialoguegcn,
    "dialoguernn": plain_dialoguernn,
    "cmn": plain_memories,
    "icon": plain_memories,
}


class Timed:
    """Steps of one way of computing, and the least processor seconds of each batch."""

    def __init__(self, model: ErcModel, scores: Scores, n_batches: int) -> None:
        self.model, self.scores = model, scores
        self.optimizer = torch.optim.Adam(model.parameters(), lr=1e-4, weight_decay=1e-5)
        self.least = [float("inf")] * n_batches

    def step(self, index: int, batch: Batch) -> None:
        """Forward, backward, a step of the optimiser."""
        start = time.process_time()
        self.optimizer.zero_grad()
        found = self.scores(self.model, batch)
        nn.functional.cross_entropy(found, batch.labels[batch.mask]).backward()
        self.optimizer.step()
        self.least[index] = min(self.least[index], time.process_time() - start)

    @property
    def epoch_s(self) -> float:
        """Processor seconds of an epoch of EmotionTalk's size."""
        return sum(self.least) / len(self.least) * -(-N_DIALOGUES // PER_BATCH)


def compare(name: str, plain: Scores, batches: list[Batch], rounds: int) -> list[str]:
    """Rows of the table: the shipped loop, ours with the same answers, and ours repaired."""
    torch.manual_seed(0)
    sizes = {"feature_dim": DIM, "num_labels": N_LABELS, "n_speakers": N_SPEAKERS}
    config = ErcConfig(algorithm=name, fidelity="official", **sizes)
    official = ErcModel(config)
    fixed = ErcModel(ErcConfig(algorithm=name, **sizes))
    with torch.no_grad():
        official.eval()
        apart = (plain(official, batches[0]) - ours(official, batches[0])).abs().max().item()
        official.train()
    if apart > TOLERANCE:
        raise SystemExit(f"the plain {name} and ours answer differently: {apart}")
    timed = {
        "shipped loop": Timed(official, plain, len(batches)),
        "ours, official": Timed(official, ours, len(batches)),
        "ours, fixed": Timed(fixed, ours, len(batches)),
    }
    for _ in range(rounds):
        for index, batch in enumerate(batches):
            for each in timed.values():
                each.step(index, batch)
    slow = timed["shipped loop"].epoch_s
    return [
        f"| {name} | {kind} | {each.epoch_s:.1f} | {slow / each.epoch_s:.1f} | "
        + (f"{apart:.0e} |" if kind == "ours, official" else "|")
        for kind, each in timed.items()
    ]


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batches", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--models", nargs="+", choices=[*PLAIN], default=[*PLAIN])
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    batches = make_batches(arguments.batches)
    n = sum(int(batch.mask.sum()) for batch in batches) / len(batches) / PER_BATCH
    packages = ", ".join(f"{each} {version(each)}" for each in ("affecthub", "torch"))
    print(f"{packages}, Python {platform.python_version()}, {platform.machine()}, one thread;")
    print(f"{PER_BATCH} dialogues a batch, {n:.1f} utterances each, width {DIM}\n")
    print("| model | form | s an epoch | times faster | scores apart |")
    print("|---|---|---|---|---|")
    for name in arguments.models:
        print("\n".join(compare(name, PLAIN[name], batches, arguments.rounds)), flush=True)


if __name__ == "__main__":
    main()
