"""The Trainer of chat models: batches of one kind of media, and the loss of the answers alone."""

from collections.abc import Sequence
from typing import Any

import torch
from torch.utils.data import Sampler

from affecthub.training.mixtures.sampling import Draw
from affecthub.training.omni.collating import FLAG
from affecthub.training.omni.examples import Kinds
from affecthub.training.omni.grouping import by_kind
from affecthub.training.omni.loss import answer_loss
from affecthub.training.order import IGNORED, EvenOrder
from affecthub.training.trainer import ClipTrainer


class OmniTrainer(ClipTrainer):
    """A `ClipTrainer` over `ChatExamples`.

    Args:
        kinds: The media of each training clip.
        eval_kinds: The media of each validation clip.
    """

    def __init__(
        self, *args: Any, kinds: Sequence[Kinds], eval_kinds: Sequence[Kinds] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, compute_loss_func=answer_loss, **kwargs)
        self.kinds, self.eval_kinds = list(kinds), list(eval_kinds)

    # The order of clips.

    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler[Draw] | None:
        """Clips of one kind in every batch; of one kind in all, as `ClipTrainer` shuffles them."""
        if len(set(self.kinds)) < 2:
            return super()._get_train_sampler(train_dataset)
        args = self.args
        seed = args.seed if args.data_seed is None else args.data_seed
        self.order = self._grouped(self.kinds, args.train_batch_size, seed)
        return self.order

    def _get_eval_sampler(self, eval_dataset: Any) -> Sampler[Draw] | None:
        """The same of the validation clips, which are not shuffled."""
        if len(set(self.eval_kinds)) < 2:
            return super()._get_eval_sampler(eval_dataset)
        return self._grouped(self.eval_kinds, self.args.eval_batch_size, None)

    def _grouped(self, kinds: Sequence[Kinds], batch: int, seed: int | None) -> EvenOrder:
        multiple = batch * self.args.world_size
        indices_of, n = by_kind(kinds, batch, multiple, seed)
        return EvenOrder(indices_of, n, multiple, beyond=len(kinds))

    def _n_of_steps(self, n_steps: int) -> int:
        """Clips that the first steps of a run draw, those without an answer not counted."""
        if len(set(self.kinds)) < 2 or not isinstance(self.order, EvenOrder):
            return super()._n_of_steps(n_steps)
        n_epochs, rest = divmod(n_steps, -(-len(self.order) // self.n_of_step))
        drawn = list(self.order.indices_of(n_epochs))[: rest * self.n_of_step]
        return n_epochs * len(self.kinds) + sum(place < len(self.kinds) for place in drawn)

    # The loss.

    def prediction_step(
        self,
        model: Any,
        inputs: dict[str, Any],
        prediction_loss_only: bool,
        ignore_keys: list[str] | None = None,
    ) -> tuple[Any, Any, Any]:
        """Add up the loss of every token of the answers."""
        inputs = self._prepare_inputs(inputs)
        labels = inputs.pop("labels")
        n_tokens = int((labels[:, 1:] != IGNORED).sum())
        with torch.no_grad(), self.compute_loss_context_manager():
            loss = answer_loss(model(**inputs), labels, 1).detach()
        self.look_at_validation(loss, labels)
        if bool(torch.isfinite(loss)):
            self._answer_losses[0] += float(loss)
            self._answer_losses[1] += n_tokens
        return loss / max(n_tokens, 1), None, None

    def _prepare_input(self, data: Any) -> Any:
        """Tensors to the device; the flag of a batch stays a plain value."""
        return data if isinstance(data, bool) else super()._prepare_input(data)

    def _name_layers(self, plugin: Any) -> None:
        """Refused before: a model of this kind is never split."""
        raise NotImplementedError(f"FSDP of chat models, whose batches are told {FLAG}")
