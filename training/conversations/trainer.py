"""The Trainer of conversation models: Adam, the paper's falling rate, and scores of dialogues."""

from typing import Any

import numpy as np
import torch
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import SequentialSampler
from transformers import Trainer
from transformers.trainer_pt_utils import LengthGroupedSampler
from transformers.trainer_utils import EvalPrediction

from affecthub.training.conversations.arguments import STYLES
from affecthub.training.conversations.dialogues import IGNORED
from affecthub.training.conversations.recipe import ConversationRecipe
from affecthub.training.conversations.scores import score


class DialogueTrainer(Trainer):
    """A Trainer over `DialogueSet`.

    Differs from its parent: Adam with its penalty in the gradient, as the paper trains, unless the
    recipe names an `optim`; and the paper's learning rate falls in steps.

    Args:
        recipe: What is run.
        **kwargs: Of the parent.
    """

    def __init__(self, *, recipe: ConversationRecipe, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.recipe = recipe

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:
        """Adam over all weights, or what the recipe names."""
        if self.optimizer is None and "optim" not in self.recipe.trainer:
            network: Any = self.model
            trained = [each for each in network.parameters() if each.requires_grad]
            self.optimizer = torch.optim.Adam(
                trained,
                lr=self.args.learning_rate,
                betas=(self.args.adam_beta1, self.args.adam_beta2),
                eps=self.args.adam_epsilon,
                weight_decay=self.args.weight_decay,
            )
            return self.optimizer
        made: torch.optim.Optimizer = super().create_optimizer()
        return made

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
        """The paper's steps in recognition, else what the recipe names."""
        style = STYLES[self.recipe.style]
        own = "lr_scheduler_type" in self.recipe.trainer
        if own or style.decay == 1 or self.recipe.model_task != "recognise":
            return super().create_scheduler(num_training_steps, optimizer)
        if self.lr_scheduler is None:
            epochs = self.args.num_train_epochs
            every = max(1, round(num_training_steps / epochs * style.decay_every))
            adam: Any = optimizer or self.optimizer
            self.lr_scheduler = LambdaLR(adam, lambda step: style.decay ** (step // every))
            self._created_lr_scheduler = True
        return self.lr_scheduler

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        """Dialogues of like length together where that is asked for, else at random."""
        if self.args.train_sampling_strategy != "group_by_length":
            return super()._get_train_sampler(train_dataset)
        batch = self.args.train_batch_size * self.args.gradient_accumulation_steps
        data: Any = self.train_dataset
        lengths = [len(each) for each in data.dialogues]
        return LengthGroupedSampler(batch, lengths=lengths)

    def _get_eval_sampler(self, eval_dataset: Any) -> Any:
        """Dialogues in their order, since answers go by it."""
        return SequentialSampler(eval_dataset)


def scores_of(found: EvalPrediction) -> dict[str, float]:
    """The scores of a split, for the Trainer.

    Args:
        found: Logits ``(dialogues, longest, classes)`` and labels ``(dialogues, longest)``.

    Returns:
        ``ua``, ``wa``, ``macro_f1``, ``weighted_f1``.
    """
    logits, labels = np.asarray(found.predictions), np.asarray(found.label_ids)
    asked = labels != IGNORED
    scores = score(labels[asked], logits[asked].argmax(-1), logits.shape[-1])
    del scores["n"]
    return scores


def class_weights(labels: np.ndarray, n_classes: int, kind: str) -> list[float] | None:
    """What each label counts in the loss, 1 in the mean over labels of equal frequency.

    Args:
        labels: Class numbers that are trained on, `IGNORED` among them.
        n_classes: Size of the label set.
        kind: ``"none"``, ``"inverse"`` to the label's frequency, or its ``"sqrt"``.

    Returns:
        A weight for each class, 0 for one that does not occur; None for ``"none"``.

    Example:
        >>> class_weights(np.array([0, 0, 0, 1, -100]), 2, "inverse")
        [0.6666666666666666, 2.0]
    """
    if kind == "none":
        return None
    counts = np.bincount(labels[labels != IGNORED], minlength=n_classes)
    power = 1.0 if kind == "inverse" else 0.5
    rare = counts.sum() / (n_classes * np.maximum(counts, 1))
    weights: list[float] = np.where(counts > 0, rare**power, 0.0).tolist()
    return weights
