"""Recurrent layers with hoisted inputs and written-out gradients are those of torch."""

import pytest
import torch
from erc_cases import dialogues_of, logits, model_of
from torch import nn
from torch.testing import assert_close

from affecthub.modeling.erc.modeling_dialogues import read_dialogues
from affecthub.modeling.erc.modeling_recurrence import WindowRNN, packed
from affecthub.modeling.erc.modeling_scan import LSTMScan, read_lstm


@pytest.fixture
def dialogues():
    batch = dialogues_of(6, 2, 1, 4)
    return read_dialogues(*batch.values(), None, feature_dim=8, n_speakers=3)


@pytest.mark.parametrize("n_steps", [1, 4])
def test_the_gradient_of_the_scan(n_steps):
    draw = torch.Generator().manual_seed(0)
    inputs = torch.randn(n_steps, 2, 3, 8, generator=draw, dtype=torch.float64)
    weights = torch.randn(2, 2, 8, generator=draw, dtype=torch.float64)
    given = inputs.requires_grad_(), weights.requires_grad_()
    assert torch.autograd.gradcheck(LSTMScan.apply, given)


@pytest.mark.parametrize("bidirectional", [True, False])
def test_the_scan_is_the_lstm(dialogues, bidirectional):
    torch.manual_seed(0)
    rnn = nn.LSTM(8, 3, 2, batch_first=True, bidirectional=bidirectional)
    there = dialogues.mask
    padded = rnn(dialogues.features)[0]
    assert_close(read_lstm(rnn, dialogues, True), padded, rtol=0, atol=1e-6)
    alone = packed(rnn, dialogues.features, dialogues.lengths)
    found = read_lstm(rnn, dialogues, False)
    assert_close(found[there], alone[there], rtol=0, atol=1e-6)
    gradients = []
    for states in (found, alone):
        rnn.zero_grad()
        states[there].square().sum().backward()
        gradients.append([x.grad.clone() for x in rnn.parameters()])
    for ours, torchs in zip(*gradients, strict=True):
        assert_close(ours, torchs, rtol=0, atol=1e-5)


@pytest.mark.parametrize("kind", ["gru", "lstm"])
@pytest.mark.parametrize("bidirectional", [True, False])
def test_windows_are_read_as_by_torch(kind, bidirectional):
    torch.manual_seed(0)
    ours = WindowRNN(kind, 5, 3, 2, 0.0, bidirectional).eval()
    values = torch.randn(4, 6, 5)
    front = torch.tensor([0, 2, 5, 3])
    mask = torch.arange(6) >= front[:, None]
    states, last = ours(ours.project(values), mask)
    for i, start in enumerate(front.tolist()):
        found, hidden = ours.rnn(values[i, start:])
        hidden = hidden[0] if kind == "lstm" else hidden
        assert_close(states[i, start:], found, rtol=0, atol=1e-6)
        assert not states[i, :start].any()
        assert_close(last[i], hidden[-ours.directions :].flatten(), rtol=0, atol=1e-6)


def test_the_scan_keeps_to_a_wide_type_under_autocast():
    model = model_of("dialoguegcn")
    batch = dialogues_of(6, 4)
    exact = logits(model, batch)
    with torch.autocast("cpu", torch.bfloat16):
        rough = logits(model, batch)
    assert_close(rough.float()[batch["mask"]], exact[batch["mask"]], rtol=0, atol=0.05)
