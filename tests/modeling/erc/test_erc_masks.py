"""Padding, the batch and, in causal models, the future never change an answer."""

import pytest
import torch
from erc_cases import ALL, CAUSAL, FORMS, dialogues_of, logits, model_of
from torch.testing import assert_close

NEAR = {"rtol": 0, "atol": 1e-5}
LENGTHS = (6, 9, 1, 2)


@pytest.mark.parametrize("form", FORMS)
def test_a_dialogue_is_answered_alike_alone_and_in_a_batch(form):
    model = model_of(form)
    batch = dialogues_of(*LENGTHS)
    together = logits(model, batch)
    for i, length in enumerate(LENGTHS):
        alone = {key: value[i : i + 1, :length] for key, value in batch.items()}
        assert_close(together[i, :length], logits(model, alone)[0], **NEAR)
        del alone["mask"]
        assert_close(together[i, :length], logits(model, alone)[0], **NEAR)


@pytest.mark.parametrize("form", FORMS)
def test_what_stands_in_the_padding_is_of_no_consequence(form):
    model = model_of(form)
    batch = dialogues_of(*LENGTHS)
    there, wanted = batch["mask"], logits(model, batch)
    labels = torch.arange(there.numel()).view_as(there) % 4
    loss = model(**batch, labels=labels.masked_fill(~there, -100)).loss
    odd = {
        "features": batch["features"].masked_fill(~there[..., None], float("nan")),
        "speakers": batch["speakers"].masked_fill(~there, -1),
        "mask": there,
    }
    assert torch.equal(logits(model, odd)[there], wanted[there])
    assert torch.equal(model(**odd, labels=labels.masked_fill(~there, 77)).loss, loss)
    longer = {key: torch.cat([value, value[:, :4]], 1) for key, value in batch.items()}
    longer["mask"][:, there.shape[1] :] = False
    assert_close(logits(model, longer)[:, : there.shape[1]][there], wanted[there], **NEAR)


@pytest.mark.parametrize("form", ALL)
def test_the_order_of_a_batch_is_the_order_of_its_answers(form):
    model = model_of(form)
    batch = dialogues_of(*LENGTHS)
    order = torch.tensor([2, 0, 3, 1])
    turned = logits(model, {key: value[order] for key, value in batch.items()})
    there = batch["mask"][order]
    assert_close(turned[there], logits(model, batch)[order][there], **NEAR)


@pytest.mark.parametrize("form", CAUSAL)
@pytest.mark.parametrize("now", [0, 4])
def test_the_future_is_not_heard(form, now):
    """Everything after an utterance changes; where it is asked who speaks next, that is kept."""
    model = model_of(form)
    batch = dialogues_of(9, 8)
    changed = {key: value.clone() for key, value in batch.items()}
    changed["features"][:, now + 1 :] = torch.randn(2, 8 - now, 8, generator=torch.manual_seed(3))
    asks = model.config.options.get("next_speaker") == "given"
    after = now + 1 + asks
    changed["speakers"][:, after:] = (changed["speakers"][:, after:] + 1) % 3
    changed["speakers"] = changed["speakers"].masked_fill(~changed["mask"], 0)
    before, later = (logits(model, each)[:, : now + 1] for each in (batch, changed))
    assert_close(later, before, rtol=0, atol=1e-6)
    assert not torch.allclose(logits(model, changed)[:, -2:], logits(model, batch)[:, -2:])
    shorter = {key: value[:, : now + 1] for key, value in batch.items()}
    if asks:
        shorter["next_speakers"] = batch["speakers"][:, 1 : now + 2]
    assert_close(logits(model, shorter), before, **NEAR)


def test_the_causal_forms_are_those_that_should_be():
    assert {name for name in FORMS if name not in CAUSAL} == {
        "dialoguernn",
        "dialoguernn-listeners",
        "dialoguegcn",
        "dialoguegcn-gru",
        "bigru-recognise",
    }


@pytest.mark.parametrize("form", [name for name in FORMS if name not in CAUSAL])
def test_what_is_not_causal_does_hear_the_future(form):
    model = model_of(form)
    batch = dialogues_of(9)
    before = logits(model, batch)
    batch["features"][:, -1] += 1
    assert not torch.allclose(logits(model, batch)[:, -4], before[:, -4])


@pytest.mark.parametrize("form", ["cmn", "icon"])
def test_the_released_memories_depend_on_how_far_they_reach_and_the_fixed_do_not(form):
    batch = dialogues_of(5)
    for fidelity, alike in (("official", False), ("fixed", True)):
        found = []
        for context in (4, 30):
            model = model_of(form, fidelity=fidelity, options={"context": context})
            for name, weight in model.named_parameters():
                if name.endswith("candidate.bias"):
                    weight.data.fill_(0.5)
            found.append(logits(model, batch))
        near, far = found
        assert torch.allclose(near, far, atol=1e-6) == alike


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("n_speakers", [1, 20])
def test_any_number_of_speakers(form, n_speakers):
    model = model_of(form, n_speakers=n_speakers)
    batch = dialogues_of(25, 1, 3, n_speakers=n_speakers)
    if n_speakers > 1:
        batch["speakers"][0, :20] = torch.arange(20)
    labels = torch.zeros_like(batch["speakers"])
    output = model(**batch, labels=labels)
    output.loss.backward()
    assert bool(output.logits.isfinite().all()) and bool(output.loss.isfinite())
    assert all(bool(x.grad.isfinite().all()) for x in model.parameters() if x.grad is not None)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_a_dialogue_longer_than_any_released_one(form):
    model = model_of(form)
    batch = dialogues_of(130, n_speakers=2)
    assert logits(model, batch).shape == (1, 130, 4)
    assert bool(logits(model, batch).isfinite().all())


@pytest.mark.parametrize("form", FORMS)
def test_every_weight_learns(form):
    model = model_of(form).train()
    batch = dialogues_of(9, 8, 7)
    model(**batch, labels=torch.randint(0, 4, (3, 9))).loss.backward()
    idle = [name for name, x in model.named_parameters() if x.grad is None or not x.grad.any()]
    assert idle == []


@pytest.mark.parametrize("form", FORMS)
def test_evaluation_is_the_same_each_time_and_training_drops(form):
    model = model_of(form)
    batch = dialogues_of(*LENGTHS)
    assert torch.equal(logits(model, batch), logits(model, batch))
    model.train()
    assert not torch.equal(logits(model, batch), logits(model, batch))
