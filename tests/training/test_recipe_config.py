"""Recipes are read, overridden and refused in words that name the file and the field."""

import doctest
import subprocess
import sys

import pytest
import yaml

from affecthub.training import recipe as config
from affecthub.training.arguments import settings
from affecthub.training.recipe import LoraRecipe, Recipe, list_recipes, load_recipe


@pytest.mark.parametrize("name", list_recipes())
def test_every_installed_recipe_loads_and_survives_a_round_trip(name, tmp_path):
    recipe = load_recipe(name)
    path = tmp_path / "again.yaml"
    path.write_text(yaml.safe_dump(recipe.to_dict(), allow_unicode=True))
    assert load_recipe(path) == recipe


def test_defaults_are_the_papers():
    recipe = Recipe(corpus="demo", model="somewhere")
    assert recipe.freeze_towers and recipe.lora == LoraRecipe(r=16, alpha=32)
    trainer = settings(recipe)
    assert (trainer["learning_rate"], trainer["weight_decay"]) == (1e-5, 0.05)
    assert (trainer["per_device_train_batch_size"], trainer["max_steps"]) == (3, 60 * 5000)
    assert (trainer["lr_scheduler_type"], trainer["max_grad_norm"]) == ("constant", 0)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"sed": 1}, r"unknown field: got 'sed'.*Did you mean 'seed'"),
        ({"modalities": ["smell"]}, "unknown modality: got 'smell'"),
        ({"modalities": []}, "`modalities` is empty"),
        ({"answer": []}, "`answer` is empty"),
        ({"max_new_tokens": 0}, "`max_new_tokens` is 0: expected a positive number"),
        ({"max_new_tokens": "many"}, "demo.yaml: `max_new_tokens` is 'many': expected a valid int"),
        ({"modalities": "text"}, "`modalities` is 'text': expected a valid list"),
        ({"seed": True}, "`seed` is True: expected a valid integer"),
        ({"corpus": None}, "`corpus` is None: expected a valid string"),
        ({"lora": 3}, r"`lora` is 3: expected a mapping\."),
        ({"trainer": 3}, r"`trainer` is 3: expected a valid mapping\."),
        ({"model": "folder"}, "expected exactly one"),
        ({"scratch": None}, "expected exactly one"),
        ({"lora": {"r": 8}}, "nothing to keep"),
        ({"lora": {"rank": 8}}, "unknown field of `lora`: got 'rank', expected one of alpha"),
        ({"max_steps": 3}, "Fields of TrainingArguments stand under `trainer`"),
        ({"epochs": 3, "bf16": True}, "`epochs` is now trainer.num_train_epochs. `bf16` is now tr"),
    ],
)
def test_bad_fields_are_named(overrides, message):
    with pytest.raises(ValueError, match=message):
        load_recipe("demo", **overrides)


def test_unknown_recipe_lists_close_names():
    with pytest.raises(ValueError, match="Did you mean 'demo'"):
        load_recipe("dmo")


def test_missing_broken_and_empty_files(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent.yaml"):
        load_recipe(tmp_path / "absent.yaml")
    (tmp_path / "broken.yaml").write_text("a: [")
    with pytest.raises(ValueError, match="broken.yaml is not YAML"):
        load_recipe(tmp_path / "broken.yaml")
    (tmp_path / "empty.yaml").write_text("")
    with pytest.raises(ValueError, match="holds NoneType"):
        load_recipe(tmp_path / "empty.yaml")
    (tmp_path / "short.yaml").write_text("model: x")
    with pytest.raises(ValueError, match=r"short.yaml.*corpus"):
        load_recipe(tmp_path / "short.yaml")


def test_what_is_said_on_the_spot_goes_over_the_file():
    recipe = load_recipe("demo", trainer={"max_steps": 3}, scratch={"vocab_size": 90})
    assert recipe.trainer["max_steps"] == 3
    assert recipe.trainer["learning_rate"] == 7e-4
    assert recipe.scratch.vocab_size == 90 and recipe.scratch.config["questions"] == {"labels": "?"}


def test_doctests():
    result = doctest.testmod(config)
    assert result.attempted and not result.failed


@pytest.mark.parametrize(
    "call",
    [
        "load_recipe('dmo')",
        "load_recipe('absent.yaml')",
        "load_recipe('demo', sed=1)",
        "load_recipe('demo', trainer={'output_dir': 'here'})",
    ],
)
def test_a_mistyped_recipe_answers_without_torch(call):
    program = (
        "import sys\nfrom affecthub.training import load_recipe\n"
        f"try:\n    {call}\nexcept (ValueError, OSError) as error:\n    print(error)\n"
        "sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 1
