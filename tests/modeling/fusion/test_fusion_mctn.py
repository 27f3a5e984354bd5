"""MCTN: whom an answer depends on, and how its decoder is fed."""

import numpy as np
import torch
from fusion_cases import batch_of, labels_of, model_of, recorded

from affecthub.modeling.fusion.modeling_grid import Grid
from affecthub.modeling.fusion.modeling_translation import translate


def test_the_released_answer_depends_on_the_other_clips(reference_data):
    """Recorded with the other clips changed; repaired it does not (see the masks' tests)."""
    model, batch, record = recorded(reference_data, "mctn")
    moved = record["indep/emos_others_changed"] - record["out/emos"]
    assert np.abs(moved[0]).max() > 1e-4
    turned = {key: x.flip(0) for key, x in batch.items()}
    assert not torch.allclose(model(**turned).logits.flip(0), model(**batch).logits, atol=1e-4)


def test_the_answer_is_read_off_the_text():
    batch = batch_of()
    for fidelity in ("fixed", "official"):
        model = model_of("mctn", fidelity=fidelity)
        other = {**batch, "audio": 5 * batch["audio"], "vision": -batch["vision"]}
        assert torch.equal(model(**other).logits, model(**batch).logits)
        losses = model(**batch).losses
        assert list(losses) == ["translate_vision", "translate_text", "translate_audio"]
        assert not torch.equal(model(**other).losses["translate_audio"], losses["translate_audio"])


def test_what_a_clip_lacks_is_not_translated():
    model = model_of("mctn")
    batch = batch_of()
    mask = torch.ones(4, 5, dtype=torch.bool)
    mask[1] = False
    kept = torch.tensor([0, 2, 3])
    left = model(**{key: x[kept] for key, x in batch.items()}).losses
    without = model(**batch, vision_mask=mask).losses
    torch.testing.assert_close(without["translate_vision"], left["translate_vision"])
    torch.testing.assert_close(without["translate_text"], left["translate_text"])
    none = model(text=batch["text"]).losses
    assert not any(bool(loss.any()) for loss in none.values())


def test_teaching_is_for_training_and_by_its_share():
    batch = {**batch_of(), "labels": labels_of()}
    losses = {}
    for share in (0.0, 0.5, 1.0):
        model = model_of("mctn", options={"teacher_forcing_ratio": share})
        evaluated = model(**batch).loss
        torch.manual_seed(0)
        losses[share] = model.train()(**batch).loss
        torch.testing.assert_close(losses[share] == evaluated, torch.tensor(share == 0.0))
    assert len({float(loss.detach()) for loss in losses.values()}) == 3


def test_a_translation_is_fed_what_it_said_or_what_was_true():
    """Against a loop in plain torch cells."""
    fusion = model_of("mctn").fusion
    decoder, attention = fusion.decoder1, fusion.attn1
    torch.manual_seed(0)
    joint, s, target = torch.randn(2, 3, 16), torch.randn(2, 16), torch.randn(2, 3, 6)
    grid = Grid(torch.ones(2, 3, dtype=torch.bool))
    truth = torch.tensor([[False, True, False], [False, False, True]])
    cells = []
    for way in ("", "_reverse"):
        cell = torch.nn.LSTMCell(12 + 16, 16)
        for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            getattr(cell, kind).data = getattr(decoder.rnn, f"{kind}_l0{way}").data
        cells.append(cell)
    states = [(s, torch.zeros_like(s)) for _ in cells]
    read, fed, wanted = s, torch.zeros(2, 12), []
    for t in range(3):
        both = torch.cat([read.unsqueeze(1).expand(-1, 3, -1), joint], dim=2)
        weights = attention.v(torch.tanh(attention.attn(both))).softmax(dim=1)
        found = (weights * joint).sum(1)
        given = torch.cat([fed, found], dim=1)
        states = [cell(given, state) for cell, state in zip(cells, states, strict=True)]
        read = states[0][0] + states[1][0]
        wanted.append(decoder.fc_out(torch.cat([read, found], dim=1))[:, :6])
        if t < 2:
            taught = truth[:, t + 1 : t + 2]
            fed = torch.zeros(2, 12)
            fed[:, :6] = torch.where(taught, target[:, t], wanted[-1].detach())
    got = translate(decoder, attention, joint, s, target, grid, truth)
    torch.testing.assert_close(got, torch.stack(wanted, dim=1).flatten(0, 1))
    with torch.no_grad():
        silent = translate(decoder, attention, joint, s, target, grid, truth)
    torch.testing.assert_close(silent, got)
