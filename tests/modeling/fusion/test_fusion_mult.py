"""MulT: positions, and steps of its own for each modality."""

import math

import torch
from fusion_cases import batch_of, model_of

from affecthub.modeling.fusion.modeling_crossmodal import _sinusoids


def test_positions_are_on_when_repaired_and_off_as_released():
    batch = batch_of(3, 4)
    for fidelity, without in (("fixed", False), ("official", True)):
        default = model_of("mult", fidelity=fidelity)
        plain = model_of("mult", fidelity=fidelity, options={"positions": False})
        told = model_of("mult", fidelity=fidelity, options={"positions": True})
        same = torch.equal(default(**batch).logits, plain(**batch).logits)
        assert same == without
        assert torch.equal(default(**batch).logits, told(**batch).logits) != without


def test_sinusoids_begin_at_one_and_place_zero_has_none():
    found = _sinusoids(torch.tensor([0, 1, 5]), 5)
    assert found.shape == (3, 5) and not bool(found[0].any())
    slow = 1 / 10000
    wanted = [math.sin(5), math.sin(5 * slow), math.cos(5), math.cos(5 * slow), 0]
    torch.testing.assert_close(found[2], torch.tensor(wanted))
    assert _sinusoids(torch.tensor([1]), 2).isfinite().all()


def test_released_positions_take_a_first_channel_of_zero_for_padding():
    model = model_of("mult", fidelity="official", options={"positions": True})
    seen = []
    encoder = model.fusion.trans_l_with_a
    encoder.layers[0].register_forward_hook(lambda layer, given, out: seen.append(given[0]))
    batch = batch_of(1, 3)
    batch["text"][:, 0] = 0
    model(**batch)
    rows = seen[0].detach()
    assert not bool(rows[0].any()), "zeros stay zeros: no position was added"
    assert bool(rows[1].any())


def test_each_modality_keeps_its_own_steps():
    """Sound of another length changes the answer by what it says, and no step is pooled."""
    model = model_of("mult")
    batch = batch_of(2, 4)
    longer = {**batch, "audio": batch_of(2, 7, seed=5)["audio"]}
    wanted = model(**longer).logits
    nudged = {**longer, "audio": longer["audio"].clone()}
    nudged["audio"][:, 3, 0] += 1
    assert not torch.allclose(model(**nudged).logits, wanted, atol=1e-6)
