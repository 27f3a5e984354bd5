"""The report's figures as pictures in the page: what was mistaken for what, and how it learned."""

import base64
import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from affecthub.metrics.answers.confusion import INVALID, Confusion
from affecthub.training.answer_scores import label_names, labels_said
from affecthub.training.experiment import Run

UNPARSED = "(none)"

# Line by line: what a run's log holds, its name, how it is drawn.
_LOSSES = (("loss", "training", "-", "C0"), ("eval_loss", "validation", "o-", "C1"))
_SCORES = (("eval_set_f", "set-F", "o-", "C2"), ("eval_hit_rate", "hit rate", "o--", "C3"))


def confusion_figure(runs: Sequence[Run]) -> str:
    """Draw label against answer as shares of each label's clips, over all runs together."""
    names = runs[0].test.features[runs[0].recipe.label].names
    counts = np.sum([confusion_counts(run) for run in runs], axis=0)
    columns = [*names, UNPARSED]
    if not counts[:, -1].any():
        columns, counts = list(names), counts[:, :-1]
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)

    figure, axes = _figure(5.4, 4.6)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(columns)), columns, rotation=40, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("answer")
    axes.set_ylabel("label")
    for (i, j), count in np.ndenumerate(counts):
        if count:
            axes.text(
                j,
                i,
                count,
                ha="center",
                va="center",
                color="white" if shares[i, j] > 0.5 else "#333",
            )
    return _svg(figure)


def confusion_counts(run: Run) -> np.ndarray:
    """How often each label was answered by each; the last column counts answers without one.

    Returns:
        Integers, shape ``(labels, labels + 1)``.
    """
    names = run.test.features[run.recipe.label].names
    place = {name: number for number, name in enumerate(names)}
    labels = label_names(run.test, run.recipe)
    said = labels_said(run.answers, run.test, run.recipe)
    scored = [i for i, label in enumerate(labels) if label is not None]
    reference = [place[str(labels[i])] for i in scored]
    predicted = [INVALID if said[i] is None else place[str(said[i])] for i in scored]
    counts: np.ndarray = Confusion.of(reference, predicted, n_classes=len(names)).counts
    return counts


def loss_figure(runs: Sequence[Run]) -> str:
    """Draw the loss on the training and validation clips over the epochs, a line for each run."""
    figure, axes = _curves(runs, _LOSSES)
    axes.set_ylabel("loss (nats per answer token)")
    return _svg(figure)


def score_figure(runs: Sequence[Run]) -> str | None:
    """Draw set-F and hit rate of validation clips over the epochs, and where weights were kept.

    Returns:
        None where no clip was answered while training.
    """
    if not any("eval_set_f" in entry for run in runs for entry in run.losses):
        return None
    figure, axes = _curves(runs, _SCORES)
    axes.set_ylabel("on validation clips (%)")
    for number, run in enumerate(runs):
        best = run.record.get("best") or {}
        epochs = [entry["epoch"] for entry in run.losses if entry.get("step") == best.get("step")]
        for epoch in epochs[:1]:
            axes.axvline(
                epoch,
                color="0.5",
                linestyle=":",
                alpha=1 if number == 0 else 0.4,
                label="weights kept" if number == 0 else None,
            )
    axes.legend(frameon=False)
    return _svg(figure)


def _curves(runs: Sequence[Run], lines: Sequence[tuple[str, str, str, str]]) -> tuple[Any, Any]:
    """Draw what was logged over the epochs; the first run's lines are the dark ones."""
    figure, axes = _figure(5.4, 4.6)
    for key, name, style, colour in lines:
        scale = 100 if lines is _SCORES else 1
        for number, run in enumerate(runs):
            points = [(entry["epoch"], scale * entry[key]) for entry in run.losses if key in entry]
            if points:
                axes.plot(
                    *zip(*points, strict=True),
                    style,
                    color=colour,
                    alpha=1 if number == 0 else 0.4,
                    label=name if number == 0 else None,
                    markersize=4,
                )
    axes.set_xlabel("epoch")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _figure(width: float, height: float):
    """Make a figure without touching pyplot's global state."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def _svg(figure: Any) -> str:
    buffer = io.StringIO()
    # No date, so that the same run writes the same file.
    figure.savefig(buffer, format="svg", metadata={"Date": None}, transparent=True)
    text = buffer.getvalue()
    return data_uri("image/svg+xml", text[text.index("<svg") :].encode())


def data_uri(kind: str, content: bytes) -> str:
    """Content as an address that holds it, so that a page fetches nothing."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
