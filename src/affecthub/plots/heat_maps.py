"""Tables of shares as shades: what was mistaken for what, and who agrees with whom."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from affecthub.plots.look import axes_of, bare, drawn, ink_on, require_font, say_empty, shades

Floats = NDArray[np.float64]
NO_ANSWER = "(none)"


@drawn
def confusion_matrix(scores: Any, labels: Sequence[str] | None = None, *, ax: Any = None) -> Any:
    """Draw what clips of each label were answered with.

    A shade is the share of the label's clips (a row adds up to 1), the number in it counts clips:
    the darkest row is not the largest one. The last column, drawn where it is not empty, holds
    answers that name no label.

    Args:
        scores: What ``emotion_classification`` returned, or counts of shape ``(label, answer)``
            with as many answers as labels, or one more for answers without a label.
        labels: Names of the labels; only with counts.
        ax: Where to draw; None makes a figure.

    Returns:
        The Axes. Without labels, or without clips, the axes say so, with a UserWarning.

    Raises:
        ValueError: The counts do not fit the labels, or `scores` has no confusion.

    Example:
        >>> axes = confusion_matrix([[3, 1], [0, 2]], ["joy", "fear"])
        >>> [text.get_text() for text in axes.get_yticklabels()]
        ['joy (4)', 'fear (2)']
    """
    table, names = _confusion(scores, labels)
    columns = list(names)
    if table.shape[1] > len(names):
        if table[:, -1].any():
            columns.append(NO_ANSWER)
        else:
            table = table[:, :-1]
    side = 1.8 + 0.52 * len(columns)
    ax = axes_of(ax, (side + 0.9, side - 0.2))
    if not table.sum():
        return say_empty(ax, "clips")
    require_font(columns)
    totals = table.sum(axis=1, keepdims=True)
    shares = np.divide(table, totals, out=np.full(table.shape, np.nan), where=totals > 0)
    texts = [[f"{count:g}" if count else "" for count in row] for row in table]
    rows = [f"{name} ({n:g})" for name, n in zip(names, totals[:, 0], strict=True)]
    _shade(ax, shares, texts, rows, columns, "share of the label's clips")
    ax.set_xlabel("answer")
    ax.set_ylabel("label (clips)")
    return ax


@drawn
def agreement_map(
    scores: Mapping[str, Any], annotators: Sequence[str] | None = None, *, ax: Any = None
) -> Any:
    """Draw how far every two annotators agree.

    Args:
        scores: What ``label_agreement`` returned for labels or sets of labels.
        annotators: Their names; None numbers them from 1.
        ax: Where to draw; None makes a figure.

    Returns:
        The Axes: mean overlap (Jaccard) of the labels that two annotators gave the same clips, 0 to
        1; of single labels that is the share of clips with the same label. A grey cell marks two
        who share no clip. Chance is not taken out, so the title has the coefficient of all: where
        one label is frequent, high overlap means little. Without annotators the axes say so, with
        a UserWarning.

    Raises:
        ValueError: `scores` has no overlaps (votes were numbers, or it is another metric's), or
            the names are too few or too many.

    Example:
        >>> from affecthub.metrics.label_agreement.scores import label_agreement
        >>> axes = agreement_map(label_agreement([["joy", "joy"], ["joy", "fear"]]), ["Ann", "Bo"])
        >>> [text.get_text() for text in axes.texts]
        ['1.00', '0.50', '0.50', '1.00']
    """
    overlaps = _field(scores, "pairwise_jaccard", "label_agreement")
    if overlaps is None:
        raise ValueError(
            "`scores` has no overlaps: got pairwise_jaccard None, as for votes that are numbers, "
            "expected labels or sets of labels. Read krippendorff_alpha instead."
        )
    table = np.array(overlaps, dtype=np.float64).reshape(len(overlaps), len(overlaps))
    names = list(annotators or map(str, range(1, len(table) + 1)))
    if len(names) != len(table):
        raise ValueError(
            f"`annotators` does not fit: got {len(names)} names for {len(table)} annotators, "
            "expected one each, in the order of the votes."
        )
    side = 1.8 + 0.55 * len(names)
    ax = axes_of(ax, (side + 0.9, side - 0.2))
    if not len(table):
        return say_empty(ax, "annotators")
    require_font(names)
    texts = [["–" if np.isnan(value) else f"{value:.2f}" for value in row] for row in table]
    _shade(ax, table, texts, names, names, "overlap of labels (Jaccard)")
    kappa = scores.get("fleiss_kappa")
    ax.set_title(
        f"overlap {scores.get('jaccard', np.nan):.2f}"
        + (f", Fleiss' kappa {kappa:.2f}" if kappa is not None else "")
    )
    ax.set_ylabel("annotator")
    return ax


def _confusion(scores: Any, labels: Sequence[str] | None) -> tuple[Floats, list[str]]:
    """Counts and names, out of a metric's result or as they were given."""
    if isinstance(scores, Mapping):
        if labels is not None:
            raise ValueError(
                "`labels` stands in `scores` already: got both, expected labels only with counts. "
                "Leave `labels` out."
            )
        labels = _field(scores, "labels", "emotion_classification")
        scores = _field(scores, "confusion", "emotion_classification")
    names = list(labels or [])
    table = np.array(scores, dtype=np.float64)
    if not table.size:
        table = table.reshape(len(names), len(names))
    fits = table.ndim == 2 and table.shape[0] == len(names)
    if not fits or table.shape[1] - len(names) not in (0, 1):
        raise ValueError(
            f"`scores` does not fit `labels`: got counts of shape {table.shape} for {len(names)} "
            "labels, expected a row per label and a column per label, or one more for answers "
            "without a label."
        )
    return table, names


def _field(scores: Mapping[str, Any], name: str, metric: str) -> Any:
    if not isinstance(scores, Mapping) or name not in scores:
        found = ", ".join(map(str, scores)) if isinstance(scores, Mapping) else type(scores)
        raise ValueError(
            f"`scores` has no {name!r}: got {found}, expected what the metric {metric} returns."
        )
    return scores[name]


def _shade(
    ax: Any,
    shares: Floats,
    texts: list[list[str]],
    rows: Sequence[str],
    columns: Sequence[str],
    meaning: str,
) -> None:
    """Draw a table of shares, a text in each cell, and what the shades mean."""
    image = ax.imshow(shares, cmap=shades(), vmin=0, vmax=1)
    for (i, j), share in np.ndenumerate(shares):
        if texts[i][j]:
            ax.text(j, i, texts[i][j], ha="center", va="center", color=ink_on(share), fontsize=9)
    ax.set_xticks(range(len(columns)), columns, rotation=40, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(rows)), rows)
    # White lines between the cells.
    ax.set_xticks(np.arange(0.5, len(columns) - 1), minor=True)
    ax.set_yticks(np.arange(0.5, len(rows) - 1), minor=True)
    ax.grid(which="minor", color="white", linewidth=1.5)
    ax.tick_params(which="both", length=0)
    bare(ax, ())
    beside = ax.inset_axes((1.04, 0.1, 0.045, 0.8))  # as tall as the table, wherever it is drawn
    bar = ax.figure.colorbar(image, cax=beside, ticks=[0, 0.5, 1])
    bar.set_label(meaning)
    bar.outline.set_visible(False)
