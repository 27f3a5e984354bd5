"""The Trainer as this room uses it: lengths without media, and folders that can be passed on."""

from pathlib import Path
from typing import Any

import datasets
from transformers import Trainer
from transformers.trainer import TRAINING_ARGS_NAME

from affecthub.training.mixtures.clips import Mixture
from affecthub.training.mixtures.packing import packed_loader
from affecthub.training.mixtures.sampling import Numbered


class ClipTrainer(Trainer):
    """A Trainer over `Examples`."""

    def save_model(self, output_dir: str | None = None, _internal_call: bool = False) -> None:
        """Save the model without the pickle of the arguments, readable for whom the folder is."""
        super().save_model(output_dir, _internal_call)
        if self.args.should_save:
            tidy(Path(output_dir or str(self.args.output_dir)))

    def get_train_dataloader(self) -> Any:
        """The draws in batches of so many clips, or of so many tokens where they are packed so."""
        batches = getattr(self.train_dataset, "batches", None)
        return super().get_train_dataloader() if batches is None else packed_loader(self, batches)

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        """Draw in the recipe's order, or by length: the Trainer's way decodes media to count."""
        examples: Any = self.train_dataset
        strategy = self.args.train_sampling_strategy
        if strategy == "random" and isinstance(examples, Mixture):
            return examples.draws
        if strategy in ("group_by_length", "batch_rebalance"):
            lengths = examples.lengths()
            train_dataset = datasets.Dataset.from_dict({self.args.length_column_name: lengths})
        sampler: Any = super()._get_train_sampler(train_dataset)
        return sampler if strategy == "batch_rebalance" else Numbered(sampler)


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
