"""The Trainer as this room uses it: lengths without media, and folders that can be passed on."""

from pathlib import Path
from typing import Any

import datasets
from transformers import Trainer
from transformers.trainer import TRAINING_ARGS_NAME

from affecthub.training.mixtures.packing import PackedBatches, packed_loader
from affecthub.training.mixtures.sampling import DrawSampler, Numbered


class ClipTrainer(Trainer):
    """A Trainer over `Examples`.

    Attributes:
        draws: The order in which clips are drawn; None leaves it to the Trainer.
        batches: The same in batches of so many tokens, where clips are packed so.
        eval_collator: Makes the batches that are evaluated; None takes the one for training.
    """

    draws: DrawSampler | None = None
    batches: PackedBatches | None = None
    eval_collator: Any = None

    def save_model(self, output_dir: str | None = None, _internal_call: bool = False) -> None:
        """Save the model without the pickle of the arguments, readable for whom the folder is."""
        super().save_model(output_dir, _internal_call)
        if self.args.should_save:
            tidy(Path(output_dir or str(self.args.output_dir)))

    def get_train_dataloader(self) -> Any:
        """The draws in batches of so many clips, or of so many tokens where they are packed so."""
        if self.batches is None:
            return super().get_train_dataloader()
        return packed_loader(self, self.batches)

    def get_eval_dataloader(self, eval_dataset: Any = None) -> Any:
        """Batches of so many clips, whose losses are weighed by their number."""
        packs, self.data_collator = self.data_collator, self.eval_collator or self.data_collator
        try:
            return super().get_eval_dataloader(eval_dataset)
        finally:
            self.data_collator = packs

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        """Draw in the recipe's order, or by length: the Trainer's way decodes media to count."""
        examples: Any = self.train_dataset
        strategy = self.args.train_sampling_strategy
        if strategy == "random" and self.draws is not None:
            return self.draws
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
