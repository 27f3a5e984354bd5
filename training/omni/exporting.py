"""The clips of a recipe as other trainers read them, asked and answered as the recipe does."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from affecthub.datasets_scripts.exports.questions import Said, plain
from affecthub.errors import unknown_name
from affecthub.training.arguments import settings
from affecthub.training.asking.prompts.registry import load_prompt
from affecthub.training.asking.questions import Questions
from affecthub.training.omni.answers import json_answer
from affecthub.training.omni.examples import label_set
from affecthub.training.omni.families import chat_family
from affecthub.training.omni.published import PUBLISHED
from affecthub.training.omni.recipe import OmniRecipe
from affecthub.training.omni.run import require_words

TRAINERS = ("ms-swift", "llama-factory")
# The file that each gets beside the data.
FILES = {"ms-swift": "ms_swift.sh", "llama-factory": "llama_factory.yaml"}
# Conversation forms of LLaMA-Factory, by what a model's type begins with.
_TEMPLATES = {
    "qwen2_5_omni": "qwen2_omni",
    "qwen3_omni": "qwen3_omni_nothink",
    "qwen2_audio": "qwen2_audio",
}


class RecipeWording:
    """Says of each row what a recipe's model is asked and answers; see ``exports.questions``.

    Args:
        recipe: Says the prompt, what is given and what is answered.

    Raises:
        ValueError: The prompt cannot be filled from a row, or sound is to stand between frames,
            for which an export has no place.
    """

    def __init__(self, recipe: OmniRecipe) -> None:
        if recipe.sound == "in_video":
            raise ValueError(
                "an export has the sound beside the film: got sound='in_video', expected 'slot'. "
                "Set sound=slot."
            )
        self.recipe = recipe
        self.prompt = load_prompt(recipe.prompt)
        require_words(self.prompt, recipe)

    @property
    def media(self) -> frozenset[str]:
        """The media that the recipe gives."""
        return frozenset(self.recipe.modalities) - {"text"}

    def said(self, row: Mapping[str, Any], features: Mapping[str, Any]) -> Said | str:
        """What is said about a finished row, or the column that it lacks for an answer."""
        column = next(iter(self.recipe.answer.values()))
        answer = json_answer(row, features, self.recipe.answer, self.prompt.labels)
        if answer is None:
            return column
        labels = label_set(features, self.recipe, self.prompt)
        asked = Questions(self.prompt, labels=labels).of(row)
        return Said(column, plain(asked.question), plain(answer), asked.has_subtitle, asked.system)


def command(recipe: OmniRecipe, trainer: str, splits: Sequence[str], corpus: str, base: str) -> str:
    """The file that runs a recipe with another trainer, in the folder of its export.

    Args:
        recipe: The run.
        trainer: One of `TRAINERS`.
        splits: Those that were written.
        corpus: Its name, as the export has it.
        base: What paths of media are relative to.

    Returns:
        A shell script for ms-swift; settings in YAML for ``llamafactory-cli train``.

    Raises:
        ValueError: The trainer is unknown.
    """
    if trainer not in TRAINERS:
        raise unknown_name("trainer", trainer, TRAINERS)
    if trainer == "ms-swift":
        return _ms_swift(recipe, splits, base)
    return _llama_factory(recipe, splits, corpus, base)


def _ms_swift(recipe: OmniRecipe, splits: Sequence[str], base: str) -> str:
    """Source: documentation of ms-swift 3 and 4; adapters are the default of both."""
    said, lora, frames = settings(recipe.asking()), recipe.lora, recipe.frames
    environment = {
        "ROOT_IMAGE_DIR": base,
        "ENABLE_AUDIO_OUTPUT": "0",
        "USE_AUDIO_IN_VIDEO": "false",
        "FPS_MAX_FRAMES": str(frames.n_frames),
        "VIDEO_MAX_PIXELS": str(frames.max_pixels),
    }
    flags: dict[str, Any] = {"model": recipe.model, "dataset": f"{recipe.train_split}.jsonl"}
    if "validation" in splits:
        flags["val_dataset"] = "validation.jsonl"
    flags |= {
        "torch_dtype": recipe.dtype if recipe.dtype != "auto" else "bfloat16",
        "lora_rank": lora.r,
        "lora_alpha": lora.alpha,
        "lora_dropout": lora.dropout,
        "target_modules": "all-linear",
        "freeze_vit": "true",
        "freeze_aligner": "true",
        **_schedule(recipe, said),
        "gradient_checkpointing": str(bool(said.get("gradient_checkpointing"))).lower(),
        "seed": recipe.seed,
        "output_dir": "output",
    }
    lines = [f"export {name}={value}" for name, value in environment.items()]
    said_as = [f"    --{name} {shlex.quote(str(value))}" for name, value in flags.items()]
    run = " \\\n".join(["swift sft", *said_as])
    return "\n".join(["#!/bin/sh", "set -e", *lines, run]) + "\n"


def _llama_factory(recipe: OmniRecipe, splits: Sequence[str], corpus: str, base: str) -> str:
    """Source: hparams and template.py of LLaMA-Factory."""
    import yaml

    said, lora, frames = settings(recipe.asking()), recipe.lora, recipe.frames
    values: dict[str, Any] = {
        "model_name_or_path": recipe.model,
        "stage": "sft",
        "do_train": True,
        "finetuning_type": "lora",
        "lora_rank": lora.r,
        "lora_alpha": lora.alpha,
        "lora_dropout": lora.dropout,
        "lora_target": "all",
        "freeze_vision_tower": True,
        "freeze_multi_modal_projector": True,
        "template": _template(recipe),
        "dataset_dir": ".",
        **(
            {"media_dir": base} if "$" not in base else {}
        ),  # a variable is said on the command line
        "dataset": f"{corpus}_{recipe.train_split}",
    }
    if "validation" in splits:
        values["eval_dataset"] = f"{corpus}_validation"
    values |= {
        "video_maxlen": frames.n_frames,
        "video_max_pixels": frames.max_pixels,
        "use_audio_in_video": False,
        **_schedule(recipe, said),
        "bf16": bool(said.get("bf16")),
        "seed": recipe.seed,
        "output_dir": "output",
    }
    return yaml.safe_dump(values, sort_keys=False)


def _schedule(recipe: OmniRecipe, said: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that both have under the Trainer's names."""
    names = (
        *("num_train_epochs", "max_steps", "per_device_train_batch_size"),
        *("gradient_accumulation_steps", "learning_rate", "weight_decay", "max_grad_norm"),
    )
    found = {name: said[name] for name in names if name in said}
    found["lr_scheduler_type"] = str(said["lr_scheduler_type"])
    warm = float(said.get("warmup_steps", 0))
    found["warmup_ratio" if 0 < warm < 1 else "warmup_steps"] = warm if 0 < warm < 1 else int(warm)
    return found


def _template(recipe: OmniRecipe) -> str:
    """LLaMA-Factory's name of the conversation's form."""
    known = PUBLISHED.get(recipe.model)
    if known is not None:
        kind = known.model_type
    else:
        from transformers import AutoConfig

        kind = AutoConfig.from_pretrained(recipe.model).model_type
    chat_family(kind)
    return next(name for start, name in _TEMPLATES.items() if kind.startswith(start))
