"""Recipes are read, overridden and refused in words that name the file and the field."""

import doctest

import pytest
import yaml

from affecthub.training import recipe as config
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
    assert (recipe.learning_rate, recipe.weight_decay, recipe.batch_size) == (1e-5, 0.05, 3)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"sed": 1}, r"unknown field: got 'sed'.*Did you mean 'seed'"),
        ({"modalities": ["smell"]}, "unknown modality: got 'smell'"),
        ({"modalities": []}, "`modalities` is empty"),
        ({"answer": []}, "`answer` is empty"),
        ({"epochs": 0}, "`epochs` is 0.0: expected a positive number"),
        ({"epochs": "many"}, "demo.yaml: `epochs` is 'many': expected float"),
        ({"seed": True}, "`seed` is True: expected int"),
        ({"model": "folder"}, "expected exactly one"),
        ({"scratch": None}, "expected exactly one"),
        ({"lora": {"r": 8}}, "nothing to keep"),
        ({"lora": {"rank": 8}}, "unknown field: got 'rank'"),
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


def test_overrides_need_an_equals_sign():
    with pytest.raises(ValueError, match="expected KEY=VALUE"):
        config.parse_overrides(["seed"])


def test_doctests():
    result = doctest.testmod(config)
    assert result.attempted and not result.failed
