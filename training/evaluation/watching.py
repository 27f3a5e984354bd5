"""What a Trainer does about clips that go wrong: a loss that is no number ends the run by name."""

import warnings
from typing import Any

import torch
from accelerate.utils import gather_object

from affecthub.training.evaluation.readable import BROKEN, CLIPS, BrokenClips

_SHOWN = 20


class NonFiniteLossError(ValueError):
    """The loss is NaN or infinite; says at which step and on which clips."""


class WatchesClips:
    """A mixin for a Trainer whose batches come from `readable.Collator`.

    - A training loss that is NaN or infinite raises `NonFiniteLossError` in every process, before
      the optimiser's step, so that no weight and no checkpoint is spoiled by it.
    - A validation loss that is none is named in a warning; the Trainer leaves it out of the mean.
    - Clips that could not be read are noted in `broken`, where that is set.

    With several processes they agree once per step of the optimiser, by one number.
    """

    accelerator: Any
    state: Any
    broken: BrokenClips | None = None
    _clips: tuple[str, ...] = ()
    _bad: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def _prepare_inputs(self, inputs: Any) -> Any:
        """Take the names out of a batch before it goes to the model."""
        if CLIPS in inputs:
            self._clips = tuple(inputs.pop(CLIPS))
            broken = inputs.pop(BROKEN, {})
            if broken and self.broken is not None:
                self.broken.note(broken)
            self._clips = tuple(each for each in self._clips if each not in broken)
        return super()._prepare_inputs(inputs)  # type: ignore[misc]

    def _get_num_items_in_batch(self, batch_samples: Any, device: Any) -> Any:
        """Count the answers' tokens; a step without any has a loss of 0 and not of 0 / 0."""
        counted = super()._get_num_items_in_batch(batch_samples, device)  # type: ignore[misc]
        return counted.clamp(min=1) if isinstance(counted, torch.Tensor) else counted

    def training_step(self, model: Any, inputs: Any, num_items_in_batch: Any = None) -> Any:
        """Train on a batch and look at its loss."""
        loss = super().training_step(model, inputs, num_items_in_batch)  # type: ignore[misc]
        if not bool(torch.isfinite(loss).all()):
            self._bad += ((f"{loss.mean().item():g}", self._clips),)
        if self.accelerator.sync_gradients or self.accelerator.num_processes == 1:
            self._stop_where_bad()
        return loss

    def prediction_step(self, model: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Evaluate a batch and look at its loss."""
        labels = inputs.get("labels")
        found = super().prediction_step(model, inputs, *args, **kwargs)  # type: ignore[misc]
        self.look_at_validation(found[0], labels)
        return found

    def look_at_validation(self, loss: Any, labels: Any) -> None:
        """Warn of a validation loss that is no number."""
        labelled = labels is not None and bool((labels != -100).any())
        if loss is not None and labelled and not bool(torch.isfinite(loss).all()):
            warnings.warn(
                f"the validation loss is {loss.mean().item():g} on clips {_named(self._clips)}: "
                "it is left out of the mean.",
                stacklevel=2,
            )

    def _stop_where_bad(self) -> None:
        bad = self._bad
        if self.accelerator.num_processes > 1:
            flag = torch.tensor(float(bool(bad)), device=self.accelerator.device)
            if not float(self.accelerator.reduce(flag, reduction="sum")):
                return
            bad = tuple(gather_object(list(bad)))
        if not bad:
            return
        clips = [clip_id for _, each in bad for clip_id in each]
        raise NonFiniteLossError(
            f"the loss is {bad[0][0]} at step {self.state.global_step + 1} on clips "
            f"{_named(clips)}: expected a finite number. No weight was changed by it and the last "
            "checkpoint is sound. Look at these clips, or train with a lower "
            "trainer.learning_rate, with trainer.max_grad_norm=1, or in bf16 instead of fp16."
        )


def _named(clips: Any) -> str:
    shown = ", ".join(map(repr, list(clips)[:_SHOWN]))
    more = len(clips) - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown or "that are not known"
