"""Fine-tuning: what is trained, what is saved, and that a run can stop and go on."""

import copy
import json
from dataclasses import replace

import pytest
import torch

from affecthub.datasets_scripts import load_dataset
from affecthub.hub_cards.cards import check_metadata, empty_sections, split_card
from affecthub.training.model import add_lora, load_model, warn_of_coarse_weights
from affecthub.training.model_folder import checkpoint_folder
from affecthub.training.predict import predict
from affecthub.training.recipe import LoraRecipe, load_recipe
from affecthub.training.sft import train


def with_trainer(recipe, **fields):
    return replace(recipe, trainer=recipe.trainer | fields)


def weights(model):
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def assert_same(one, other, **tolerance):
    assert one.keys() == other.keys()
    for name in one:
        torch.testing.assert_close(one[name], other[name], **tolerance)


def test_saved_run_holds_model_processor_and_records(trained):
    model, processor = load_model(trained.output_dir)
    assert_same(weights(model), weights(trained.model))
    assert processor.questions == trained.processor.questions
    assert load_recipe(trained.output_dir / "recipe.yaml").corpus == "demo"
    record = json.loads((trained.output_dir / "training.json").read_text())
    assert record["n_train"] == trained.n_train == 14 and record["n_left_out"] == 0
    assert {"loss", "eval_loss"} <= {key for entry in record["losses"] for key in entry}


def test_a_saved_folder_can_be_passed_on(trained):
    names = {path.name for path in trained.output_dir.iterdir()}
    assert {"model.safetensors", "config.json", "recipe.yaml", "training.json"} <= names
    assert not names & {"training_args.bin", "checkpoints"}
    checkpoints = checkpoint_folder(trained.output_dir)
    assert not list(checkpoints.rglob("training_args.bin"))
    weights = trained.output_dir / "model.safetensors"
    assert weights.stat().st_mode == (trained.output_dir / "config.json").stat().st_mode
    record = json.loads((trained.output_dir / "training.json").read_text())
    parameters = sum(each.numel() for each in trained.model.parameters())
    assert (record["n_there"], record["n_parameters"]) == (14, parameters)
    assert record["n_trained"] == parameters
    assert record["cost"]["train_s"] > 0 and record["cost"]["flops"] > 0


def test_what_is_saved_has_its_card(trained):
    (checkpoint,) = checkpoint_folder(trained.output_dir).glob("checkpoint-*")
    for folder, told in ((trained.output_dir, "14 of 14"), (checkpoint, "A checkpoint of step 4")):
        card = (folder / "README.md").read_text()
        assert "# AffectGPT fine-tuned on demo" in card and told in card
        assert check_metadata(split_card(card)[0], "model") == []
        assert empty_sections(card) == []


def test_weights_trained_in_half_precision_are_warned_of(trained, recwarn):
    warn_of_coarse_weights(trained.model)
    assert not [each for each in recwarn if "rounded away" in str(each.message)]
    coarse = copy.deepcopy(trained.model).to(torch.bfloat16)
    with pytest.warns(UserWarning, match=r"in torch.bfloat16: .*set trainer.bf16=true"):
        warn_of_coarse_weights(coarse)
    warn_of_coarse_weights(coarse.requires_grad_(False))


@pytest.mark.slow
def test_going_on_with_another_recipe_is_refused(small_corpus, small_recipe, tmp_path):
    text = replace(small_recipe, modalities=("text",), max_train_clips=4)
    text = with_trainer(text, eval_strategy="no")
    run = {"data_dir": small_corpus, "output_dir": tmp_path / "run", "progress": False}
    train(text, **run)
    with pytest.raises(ValueError, match=r"another recipe: trainer.learning_rate was 0.0007, is"):
        train(with_trainer(text, learning_rate=1e-3), resume=True, **run)
    # Written over, nothing of the first run is left for the next to go on from.
    other = with_trainer(text, learning_rate=1e-3, save_strategy="no")
    train(other, overwrite=True, **run)
    assert not list(checkpoint_folder(tmp_path / "run").glob("checkpoint-*"))


@pytest.mark.slow
def test_same_seed_gives_the_same_weights_and_another_seed_does_not(
    trained, small_corpus, small_recipe, tmp_path
):
    again = train(small_recipe, data_dir=small_corpus, output_dir=tmp_path / "a", progress=False)
    assert_same(weights(trained.model), weights(again.model), rtol=0, atol=0)
    other = train(
        replace(small_recipe, seed=7), data_dir=small_corpus, output_dir=tmp_path, progress=False
    )
    name = "lm_head.weight"
    assert not torch.equal(other.model.state_dict()[name], trained.model.state_dict()[name])


@pytest.mark.slow
def test_resumed_run_ends_where_the_whole_run_ends(small_corpus, small_recipe, tmp_path):
    two = with_trainer(
        small_recipe, num_train_epochs=2, eval_strategy="no", lr_scheduler_type="constant"
    )
    whole = train(two, data_dir=small_corpus, output_dir=tmp_path / "whole", progress=False)
    half = with_trainer(two, num_train_epochs=1)
    train(half, data_dir=small_corpus, output_dir=tmp_path / "parts", progress=False)
    resumed = train(
        two, data_dir=small_corpus, output_dir=tmp_path / "parts", resume=True, progress=False
    )
    assert_same(weights(whole.model), weights(resumed.model), rtol=1e-5, atol=1e-6)


@pytest.mark.slow
def test_small_batches_that_add_up_equal_one_large_batch(small_corpus, small_recipe, tmp_path):
    # No clipping and no dropout: eight gradients of one clip are the gradient of eight clips.
    text = replace(small_recipe, modalities=("text",), max_train_clips=8)
    text = with_trainer(text, eval_strategy="no")
    large = train(
        with_trainer(text, per_device_train_batch_size=8),
        data_dir=small_corpus,
        output_dir=tmp_path / "8",
        progress=False,
    )
    small = train(
        with_trainer(text, per_device_train_batch_size=1, gradient_accumulation_steps=8),
        data_dir=small_corpus,
        output_dir=tmp_path / "1x8",
        progress=False,
    )
    assert_same(weights(large.model), weights(small.model), rtol=1e-3, atol=2e-5)


@pytest.mark.slow
def test_default_keeps_towers_and_trains_adapters_fusion_and_projectors(
    trained, small_corpus, small_recipe, tmp_path
):
    recipe = replace(
        small_recipe,
        scratch=None,
        model=str(trained.output_dir),
        freeze_towers=True,
        lora=LoraRecipe(r=4, alpha=8, dropout=0.0),
    )
    recipe = with_trainer(recipe, learning_rate=1e-2, eval_strategy="no")
    tuned = train(recipe, data_dir=small_corpus, output_dir=tmp_path / "lora", progress=False)
    assert (tuned.output_dir / "adapter_config.json").is_file()
    assert not (tuned.output_dir / "config.json").is_file()

    before, _ = load_model(trained.output_dir)
    after, processor = load_model(tuned.output_dir)
    merged = after.merge_and_unload()
    changed = {
        name
        for name, tensor in before.state_dict().items()
        if not torch.equal(tensor, merged.state_dict()[name])
    }
    assert not any("_tower" in name for name in changed)
    for part in ("fusion.", "fusion_projector", "vision_pooler", "audio_projector", "q_proj"):
        assert any(part in name for name in changed), part
    assert not any("embed_tokens" in name or "norm" in name for name in changed)

    test = load_dataset("demo", data_dir=small_corpus, split="test").select(range(4))
    kept = tuned.model.eval()
    assert predict(kept, processor, test, recipe, progress=False) == predict(
        merged, processor, test, recipe, progress=False
    )


def test_lora_touches_the_language_model_alone(trained):
    model, _ = load_model(trained.output_dir)
    adapted = add_lora(model, LoraRecipe())
    names = [name for name, p in adapted.named_parameters() if "lora_" in name and p.requires_grad]
    # The paper's rank and scale.
    config = adapted.peft_config["default"]
    assert (config.r, config.lora_alpha, config.lora_dropout) == (16, 32, 0.05)
    # Two matrices for seven projections in two layers.
    assert len(names) == 2 * 7 * 2
    assert all("language_model" in name for name in names)


def test_no_usable_clip_is_an_error(small_corpus, small_recipe, tmp_path):
    recipe = replace(small_recipe, answer=("text_en",))
    with pytest.raises(ValueError, match=r"no training clip of 'demo' can be used: got 14 clips"):
        train(recipe, data_dir=small_corpus, output_dir=tmp_path, progress=False)


def test_model_folder_mistakes_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="model folder not found"):
        load_model(tmp_path / "absent")
    # Without a slash it is no Hub id, and below a folder that is here none is meant.
    for mistyped in ("demo_model", "tests/demo_model"):
        with pytest.raises(FileNotFoundError, match="name a model of the Hub as OWNER/NAME"):
            load_model(mistyped)
    with pytest.raises(ValueError, match="holds no model: expected config.json"):
        load_model(tmp_path)
