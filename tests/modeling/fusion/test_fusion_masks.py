"""Padding, absences and the other clips of a batch never change an answer of ``fixed``."""

import pytest
import torch
from fusion_cases import ALL, DIMS, UTTERANCE, batch_of, labels_of, model_of

from affecthub.modeling.fusion.modeling_inputs import drop_modalities

LEVELS = ("utterance", "frame")
# What reads steps reads them; what reads vectors has an encoder for either.
EACH = [(name, level) for name in ALL for level in LEVELS[name not in UTTERANCE :]]
# Of the sequences, whose loss may draw or translate: see their own tests.
EACH_UTTERANCE = [(name, level) for name in UTTERANCE for level in LEVELS]


def padded(batch, before, after, fill):
    """The same steps with padding around them, and masks."""
    found = {}
    for name, x in batch.items():
        n_clips, n_steps, width = x.shape
        around = [torch.full((n_clips, n, width), fill) for n in (before, after)]
        found[name] = torch.cat([around[0], x, around[1]], dim=1)
        mask = torch.zeros(n_clips, before + n_steps + after, dtype=torch.bool)
        mask[:, before : before + n_steps] = True
        found[f"{name}_mask"] = mask
    return found


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", ALL)
def test_three_dimensions_are_steps_and_two_are_vectors(name, level):
    model = model_of(name, level=level)
    for n_steps in (1, 2, 5, None):
        output = model(**batch_of(3, n_steps))
        assert output.logits.shape == (3, 7)
        assert output.features.shape == (3, model.fusion.features_dim)
        assert output.loss is None and output.score is None
    one = batch_of(3, 1)
    torch.testing.assert_close(
        model(**one).logits, model(**{key: x[:, 0] for key, x in one.items()}).logits
    )


@pytest.mark.parametrize(("name", "level"), EACH)
def test_padding_changes_nothing_wherever_it_stands_and_whatever_it_holds(name, level):
    model = model_of(name, level=level)
    batch = batch_of(3, 4)
    wanted = model(**batch).logits
    for before, after, fill in ((0, 3, 0.0), (0, 2, float("nan")), (3, 0, 1e4), (1, 2, -5.0)):
        got = model(**padded(batch, before, after, fill)).logits
        torch.testing.assert_close(got, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("name", "level"), EACH_UTTERANCE)
def test_padding_changes_no_loss_and_no_gradient(name, level):
    model = model_of(name, level=level)
    batch = batch_of(3, 4)
    found = []
    for each in (batch, padded(batch, 2, 3, 7.0)):
        model.zero_grad()
        loss = model(**each, labels=labels_of(3)).loss
        loss.backward()
        gradients = [p.grad.clone() for p in model.parameters() if p.grad is not None]
        found.append([loss.detach(), *gradients])
    torch.testing.assert_close(*found, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("name", "level"), EACH)
def test_clips_do_not_know_of_each_other(name, level):
    model = model_of(name, level=level)
    batch = batch_of(4, 5)
    wanted = model(**batch).logits
    order = torch.tensor([2, 0, 3, 1])
    turned = model(**{key: x[order] for key, x in batch.items()}).logits
    torch.testing.assert_close(turned, wanted[order], rtol=1e-5, atol=1e-5)
    others = {key: torch.cat([x[:1], 9 * x[1:]]) for key, x in batch.items()}
    torch.testing.assert_close(model(**others).logits[0], wanted[0], rtol=1e-5, atol=1e-5)
    alone = model(**{key: x[:1] for key, x in batch.items()}).logits
    torch.testing.assert_close(alone[0], wanted[0], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("n_steps", [None, 5])
@pytest.mark.parametrize(("name", "level"), EACH)
def test_an_absent_modality_is_masked_however_it_is_told(name, level, n_steps):
    model = model_of(name, level=level)
    batch = batch_of(3, n_steps)
    without = {key: x for key, x in batch.items() if key != "vision"}
    wanted = model(**without).logits
    absent = torch.zeros(batch["vision"].shape[:-1], dtype=torch.bool)
    for fill in (0.0, 3.0, float("nan")):
        told = {**without, "vision": torch.full_like(batch["vision"], fill)}
        got = model(**told, vision_mask=absent).logits
        torch.testing.assert_close(got, wanted, rtol=1e-5, atol=1e-5)
    # One clip without faces among others that have them.
    mask = torch.ones_like(absent)
    mask[1] = False
    mixed = model(**batch, vision_mask=mask).logits
    whole = model(**batch).logits
    torch.testing.assert_close(mixed[1], wanted[1], rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(mixed[[0, 2]], whole[[0, 2]], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", UTTERANCE)
def test_what_is_absent_enters_no_loss(name):
    model = model_of(name)
    batch = batch_of(4, None)
    mask = torch.tensor([True, False, True, True])
    losses = []
    for fill in (0.0, 50.0):
        vision = torch.where(mask[:, None], batch["vision"], torch.full_like(batch["vision"], fill))
        losses.append(model(**{**batch, "vision": vision}, vision_mask=mask).losses)
    torch.testing.assert_close(*losses)
    if name in ("misa", "mmim"):
        assert any(
            not torch.equal(x, losses[0][key]) for key, x in model(**batch).losses.items()
        ), "the clip's faces count where it has some"


@pytest.mark.parametrize(("name", "level"), EACH)
def test_a_batch_of_one_and_features_of_zeros_have_gradients(name, level):
    model = model_of(name, level=level).train()
    one = batch_of(1, 3)
    for batch in (one, {key: torch.zeros_like(x) for key, x in one.items()}, batch_of(1, None)):
        model.zero_grad()
        output = model(**batch, labels=labels_of(1))
        output.loss.backward()
        assert bool(output.loss.isfinite())
        for key, parameter in model.named_parameters():
            if parameter.grad is not None:
                assert bool(parameter.grad.isfinite().all()), key


def test_the_released_code_gives_no_gradient_for_a_batch_of_one():
    """What the epsilons are for: without them MISA and MMIM lose every weight to NaN."""
    for name, batch in (
        ("misa", batch_of(1, None)),
        ("mmim", {key: torch.zeros_like(x) for key, x in batch_of(2, None).items()}),
    ):
        model = model_of(name, fidelity="official")
        if name == "mmim":  # no bias: zeros stay zeros
            with torch.no_grad():
                for key, parameter in model.named_parameters():
                    if key.endswith("bias"):
                        parameter.zero_()
        model(**batch, labels=labels_of(batch["text"].shape[0])).loss.backward()
        assert any(bool(p.grad.isnan().any()) for p in model.parameters() if p.grad is not None), (
            name
        )


@pytest.mark.parametrize("name", UTTERANCE)
def test_every_weight_that_is_trained_gets_a_gradient(name):
    model = model_of(name, score=True).train()
    scores = torch.tensor([0.5, -1.0, float("nan"), 2.0])
    model(**batch_of(4, None), labels=labels_of(), scores=scores).loss.backward()
    for key, parameter in model.named_parameters():
        assert (parameter.grad is not None) == parameter.requires_grad, key
        assert parameter.requires_grad or "entropy_prj" in key, key


def test_attention_weighs_with_a_softmax_over_what_is_there():
    """Three equal vectors: whatever the weights, their mean is the vector itself."""
    model = model_of("attention")
    encoders = model.fusion
    with torch.no_grad():
        for encoder in (encoders.audio_encoder, encoders.text_encoder, encoders.video_encoder):
            for parameter in encoder.parameters():
                parameter.zero_()
            encoder.linear_3.bias.fill_(1.5)
    torch.testing.assert_close(model(**batch_of(2, None)).features, torch.full((2, 16), 1.5))
    only_text = model(text=batch_of(2, None)["text"]).features
    torch.testing.assert_close(only_text, torch.full((2, 16), 1.5))


def test_a_large_variance_does_not_pay_in_mmim():
    """The likelihood of a normal distribution by torch; a variance of e^30 is no way out."""
    bound = model_of("mmim").fusion.mi_tv
    x, y = torch.randn(5, 16), torch.randn(5, 16)
    counted = torch.ones(5, dtype=torch.bool)
    mu, logvar = bound.mlp_mu(x), bound.mlp_logvar(x)
    normal = torch.distributions.Normal(mu, (logvar / 2).exp())
    constant = 16 * 0.5 * torch.log(torch.tensor(2 * torch.pi))
    wanted = normal.log_prob(y).sum(1).mean() + constant
    torch.testing.assert_close(bound(x, y, counted), wanted)
    with torch.no_grad():
        bound.mlp_logvar[2].bias.fill_(30.0)
    assert float(bound(x, y, counted)) < -16 * 4.9
    released = model_of("mmim", fidelity="official").fusion.mi_tv
    with torch.no_grad():
        released.mlp_logvar[2].bias.fill_(30.0)
    assert float(released(x, y, counted)) > -1e-6


def test_dropped_modalities_leave_one_that_is_there():
    torch.manual_seed(0)
    present = torch.tensor([[True, True, True], [False, True, False], [True, False, True]])
    present = present.repeat(400, 1)
    kept = drop_modalities(present, 0.5)
    assert bool((kept <= present).all()) and bool(kept.any(1).all())
    # Of three at one half each: all eight subsets, and the empty one saved to one of three.
    share = kept[::3].float().mean(0)
    assert bool(((share - (0.5 + 0.125 / 3)).abs() < 0.08).all()), share
    assert bool((drop_modalities(present, 0.0) == present).all())


def test_modality_dropout_is_for_training_alone():
    model = model_of("lmf", modality_dropout=0.6)
    batch = batch_of(4, None)
    assert torch.equal(model(**batch).logits, model(**batch).logits)
    model.train()
    torch.manual_seed(1)
    assert not torch.equal(model(**batch).logits, model(**batch).logits)
    assert DIMS.keys() == batch.keys()
