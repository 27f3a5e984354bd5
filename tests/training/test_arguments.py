"""What a recipe says reaches the Trainer: its arguments, its optimiser, its schedule."""

from dataclasses import fields, replace
from types import SimpleNamespace
from typing import Any, get_type_hints

import pytest
import torch
from safetensors.torch import load_file
from transformers import Trainer, TrainingArguments

from affecthub.training import arguments
from affecthub.training.arguments import DEFAULTS, REFUSED, settings, training_arguments
from affecthub.training.model_folder import checkpoint_folder
from affecthub.training.recipe import Recipe, list_recipes, load_recipe
from affecthub.training.sft import train
from affecthub.training.trainer import ClipTrainer

# What every run has that TrainingArguments would do otherwise.
COMMON = {
    "output_dir": "run-checkpoints",
    "eval_strategy": "epoch",
    "save_strategy": "epoch",
    "save_total_limit": 1,
    "load_best_model_at_end": True,
    "metric_for_best_model": "eval_loss",
    "greater_is_better": False,
    "prediction_loss_only": True,
    "logging_steps": 0.02,
    "dataloader_pin_memory": False,
    "remove_unused_columns": False,
    "label_names": ["labels"],
    "do_eval": True,
    "disable_tqdm": True,
}
PAPER = {
    "per_device_train_batch_size": 3,
    "learning_rate": 1e-5,
    "weight_decay": 0.05,
    "lr_scheduler_type": "constant",
    "max_grad_norm": 0.0,
    "per_device_eval_batch_size": 16,
}
SMALL = {"weight_decay": 0.05, "warmup_steps": 0.1, "lr_scheduler_type": "cosine"}
# Of those that start from pretrained models, on a machine with bf16.
TOWERS = {"dataloader_num_workers": 4, "bf16": True}
LAST = {
    "eval_strategy": "no",
    "do_eval": False,
    "load_best_model_at_end": False,
    "metric_for_best_model": None,
    "greater_is_better": None,
    "save_strategy": "steps",
}
RECIPES = {
    "affectgpt_mercaption_plus": PAPER | TOWERS | LAST | {"max_steps": 300_000, "save_steps": 5000},
    "affectgpt_ov_merd": PAPER | TOWERS | LAST | {"max_steps": 30_000, "save_steps": 500},
    "affectgpt_small": TOWERS
    | {
        "num_train_epochs": 5,
        "per_device_train_batch_size": 16,
        "per_device_eval_batch_size": 32,
        "learning_rate": 1e-4,
        "weight_decay": 0.05,
        "warmup_steps": 0.03,
        "lr_scheduler_type": "cosine",
    },
    "emotiontalk_description": TOWERS
    | {
        "num_train_epochs": 6,
        "per_device_train_batch_size": 4,
        "per_device_eval_batch_size": 16,
        "learning_rate": 1e-4,
        "warmup_steps": 1000,
        "lr_scheduler_type": "constant_with_warmup",
    },
    "emos_basic7": TOWERS
    | {
        "num_train_epochs": 3,
        "per_device_train_batch_size": 1,
        "gradient_accumulation_steps": 8,
        "per_device_eval_batch_size": 16,
        "learning_rate": 1e-4,
        "warmup_steps": 0.1,
        "lr_scheduler_type": "cosine",
    },
    "affectgpt": PAPER | {"num_train_epochs": 10, "dataloader_num_workers": 2},
    "demo": SMALL
    | {
        "num_train_epochs": 16,
        "per_device_train_batch_size": 16,
        "per_device_eval_batch_size": 60,
        "learning_rate": 7e-4,
    },
    "emotiontalk_text": SMALL
    | {
        "num_train_epochs": 2,
        "per_device_train_batch_size": 32,
        "per_device_eval_batch_size": 128,
        "learning_rate": 5e-4,
        "train_sampling_strategy": "group_by_length",
    },
}


def differing(recipe: Recipe) -> dict[str, Any]:
    """The arguments of a recipe that are not TrainingArguments' own, without the seed."""
    plain = TrainingArguments().to_dict()
    # Tests run where there is no bf16.
    bf16 = recipe.trainer.get("bf16", False)
    plainer = replace(recipe, trainer=recipe.trainer | {"bf16": False})
    ours = training_arguments(plainer, "run", progress=False).to_dict() | {"bf16": bf16}
    assert ours.pop("seed") == recipe.seed
    return {name: value for name, value in ours.items() if value != plain[name]}


def trainer_of(**given: Any) -> dict[str, Any]:
    return settings(Recipe(corpus="demo", model="m", trainer=given))


@pytest.mark.parametrize("name", RECIPES)
def test_installed_recipes_tell_the_trainer_this_and_no_more(name):
    expected = COMMON | RECIPES[name]
    plain = TrainingArguments().to_dict()
    assert differing(load_recipe(name)) == {
        field: value for field, value in expected.items() if value != plain[field]
    }


def test_every_recipe_is_looked_at():
    assert sorted(RECIPES) == list_recipes()


def test_without_a_word_the_paper_is_followed():
    # 60 rounds of 5,000 steps.
    assert differing(Recipe(corpus="demo", model="m")) == COMMON | PAPER | {"max_steps": 300_000}


def test_every_default_of_ours_differs_from_the_parents_and_has_a_reason():
    plain = TrainingArguments().to_dict()
    for name, default in DEFAULTS.items():
        assert default.value != plain[name], name
        assert len(default.why.split()) > 1


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        # epochs instead of the paper's steps
        ({"num_train_epochs": 2}, {"max_steps": None, "num_train_epochs": 2}),
        ({"num_train_epochs": 2, "max_steps": 9}, {"max_steps": 9}),
        # the last weights instead of the best; checkpoints stay, so that a run can go on
        (
            {"eval_strategy": "no"},
            {"save_strategy": "epoch", "load_best_model_at_end": False},
        ),
        # YAML reads a bare no as false
        ({"eval_strategy": False}, {"eval_strategy": "no", "metric_for_best_model": None}),
        ({"save_strategy": "no"}, {"eval_strategy": "epoch", "load_best_model_at_end": False}),
        ({"save_strategy": "best"}, {"load_best_model_at_end": True}),
        # one follows the other, in the same steps
        (
            {"save_strategy": "steps", "save_steps": 50},
            {"eval_strategy": "steps", "eval_steps": 50, "load_best_model_at_end": True},
        ),
        (
            {"eval_strategy": "steps", "eval_steps": 20},
            {"save_strategy": "steps", "save_steps": 20, "load_best_model_at_end": True},
        ),
        ({"load_best_model_at_end": False}, {"eval_strategy": "epoch"}),
        ({"per_device_eval_batch_size": 2}, {"per_device_eval_batch_size": 2}),
    ],
)
def test_what_follows_from_what_is_given(given, expected):
    found = trainer_of(**given)
    assert {name: found.get(name) for name in expected} == expected
    training_arguments(Recipe(corpus="demo", model="m", trainer=given), "run")  # they go together


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"max_step": 3}, "unknown field of `trainer`: got 'max_step'.*Did you mean 'max_steps'"),
        ({"max_steps": "3"}, "`trainer.max_steps` is '3': expected int"),
        ({"max_steps": True}, "`trainer.max_steps` is True: expected int"),
        (
            {"learning_rate": "low"},
            "`trainer.learning_rate` is 'low': expected float",
        ),
        ({"learning_rate": 0}, "`trainer.learning_rate` is 0: expected a positive number"),
        ({"num_train_epochs": -1}, "`trainer.num_train_epochs` is -1: expected a positive number"),
        ({"deepspeed": 3}, "`trainer.deepspeed` is 3: expected dict or str or NoneType"),
        ({"lr_scheduler_type": "cosin"}, "unknown `trainer.lr_scheduler_type`.*mean 'cosine'"),
        *(({name: 1}, f"`trainer.{name}` cannot be set: ") for name in REFUSED),
    ],
)
def test_bad_trainer_fields_are_named(given, message):
    with pytest.raises(ValueError, match=f"demo.yaml: {message}") as error:
        load_recipe("demo", trainer=given)
    assert len(str(error.value).splitlines()) == 1


def test_fields_that_do_not_go_together_are_told_before_data_is_read(tmp_path):
    together = {"eval_strategy": "steps", "save_strategy": "epoch", "load_best_model_at_end": True}
    recipe = load_recipe("demo", trainer=together)
    with pytest.raises(ValueError, match="recipe's `trainer` does not fit together: .*strategy"):
        train(recipe, data_dir=tmp_path / "absent", output_dir=tmp_path)


def test_every_field_of_the_parent_can_be_checked():
    hints = get_type_hints(TrainingArguments)
    for field in fields(TrainingArguments):
        if isinstance(field.default, int | str | None) and field.name not in arguments._POSITIVE:
            arguments._check_value(field.name, field.default, hints[field.name])


@pytest.fixture
def trainers(monkeypatch) -> list[Trainer]:
    """The Trainers that `train` makes."""
    made: list[Trainer] = []

    class Seen(ClipTrainer):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            made.append(self)

    monkeypatch.setattr("affecthub.training.sft.ClipTrainer", Seen)
    return made


def test_fields_that_no_recipe_of_ours_has_reach_the_trainer(
    small_recipe, small_corpus, tmp_path, trainers
):
    given = {
        "max_steps": 3,
        "report_to": "none",
        "optim": "sgd",
        "weight_decay": 0.25,
        "save_strategy": "no",
        "activation_checkpointing": True,
        "train_sampling_strategy": "group_by_length",
    }
    recipe = replace(small_recipe, modalities=("text",), trainer=small_recipe.trainer | given)
    train(recipe, data_dir=small_corpus, output_dir=tmp_path, progress=False)
    (trainer,) = trainers
    assert trainer.state.global_step == 3
    assert isinstance(trainer.optimizer.optimizer, torch.optim.SGD)
    assert {group["weight_decay"] for group in trainer.optimizer.param_groups} == {0.25, 0.0}
    assert trainer.is_in_train is False and trainer.model.is_gradient_checkpointing
    drawn = [
        len(trainer.train_dataset[i].tensors["input_ids"]) for i in trainer._get_train_sampler()
    ]
    # So few clips are sorted step by step; the very longest comes first.
    steps = [drawn[place : place + 4] for place in range(0, len(drawn), 4)]
    assert all(step == sorted(step, reverse=True) for step in steps) and drawn[0] == max(drawn)
    assert len({*drawn}) > 4
    assert not list(checkpoint_folder(tmp_path).glob("checkpoint-*"))


def test_optimiser_and_schedule_are_the_recipes(trained, small_recipe):
    # 14 clips in batches of 4 make 4 steps; a tenth of them, rounded up, is one step of warm-up.
    (folder,) = checkpoint_folder(trained.output_dir).glob("checkpoint-4")
    arguments = training_arguments(small_recipe, trained.output_dir)
    for name, value in settings(small_recipe).items():
        assert getattr(arguments, name) == value, name
    groups = torch.load(folder / "optimizer.pt", weights_only=True)["param_groups"]
    assert {group["weight_decay"] for group in groups} == {0.05, 0.0}
    assert {group["initial_lr"] for group in groups} == {7e-4}
    schedule = torch.load(folder / "scheduler.pt", weights_only=True)
    assert schedule["base_lrs"] == [7e-4, 7e-4]


@pytest.mark.slow
def test_the_best_weights_are_kept_and_not_the_last(small_recipe, small_corpus, tmp_path):
    # The first step of a warm-up changes nothing; steps of this size then spoil every weight.
    spoiling = {
        "max_steps": 3,
        "learning_rate": 1.0,
        "warmup_steps": 2,
        "save_strategy": "steps",
        "save_steps": 1,
        "save_total_limit": None,
    }
    recipe = replace(small_recipe, modalities=("text",), trainer=small_recipe.trainer | spoiling)
    result = train(recipe, data_dir=small_corpus, output_dir=tmp_path, progress=False)
    losses = [entry["eval_loss"] for entry in result.losses if "eval_loss" in entry]
    assert losses[0] < losses[1] and losses[0] < losses[2]

    def kept(step: int) -> bool:
        saved = load_file(checkpoint_folder(tmp_path) / f"checkpoint-{step}" / "model.safetensors")
        live = result.model.state_dict()
        return all(torch.equal(live[name].cpu(), tensor) for name, tensor in saved.items())

    assert [step for step in (1, 2, 3) if kept(step)] == [1]


@pytest.mark.parametrize(
    ("n_processes", "batch", "fitted"),
    [(1, 3, (2, 4)), (1, 8, (8, 1)), (2, 3, (2, 2)), (4, 3, (2, 1)), (8, 3, (1, 1))],
)
def test_a_step_takes_as_many_clips_on_any_number_of_processes(n_processes, batch, fitted):
    given = SimpleNamespace(world_size=n_processes, per_device_train_batch_size=batch)
    arguments.fit_batches(given, 8)
    assert (given.per_device_train_batch_size, given.gradient_accumulation_steps) == fitted


def test_a_step_that_processes_cannot_share_is_refused(tmp_path):
    given = SimpleNamespace(world_size=3, per_device_train_batch_size=4)
    with pytest.raises(ValueError, match="`global_batch_size` is 8: expected a multiple of the 3"):
        arguments.fit_batches(given, 8)
    with pytest.raises(ValueError, match="said twice: got global_batch_size=8 and"):
        Recipe(
            corpus="demo",
            model="m",
            global_batch_size=8,
            trainer={"gradient_accumulation_steps": 2},
        )
    with pytest.raises(ValueError, match="`global_batch_size` is 0: expected a positive"):
        Recipe(corpus="demo", model="m", global_batch_size=0)
    recipe = Recipe(corpus="demo", model="m", global_batch_size=8, trainer={"use_cpu": True})
    made = training_arguments(recipe, tmp_path)
    assert (made.per_device_train_batch_size, made.gradient_accumulation_steps) == (2, 4)
