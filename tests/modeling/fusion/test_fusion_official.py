"""With ``fidelity="official"`` the utterance-level fusions give what the released modules gave."""

import numpy as np
import pytest
import torch
from fusion_cases import DIMS, UTTERANCE, config_of, own_losses, recorded

from affecthub.modeling.fusion import FusionConfig, FusionModel

CLOSE = {"rtol": 1e-5, "atol": 1e-5}
# Registered parameters at the widths of EmotionTalk's Table 4, without a score.
COUNTS = {
    "attention": {64: 423_306, 128: 936_714, 256: 2_233_866},
    "lmf": {64: 427_211, 128: 952_715, 256: 2_298_635},
    "tfn": {64: 17_982_663, 128: 275_646_855},
    "misa": {64: 805_447, 128: 1_932_423, 256: 5_157_127},
    "mmim": {64: 466_791, 128: 1_109_703, 256: 2_923_911},
}


@pytest.mark.parametrize("name", UTTERANCE)
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
        np.testing.assert_allclose(got.detach().numpy(), wanted, **CLOSE)
    output.loss.backward()
    for parameter_name, parameter in model.named_parameters():
        wanted = record[f"grad/{parameter_name.removeprefix('fusion.')}"]
        if parameter.grad is None:
            assert np.isnan(wanted).all(), f"{parameter_name}: no gradient, recorded one"
            continue
        got = [parameter.grad.sum(), parameter.grad.norm()]
        np.testing.assert_allclose(got, wanted, err_msg=parameter_name, **CLOSE)
        whole = record.get(f"g/{parameter_name.removeprefix('fusion.')}")
        if whole is not None:
            np.testing.assert_allclose(parameter.grad.numpy(), whole, **CLOSE)


@pytest.mark.parametrize("name", UTTERANCE)
@pytest.mark.parametrize("fidelity", ["fixed", "official"])
def test_parameters_are_as_many_as_in_the_released_modules(name, fidelity):
    for hidden_dim, wanted in COUNTS[name].items():
        for num_labels in (7, 4):
            config = FusionConfig(
                algorithm=name, hidden_dim=hidden_dim, num_labels=num_labels, fidelity=fidelity
            )
            with torch.device("meta"):
                model = FusionModel(config)
            got = sum(parameter.numel() for parameter in model.parameters())
            width = model.fusion.features_dim
            assert width == hidden_dim // (2 if name in ("lmf", "misa") else 1)
            assert got == wanted - (7 - num_labels) * (width + 1)


@pytest.mark.parametrize(("layers", "linear"), [(1, []), (2, [0, 2]), (4, [0, 2, 3, 4])])
def test_mmim_names_its_layers_as_released(layers, linear):
    model = FusionModel(config_of("mmim", options={"cpc_layers": layers}))
    found = {name for name in model.state_dict() if name.startswith("fusion.cpc_zt.")}
    places = [f"net.{place}." for place in linear] or ["net."]
    assert found == {f"fusion.cpc_zt.{p}{kind}" for p in places for kind in ("weight", "bias")}


def test_front_padding_of_the_released_code_is_what_a_mask_makes():
    torch.manual_seed(0)
    model = FusionModel(config_of("attention", fidelity="official", level="frame")).eval()
    steps = {name: torch.randn(2, 3, width) for name, width in DIMS.items()}
    in_front = {name: torch.cat([torch.zeros_like(x[:, :2]), x], 1) for name, x in steps.items()}
    behind = {name: torch.cat([x, torch.ones_like(x[:, :2])], 1) for name, x in steps.items()}
    masks = {f"{name}_mask": (torch.arange(5) < 3).expand(2, 5) for name in DIMS}
    torch.testing.assert_close(model(**behind, **masks).logits, model(**in_front).logits)


@pytest.mark.parametrize("fidelity", ["fixed", "official"])
def test_released_weights_load_strictly(fidelity):
    model = FusionModel(config_of("lmf", fidelity=fidelity))
    weights = {
        name.removeprefix("fusion."): torch.full(x.shape, 0.5)
        for name, x in model.state_dict().items()
    }
    model.load_official({f"w/{name}": x.numpy() for name, x in weights.items()} | {"in/x": 1})
    assert all(bool((x == 0.5).all()) for x in model.state_dict().values())
    with pytest.raises(ValueError, match=r"1 missing \(fusion_bias\)"):
        model.load_official({k: v for k, v in weights.items() if k != "fusion_bias"})
    with pytest.raises(ValueError, match=r"2 unknown \(fc_out_2.*score=True"):
        head = {"fc_out_2.weight": torch.ones(1, 8), "fc_out_2.bias": torch.ones(1)}
        model.load_official(weights | head)
    with pytest.raises(ValueError, match=r"1 of another shape \(fusion_bias\)"):
        model.load_official(weights | {"fusion_bias": torch.ones(1, 3)})
    # A head of no outputs, as the released code makes it, is none.
    model.load_official(weights | {"fc_out_2.weight": np.ones((0, 8)), "fc_out_2.bias": np.ones(0)})
