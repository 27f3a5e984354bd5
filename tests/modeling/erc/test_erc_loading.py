"""Models come back from their folders, by their own class and by the Auto classes."""

import json

import pytest
import torch
from erc_cases import FORMS, dialogues_of, logits, model_of
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModel, AutoModelForTokenClassification

from affecthub.modeling.erc import ErcConfig, ErcModel

CLASSES = (ErcModel, AutoModel, AutoModelForTokenClassification)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_a_saved_model_says_the_same(tmp_path, form):
    model = model_of(form)
    model.save_pretrained(tmp_path)
    batch = dialogues_of(6, 3)
    wanted = logits(model, batch)
    for loader in CLASSES:
        again = loader.from_pretrained(tmp_path)
        assert type(again) is ErcModel and not again.training
        torch.testing.assert_close(logits(again, batch), wanted, rtol=0, atol=1e-6)
    assert type(AutoConfig.from_pretrained(tmp_path)) is ErcConfig


@pytest.mark.parametrize("form", ["cmn", "dialoguegcn", "eamt"])
def test_another_head_on_a_trained_body(tmp_path, form):
    """What a file lacks is initialised as torch does it; what it has is kept."""
    model_of(form).save_pretrained(tmp_path)
    path = tmp_path / "model.safetensors"
    kept = {key: x for key, x in load_file(path).items() if not key.startswith("classifier")}
    save_file(kept, path, metadata={"format": "pt"})
    again = ErcModel.from_pretrained(tmp_path)
    state = again.state_dict()
    assert all(torch.equal(state[key], x) for key, x in kept.items())
    head = state["classifier.weight"]
    assert 0 < float(head.abs().max()) <= head.shape[1] ** -0.5


def test_initial_weights_are_those_of_each_layer():
    conversation = model_of("icon").conversation
    assert bool((conversation.local_own.gates.bias == 1).all())
    assert not bool(conversation.local_own.candidate.bias.any())
    basis = model_of("dialoguegcn").conversation.graph_net.conv1.basis
    assert 0.8 * (30 * 12) ** -0.5 < float(basis.detach().abs().max()) <= (30 * 12) ** -0.5
    assert torch.equal(model_of("eamt", 3).classifier.weight, model_of("eamt", 3).classifier.weight)


def test_half_precision_and_features_of_another_type():
    batch = dialogues_of(4, 2)
    for form in ("dialoguernn", "dialoguegcn", "eamt", "cmn"):
        model = model_of(form).to(torch.bfloat16)
        output = model(**batch, labels=torch.zeros(2, 4, dtype=torch.long))
        assert output.logits.dtype == torch.bfloat16 and bool(output.loss.isfinite())
    wide = {**batch, "features": batch["features"].double(), "mask": batch["mask"].long()}
    assert torch.equal(logits(model_of("cmn"), wide), logits(model_of("cmn"), batch))


def test_a_tuple_on_request():
    model, batch = model_of("dialoguernn"), dialogues_of(4, 2)
    labels = torch.zeros(2, 4, dtype=torch.long)
    output = model(**batch, labels=labels)
    loss, scores, *_ = output.to_tuple()
    assert torch.equal(loss, output.loss) and torch.equal(scores, output.logits)


def test_the_folder_brings_its_code(tmp_path):
    model_of("dep").save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["auto_map"] == {
        "AutoConfig": "configuration_erc.ErcConfig",
        "AutoModel": "modeling_erc.ErcModel",
        "AutoModelForTokenClassification": "modeling_erc.ErcModel",
    }
    assert (tmp_path / "modeling_erc.py").is_file()
    assert "affecthub." not in (tmp_path / "modeling_erc.py").read_text()
