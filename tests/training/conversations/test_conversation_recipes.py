"""Recipes of conversations: what they tell the Trainer, what they refuse."""

import doctest
from dataclasses import fields
from pathlib import Path

import pytest
import torch
from transformers import TrainingArguments

from affecthub.training.conversations import recipe as module
from affecthub.training.conversations.arguments import DEFAULTS, STYLES, training_arguments
from affecthub.training.conversations.collating import DialogueSet, collator
from affecthub.training.conversations.dialogues import read_dialogues
from affecthub.training.conversations.recipe import ConversationRecipe, load_conversation_recipe
from affecthub.training.conversations.tables import MODELS
from affecthub.training.conversations.trainer import DialogueTrainer
from affecthub.training.recipe_kinds import installed, kind_of

RECIPES = Path(__file__).resolve().parents[3] / "training" / "recipes"
NAMES = installed("conversation")


def test_every_model_of_both_tables_has_a_recipe():
    assert {name for each in MODELS.values() for name in each} == set(NAMES)
    tasks = {13: "recognise", 14: "forecast"}
    for table, recipes in MODELS.items():
        assert {load_conversation_recipe(name).model_task for name in recipes} == {tasks[table]}


@pytest.mark.parametrize("name", NAMES)
def test_every_recipe_has_a_line_with_its_command_and_travels_as_plain_values(name):
    lines = (RECIPES / "README.md").read_text(encoding="utf-8").splitlines()
    (line,) = (line for line in lines if line.startswith(f"| `{name}` |"))
    assert f"affecthub train {name} --" in line
    recipe = load_conversation_recipe(name)
    assert ConversationRecipe(**recipe.to_dict()) == recipe and kind_of(name) == recipe.kind


@pytest.mark.parametrize(
    ("name", "style", "rate", "decay", "epochs"),
    [
        ("erc_bigru", "house", 1e-3, 0.0, 20),
        ("erc_dialoguegcn", "paper", 1e-4, 1e-5, 30),
        ("erc_dialoguernn", "paper", 1e-4, 1e-5, 100),
        ("epc_eamt", "paper", 1e-4, 1e-5, 30),
    ],
)
def test_styles_tell_the_trainer_this(tmp_path, name, style, rate, decay, epochs):
    told = training_arguments(load_conversation_recipe(name, style=style), tmp_path / "run")
    assert (told.learning_rate, told.weight_decay, told.num_train_epochs) == (rate, decay, epochs)
    assert told.per_device_train_batch_size == 16 and told.metric_for_best_model == "eval_macro_f1"
    assert told.greater_is_better and told.load_best_model_at_end


def test_what_a_recipe_says_goes_over_its_style(tmp_path):
    recipe = load_conversation_recipe(
        "erc_bigru", trainer={"num_train_epochs": 2, "eval_strategy": "no", "save_strategy": "no"}
    )
    told = training_arguments(recipe, tmp_path / "run")
    assert told.num_train_epochs == 2 and not told.load_best_model_at_end


def test_every_default_of_ours_differs_from_the_parents_and_has_a_reason():
    plain = {field.name: field.default for field in fields(TrainingArguments)}
    for name, default in DEFAULTS.items():
        assert default.value != plain[name], name
        assert len(default.why.split()) > 1
    assert all(len(style.why.split()) > 1 for style in STYLES.values())


@pytest.mark.parametrize(
    ("name", "changes", "rates"),
    [
        ("erc_bigru", {"style": "paper"}, [1e-4] * 10 + [1e-5] * 10 + [1e-6] * 10),
        ("epc_bigru", {"style": "paper"}, [1e-4] * 30),
        ("erc_bigru", {"trainer": {"num_train_epochs": 30}}, [1e-3] * 30),
    ],
)
def test_the_rate_falls_in_recognition_of_the_paper_alone(tmp_path, rows, name, changes, rates):
    trainer = _trainer(load_conversation_recipe(name, **changes), rows, tmp_path)
    optimiser = trainer.create_optimizer()
    schedule = trainer.create_scheduler(30, optimiser)  # a step each epoch
    assert type(optimiser) is torch.optim.Adam
    found = []
    for _ in range(30):
        found.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        schedule.step()
    assert found == pytest.approx(rates)


def test_another_optimiser_is_taken_by_its_name(tmp_path, rows):
    recipe = load_conversation_recipe("erc_bigru", trainer={"optim": "adamw_torch"})
    assert type(_trainer(recipe, rows, tmp_path).create_optimizer()) is torch.optim.AdamW


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"algorithm": "bigruu"}, "Did you mean 'bigru'"),
        ({"options": {"speaker": True}}, "unknown option of bigru.*Did you mean 'speakers'"),
        ({"class_weights": "square"}, "unknown `class_weights`.*'square'"),
        ({"style": "papr"}, "Did you mean 'paper'"),
        ({"outside": "contxt"}, "Did you mean 'context'"),
        ({"task": "predict"}, "unknown `task`.*expected one of forecast, recognise"),
        ({"encoders": ["words"]}, "got words without `features`"),
        ({"recogniser": "runs/erc"}, "expected one that forecasts"),
        ({"text_width": 0}, "`text_width` is 0"),
        ({"trainer": {"seed": 1}}, "set the recipe's own `seed`"),
        ({"trainer": {"learning_rat": 1}}, "Did you mean 'learning_rate'"),
        ({"trainer": {"metric_for_best_model": "uar"}}, "got 'uar', expected one of eval_loss"),
        ({"label_column": "emotion"}, "label_column"),
    ],
)
def test_what_no_recipe_says_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        load_conversation_recipe("erc_bigru", **changes)


def test_recipes_of_other_kinds_and_none_are_refused(tmp_path):
    with pytest.raises(ValueError, match="none of conversations: got one of the kind 'sft'"):
        load_conversation_recipe("demo")
    with pytest.raises(ValueError, match="Did you mean 'erc_bigru'"):
        load_conversation_recipe("erc_bigr")
    with pytest.raises(FileNotFoundError):
        load_conversation_recipe(tmp_path / "none.yaml")


def test_examples_in_docstrings_run():
    assert doctest.testmod(module).failed == 0


def _trainer(recipe, rows, folder):
    from affecthub.modeling.erc import ErcModel

    (talk,), _ = read_dialogues(rows(("a", 0, "A", "joy"), ("a", 1, "B", "anger")))
    data = DialogueSet([talk], lambda clip: torch.zeros(3).numpy())
    return DialogueTrainer(
        recipe=recipe,
        model=ErcModel(recipe.model_config(feature_dim=3, n_speakers=2, num_labels=4)),
        args=training_arguments(recipe, folder / "run", progress=False),
        data_collator=collator(recipe.model_task),
        train_dataset=data,
        eval_dataset=data,
    )
