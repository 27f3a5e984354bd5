"""An emotion over the time of a stream, with the points where it turns."""

from collections.abc import Mapping, Sequence
from typing import Any

from affecthub.labels import BASIC7
from affecthub.metrics.turning_points.timeline import Utterance, align, read_utterances
from affecthub.plots.look import (
    FAINT,
    INK,
    SOFT,
    axes_of,
    bare,
    colour_of,
    drawn,
    require_font,
    say_empty,
)


@drawn
def emotion_track(
    utterances: Any,
    predictions: Any = None,
    *,
    names: Sequence[str] | None = None,
    ax: Any = None,
) -> Any:
    """Draw the emotion of every utterance of a clip over time.

    Args:
        utterances: One clip's utterances in the order of the stream: ``{"start_s", "end_s",
            "label"}`` with times in seconds, where "emotion" stands for "label" as in the rows of
            EmoS' streams; or labels alone, one step each. A row with a column ``utterances`` does.
        predictions: The same of a system; drawn as black outlines, a cross where it is another
            label than that of the utterance it overlaps longest.
        names: Names of labels that are numbers, as a ClassLabel has them.
        ax: Where to draw; None makes a figure.

    Returns:
        The Axes. A dotted line marks each turning point, an utterance of another label than the
        one before it. Without utterances the axes say so, with a UserWarning.

    Raises:
        ValueError: An utterance cannot be used; only some have times.
        TypeError: An item is of the wrong kind.

    Source: EmoS, section 4.4 (turning points as changes of the primary emotion).

    Example:
        >>> axes = emotion_track(["joy", "joy", "fear"])
        >>> [text.get_text() for text in axes.get_yticklabels()], axes.get_title()
        (['fear', 'joy'], '3 utterances, 1 turning point')
    """
    read = _read(utterances, names, "utterances")
    answers = _read(predictions, names, "predictions") if predictions is not None else []
    if answers and read and (read[0]["start_s"] is None) != (answers[0]["start_s"] is None):
        raise ValueError(
            "`predictions` has another form than `utterances`: got times on one side alone, "
            "expected them on both or on neither."
        )
    is_timed = bool(read) and read[0]["start_s"] is not None
    wanted, found = _spans(read), _spans(answers)
    order = _order([*wanted, *found])
    ax = axes_of(ax, (8.0, 1.3 + 0.34 * max(2, len(order))))
    if not wanted:
        return say_empty(ax, "utterances")
    require_font(order)
    rows = {label: number for number, label in enumerate(order)}
    for item in wanted:
        if item["label"] is not None:
            ax.barh(
                rows[item["label"]],
                item["end_s"] - item["start_s"],
                left=item["start_s"],
                height=0.72,
                color=colour_of(item["label"]),
                edgecolor="white",
                linewidth=0.8,
                zorder=2,
            )
    turns = _draw_turns(ax, wanted, rows)
    agreed = _draw_predictions(ax, wanted, found, rows)
    ax.set_yticks(range(len(order)), order)
    ax.set_ylim(len(order) - 0.4, -0.6)
    first, last = wanted[0]["start_s"], max(item["end_s"] for item in [*wanted, *found])
    ax.set_xlim(first - 0.005 * (last - first), last + 0.005 * (last - first))
    ax.set_xlabel("time (min:s)" if is_timed else "utterance")
    if is_timed:
        ax.xaxis.set_major_formatter(_clock)
    ax.grid(axis="y", color=FAINT, linewidth=0.8)
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", length=0)
    bare(ax, ("bottom",))
    said = f"{_many(len(wanted), 'utterance')}, {_many(turns, 'turning point')}"
    if found:
        said += f"; predicted right: {agreed} of {len(wanted)}"
    ax.set_title(said)
    return ax


def _draw_turns(ax: Any, utterances: list[Any], rows: dict[str, int]) -> int:
    """A dotted line at each change, drawn from the label before to the label after."""
    n_turns = 0
    for before, after in zip(utterances, utterances[1:], strict=False):
        labels = before["label"], after["label"]
        if None in labels or labels[0] == labels[1]:
            continue
        n_turns += 1
        ax.axvline(after["start_s"], color=SOFT, linestyle=":", linewidth=1, zorder=1)
        levels = sorted(rows[label] for label in labels)
        ax.vlines(after["start_s"], *levels, color=INK, linewidth=1.4, zorder=3)
    return n_turns


def _draw_predictions(ax: Any, wanted: list[Any], found: list[Any], rows: dict[str, int]) -> int:
    """Outlines of what was predicted, crosses where it is wrong; how many utterances are right."""
    for item in found:
        if item["label"] is not None:
            ax.barh(
                rows[item["label"]],
                item["end_s"] - item["start_s"],
                left=item["start_s"],
                height=0.9,
                facecolor="none",
                edgecolor=INK,
                linewidth=1.2,
                zorder=4,
            )
    if not found:
        return 0
    right = 0
    for item, label in zip(wanted, align(found, wanted), strict=True):
        right += label == item["label"]
        if label != item["label"] and label is not None:
            middle = (item["start_s"] + item["end_s"]) / 2
            ax.plot(middle, rows[label], "x", color=INK, markersize=6, zorder=5)
    return right


def _read(value: Any, names: Sequence[str] | None, where: str) -> list[Utterance]:
    """Utterances in the form of the metric, from rows of EmoS too."""
    if isinstance(value, Mapping):
        value = value.get("utterances", value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        value = [_labelled(item, names) for item in value]
    return read_utterances(value, where)


def _labelled(item: Any, names: Sequence[str] | None) -> Any:
    if isinstance(item, Mapping):
        label = item.get("label", item.get("emotion"))
        kept = {key: item[key] for key in ("start_s", "end_s") if key in item}
        return {**kept, "label": _name(label, names)}
    return _name(item, names)


def _name(label: Any, names: Sequence[str] | None) -> Any:
    return names[label] if names is not None and isinstance(label, int) else label


def _spans(utterances: list[Utterance]) -> list[Any]:
    """Utterances with a place on the axis: their times, or one step each."""
    placed: list[Any] = []
    for number, item in enumerate(utterances):
        if item["start_s"] is None:
            placed.append({**item, "start_s": number + 0.5, "end_s": number + 1.5})
        else:
            placed.append(dict(item))
    return sorted(placed, key=lambda item: (item["start_s"], item["end_s"]))


def _order(utterances: list[Any]) -> list[str]:
    """Labels that occur: basic emotions in their order, then others as they come."""
    labels = dict.fromkeys(item["label"] for item in utterances if item["label"] is not None)
    basic = [label for label in BASIC7 if label in labels]
    return [*basic, *(label for label in labels if label not in basic)]


def _clock(seconds: float, _: Any = None) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
