"""The official forms give what the released models were recorded to give, and plain loops do."""

import pytest
import torch
from erc_cases import (
    dialogues_of,
    histories_as_dialogues,
    logits,
    model_of,
    recorded,
    recorded_dialogues,
)
from torch import nn
from torch.testing import assert_close

from affecthub.modeling.erc import ErcConfig, ErcModel

NEAR = {"rtol": 0, "atol": 1e-5}


@pytest.mark.parametrize("name", ["cmn", "icon"])
def test_released_memory_networks(reference_data, name):
    model, record = recorded(reference_data, name)
    batch = histories_as_dialogues(record)
    output = model(**batch)
    assert_close(output.logits[batch["labels"] >= 0], record["out/logits"], **NEAR)
    assert_close(output.loss, record["out/loss"], **NEAR)
    assert_close(output.losses["penalty"] / 1e-3, record["out/reg"], **NEAR)
    cut = (record[f"in/{key}"] for key in ("query", "own", "other", "own_mask", "other_mask"))
    found = model.classifier(model.conversation.read_histories(*cut))
    assert_close(found, record["out/logits"], **NEAR)


def test_released_dialoguernn(reference_data):
    model, record = recorded(reference_data, "dialoguernn")
    batch = recorded_dialogues(record)
    output = model(**batch)
    there = batch["mask"]
    wanted = record["out/log_prob"].transpose(0, 1)[there]
    assert_close(output.logits.log_softmax(-1)[there], wanted, **NEAR)
    assert_close(output.loss, record["out/loss"], **NEAR)
    output.loss.backward()
    gradients = {name: each.grad for name, each in model.named_parameters()}
    compared = 0
    for key, value in record.items():
        if key.startswith("grad/"):
            name = key.removeprefix("grad/").replace("smax_fc", "classifier")
            name = name if name.startswith("classifier") else f"conversation.{name}"
            found = torch.stack([gradients[name].sum(), gradients[name].norm()])
            assert_close(found, value, **NEAR)
            compared += 1
    assert compared == len(gradients)


def test_released_dialoguernn_without_its_last_attention(reference_data):
    _, record = recorded(reference_data, "dialoguernn")
    weights = {key[2:]: value for key, value in record.items() if key.startswith("w/")}
    config = ErcConfig.from_official("dialoguernn", weights, {"att2": False})
    batch = recorded_dialogues(record)
    output = ErcModel(config).eval().load_official(weights)(**batch)
    wanted = record["out/log_prob_no_att2"].transpose(0, 1)[batch["mask"]]
    assert_close(output.logits.log_softmax(-1)[batch["mask"]], wanted, **NEAR)


@pytest.mark.parametrize("name", ["dialoguegcn", "dialoguegcn_causal"])
def test_released_dialoguegcn(reference_data, name):
    model, record = recorded(reference_data, name)
    batch = recorded_dialogues(record)
    found = model(**batch).logits[batch["mask"]].log_softmax(-1)
    assert_close(found, record["out/log_prob"], **NEAR)


@pytest.mark.parametrize(
    ("fidelity", "hears"), [("official", [3, 4, 5, 6]), ("fixed", [0, 1, 2, 3])]
)
def test_a_window_of_the_past_hears_the_future_as_released_and_the_past_repaired(fidelity, hears):
    """Messages of the first layer to the fourth utterance, all edges alike."""
    options = {"base": "none", "past": 3, "future": 0, "nodal_attention": False}
    model = model_of("dialoguegcn", fidelity=fidelity, options=options)
    model.conversation.graph_net.conv2.weight.data.zero_()
    for weight in model.conversation.att_model.parameters():
        weight.data.zero_()
    batch = dialogues_of(9)
    batch["features"].requires_grad_()
    model(**batch).logits[0, 3].sum().backward()
    assert batch["features"].grad[0].abs().sum(-1).nonzero().flatten().tolist() == hears


def plain_reader(reader, features, speakers, n_speakers):
    """One direction of DialogueRNN on joined inputs, every speaker's state at every step."""
    cell = reader.dialogue_cell
    n, length = speakers.shape
    rows = torch.arange(n)
    parties = torch.zeros(n, n_speakers, reader.party_dim)
    g, e = torch.zeros(n, reader.global_dim), torch.zeros(n, cell.e_cell.hidden_size)
    past, found = [], []
    for t in range(length):
        said, who = features[:, t], speakers[:, t]
        context = torch.zeros(n, reader.global_dim)
        if past:
            memory = torch.stack(past, 1)
            weights = plain_scores(cell.attention, memory, said).softmax(1)
            context = (weights[..., None] * memory).sum(1)
        g = cell.g_cell(torch.cat([said, parties[rows, who]], 1), g)
        past.append(g)
        new = torch.stack(
            [cell.p_cell(torch.cat([said, context], 1), parties[:, p]) for p in range(n_speakers)],
            1,
        )
        heard = parties
        if hasattr(cell, "l_cell"):
            joined = torch.cat([said, new[rows, who]], 1)
            heard = torch.stack([cell.l_cell(joined, parties[:, p]) for p in range(n_speakers)], 1)
        speaking = nn.functional.one_hot(who, n_speakers)[..., None]
        parties = heard * (1 - speaking) + new * speaking
        e = cell.e_cell(parties[rows, who], e)
        found.append(e)
    return torch.stack(found, 1)


def plain_scores(attention, memory, said):
    kind = getattr(attention, "kind", "simple")
    if kind == "simple":
        return attention.scalar(memory)[..., 0]
    if kind == "concat":
        joined = torch.cat([memory, said[:, None].expand(-1, memory.shape[1], -1)], -1)
        return attention.vector_prod(attention.transform(joined).tanh())[..., 0]
    asked = said if kind == "dot" else attention.transform(said)
    return (memory * asked[:, None]).sum(-1)


@pytest.mark.parametrize("listens", [False, True])
@pytest.mark.parametrize("kind", ["general", "general2", "simple", "dot", "concat"])
def test_hoisted_cells_are_the_cells(kind, listens):
    options = {"context_attention": kind, "listener_state": listens, "global_dim": 8}
    options |= {"party_dim": 5, "attention_dim": 3}
    model = model_of("dialoguernn", options=options)
    batch = dialogues_of(7, 7, 7)
    reader = model.conversation.dialog_rnn_f
    with torch.no_grad():
        found = reader(batch["features"], batch["speakers"])
        wanted = plain_reader(reader, batch["features"], batch["speakers"], 3)
    assert_close(found, wanted, rtol=0, atol=1e-6)


def plain_graph(model, batch, past, future):
    """The released DialogueGCN's graph, edge by edge, whatever the window and the speakers."""
    gcn, n_speakers = model.conversation, model.config.n_speakers
    states = gcn.lstm(batch["features"])[0]
    shares = gcn.att_model.scalar(states).softmax(1)
    one, two = gcn.graph_net.conv1, gcn.graph_net.conv2
    names = [f"{i}{j}{side}" for i in range(n_speakers) for j in range(n_speakers) for side in "01"]
    table = {}
    for name in names:
        table[name] = len(table)
    found = []
    for row, length in enumerate(batch["mask"].sum(1).tolist()):
        x, who = states[row, :length], batch["speakers"][row]
        hidden = x @ one.root + one.bias
        windows = [range(max(0, i - past), min(length, i + future + 1)) for i in range(length)]
        messages = torch.zeros_like(hidden)
        for i, window in enumerate(windows):
            total = sum(shares[row, j, i] for j in window)
            for j in window:
                kind = table[f"{who[i]}{who[j]}{int(i >= j)}"]
                matrix = (one.att[kind][:, None, None] * one.basis).sum(0)
                messages[j] = messages[j] + shares[row, j, i] / total * (x[i] @ matrix)
        hidden = hidden + messages
        passed = torch.zeros_like(hidden)
        for i, window in enumerate(windows):
            for j in window:
                passed[j] = passed[j] + hidden[i] @ two.weight
        joined = torch.cat([x, passed + two.lin(hidden)], -1)
        found.append(model.classifier(gcn.graph_net.linear(joined).relu()))
    return torch.cat(found)


@pytest.mark.parametrize(
    ("past", "future", "n_speakers", "n_bases"), [(1, 3, 3, 5), (0, 2, 3, 30), (3, 1, 12, 4)]
)
def test_the_dense_graph_is_the_graph_of_edges(past, future, n_speakers, n_bases):
    """With fewer relations than bases, with more, and with speakers whose relations collide."""
    options = {"past": past, "future": future, "n_bases": n_bases, "nodal_attention": False}
    fields = {"fidelity": "official", "n_speakers": n_speakers, "options": options}
    model = model_of("dialoguegcn", **fields)
    batch = dialogues_of(7, 4, 1, n_speakers=n_speakers)
    with torch.no_grad():
        wanted = plain_graph(model, batch, past, future)
    assert_close(logits(model, batch)[batch["mask"]], wanted, rtol=0, atol=1e-5)


def test_an_open_window_is_all_that_was_said():
    options = {"past": None, "future": None}
    batch = dialogues_of(7, 4)
    whole = logits(model_of("dialoguegcn", options=options), batch)
    wide = logits(model_of("dialoguegcn", options={"past": 50, "future": 50}), batch)
    assert torch.equal(whole, wide)
    narrow = logits(model_of("dialoguegcn", options={"past": 1, "future": 1}), batch)
    assert not torch.allclose(whole, narrow, atol=1e-4)


def test_weights_of_another_model_are_refused(reference_data):
    model, record = recorded(reference_data, "icon")
    with pytest.raises(ValueError, match="missing 'dialog_rnn_f|is missing"):
        ErcConfig.from_official("dialoguernn", record)
    weights = {key: value for key, value in record.items() if "localGRUOwn" not in key}
    with pytest.raises(ValueError, match="missing conversation.local_own.candidate.bias"):
        model.load_official(weights)
    larger = model_of("icon", fidelity="official")
    with pytest.raises(ValueError, match="of another size: got .* expected"):
        larger.load_official(record)
    extra = {**record, "w/ICON/strange/weights": torch.ones(2, 2)}
    with pytest.raises(ValueError, match="left over strange/weights"):
        model.load_official(extra)
    with pytest.raises(ValueError, match="no code was released for 'eamt'"):
        ErcConfig.from_official("eamt", record)
