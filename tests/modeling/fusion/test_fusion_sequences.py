"""What the five fusions of sequences have in common: records, counts, padding, alignment."""

import numpy as np
import pytest
import torch
from fusion_cases import (
    DIMS,
    SEQUENCE,
    batch_of,
    config_of,
    labels_of,
    model_of,
    own_losses,
    recorded,
)
from torch.func import functional_call, stack_module_state, vmap

from affecthub.modeling.fusion import FusionConfig, FusionModel
from affecthub.modeling.fusion.modeling_alignment import align
from affecthub.modeling.fusion.modeling_sequences import Masks

RECORDS = ("mult", "mult_positions", "mfn", "graph_mfn", "mfm", "mctn")
# Registered parameters of the released modules at EmotionTalk's widths, without a score.
COUNTS = {
    "mult": {64: 4_265_479, 128: 16_223_239, 256: 63_215_623},
    "mfn": {64: 1_745_735, 128: 3_863_815, 256: 9_218_183},
    "graph_mfn": {64: 1_737_826, 128: 3_675_746, 256: 8_153_698},
    "mfm": {64: 3_834_222, 128: 8_407_630, 256: 19_790_862},
    "mctn": {64: 7_644_295, 128: 15_862_023, 256: 34_042_375},
}
# Networks that the released code does not register.
UNREGISTERED = {64: 103_056, 128: 205_712, 256: 411_024}
# Clips of unequal lengths, one modality unlike the other.
LENGTHS = {"audio": [9, 2, 6, 4], "text": [5, 3, 1, 2], "vision": [1, 4, 3, 7]}


def unequal(lengths=LENGTHS, extra=0, fill=0.0):
    """Clips of those lengths with padding behind them, and masks."""
    batch = {}
    drawn = torch.Generator().manual_seed(3)
    for name, width in DIMS.items():
        wanted = torch.tensor(lengths[name])
        x = torch.randn(len(wanted), int(wanted.max()), width, generator=drawn)
        x = torch.cat([x, torch.zeros(len(wanted), extra, width)], dim=1)
        mask = torch.arange(x.shape[1]) < wanted.unsqueeze(1)
        batch[name] = x.masked_fill(~mask.unsqueeze(-1), fill)
        batch[f"{name}_mask"] = mask
    return batch


@pytest.mark.parametrize("name", RECORDS)
def test_outputs_losses_and_gradients_are_the_recorded_ones(reference_data, name):
    model, batch, record = recorded(reference_data, name)
    output = model(**batch)
    for got, wanted in (
        (output.features, record["out/features"]),
        (output.logits, record["out/emos"]),
        (output.score, record["out/vals"][:, 0]),
        (own_losses(output), record["out/interloss"]),
        (output.loss, record["train/loss"]),
    ):
        np.testing.assert_allclose(got.detach().numpy(), wanted, rtol=1e-5, atol=1e-5)
    output.loss.backward()
    named = [*model.named_parameters(), *model.named_buffers()]
    here = {key.removeprefix("fusion."): value for key, value in named}
    for key in (key for key in record if key.startswith("grad/")):
        gradient, wanted = here[key.removeprefix("grad/")].grad, record[key]
        if np.isnan(wanted).all():
            assert gradient is None, key
            continue
        got = [gradient.sum(), gradient.norm()]
        # Zeros in front, once normalised, have gradients of 1e7 that cancel in the sum.
        scale = max(1.0, float(np.abs(wanted).max()))
        np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-5 * scale, err_msg=key)


@pytest.mark.parametrize("name", SEQUENCE)
@pytest.mark.parametrize("fidelity", ["fixed", "official"])
def test_parameters_are_as_many_as_in_the_released_modules(name, fidelity):
    for hidden_dim, wanted in COUNTS[name].items():
        for num_labels in (7, 4) if hidden_dim == 64 else (7,):
            config = FusionConfig(
                algorithm=name, hidden_dim=hidden_dim, num_labels=num_labels, fidelity=fidelity
            )
            with torch.device("meta"):
                model = FusionModel(config)
            got = sum(parameter.numel() for parameter in model.parameters())
            width = model.fusion.features_dim
            assert width == hidden_dim // (1 if name == "mctn" else 2)
            heads = 2 if name == "mfm" and fidelity == "official" else 1
            expected = wanted - heads * (7 - num_labels) * (width + 1)
            if fidelity == "fixed":
                expected += UNREGISTERED[hidden_dim] if name == "graph_mfn" else 0
                expected -= unread_of_mfm(hidden_dim) if name == "mfm" else 0
            assert got == expected, (hidden_dim, num_labels)


def unread_of_mfm(hidden_dim):
    """The head of MFN that the released MFM never reads."""
    half = hidden_dim // 2
    into = (3 * hidden_dim + 128 + 1) * hidden_dim
    return into + (hidden_dim + 1) * half + 7 * (half + 1)


@pytest.mark.parametrize("name", SEQUENCE)
def test_every_weight_gets_a_gradient(name):
    for n_steps in (1, 2, 5, None):
        model = model_of(name, score=True).train()
        model(**batch_of(4, n_steps), labels=labels_of(), scores=torch.ones(4)).loss.backward()
        for key, parameter in model.named_parameters():
            assert parameter.grad is not None and bool(parameter.grad.isfinite().all()), key


@pytest.mark.parametrize("name", SEQUENCE)
def test_padding_changes_no_loss_and_no_gradient(name):
    model = model_of(name)
    found = []
    for batch in (unequal(), unequal(extra=3, fill=float("nan"))):
        model.zero_grad()
        output = model(**batch, labels=labels_of())
        output.loss.backward()
        gradients = [p.grad.clone() for p in model.parameters() if p.grad is not None]
        found.append([output.logits.detach(), output.loss.detach(), *gradients])
    torch.testing.assert_close(*found, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", SEQUENCE)
def test_a_clip_says_the_same_alone_and_among_others(name):
    """Also where it has fewer steps than they, or no text, or no faces."""
    model = model_of(name)
    lacking = {"audio": [9, 0, 6, 4], "text": [5, 3, 0, 2], "vision": [1, 4, 0, 0]}
    for lengths in (LENGTHS, lacking):
        batch = unequal(lengths)
        together = model(**batch).logits
        for i in range(4):
            alone = {
                key: batch[key][i : i + 1, : lengths[key][i]] for key in DIMS if lengths[key][i]
            }
            torch.testing.assert_close(model(**alone).logits[0], together[i], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", SEQUENCE)
def test_without_padding_the_repair_changes_no_answer(name):
    """The same weights answer as released, but for MCTN, whose batch axis is repaired."""
    options = {"positions": False} if name == "mult" else {}
    official = model_of(name, fidelity="official", options=options)
    fixed = model_of(name, seed=1, options=options)
    weights = {**official.state_dict()}
    fixed.load_official({key.removeprefix("fusion."): value for key, value in weights.items()})
    same = torch.allclose(fixed(**batch_of()).logits, official(**batch_of()).logits, atol=1e-6)
    assert same == (name != "mctn")
    in_front = {key: torch.cat([torch.zeros_like(x), x], dim=1) for key, x in batch_of().items()}
    moved = official(**in_front).logits - official(**batch_of()).logits
    assert name == "mctn" or float(moved.detach().abs().max()) > 1e-6


def test_a_modality_is_pooled_to_the_steps_of_the_text():
    def steps(values, n_steps):
        padded = [[*row, *[0.0] * (n_steps - len(row))] for row in values]
        real = [[i < len(row) for i in range(n_steps)] for row in values]
        return torch.tensor(padded).unsqueeze(-1), torch.tensor(real)

    text, text_mask = steps([[1.0, 2.0], [7.0, 8.0, 9.0]], 4)
    audio, audio_mask = steps([[1.0, 2.0, 3.0, 4.0, 6.0], [5.0]], 5)
    vision, vision_mask = steps([[], [1.0, 3.0, 5.0]], 3)
    masks = Masks(audio=audio_mask, text=text_mask, vision=vision_mask)
    (words, a, v), grid = align(audio, text, vision, masks, official=False)
    assert grid.mask.tolist() == [[True, True, False], [True, True, True]]
    assert words[..., 0].tolist() == [[1, 2, 0], [7, 8, 9]]
    torch.testing.assert_close(a[..., 0], torch.tensor([[2.0, 13 / 3, 0], [5, 5, 5]]))
    assert v[..., 0].tolist() == [[0, 0, 0], [1, 3, 5]]
    # As the released loader: windows of three that end with the clip, zeros in front of them.
    end = [x.flip(1) for x in (audio, text, vision)]
    masks = Masks(audio=audio_mask.flip(1), text=text_mask.flip(1), vision=vision_mask.flip(1))
    (words, a, v), grid = align(*end, masks, official=True)
    assert bool(grid.mask.all()) and words[..., 0].tolist() == [[0, 2, 1], [9, 8, 7]]
    torch.testing.assert_close(a[..., 0], torch.tensor([[0.0, 10 / 3, 2.0], [0, 0, 5]]))
    assert v[..., 0].tolist() == [[0, 0, 0], [5, 3, 1]]


@pytest.mark.parametrize("name", SEQUENCE)
def test_several_models_run_side_by_side(name):
    """Stacked weights under vmap give what each model gives."""
    models = [model_of(name, seed) for seed in range(2)]
    batch = {**unequal(), "labels": labels_of()}
    weights, buffers = stack_module_state(models)

    def loss_of(weights, buffers):
        return functional_call(models[0], (weights, buffers), kwargs=batch).loss

    losses = vmap(loss_of, randomness="same")(weights, buffers)
    torch.testing.assert_close(losses, torch.stack([model(**batch).loss for model in models]))


def test_steps_that_do_not_reach_the_convolution_are_refused_as_released():
    official = model_of("mult", fidelity="official", options={"conv1d_kernel_size": 3})
    with pytest.raises(ValueError, match="too few steps for the convolution: got 2, expected 3"):
        official(**batch_of(2, 2))
    fixed = model_of("mult", options={"conv1d_kernel_size": 3})
    for n_steps in (1, 2, None):
        assert fixed(**batch_of(2, n_steps)).logits.shape == (2, 7)
    assert config_of("mult").option.positions is None
