"""The Trainer as this room uses it: the same run on one process and on many."""

import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import RandomSampler, Sampler
from transformers import Trainer

from affecthub.hub_cards.models import write_model_card
from affecthub.modeling.affectgpt.modeling_backbone import AffectGPTModel
from affecthub.training.evaluation.watching import WatchesClips
from affecthub.training.launch import Launch, found, require_as_asked
from affecthub.training.mixtures.packing import PackedBatches, packed_loader
from affecthub.training.mixtures.sampling import Draw, DrawSampler
from affecthub.training.order import IGNORED, EvenOrder, Filled, by_length, n_answered, shuffled
from affecthub.training.resuming import has_state, load_state, save_state
from affecthub.training.saving import gathered_weights, own_classes, tidy


class ClipTrainer(WatchesClips, Trainer):
    """A Trainer over `Examples`.

    Differs from its parent: the order of clips and the loss of the validation clips depend neither
    on the number of processes nor on the sizes of batches; folders and checkpoints of a split model
    are those that a single process writes; and a run that is not what its launcher asked for ends
    before its first step.

    Args:
        asked: What the launcher asked for, see `launch.asked`.
        say: Whether the first process prints what the run is.

    Attributes:
        draws: The order in which clips are drawn; None shuffles them.
        batches: The same in batches of so many tokens, where clips are packed so.
    """

    draws: DrawSampler | None = None
    batches: PackedBatches | None = None

    def __init__(self, *args: Any, asked: Launch | None = None, say: bool = True, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if self.is_deepspeed_enabled:
            # It keeps copies in float32 of what is trained; ZeRO-3 takes one precision alone.
            config = self.accelerator.state.deepspeed_plugin.deepspeed_config
            config.setdefault("data_types", {}).setdefault("keep_in_fp32_modules", [])
        if self.is_fsdp_enabled:
            self._name_layers(self.accelerator.state.fsdp_plugin)
        self.asked = asked
        self.say = say
        self.launched: Launch | None = None
        self.order: EvenOrder | PackedBatches | None = None
        self._answered = torch.zeros((), dtype=torch.long)
        self._n_answered_before = 0
        self._answer_losses = [0.0, 0.0]

    @property
    def n_seen(self) -> int:
        """Clips trained on so far over all processes, one counted each time it was drawn.

        What an earlier process of the same run has seen is worked out from its steps. Called by
        every process together.
        """
        here = self._answered.to(self.args.device)
        return self._n_answered_before + int(self.accelerator.reduce(here, "sum"))

    @property
    def n_of_step(self) -> int:
        """Clips of a step over all processes."""
        args = self.args
        return args.train_batch_size * args.world_size * args.gradient_accumulation_steps

    @property
    def is_split(self) -> bool:
        """Whether the weights or the optimiser are spread over processes."""
        return bool(self.is_deepspeed_enabled or self.is_fsdp_enabled)

    def _name_layers(self, plugin: Any) -> None:
        """Have FSDP split the language model by its layers, and the rest as one.

        Towers run at another time where a batch lacks their modality, and a layer that is split by
        itself would wait for all processes at that moment.
        """
        model: Any = self.model
        if plugin.transformer_cls_names_to_wrap is None:
            inner = next(each for each in model.modules() if isinstance(each, AffectGPTModel))
            plugin.transformer_cls_names_to_wrap = sorted(inner.language_model._no_split_modules)

    # The order of clips.

    def get_train_dataloader(self) -> Any:
        """The draws in batches of so many clips, or of so many tokens where they are packed so."""
        if self.batches is None:
            return super().get_train_dataloader()
        self.order = self.batches
        return packed_loader(self, self.batches)

    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler[Draw] | None:
        """The order of an epoch, the same for any number of processes."""
        examples: Any = self.train_dataset
        args = self.args
        seed = args.seed if args.data_seed is None else args.data_seed
        if args.train_sampling_strategy == "group_by_length":
            # Lengths are counted in words; the Trainer's own way decodes all media to count.
            indices_of = by_length(examples.lengths(), self.n_of_step, seed)
        elif args.train_sampling_strategy == "batch_rebalance":
            return super()._get_train_sampler(train_dataset)
        else:
            inner = super()._get_train_sampler(train_dataset)
            if inner is None:
                return None
            is_random = type(inner) is RandomSampler
            indices_of = shuffled(len(examples), seed) if is_random else _epochs(inner)
            if is_random and self.draws is not None:
                indices_of = self.draws.indices_of
        self.order = self._even(indices_of, len(examples), examples, args.train_batch_size)
        return self.order

    def _get_eval_sampler(self, eval_dataset: Any) -> Sampler[Draw] | None:
        """All clips one after the other."""
        numbers = range(len(eval_dataset))
        return self._even(
            lambda epoch: numbers, len(numbers), eval_dataset, self.args.eval_batch_size
        )

    def _even(
        self, indices_of: Callable[[int], Iterable[int]], n: int, examples: Any, batch_size: int
    ) -> EvenOrder:
        many = self.args.world_size > 1 and not self.args.dataloader_drop_last
        multiple = batch_size * self.args.world_size if many else 1
        return EvenOrder(indices_of, n, multiple, beyond=len(examples))

    def _get_dataloader(self, dataset: Any, *args: Any, **kwargs: Any) -> Any:
        return super()._get_dataloader(Filled(dataset), *args, **kwargs)

    def _run_epoch(self, model: Any, epoch: int, *args: Any, **kwargs: Any) -> None:
        if self.order is not None:
            # A loader that goes on in the middle of an epoch hides its sampler from the Trainer.
            self.order.set_epoch(epoch)
        super()._run_epoch(model, epoch, *args, **kwargs)

    # What the run is.

    def _prepare_for_training(
        self, max_steps: int, train_dataloader: Any, resume_from_checkpoint: str | None
    ) -> tuple[Any, Any]:
        """Prepare, compare with what was asked for, and go on from a split run's state."""
        own = resume_from_checkpoint
        if own is not None and not self.is_split and not has_state(own):
            own = None  # as the Trainer itself wrote it
        prepared = super()._prepare_for_training(
            max_steps, train_dataloader, None if own else resume_from_checkpoint
        )
        self.launched = found(self)
        if self.asked is not None:
            require_as_asked(self.asked, self.launched)
        if self.say and self.is_world_process_zero():
            print(f"training as {self.launched.in_words()}", file=sys.stderr, flush=True)
        if own:
            load_state(self, own)
        self._n_answered_before = self._n_of_steps(self.state.global_step)
        return prepared

    def _n_of_steps(self, n_steps: int) -> int:
        """Clips that the first steps of a run draw."""
        if self.batches is not None:
            args = self.args
            return self.batches.n_drawn(
                n_steps * args.gradient_accumulation_steps * args.world_size
            )
        n = len(self.train_dataset)  # type: ignore[arg-type]
        n_epochs, rest = divmod(n_steps, -(-n // self.n_of_step))
        return n_epochs * n + min(rest * self.n_of_step, n)

    def training_step(
        self, model: Any, inputs: dict[str, Any], num_items_in_batch: Any = None
    ) -> torch.Tensor:
        """Count the clips, and train on them."""
        n = n_answered(inputs)
        self._answered = self._answered.to(n.device) + n
        return super().training_step(model, inputs, num_items_in_batch)

    # The loss of the validation clips.

    def prediction_step(
        self,
        model: Any,
        inputs: dict[str, Any],
        prediction_loss_only: bool,
        ignore_keys: list[str] | None = None,
    ) -> tuple[Any, Any, Any]:
        """Add up the loss of every token of the answers; a mean of batches would weigh them."""
        if not prediction_loss_only:
            return super().prediction_step(model, inputs, prediction_loss_only, ignore_keys)
        inputs = self._prepare_inputs(inputs)
        n_tokens = int((inputs["labels"][..., 1:] != IGNORED).sum())
        with torch.no_grad(), self.compute_loss_context_manager():
            loss = model(**inputs, num_items_in_batch=1)["loss"].detach().float()
        self.look_at_validation(loss, inputs["labels"])
        if bool(torch.isfinite(loss)):
            self._answer_losses[0] += float(loss)
            self._answer_losses[1] += n_tokens
        return loss / max(n_tokens, 1), None, None

    def evaluation_loop(self, *args: Any, metric_key_prefix: str = "eval", **kwargs: Any) -> Any:
        """Evaluate; the loss is the mean over the answers' tokens of all processes."""
        self._answer_losses = [0.0, 0.0]
        kwargs["metric_key_prefix"] = metric_key_prefix
        output = super().evaluation_loop(*args, **kwargs)
        exact = torch.float32 if self.args.device.type == "mps" else torch.float64
        sums = torch.tensor(self._answer_losses, dtype=exact, device=self.args.device)
        total, n_tokens = self.accelerator.reduce(sums, "sum").tolist()
        if n_tokens and output.metrics is not None:
            output.metrics[f"{metric_key_prefix}_loss"] = total / n_tokens
        return output

    # Folders and checkpoints.

    def save_model(self, output_dir: str | None = None, _internal_call: bool = False) -> None:
        """Save the whole model as a single process does, without the pickle of the arguments."""
        folder = output_dir or str(self.args.output_dir)
        if self.is_split:
            weights = gathered_weights(self)
            with own_classes(self.accelerator.unwrap_model(self.model)):
                self._save(folder, state_dict=weights)
        else:
            super().save_model(folder, _internal_call)
        if self.args.should_save:
            tidy(Path(folder))
            write_model_card(folder)

    def _save_optimizer_and_scheduler(self, output_dir: str) -> None:
        if not self.is_split:
            super()._save_optimizer_and_scheduler(output_dir)
            return
        save_state(self, output_dir)

    def _load_best_model(self) -> None:
        if not self.is_split:
            super()._load_best_model()
            return
        load_state(self, str(self.state.best_model_checkpoint), weights_alone=True)


def _epochs(sampler: Sequence[int] | Sampler[int]) -> Callable[[int], Iterable[int]]:
    """A sampler of torch's kind as a function of the epoch."""

    def indices_of(epoch: int) -> Iterable[int]:
        set_epoch = getattr(sampler, "set_epoch", None)
        if set_epoch is not None:
            set_epoch(epoch)
        return sampler

    return indices_of
