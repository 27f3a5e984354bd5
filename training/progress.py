"""One progress bar per run with the loss on it, in a file lines, and silence of the libraries."""

import sys
from collections.abc import Iterable
from typing import TypeVar

from tqdm.auto import tqdm
from transformers.trainer_callback import ProgressCallback, TrainerCallback

T = TypeVar("T")


class LossOnBar(ProgressCallback):
    """The usual progress bar, with the newest loss beside it instead of printed lines."""

    def on_log(self, args, state, control, logs=None, **kwargs):
        """Show the loss at the bar's end."""
        if state.is_world_process_zero and self.training_bar is not None and logs:
            shown = {name: logs[name] for name in ("loss", "eval_loss") if name in logs}
            if shown:
                self.training_bar.set_postfix(shown)


class LossInLines(TrainerCallback):
    """A line for each epoch, with the validation clips' loss where there is one: for log files."""

    def __init__(self) -> None:
        self.loss: float | None = None

    def on_log(self, args, state, control, logs=None, **kwargs):
        """Keep the newest loss; tell that of the validation clips."""
        self.loss = (logs or {}).get("loss", self.loss)
        if logs and "eval_loss" in logs:
            self._say(state, f", validation loss {logs['eval_loss']:.4f}")

    def on_epoch_end(self, args, state, control, **kwargs):
        """Tell how far the run is, unless the evaluation that follows does."""
        if args.eval_strategy != "epoch":
            self._say(state, "")

    def _say(self, state, more):
        if state.is_world_process_zero:
            loss = "" if self.loss is None else f", loss {self.loss:.4f}"
            where = f"epoch {state.epoch:.4g} of {state.num_train_epochs}, step {state.global_step}"
            print(f"{where}{loss}{more}", file=sys.stderr, flush=True)


def loss_shown() -> TrainerCallback:
    """What shows the loss: a bar on a terminal, lines elsewhere."""
    return LossOnBar() if sys.stderr.isatty() else LossInLines()


def bar(items: Iterable[T], what: str, *, shown: bool) -> Iterable[T]:
    """Items as they are, under a bar on a terminal and without one elsewhere."""
    return tqdm(items, desc=what, disable=not (shown and sys.stderr.isatty()))


def only_our_bars() -> None:
    """Switch off the bars of datasets and transformers in this process, for programs."""
    import datasets
    from transformers.utils import logging

    datasets.disable_progress_bars()
    logging.disable_progress_bar()
