"""Batches that do not fit are refused with what was wrong; where looking would cost, not."""

import pytest
import torch
from fusion_cases import batch_of, labels_of, model_of
from torch.func import functional_call, stack_module_state, vmap

from affecthub.modeling.fusion import check_values
from affecthub.modeling.fusion.modeling_checks import may_look


def changed(**fields):
    return {**batch_of(3, 4), **fields}


NAN = torch.zeros(3, 4, 8)
NAN[1, 2, 3] = float("nan")
HUGE = torch.full((3, 4, 8), 3e38)


@pytest.mark.parametrize(
    ("batch", "error", "said"),
    [
        (changed(audio=torch.zeros(3, 4, 9)), ValueError, "width: got 9, expected 8.*`audio_dim`"),
        (changed(text=torch.zeros(12)), ValueError, r"dimensions: got \(12,\), expected \(clips"),
        (changed(text=torch.zeros(3, 0, 12)), ValueError, r"`text` is empty: got \(3, 0, 12\)"),
        (changed(text=torch.zeros(2, 4, 12)), ValueError, "different sizes: got .*'text': 2"),
        (changed(text=torch.zeros(3, 4, 12).long()), TypeError, "got torch.int64, expected float"),
        (changed(text=[[0.0] * 12] * 3), TypeError, "`text` is no tensor: got list"),
        (changed(text_mask=torch.ones(3, 5)), ValueError, r"text_mask.*got \(3, 5\).*\(3, 4\)"),
        (changed(audio=NAN), ValueError, "`audio` is not finite: .* in clip 1 of the batch"),
        (changed(audio=torch.full((3, 4, 8), float("inf"))), ValueError, "clips 0, 1, 2 of"),
        ({}, ValueError, "no features: got None for all"),
        ({"audio": torch.zeros(3, 8), "text_mask": torch.ones(3)}, ValueError, "a mask alone"),
        (changed(labels=torch.tensor([0, 7, 1])), ValueError, "got 7, expected 0 to 6, or -100"),
        (changed(labels=torch.tensor([0, -1, 1])), ValueError, "got -1, expected 0 to 6"),
        (changed(labels=torch.zeros(4).long()), ValueError, r"got \(4,\), expected \(3,\)"),
        (changed(labels=torch.zeros(3)), TypeError, "`labels`: got torch.float32"),
        (changed(scores=torch.zeros(3)), ValueError, "`scores` for a model without that head"),
    ],
)
def test_what_does_not_fit_is_named(batch, error, said):
    for training in (False, True):
        with pytest.raises(error, match=f"(?s){said}"):
            model_of("lmf").train(training)(**batch)


def test_targets_need_their_heads():
    model = model_of("lmf", num_labels=0, score=True)
    with pytest.raises(ValueError, match="`labels` for a model without that head.*num_labels=N"):
        model(**batch_of(3), labels=labels_of(3))
    with pytest.raises(TypeError, match="`scores`: got torch.int64"):
        model(**batch_of(3), scores=labels_of(3))
    output = model(**batch_of(3), scores=torch.tensor([1.0, float("nan"), -1.0]))
    assert output.logits.shape == (3, 0) and output.score.shape == (3,)
    wanted = (output.score - torch.tensor([1.0, 0.0, -1.0])).square()[[0, 2]].mean()
    torch.testing.assert_close(output.loss, wanted)


def test_large_values_are_no_mistake():
    model_of("attention")(audio=HUGE)


def test_a_clip_without_any_modality_is_refused_and_one_without_some_by_choice():
    batch = batch_of(3, None)
    masks = {f"{name}_mask": torch.tensor([True, True, False]) for name in batch}
    for fidelity in ("fixed", "official"):
        with pytest.raises(ValueError, match="without any modality: got clip 2 of the batch"):
            model_of("misa", fidelity=fidelity)(**batch, **masks)
    some = {"audio_mask": torch.tensor([False, True, False])}
    assert model_of("misa")(**batch, **some).logits.shape == (3, 7)
    refusing = model_of("misa", missing="refuse")
    with pytest.raises(ValueError, match=r"a modality: got clips 0, 2 of .*missing=\"refuse\""):
        refusing(**batch, **some)
    with pytest.raises(ValueError, match="clips 0, 1, 2 of the batch"):
        refusing(audio=batch["audio"], text=batch["text"])
    assert refusing(**batch).logits.shape == (3, 7)


def test_clips_without_a_label_count_in_no_loss():
    model = model_of("tfn", score=True)
    batch = batch_of(4, None)
    first = {key: x[:2] for key, x in batch.items()}
    labels = torch.tensor([3, 1, -100, -100])
    torch.testing.assert_close(
        model(**batch, labels=labels).loss, model(**first, labels=labels[:2]).loss
    )
    nothing = model(**batch, labels=torch.full((4,), -100), scores=torch.full((4,), float("nan")))
    assert float(nothing.loss.detach()) == 0
    nothing.loss.backward()
    both = model(**batch, labels=labels, scores=torch.ones(4))
    alone = model(**batch, scores=torch.ones(4))
    parts = model(**batch, labels=labels).loss + alone.loss
    torch.testing.assert_close(both.loss, parts)


def test_values_are_looked_at_where_that_is_free():
    x = torch.zeros(2)
    assert may_look([x], training=True) and may_look([x], training=False)
    there = torch.zeros(2, device="meta")
    assert not may_look([x, there], training=True) and not may_look([there], training=False)
    seen = []
    vmap(lambda each: seen.append(may_look([x, each], training=False)) or each)(torch.zeros(3, 2))
    assert seen == [False]


def test_what_is_not_looked_at_can_be_asked_for_once():
    model = model_of("lmf")
    given = {**batch_of(3, 4), "audio": NAN}
    with pytest.raises(ValueError, match="clip 1 of the batch"):
        check_values(model.config, given, torch.ones(3, 3, dtype=torch.bool))
    check_values(
        model.config, batch_of(3, 4), torch.ones(3, 3, dtype=torch.bool), torch.tensor([0, -100, 6])
    )


@pytest.mark.parametrize("name", ["attention", "lmf", "tfn", "misa", "mmim"])
def test_several_models_run_side_by_side(name):
    """Stacked weights under vmap give what each model gives, and so do their gradients."""
    options = {"transformer_dropout": 0.0} if name == "misa" else {}
    models = [model_of(name, seed, options=options).train() for seed in range(3)]
    batch = {**batch_of(4, 3), "labels": torch.tensor([0, 3, -100, 6])}
    weights, buffers = stack_module_state(models)

    def loss_of(weights, buffers):
        return functional_call(models[0], (weights, buffers), kwargs=batch).loss

    losses = vmap(loss_of)(weights, buffers)
    wanted = torch.stack([model(**batch).loss for model in models])
    torch.testing.assert_close(losses, wanted)
    losses.sum().backward()
    wanted.sum().backward()
    for key, parameter in models[1].named_parameters():
        if parameter.requires_grad:
            got = weights[key].grad[1]
            torch.testing.assert_close(got, parameter.grad, rtol=1e-4, atol=1e-6)


@pytest.mark.slow
def test_a_step_is_one_graph():
    """No data-dependent branch: the whole step is captured, checks left out."""
    model = model_of("misa", modality_dropout=0.2).train()
    step = torch.compile(model, backend="eager", fullgraph=True)
    step(**batch_of(3, 4), labels=labels_of(3)).loss.backward()
