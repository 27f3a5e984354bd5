"""One progress bar per run, with the loss on it, and silence from the libraries around it."""

from transformers.trainer_callback import ProgressCallback


class LossOnBar(ProgressCallback):
    """The usual progress bar, with the newest loss beside it instead of printed lines."""

    def on_log(self, args, state, control, logs=None, **kwargs):
        """Show the loss at the bar's end."""
        if state.is_world_process_zero and self.training_bar is not None and logs:
            shown = {name: logs[name] for name in ("loss", "eval_loss") if name in logs}
            if shown:
                self.training_bar.set_postfix(shown)


def only_our_bars() -> None:
    """Switch off the bars of datasets and transformers in this process, for programs."""
    import datasets
    from transformers.utils import logging

    datasets.disable_progress_bars()
    logging.disable_progress_bar()
