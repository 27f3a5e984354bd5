"""The Trainer's arguments of a recipe: our defaults beside what the recipe says."""

from collections.abc import Mapping
from dataclasses import fields
from difflib import get_close_matches
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, get_args, get_type_hints

from affecthub.errors import require, unknown_name
from affecthub.training.model_folder import checkpoint_folder

if TYPE_CHECKING:
    from transformers import TrainingArguments

    from affecthub.training.recipe import Recipe

DOCUMENTED = "https://huggingface.co/docs/transformers/main_classes/trainer"
OFFICIAL = "AffectGPT paper, and MERTools 89120b7"


class Default(NamedTuple):
    """A value of ours where ``TrainingArguments`` has another.

    Args:
        value: What is set where a recipe says nothing.
        why: Its source, or the reason for it.
    """

    value: Any
    why: str


# Every default that differs from the parent's, and no other.
DEFAULTS = {
    "max_steps": Default(
        300_000,
        f"60 rounds of 5,000 steps. Source: {OFFICIAL}. Not set where a recipe gives "
        "num_train_epochs",
    ),
    "per_device_train_batch_size": Default(3, f"Source: {OFFICIAL}"),
    "learning_rate": Default(1e-5, f"Source: {OFFICIAL}"),
    "weight_decay": Default(0.05, f"AdamW's; biases and norms have none. Source: {OFFICIAL}"),
    "lr_scheduler_type": Default(
        "constant",
        f"The official warm-up is never reached and its cosine is flat. Source: {OFFICIAL}",
    ),
    "max_grad_norm": Default(0.0, f"No clipping. Source: {OFFICIAL}"),
    "eval_strategy": Default(
        "epoch", "The validation split's loss chooses the weights; follows a save_strategy of steps"
    ),
    "save_strategy": Default(
        "epoch", "A killed run goes on from its last epoch; follows an eval_strategy of steps"
    ),
    "save_total_limit": Default(1, "The last checkpoint, and the best one beside it"),
    "load_best_model_at_end": Default(
        True, "Where evaluation and saving go together; false where a recipe evaluates nothing"
    ),
    "metric_for_best_model": Default(
        "eval_loss", "Where the best weights are kept; eval_set_f where a recipe has `evaluate`"
    ),
    "prediction_loss_only": Default(True, "Answers are generated after training, not while it"),
    "logging_steps": Default(
        0.02, "A share of the run: fifty points of the loss, however many steps and processes"
    ),
    "dataloader_pin_memory": Default(False, "It warns where there is no accelerator"),
}

# What the best weights can be chosen by: all of it is of validation clips.
CHOSEN_BY = ("eval_loss", "eval_set_f", "eval_set_precision", "eval_set_recall", "eval_hit_rate")

# What a recipe cannot set here, and why.
REFUSED = {
    "output_dir": "the run's folder is no part of a recipe: say --output-dir, or `output_dir=`",
    "seed": "one seed decides weights, order and dropout: set the recipe's own `seed`",
    "remove_unused_columns": "clips reach the model through its processor, which needs them whole",
    "label_names": "the answer's tokens are always called `labels`",
    "resume_from_checkpoint": "the newest checkpoint is found in the run's folder: say --resume",
    "disable_tqdm": "bars are switched with `progress=`; --json shows none",
    "do_train": "a recipe trains; only scripts of transformers read this",
    "do_eval": "set `eval_strategy`; only scripts of transformers read this",
    "do_predict": "set the recipe's own `test_split`; only scripts of transformers read this",
}

_POSITIVE = ("num_train_epochs", "per_device_train_batch_size", "learning_rate")


def check(given: Mapping[str, Any]) -> None:
    """Check the names and the kinds of values of a recipe's `trainer`.

    Raises:
        ValueError: ``TrainingArguments`` has no such field or takes no such value, or it is not the
            recipe's to set.
    """
    check_fields(given, ("transformers", "TrainingArguments", "train"), REFUSED, DOCUMENTED)


def check_fields(
    given: Mapping[str, Any],
    arguments: tuple[str, str, str],
    refused: Mapping[str, str],
    documented: str,
) -> None:
    """Check a recipe's `trainer` against the dataclass whose fields it sets.

    Args:
        given: Names and values.
        arguments: The dataclass: its package, its name, and the extra that brings it.
        refused: What cannot be set, and why.
        documented: Where the fields are told of.
    """
    for name in given:
        if name in refused:
            raise ValueError(f"`trainer.{name}` cannot be set: {refused[name]}.")
    if not given:
        return
    package, kind, extra = arguments
    dataclass = getattr(require(package, extra, "train"), kind)
    hints = get_type_hints(dataclass)
    known = {field.name for field in fields(dataclass)} - refused.keys()
    for name, value in plain(given).items():
        if name not in known:
            close = get_close_matches(name, known, n=3)
            hint = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
            raise ValueError(
                f"unknown field of `trainer`: got {name!r}, expected one of "
                f"{package}.{kind}, see {documented}.{hint}"
            )
        _check_value(name, value, hints[name])
    chosen_by = given.get("metric_for_best_model") or "eval_loss"
    if f"eval_{chosen_by.removeprefix('eval_')}" not in CHOSEN_BY:
        raise unknown_name("`trainer.metric_for_best_model`", chosen_by, CHOSEN_BY)


def require_batches(global_batch_size: int, given: Mapping[str, Any]) -> None:
    """Check that a step's clips over all processes are said once.

    Raises:
        ValueError: There are none, or the accumulation is said beside them.
    """
    if global_batch_size <= 0:
        raise ValueError(
            f"`global_batch_size` is {global_batch_size}: expected a positive number of clips."
        )
    if "gradient_accumulation_steps" in given:
        raise ValueError(
            f"the clips of a step are said twice: got global_batch_size={global_batch_size} and "
            f"trainer.gradient_accumulation_steps={given['gradient_accumulation_steps']}, "
            "expected one of them. The first makes the second fit the number of processes."
        )


def fit_batches(arguments: "TrainingArguments", global_batch_size: int) -> None:
    """Set batches and accumulation so that a step takes so many clips over all processes.

    Args:
        arguments: Their batch size of a process is the largest that is tried.
        global_batch_size: Clips of a step.

    Raises:
        ValueError: The processes cannot share them evenly.
    """
    share, rest = divmod(global_batch_size, arguments.world_size)
    if rest or not share:
        raise ValueError(
            f"`global_batch_size` is {global_batch_size}: expected a multiple of the "
            f"{arguments.world_size} processes of this run. Start as many as divide it, or set it."
        )
    most = min(arguments.per_device_train_batch_size, share)
    batch = next(size for size in range(most, 0, -1) if share % size == 0)
    arguments.per_device_train_batch_size = batch
    arguments.gradient_accumulation_steps = share // batch


def settings(recipe: "Recipe") -> dict[str, Any]:
    """What the Trainer of a recipe is told: its own fields over our defaults.

    Evaluating and saving go together unless a recipe says both: the best weights can only be kept
    where each checkpoint has its loss.
    """
    given = plain(recipe.trainer)
    chosen = {name: default.value for name, default in DEFAULTS.items()}
    chosen["per_device_eval_batch_size"] = recipe.predict_batch_size
    if "num_train_epochs" in given:
        del chosen["max_steps"]
    if given.get("save_strategy") == "steps":
        chosen["eval_strategy"] = "steps"
    if given.get("eval_strategy") == "steps":
        chosen["save_strategy"] = "steps"
    if recipe.evaluate is not None:
        chosen["metric_for_best_model"] = "eval_set_f"
    chosen |= given
    if chosen["eval_strategy"] == chosen["save_strategy"] == "steps":
        every = given.get("save_steps", given.get("eval_steps", 500))
        chosen = {"eval_steps": every, "save_steps": every} | chosen
    if "load_best_model_at_end" not in given:
        together = chosen["save_strategy"] in (chosen["eval_strategy"], "best")
        chosen["load_best_model_at_end"] = chosen["eval_strategy"] != "no" and together
    if not chosen["load_best_model_at_end"] and "metric_for_best_model" not in given:
        del chosen["metric_for_best_model"]
    return chosen


def training_arguments(
    recipe: "Recipe", output_dir: str | Path, *, progress: bool = True
) -> "TrainingArguments":
    """The arguments that a recipe's Trainer gets; checkpoints go beside the folder.

    Raises:
        ValueError: Fields of the recipe's `trainer` do not go together.
    """
    from transformers import TrainingArguments

    try:
        arguments = TrainingArguments(
            output_dir=str(checkpoint_folder(output_dir)),
            seed=recipe.seed,
            remove_unused_columns=False,
            label_names=["labels"],
            disable_tqdm=not progress,
            **settings(recipe),
        )
    except ValueError as error:
        raise ValueError(f"the recipe's `trainer` does not fit together: {error}") from error
    if recipe.global_batch_size is not None:
        fit_batches(arguments, recipe.global_batch_size)
    return arguments


def plain(given: Mapping[str, Any]) -> dict[str, Any]:
    """Undo YAML's reading of ``no``, the name of a strategy, as false."""
    return {
        name: "no" if value is False and name.endswith("_strategy") else value
        for name, value in given.items()
    }


def _check_value(name: str, value: Any, hint: Any) -> None:
    """Check one value against the field's own annotation."""
    from pydantic import ConfigDict, TypeAdapter, ValidationError

    adapter = TypeAdapter[Any](hint, config=ConfigDict(arbitrary_types_allowed=True))
    try:
        adapter.validate_python(value, strict=True)
    except ValidationError as error:
        expected = " or ".join(getattr(kind, "__name__", str(kind)) for kind in get_args(hint))
        raise ValueError(
            f"`trainer.{name}` is {value!r}: expected {expected or hint.__name__}."
        ) from error
    for kind in get_args(hint):
        if isinstance(kind, type) and issubclass(kind, Enum) and isinstance(value, str):
            names = [str(member.value) for member in kind]
            if value not in names:
                raise unknown_name(f"`trainer.{name}`", value, names)
    if name in _POSITIVE and value <= 0:
        raise ValueError(f"`trainer.{name}` is {value}: expected a positive number.")
