"""The Trainer of transformers over tensors that stay on the device."""

import math
from typing import Any

import torch
from torch import Tensor
from transformers import Trainer, TrainingArguments
from transformers.trainer_callback import PrinterCallback, TrainerCallback

from affecthub.training.fusion.forward import forward
from affecthub.training.fusion.noise import seed_step
from affecthub.training.fusion.order import Batches
from affecthub.training.fusion.scoring import CHOSEN_BY, better, scores_of
from affecthub.training.fusion.settings import Settings
from affecthub.training.fusion.table import FeatureTable


class FusionTrainer(Trainer):
    """``transformers.Trainer`` that cuts its batches out of a table.

    There is no loader, no collator and no copy from the processor to the device; the loss stays a
    tensor until it is logged. The best epoch's weights are kept in memory, see `KeepBest`.

    Args:
        model: A `FusionModel`, on the table's device.
        table: What to train on and to validate on.
        settings: How.
        seed: Of the order of clips and of what is drawn in training.
        output_dir: A folder of the Trainer's; nothing is written to it.
    """

    def __init__(
        self, model: Any, table: FeatureTable, settings: Settings, *, seed: int, output_dir: str
    ) -> None:
        self.table = table
        self.settings = settings
        self.run_seed = seed
        args = TrainingArguments(
            output_dir=output_dir,
            num_train_epochs=settings.epochs,
            per_device_train_batch_size=settings.batch_size,
            learning_rate=settings.learning_rate,
            lr_scheduler_type="constant",
            max_grad_norm=0.0,
            eval_strategy="epoch" if len(table.splits.get("validation", ())) else "no",
            save_strategy="no",
            logging_strategy="epoch",
            logging_nan_inf_filter=False,
            report_to="none",
            disable_tqdm=True,
            remove_unused_columns=False,
            use_cpu=table.device.type == "cpu",
            dataloader_pin_memory=False,
            seed=seed,
        )
        self.best = KeepBest(settings.patience)
        callbacks: list[TrainerCallback] = [self.best]
        if settings.clip_value is not None:
            callbacks.append(ClipValues(settings.clip_value))
        super().__init__(
            model,
            args,
            train_dataset=table.splits["train"],  # type: ignore[arg-type]
            eval_dataset=table.splits.get("validation"),  # type: ignore[arg-type]
            callbacks=callbacks,
            optimizers=(optimizer_of(model.parameters(), settings), None),  # type: ignore[arg-type]
        )
        self.remove_callback(PrinterCallback)

    def get_train_dataloader(self) -> Any:
        """Batches of the training clips."""
        settings = self.settings
        at_least = longest(self.table, "train") if settings.pad == "split" else None
        return Batches(
            self.table,
            "train",
            settings.batch_size,
            seed=self.run_seed,
            shuffle=settings.shuffle,
            by_length=settings.by_length,
            at_least=at_least,
        )

    def get_batch_samples(self, epoch_iterator: Any, num_batches: int, device: Any) -> Any:
        """The next batches; nobody counts what is in them."""
        return [next(epoch_iterator) for _ in range(num_batches)], None

    def floating_point_ops(self, inputs: Any) -> int:
        """Not counted: to count them at each step is a part of the step's time."""
        return 0

    def _get_grad_norm(self, model: Any, grad_norm: Any = None) -> None:
        """Not computed: nobody reads it."""

    def training_step(
        self, model: Any, inputs: dict[str, Tensor], num_items_in_batch: Any = None
    ) -> Tensor:
        """Forward and backward of one batch, which is where it belongs already."""
        if not model.training:
            model.train()
        seed_step(self.run_seed, self.state.global_step, self.table.device)
        loss, _ = forward(model, inputs)
        assert loss is not None, "batches of training have targets"
        loss.backward()
        return loss.detach()

    def evaluate(
        self,
        eval_dataset: Any = None,
        ignore_keys: Any = None,
        metric_key_prefix: str = "eval",
    ) -> dict[str, float]:
        """Score the validation clips."""
        answers, loss = answers_to(self.model, self.table, "validation", self.settings)
        clips = self.table.splits["validation"]
        scores = scores_of(answers, self.table.labels, clips)
        metrics = {f"{metric_key_prefix}_{name}": value for name, value in scores.items()}
        metrics[f"{metric_key_prefix}_loss"] = loss
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(
            self.args, self.state, self.control, metrics
        )
        return metrics


class KeepBest(TrainerCallback):
    """Keeps the weights of the epoch with the best weighted F1 of the validation clips in memory.

    Args:
        patience: Epochs without a better one after which training stops; None never stops.
    """

    def __init__(self, patience: int | None = None) -> None:
        self.patience = patience
        self.score = math.nan
        self.scores: dict[str, float] = {}
        self.epoch = 0
        self.weights: dict[str, Tensor] = {}
        self.history: list[dict[str, float]] = []

    def on_evaluate(self, args, state, control, metrics=None, model=None, **kwargs):
        """Look whether this epoch is the best so far; the first of equals stays."""
        epoch = round(state.epoch or 0)
        scores = {name.removeprefix("eval_"): value for name, value in (metrics or {}).items()}
        self.history.append({"epoch": epoch, **scores})
        if better(scores[CHOSEN_BY], self.score) or not self.weights:
            self.score, self.scores, self.epoch = scores[CHOSEN_BY], scores, epoch
            self.keep(model)
        elif self.patience is not None and epoch - self.epoch >= self.patience:
            control.should_training_stop = True

    def keep(self, model: Any) -> None:
        """Copy the weights; into the same memory every time."""
        for name, value in model.state_dict().items():
            if name in self.weights:
                self.weights[name].copy_(value)
            else:
                self.weights[name] = value.detach().clone()


class ClipValues(TrainerCallback):
    """Cuts every gradient to a range, number by number.

    Args:
        value: The largest size.

    Source: MERBench, ``clip_grad_value_``.
    """

    def __init__(self, value: float) -> None:
        self.value = value

    def on_pre_optimizer_step(self, args, state, control, model=None, **kwargs):
        """Cut."""
        torch.nn.utils.clip_grad_value_(model.parameters(), self.value)


def optimizer_of(parameters: Any, settings: Settings) -> torch.optim.Optimizer:
    """Adam, whose decay is part of the gradient, or AdamW, one kernel for all parameters."""
    kind = torch.optim.Adam if settings.optimizer == "adam" else torch.optim.AdamW
    return kind(
        [each for each in parameters if each.requires_grad],
        lr=settings.learning_rate,
        weight_decay=settings.weight_decay,
        fused=True,
    )


@torch.inference_mode()
def answers_to(
    model: Any, table: FeatureTable, split: str, settings: Settings
) -> tuple[Tensor, float]:
    """What a model says of a split's clips.

    Args:
        model: A `FusionModel`.
        table: The clips.
        split: Which of them.
        settings: How many at once, and how they are padded.

    Returns:
        Logits ``(n, classes)`` or scores ``(n,)`` in the order of ``table.splits[split]``, and the
        mean loss; NaN without clips.
    """
    was_training = model.training
    model.eval()
    # The released MCTN mixes the clips of a batch, so that it needs the batches of training.
    official = settings.pad == "split"
    batches = Batches(
        table,
        split,
        settings.batch_size if official else settings.eval_batch_size,
        shuffle=False,
        by_length=settings.by_length,
        at_least=longest(table, split) if official else None,
    )
    found: list[Tensor] = []
    losses: list[Tensor] = []
    indices = batches.indices()
    for index in indices:
        seed_step(0, len(found), table.device)
        loss, answers = forward(model, table.batch(index, batches.at_least))
        found.append(answers)
        losses.append(loss * len(index) if loss is not None else answers.new_tensor(0.0))
    model.train(was_training)
    clips = table.splits[split]
    if not found:
        shape = (0, model.config.num_labels) if model.config.num_labels else (0,)
        return torch.zeros(shape), math.nan
    loss_mean = float(torch.stack(losses).sum() / len(clips))
    answers = torch.cat(found)
    if batches.lengths is None:
        return answers, loss_mean
    place = torch.empty(len(table.ids), dtype=torch.long, device=clips.device)
    place[torch.cat(indices)] = torch.arange(len(clips), device=clips.device)
    return answers[place[clips]], loss_mean


def longest(table: FeatureTable, split: str) -> dict[str, int]:
    """Modality to the steps of its longest clip in a split."""
    clips = table.splits[split]
    if not len(clips):
        return {}
    return {
        name: max(1, int(block.lengths[clips].max()))
        for name, block in table.blocks.items()
        if block.values.dim() == 2
    }
