"""The Trainer's arguments of a recipe of conversations: what it says, over a style."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from affecthub.errors import unknown_name
from affecthub.training.arguments import DOCUMENTED, Default, check_fields, plain
from affecthub.training.arguments import REFUSED as REFUSED_BY_ALL
from affecthub.training.model_folder import checkpoint_folder

if TYPE_CHECKING:
    from transformers import TrainingArguments

    from affecthub.training.conversations.recipe import ConversationRecipe

# Every default of all styles that differs from the parent's.
DEFAULTS = {
    "per_device_train_batch_size": Default(16, "Dialogues. Source: EmotionTalk, appendix D"),
    "per_device_eval_batch_size": Default(64, "Dialogues; they are short"),
    "train_sampling_strategy": Default(
        "group_by_length", "Padded to the longest, a batch at random is half padding"
    ),
    "lr_scheduler_type": Default("constant", "The style says when the rate falls"),
    "eval_strategy": Default("epoch", "The validation split chooses the weights"),
    "save_strategy": Default("epoch", "As it is evaluated"),
    "save_total_limit": Default(1, "The last checkpoint, and the best one beside it"),
    "load_best_model_at_end": Default(True, "The best weights on validation are scored"),
    "metric_for_best_model": Default("eval_macro_f1", "What the tables compare by"),
    "logging_strategy": Default("epoch", "A point of the loss for each epoch"),
    "dataloader_pin_memory": Default(False, "It warns where there is no accelerator"),
}


class Style(NamedTuple):
    """How models are trained where a recipe says nothing else.

    Args:
        trainer: Fields of ``TrainingArguments``.
        longer: Algorithm to its own number of epochs.
        decay: What the learning rate is multiplied by when models recognise; 1 leaves it.
        decay_every: After how many epochs, each time.
        why: Its source, or the reason for it.
    """

    trainer: Mapping[str, Any]
    longer: Mapping[str, int]
    decay: float
    decay_every: int
    why: str


STYLES = {
    "house": Style(
        {"learning_rate": 1e-3, "num_train_epochs": 20, "weight_decay": 0.0},
        {},
        1.0,
        1,
        "Adam at 1e-3 for 20 epochs, the rate that learns from 587 dialogues",
    ),
    "paper": Style(
        {"learning_rate": 1e-4, "num_train_epochs": 30, "weight_decay": 1e-5},
        {"dialoguernn": 100},
        0.1,
        10,
        "Source: EmotionTalk, appendix D. Adam at 1e-4, weight decay 1e-5, 30 epochs, 100 of "
        "DialogueRNN, the rate a tenth every 10 epochs in ERC",
    ),
}

# What the best weights can be chosen by: all of it is of validation dialogues.
CHOSEN_BY = ("eval_loss", "eval_ua", "eval_wa", "eval_macro_f1", "eval_weighted_f1")

REFUSED = REFUSED_BY_ALL | {
    "remove_unused_columns": "dialogues reach the model whole",
    "label_names": "labels are always called `labels`",
    "do_eval": "set `eval_strategy`; only scripts of transformers read this",
    "do_predict": "the test split is always answered; only scripts of transformers read this",
    "prediction_loss_only": "the weights are chosen by scores, which need answers",
}


def check(given: Mapping[str, Any]) -> None:
    """Check the names and the kinds of values of a recipe's `trainer`.

    Raises:
        ValueError: ``TrainingArguments`` has no such field or takes no such value, or it is not the
            recipe's to set.
    """
    chosen_by = str(given.get("metric_for_best_model", "eval_loss"))
    if f"eval_{chosen_by.removeprefix('eval_')}" not in CHOSEN_BY:
        raise unknown_name("`trainer.metric_for_best_model`", chosen_by, CHOSEN_BY)
    others = {name: value for name, value in given.items() if name != "metric_for_best_model"}
    check_fields(others, ("transformers", "TrainingArguments", "train"), REFUSED, DOCUMENTED)


def settings(recipe: "ConversationRecipe") -> dict[str, Any]:
    """What the Trainer of a recipe is told: its own fields over the style's over our defaults."""
    style, given = STYLES[recipe.style], plain(recipe.trainer)
    chosen = {name: default.value for name, default in DEFAULTS.items()} | dict(style.trainer)
    chosen["num_train_epochs"] = style.longer.get(recipe.algorithm, chosen["num_train_epochs"])
    chosen |= given
    if chosen["eval_strategy"] == "no":
        chosen["load_best_model_at_end"] = given.get("load_best_model_at_end", False)
    if chosen["save_strategy"] == "no" and "load_best_model_at_end" not in given:
        chosen["load_best_model_at_end"] = False
    if not chosen["load_best_model_at_end"]:
        del chosen["metric_for_best_model"]
    return chosen


def training_arguments(
    recipe: "ConversationRecipe", output_dir: str | Path, *, progress: bool = True
) -> "TrainingArguments":
    """The arguments that a recipe's Trainer gets; checkpoints go beside the folder.

    Raises:
        ValueError: Fields of the recipe's `trainer` do not go together.
    """
    from transformers import TrainingArguments

    try:
        return TrainingArguments(
            output_dir=str(checkpoint_folder(output_dir)),
            seed=recipe.seed,
            remove_unused_columns=False,
            label_names=["labels"],
            disable_tqdm=not progress,
            **settings(recipe),
        )
    except ValueError as error:
        raise ValueError(f"the recipe's `trainer` does not fit together: {error}") from error
