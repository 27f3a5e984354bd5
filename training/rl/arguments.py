"""The arguments of trl's trainer: our defaults beside what a recipe says."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from affecthub.training.arguments import REFUSED as REFUSED_BY_ALL
from affecthub.training.arguments import Default, check_fields, plain
from affecthub.training.model_folder import checkpoint_folder

if TYPE_CHECKING:
    from trl import GRPOConfig

    from affecthub.training.rl.recipe import GRPORecipe

DOCUMENTED = "https://huggingface.co/docs/trl/grpo_trainer"

# Every default that differs from the parent's, and no other.
DEFAULTS = {
    "loss_type": Default("grpo", "The objective of the GRPO paper, which both sources train with"),
    "disable_dropout": Default(
        True, "With dropout, an answer is not scored by the model that has sampled it"
    ),
    "bf16": Default(False, "As transformers has it; set it on a card that computes in bfloat16"),
    "save_steps": Default(0.1, "A share of the run: a killed run loses a tenth of it at most"),
    "save_total_limit": Default(1, "The last checkpoint"),
    "logging_steps": Default(1, "Generating costs more than any line of a log"),
    "dataloader_pin_memory": Default(False, "Nothing but numbers of clips passes the loader"),
}

REFUSED = REFUSED_BY_ALL | {
    "reward_weights": "the weights stand beside the rewards: set the recipe's own `rewards`",
    "multi_objective_aggregation": "set the recipe's own `aggregation`",
    "use_vllm": "vLLM cannot serve this model; answers are sampled by transformers",
    "use_transformers_continuous_batching": "it takes no media; answers are sampled in batches",
    "model_init_kwargs": "the model is loaded here: set the recipe's own `model`",
    "log_multimodal": "there are no pictures in the log",
}
# What is only looked at where labels of tokens are learnt.
del REFUSED["label_names"]


def check(given: dict[str, Any]) -> None:
    """Check the names and the kinds of values of a recipe's `trainer`.

    Raises:
        ValueError: ``trl.GRPOConfig`` has no such field or takes no such value, or it is not the
            recipe's to set.
        ImportError: trl is not installed.
    """
    check_fields(given, ("trl", "GRPOConfig", "rl"), REFUSED, DOCUMENTED)


def settings(recipe: "GRPORecipe") -> dict[str, Any]:
    """What the trainer of a recipe is told: its own fields over our defaults."""
    chosen = {name: default.value for name, default in DEFAULTS.items()}
    chosen["per_device_eval_batch_size"] = recipe.predict_batch_size
    chosen |= plain(recipe.trainer)
    return chosen | {
        "reward_weights": list(recipe.rewards.values()),
        "multi_objective_aggregation": recipe.aggregation,
    }


def grpo_arguments(
    recipe: "GRPORecipe", output_dir: str | Path, *, progress: bool = True
) -> "GRPOConfig":
    """The arguments that a recipe's trainer gets; checkpoints go beside the folder.

    Raises:
        ValueError: Fields of the recipe's `trainer` do not go together, for example a batch that
            does not hold each clip's `num_generations` answers whole.
    """
    from trl import GRPOConfig

    try:
        with warnings.catch_warnings():
            # trl 1.16 sets it by the name that transformers 5.23 gave up.
            warnings.filterwarnings("ignore", "`gradient_checkpointing`", FutureWarning)
            return GRPOConfig(
                output_dir=str(checkpoint_folder(output_dir)),
                seed=recipe.seed,
                remove_unused_columns=False,
                disable_tqdm=not progress,
                **settings(recipe),
            )
    except ValueError as error:
        raise ValueError(
            f"the recipe's `trainer` does not fit together: {error} A step has "
            "per_device_train_batch_size times processes answers, and steps_per_generation (else "
            "gradient_accumulation_steps) such steps are sampled at once: num_generations for each "
            "clip."
        ) from error
