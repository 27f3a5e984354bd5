"""The Trainer as this room uses it: lengths without media, and folders that can be passed on."""

from pathlib import Path
from typing import Any

import datasets
from transformers import Trainer
from transformers.trainer import TRAINING_ARGS_NAME

from affecthub.training.evaluation.watching import WatchesClips


class ClipTrainer(WatchesClips, Trainer):
    """A Trainer over `Examples`."""

    def save_model(self, output_dir: str | None = None, _internal_call: bool = False) -> None:
        """Save the model without the pickle of the arguments, readable for whom the folder is."""
        super().save_model(output_dir, _internal_call)
        if self.args.should_save:
            tidy(Path(output_dir or str(self.args.output_dir)))

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        """Group by the length of words; the Trainer's own way decodes all media to count."""
        if self.args.train_sampling_strategy in ("group_by_length", "batch_rebalance"):
            train_dataset = self._lengths_alone(self.train_dataset)
        return super()._get_train_sampler(train_dataset)

    def _get_eval_sampler(self, eval_dataset: Any) -> Any:
        """Group by the length of words, as `_get_train_sampler`."""
        if self.args.train_sampling_strategy == "group_by_length":
            eval_dataset = self._lengths_alone(eval_dataset)
        return super()._get_eval_sampler(eval_dataset)

    def _lengths_alone(self, examples: Any) -> datasets.Dataset:
        return datasets.Dataset.from_dict({self.args.length_column_name: examples.lengths()})


def tidy(folder: Path) -> None:
    """Leave in a saved model's folder what its users may read, and no pickle.

    The arguments stand in ``recipe.yaml`` and ``training.json``. Weights are written for their
    owner's eyes alone; they get the rights that every other file of the folder has.
    """
    (folder / TRAINING_ARGS_NAME).unlink(missing_ok=True)
    others = [*folder.glob("*.json")]
    for weights in folder.glob("*.safetensors"):
        for other in others[:1]:
            weights.chmod(other.stat().st_mode)
