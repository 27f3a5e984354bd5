"""In which precision a run's folder holds its weights."""

import json
from dataclasses import replace

import pytest
import torch
from peft import get_peft_model_state_dict
from safetensors.torch import load_file, save_file

from affecthub.modeling.affectgpt import AffectGPTConfig, AffectGPTForConditionalGeneration
from affecthub.training.model import add_lora
from affecthub.training.recipe import LoraRecipe, Recipe
from affecthub.training.saving import convert_saved, round_trained, saved_dtype

PAPER = Recipe(corpus="demo", model="base", trainer={"bf16": True})


def test_adapters_of_the_paper_take_109_megabytes():
    """54,412,548 trained parameters (see the config's test) of two bytes each."""
    with torch.device("meta"):
        model = add_lora(AffectGPTForConditionalGeneration(AffectGPTConfig()), LoraRecipe())
    saved = get_peft_model_state_dict(model, save_embedding_layers=False)
    dtype = saved_dtype(PAPER)
    assert dtype == torch.bfloat16
    assert sum(each.numel() for each in saved.values()) * dtype.itemsize == 108_825_096


@pytest.mark.parametrize(
    ("changes", "dtype"),
    [
        ({"trainer": {}}, None),
        ({"lora": None}, None),
        ({"save_dtype": "float32"}, torch.float32),
        ({"lora": None, "save_dtype": "float16"}, torch.float16),
    ],
)
def test_weights_are_saved_as_trained_unless_they_need_not_be(changes, dtype):
    assert saved_dtype(replace(PAPER, **changes)) == dtype


def test_unknown_precision_is_refused_with_a_close_one():
    with pytest.raises(ValueError, match="unknown `save_dtype`: got 'bfloat17'.*bfloat16"):
        replace(PAPER, save_dtype="bfloat17")


def test_folder_and_memory_hold_the_same_weights(tmp_path):
    model = torch.nn.Linear(3, 2)
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    save_file(weights | {"n": torch.tensor(3)}, tmp_path / "model.safetensors", {"format": "pt"})
    (tmp_path / "config.json").write_text(json.dumps({"dtype": "float32"}))
    convert_saved(tmp_path, torch.bfloat16)
    round_trained(model, torch.bfloat16)
    saved = load_file(tmp_path / "model.safetensors")
    assert saved["n"] == 3 and saved["weight"].dtype == torch.bfloat16
    assert (
        torch.equal(saved["weight"].float(), model.weight) and model.weight.dtype == torch.float32
    )
    assert json.loads((tmp_path / "config.json").read_text())["dtype"] == "bfloat16"
    assert {path.name for path in tmp_path.iterdir()} == {"model.safetensors", "config.json"}
