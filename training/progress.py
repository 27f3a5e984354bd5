"""One progress bar per run with the loss on it, in a file lines, and silence of the libraries."""

import sys
from collections.abc import Iterable
from typing import TypeVar

from tqdm.auto import tqdm
from transformers.trainer_callback import ProgressCallback, TrainerCallback

T = TypeVar("T")


# What is shown of an evaluation, and how it is called.
_VALIDATION = {
    "eval_loss": "validation loss",
    "eval_set_f": "set-F",
    "eval_hit_rate": "hit rate",
}


class LossOnBar(ProgressCallback):
    """The usual progress bar, with the newest loss beside it instead of printed lines."""

    def __init__(self) -> None:
        super().__init__()
        self.newest: dict[str, float] = {}

    def on_log(self, args, state, control, logs=None, **kwargs):
        """Show the loss, and the scores of the last evaluation, at the bar's end."""
        if state.is_world_process_zero and self.training_bar is not None and logs:
            shown = {name: logs[name] for name in ("loss", *_VALIDATION) if name in logs}
            if shown:
                self.newest |= shown
                self.training_bar.set_postfix(self.newest)


class LossInLines(TrainerCallback):
    """A line for each epoch, with what the validation clips gave where there are some.

    For log files. Comes after what adds scores to an evaluation.
    """

    def __init__(self) -> None:
        self.loss: float | None = None
        self._told: int | None = None

    def on_log(self, args, state, control, logs=None, **kwargs):
        """Keep the newest loss."""
        self.loss = (logs or {}).get("loss", self.loss)

    def on_evaluate(self, args, state, control, metrics=None, **kwargs):
        """Tell how far the run is and how well it does."""
        scores = [(name, (metrics or {}).get(key)) for key, name in _VALIDATION.items()]
        told = [f", {name} {value:.4f}" for name, value in scores if value is not None]
        if told:
            self._say(state, "".join(told))

    def on_epoch_end(self, args, state, control, **kwargs):
        """Tell how far the run is, unless the evaluation that follows does."""
        if args.eval_strategy != "epoch" and state.global_step != self._told:
            self._say(state, "")

    def _say(self, state, more):
        self._told = state.global_step
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
