"""Recipes of reinforcement learning: what they tell trl, what they refuse, how they are run."""

import doctest
import json
from dataclasses import fields
from pathlib import Path

import pytest
from shell import affecthub, refused
from trl import GRPOConfig

from affecthub.training import recipe_kinds
from affecthub.training.recipe import list_recipes, load_recipe
from affecthub.training.recipe_kinds import installed, kind_of
from affecthub.training.rewards import REWARDS
from affecthub.training.rl import curve, recipe
from affecthub.training.rl.arguments import DEFAULTS, grpo_arguments
from affecthub.training.rl.curve import draw_rewards, running_mean
from affecthub.training.rl.policy import require_reference
from affecthub.training.rl.recipe import GRPORecipe, load_grpo_recipe

RECIPES = Path(__file__).resolve().parents[2] / "training" / "recipes"
# What each says of its source; trl's own defaults are left out.
TOLD = {
    "affectgpt_r1": {
        "num_train_epochs": 2,
        "learning_rate": 1e-5,
        "per_device_train_batch_size": 2,
        "gradient_accumulation_steps": 4,
        "beta": 0.04,
        "scale_rewards": "none",
        "max_completion_length": 64,
        "reward_weights": [1.0, 0.1],
    },
    "mer_r1": {
        "num_train_epochs": 1,
        "learning_rate": 2e-6,
        "num_generations": 4,
        "per_device_train_batch_size": 4,
        "gradient_accumulation_steps": 2,
        "max_completion_length": 64,
        "reward_weights": [1.0, 1.0],
        "multi_objective_aggregation": "normalize_then_sum",
    },
}


@pytest.mark.filterwarnings("ignore:`gradient_checkpointing`:FutureWarning")
@pytest.mark.parametrize("name", TOLD)
def test_installed_recipes_tell_trl_this_and_no_more(name):
    plain = GRPOConfig("run", bf16=False).to_dict()
    ours = grpo_arguments(load_grpo_recipe(name), "run", progress=False).to_dict()
    derived = {"output_dir", "disable_tqdm", "steps_per_generation", "generation_batch_size"}
    said_by_both = {"seed", "remove_unused_columns", "per_device_eval_batch_size"}
    found = {
        key: value
        for key, value in ours.items()
        if value != plain.get(key) and key not in {*derived, *said_by_both, *DEFAULTS}
    }
    assert found == TOLD[name]


@pytest.mark.filterwarnings("ignore:`gradient_checkpointing`:FutureWarning")
def test_every_default_of_ours_differs_from_trls_and_has_a_reason():
    plain = {field.name: field.default for field in fields(GRPOConfig)}
    for name, default in DEFAULTS.items():
        assert default.value != plain[name], name
        assert len(default.why.split()) > 1


@pytest.mark.parametrize("name", installed("grpo"))
def test_every_recipe_has_a_line_with_its_command_and_known_rewards(name):
    lines = (RECIPES / "README.md").read_text(encoding="utf-8").splitlines()
    (line,) = (line for line in lines if line.startswith(f"| `{name}` |"))
    assert f"affecthub train {name} --" in line
    recipe = load_grpo_recipe(name)
    assert recipe.rewards.keys() <= REWARDS.keys() and not recipe.thinking
    assert GRPORecipe(**{**recipe.to_dict(), "lora": recipe.lora}) == recipe


def test_kinds_are_told_apart():
    assert {"affectgpt_r1", "mer_r1", "demo_grpo"} <= set(installed("grpo"))
    assert not set(installed("grpo")) & set(list_recipes())
    assert kind_of("no such recipe") == "sft"
    with pytest.raises(ValueError, match="'mer_r1' is one of the kind 'grpo': .*train mer"):
        load_recipe("mer_r1")
    with pytest.raises(ValueError, match="demo is none of reinforcement learning"):
        load_grpo_recipe("demo")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"rewards": {"wheel_ff": 1}}, "unknown reward: got 'wheel_ff'.*Did you mean 'wheel_f'"),
        ({"rewards": {"wheel_f": None}}, "`rewards` is empty: expected some of format_reward"),
        ({"aggregation": "sum"}, "`aggregation` is 'sum': expected 'sum_then_normalize' or"),
        ({"trainer": {"num_generation": 4}}, "unknown field of `trainer`: .*'num_generations'"),
        ({"trainer": {"num_generations": "4"}}, "`trainer.num_generations` is '4': expected int"),
        ({"trainer": {"use_vllm": True}}, "`trainer.use_vllm` cannot be set: vLLM cannot serve"),
        ({"trainer": {"reward_weights": [1]}}, "cannot be set: the weights stand beside"),
        ({"labelz": "emotion"}, "unknown field: got 'labelz'.*Did you mean 'labels'"),
        ({"lora": {"rank": 4}}, "unknown field of `lora`: got 'rank'"),
        ({"modalities": ["smell"]}, "unknown modality: got 'smell'"),
        ({"seed": True}, "`seed` is True: expected a valid integer"),
    ],
)
def test_what_is_mistyped_is_told(given, says):
    with pytest.raises(ValueError, match=says):
        load_grpo_recipe("demo_grpo", **given)


def test_files_of_ones_own(tmp_path):
    file = tmp_path / "mine.yaml"
    with pytest.raises(FileNotFoundError, match="recipe file not found"):
        load_grpo_recipe(file)
    file.write_text("kind: grpo\ncorpus: demo\n")
    with pytest.raises(ValueError, match="`model` is missing"):
        load_grpo_recipe(file)
    assert load_grpo_recipe(file, model="m").rewards == {"penalized_f": 1.0, "format_reward": 0.1}
    file.write_text("kind: [grpo")
    assert kind_of(file) == "sft"


def test_a_group_that_no_batch_holds_is_told():
    recipe = load_grpo_recipe("demo_grpo", trainer={"num_generations": 7})
    with pytest.raises(ValueError, match=r"divisible by num_generations \(7\)\. A step has"):
        grpo_arguments(recipe, "run")


def test_a_penalty_needs_a_reference(tmp_path):
    recipe = load_grpo_recipe("demo_grpo", model=str(tmp_path), trainer={"beta": 0.1})
    with pytest.raises(ValueError, match="needs a reference: got 0.1 with lora=null"):
        require_reference(recipe)
    (tmp_path / "adapter_config.json").write_text("{}")
    require_reference(recipe)
    (tmp_path / "adapter_config.json").unlink()
    require_reference(load_grpo_recipe("demo_grpo", model=str(tmp_path), lora={"r": 2}))


def test_the_command_tells_what_is_missing(tmp_path):
    for arguments, says in (
        (["train", "demo_grpo", "--set", "model=./none"], "model folder not found: none"),
        (["train", "mer_r1", "--protocol", "a", "--protocol", "b"], "--protocol"),
        (["train", "mer_r1", "--set", "corpus=demoo"], "demo"),
        (["train", "mer_r1", "--set", "rewards.wheel=1"], "unknown reward: got 'wheel'"),
    ):
        assert says in refused(*arguments, "--output-dir", tmp_path / "o")


def test_recipes_are_listed_and_shown():
    listed = json.loads(affecthub("recipes", "--json").stdout)
    assert {"demo", "mer_r1"} <= {row["name"] for row in listed}
    assert json.loads(affecthub("recipes", "mer_r1", "--json").stdout)["rewards"] == {
        "wheel_precision": 1.0,
        "wheel_recall": 1.0,
    }
    assert "normalize_then_sum" in affecthub("recipes", "mer_r1").stdout


def test_the_curve_is_the_same_each_time(tmp_path):
    assert running_mean([0.0, 1.0, 2.0, 9.0], window=3) == [0.0, 0.5, 1.0, 4.0]
    rewards = {"seed-0": [0.1, 0.2, 0.4], "seed-1": [0.1, 0.3, 0.3]}
    first, second = (draw_rewards(rewards, tmp_path / f"{n}.svg").read_bytes() for n in "ab")
    assert first == second and b"<svg" in first


@pytest.mark.parametrize("module", [recipe_kinds, curve, recipe])
def test_examples_in_docstrings(module):
    found = doctest.testmod(module)
    assert found.attempted and not found.failed
