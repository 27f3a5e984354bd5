"""Supervised fine-tuning of AffectGPT from a recipe.

One process, or many through accelerate, with the same arguments:

    affecthub train demo --data-dir demo/corpus --output-dir runs/demo
    accelerate launch -m affecthub.training.sft demo --data-dir demo/corpus --output-dir runs/demo
"""

import json
import warnings
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml
from datasets import DatasetDict
from transformers import Trainer
from transformers.trainer_callback import PrinterCallback, ProgressCallback
from transformers.trainer_utils import get_last_checkpoint

from affecthub.datasets_scripts import load_dataset
from affecthub.datasets_scripts.rows.answers import answer_of
from affecthub.training.arguments import settings, training_arguments
from affecthub.training.examples import Examples, usable
from affecthub.training.model import build_model
from affecthub.training.progress import LossOnBar
from affecthub.training.recipe import Recipe


@dataclass
class TrainingResult:
    """What a run leaves.

    Args:
        output_dir: Folder with the model, its processor, `recipe.yaml` and `training.json`.
        model: The trained model, ready to answer.
        processor: Its processor.
        losses: One row per log: `epoch` and `loss` or `eval_loss`.
        n_train: Clips trained on.
        n_left_out: Training clips without an answer or without any of the modalities.
    """

    output_dir: Path
    model: Any
    processor: Any
    losses: list[dict[str, float]] = field(default_factory=list)
    n_train: int = 0
    n_left_out: int = 0


def train(
    recipe: Recipe,
    *,
    data_dir: str | Path,
    output_dir: str | Path,
    resume: bool = False,
    progress: bool = True,
    corpus: DatasetDict | None = None,
) -> TrainingResult:
    """Fine-tune and save the model of a recipe.

    Args:
        recipe: What to train, on what and how.
        data_dir: The corpus' folder.
        output_dir: Where the model and the run's records go; checkpoints go to `checkpoints` in it.
        resume: Go on from the last checkpoint in `output_dir`, with the same order of clips. With
            none there, start from the beginning.
        progress: Show a progress bar.
        corpus: Splits that are loaded already; by default the recipe's corpus is loaded.

    Raises:
        ValueError: The recipe's `trainer` does not fit together, the corpus has no such column or
            label, or no clip of the training split can be used.
    """
    output_dir = Path(output_dir)
    arguments = training_arguments(recipe, output_dir, progress=progress)
    splits = corpus or load_dataset(
        recipe.corpus, recipe.config, data_dir=data_dir, protocol=recipe.protocol
    )
    rows = splits["train"].shuffle(seed=recipe.seed)
    kept = usable(rows, recipe)
    if len(kept) == 0:
        raise ValueError(
            f"no training clip of {recipe.corpus!r} can be used: got {len(rows)} clips, expected "
            f"some with {' or '.join(recipe.modalities)} and {' and '.join(recipe.answer)}."
        )
    n_left_out = len(rows) - len(kept)
    if n_left_out:
        warnings.warn(
            f"{n_left_out} of {len(rows)} training clips of {recipe.corpus!r} are left out: they "
            f"have no {' or '.join(recipe.modalities)}, or no {' and '.join(recipe.answer)}.",
            stacklevel=2,
        )
    if recipe.max_train_clips is not None:
        kept = kept.select(range(min(recipe.max_train_clips, len(kept))))

    columns = list(dict.fromkeys([*recipe.answer, "text"]))
    texts = (
        text
        for row in kept.select_columns(columns)
        for text in (row["text"], answer_of(row, kept.features, recipe.answer))
        if text
    )
    model, processor = build_model(recipe, texts)
    examples = Examples(kept, processor, recipe, with_answer=True)
    held_out = None
    if arguments.eval_strategy != "no":
        held_out = Examples(
            usable(splits["validation"], recipe), processor, recipe, with_answer=True
        )

    trainer = Trainer(
        model=model,
        args=arguments,
        train_dataset=examples,
        eval_dataset=held_out,
        data_collator=processor.pad,
        processing_class=processor,
    )
    trainer.remove_callback(PrinterCallback)
    if progress:
        trainer.remove_callback(ProgressCallback)
        trainer.add_callback(LossOnBar)
    checkpoints = output_dir / "checkpoints"
    last = get_last_checkpoint(str(checkpoints)) if resume and checkpoints.is_dir() else None
    trainer.train(resume_from_checkpoint=last)

    shown = ("epoch", "step", "loss", "eval_loss")
    losses = [
        {key: float(entry[key]) for key in shown if key in entry}
        for entry in trainer.state.log_history
        if "loss" in entry or "eval_loss" in entry
    ]
    result = TrainingResult(
        output_dir, trainer.model, processor, losses, n_train=len(kept), n_left_out=n_left_out
    )
    trainer.save_model(str(output_dir))
    if trainer.is_world_process_zero():
        _save_records(recipe, result)
    return result


def _save_records(recipe: Recipe, result: TrainingResult) -> None:
    """Write the recipe and the run's numbers beside the model."""
    result.processor.save_pretrained(result.output_dir)
    recipe_text = yaml.safe_dump(recipe.to_dict(), sort_keys=False, allow_unicode=True)
    (result.output_dir / "recipe.yaml").write_text(recipe_text, encoding="utf-8")
    packages = ("affecthub", "torch", "transformers", "datasets", "accelerate", "peft")
    record = {
        "n_train": result.n_train,
        "n_left_out": result.n_left_out,
        "trainer": settings(recipe),
        "losses": result.losses,
        "versions": {name: version(name) for name in packages},
    }
    (result.output_dir / "training.json").write_text(json.dumps(record, indent=1), encoding="utf-8")


def main() -> None:
    """Run as a program: what ``accelerate launch -m affecthub.training.sft`` starts."""
    import argparse

    from affecthub.settings import parse_overrides
    from affecthub.training.recipe import load_recipe

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("recipe", help="installed name or YAML file")
    parser.add_argument("--data-dir", required=True, help="the corpus' folder")
    parser.add_argument("--output-dir", required=True, help="where the model goes")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="replace a field, for example trainer.max_steps=3",
    )
    given = parser.parse_args()
    train(
        load_recipe(given.recipe, **parse_overrides(given.set)),
        data_dir=given.data_dir,
        output_dir=given.output_dir,
        resume=given.resume,
    )


if __name__ == "__main__":
    main()
