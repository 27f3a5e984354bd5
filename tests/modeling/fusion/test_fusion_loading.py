"""Models come back from their folders, by their own class and by the Auto classes."""

import json

import pytest
import torch
from fusion_cases import ALL, batch_of, labels_of, model_of
from safetensors.torch import load_file, save_file
from transformers import AutoModel, AutoModelForSequenceClassification

from affecthub.modeling.fusion import FusionModel

CLASSES = (FusionModel, AutoModel, AutoModelForSequenceClassification)


@pytest.mark.parametrize("name", ALL)
def test_a_saved_model_says_the_same(tmp_path, name):
    model = model_of(name, score=True)
    model.save_pretrained(tmp_path)
    batch = batch_of(3, 4)
    with torch.no_grad():
        wanted = model(**batch)
    for loader in CLASSES:
        again = loader.from_pretrained(tmp_path)
        assert type(again) is FusionModel and not again.training
        with torch.no_grad():
            got = again(**batch)
        assert torch.equal(got.logits, wanted.logits) and torch.equal(got.score, wanted.score)
        frozen = {key for key, x in model.named_parameters() if not x.requires_grad}
        assert frozen == {key for key, x in again.named_parameters() if not x.requires_grad}


@pytest.mark.parametrize("name", ["lmf", "misa"])
def test_what_a_file_lacks_is_initialised_and_what_it_has_is_kept(tmp_path, name):
    """A new head on an old trunk: as torch initialises it, and nothing else touched."""
    model_of(name).save_pretrained(tmp_path)
    path = tmp_path / "model.safetensors"
    kept = {key: x for key, x in load_file(path).items() if not key.startswith("fc_out")}
    save_file(kept, path, metadata={"format": "pt"})
    again = FusionModel.from_pretrained(tmp_path)
    state = again.state_dict()
    assert all(torch.equal(state[key], x) for key, x in kept.items())
    head = state["fc_out_1.weight"]
    assert 0 < float(head.abs().max()) <= 1 / 8**0.5 and float(head.std()) > 0.1


def test_initial_weights_are_those_of_torch():
    """Uniform within 1 over the root of the width, not the normal of 0.02 that is usual here."""
    model = model_of("attention")
    weight = model.fusion.audio_encoder.linear_1.weight
    assert abs(float(weight.detach().std()) - (1 / 8) ** 0.5 / 3**0.5) < 0.03
    factor = model_of("lmf").fusion.audio_factor
    assert abs(float(factor.detach().std()) - (2 / (17 * 8 + 4 * 8)) ** 0.5) < 0.02
    assert not bool(model_of("lmf").fusion.fusion_bias.any())
    assert torch.equal(model_of("lmf", 3).fc_out_1.weight, model_of("lmf", 3).fc_out_1.weight)


def test_half_precision_and_features_of_another_type(tmp_path):
    model = model_of("misa").to(torch.bfloat16)
    output = model(**batch_of(3, 4), labels=labels_of(3))
    assert output.logits.dtype == torch.bfloat16 and bool(output.loss.isfinite())
    half = {key: x.half() for key, x in batch_of(3, 4).items()}
    assert model_of("misa")(**half).logits.dtype == torch.float32


def test_a_tuple_on_request():
    model = model_of("mmim")
    as_tuple = model(**batch_of(3, 4), labels=labels_of(3), return_dict=False)
    output = model(**batch_of(3, 4), labels=labels_of(3))
    torch.testing.assert_close(as_tuple[0], output.loss)
    torch.testing.assert_close(as_tuple[1], output.logits)
    assert list(output.losses) == ["contrast", "likelihood"]


def test_the_folder_brings_its_code(tmp_path):
    model_of("tfn").save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["auto_map"]["AutoModel"] == "modeling_fusion.FusionModel"
    assert set(config["auto_map"]) == {
        "AutoConfig",
        "AutoModel",
        "AutoModelForSequenceClassification",
    }
    assert (tmp_path / "modeling_fusion.py").is_file()
    assert "affecthub.modeling" not in (tmp_path / "modeling_fusion.py").read_text()


@pytest.mark.slow
def test_importing_affecthub_is_enough(tmp_path, run_python):
    """No remote code is asked for, and our package is not imported before it is needed."""
    model_of("lmf").save_pretrained(tmp_path)
    printed = run_python(f"""
        import sys
        import affecthub
        from transformers import AutoModelForSequenceClassification
        assert "affecthub.modeling" not in sys.modules
        model = AutoModelForSequenceClassification.from_pretrained({str(tmp_path)!r})
        print(type(model).__module__)
    """)
    assert printed == "affecthub.modeling.fusion.modeling_fusion"
