"""A recipe that puts three pretrained models together: trained, saved, loaded, asked."""

import json
from dataclasses import replace

import pytest
from official_bases import bases  # noqa: F401 - a fixture

from affecthub.datasets_scripts import load_dataset
from affecthub.training.model import load_model
from affecthub.training.predict import predict
from affecthub.training.recipe import load_recipe
from affecthub.training.recipe_parts import LoraRecipe, TowersRecipe
from affecthub.training.sft import train


@pytest.fixture(scope="module")
def recipe(bases):  # noqa: F811
    quick = {
        "max_steps": 2,
        "per_device_train_batch_size": 3,
        "learning_rate": 1e-2,
        "eval_strategy": "no",
        "bf16": False,
        "dataloader_num_workers": 0,
    }
    small = load_recipe("affectgpt_small", trainer=quick)
    towers = TowersRecipe(**bases, config={"fusion_dim": 32, "empty_text": "keep", "n_frames": 2})
    return replace(
        small,
        corpus="demo",
        config=None,
        protocol="speaker_independent",
        towers=towers,
        dtype="float32",
        modalities=("text", "audio"),
        questions={},
        lora=LoraRecipe(r=2, alpha=4, dropout=0.0),
        max_new_tokens=2,
    )


def test_adapters_are_loaded_onto_what_they_were_trained_on(recipe, small_corpus, tmp_path):
    made = train(recipe, data_dir=small_corpus, output_dir=tmp_path / "run", progress=False)
    folder = tmp_path / "run"
    assert not (folder / "model.safetensors").exists()
    named = json.loads((folder / "bases.json").read_text())
    assert sorted(named) == ["audio", "text", "vision"]
    assert 0 < made.n_trained < made.n_parameters

    loaded, processor = load_model(folder)
    assert processor.empty_text == "keep"
    clips = load_dataset("demo", data_dir=small_corpus, split="test").select(range(3))
    answers = predict(loaded, processor, clips, recipe, progress=False)
    assert answers == predict(made.model, made.processor, clips, recipe, progress=False)


def test_fields_that_do_not_fit_are_told(recipe, small_corpus, tmp_path):
    wrong = replace(recipe, towers=replace(recipe.towers, config={"fusion": "magic"}))
    with pytest.raises(ValueError, match="`towers.config` does not fit: .*fusion"):
        train(wrong, data_dir=small_corpus, output_dir=tmp_path / "run", progress=False)
