"""How often each label occurs, split beside split."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from affecthub.errors import unknown_name
from affecthub.plots.look import FAINT, SERIES, axes_of, bare, drawn, require_font, say_empty

NO_LABEL = "(no label)"


@drawn
def label_distribution(
    rows: Any,
    label: str = "emotion",
    *,
    as_share: bool = True,
    n_most: int = 30,
    ax: Any = None,
) -> Any:
    """Draw how often each label occurs, a bar for each split.

    Args:
        rows: A ``DatasetDict``, a ``Dataset``, a mapping from split to labels, or a list of labels.
            A label may be a list of labels, which all count.
        label: Column of a dataset: ClassLabel, text, or a list of either.
        as_share: Bars are per cent of the split's clips, so that splits of any size compare; else
            numbers of clips. Of lists of labels the shares add up to more than 100 %.
        n_most: Labels drawn at most, the most frequent ones; the axis says how many are not.
        ax: Where to draw; None makes a figure.

    Returns:
        The Axes. ClassLabels stand in their own order, others by how often they occur; clips
        without a label are a bar of their own, never left out. Without clips the axes say so, with
        a UserWarning.

    Raises:
        ValueError: There is no such column; close ones are listed.
        TypeError: `rows` is none of the above.

    Example:
        >>> axes = label_distribution({"train": ["joy", "joy", "fear"], "test": ["joy", None]})
        >>> [text.get_text() for text in axes.get_yticklabels()]
        ['joy', 'fear', '(no label)']
    """
    splits, order = _read(rows, label)
    counts = {split: _count(labels) for split, labels in splits.items()}
    n_clips = {split: len(labels) for split, labels in splits.items()}
    total: Counter[str] = sum(counts.values(), Counter())
    named = order or sorted(set(total) - {NO_LABEL}, key=lambda name: (-total[name], name))
    shown = sorted(sorted(named, key=lambda name: -total[name])[:n_most], key=named.index)
    n_left_out = len(named) - len(shown)
    shown += [NO_LABEL] * (NO_LABEL in total)
    splits_drawn = [split for split in counts if n_clips[split]]
    height = 1.1 + len(shown) * max(0.28, 0.15 * len(splits_drawn))
    ax = axes_of(ax, (6.4, min(12.0, max(2.2, height))))
    if not splits_drawn:
        return say_empty(ax, "clips")
    require_font(shown)
    thickness = 0.8 / len(splits_drawn)
    for number, split in enumerate(splits_drawn):
        places = [i - 0.4 + (number + 0.5) * thickness for i in range(len(shown))]
        unit = 100 / n_clips[split] if as_share else 1
        bars = ax.barh(
            places,
            [counts[split][name] * unit for name in shown],
            height=thickness * 0.92,
            color=SERIES[number % len(SERIES)],
            label=f"{split} ({n_clips[split]:,})" if split else f"{n_clips[split]:,} clips",
        )
        if NO_LABEL in shown:
            bars[-1].set(hatch="////", alpha=0.5)
    ax.set_yticks(range(len(shown)), shown)
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.set_xlabel("clips of the split (%)" if as_share else "clips")
    ax.locator_params(axis="x", integer=True)
    if n_left_out:
        ax.set_ylabel(f"{n_left_out} more labels, none more frequent")
    ax.grid(axis="x", color=FAINT, linewidth=0.8)
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", length=0)
    bare(ax, ("left",))
    if len(splits_drawn) > 1 or splits_drawn[0]:
        ax.legend(
            loc="lower left", bbox_to_anchor=(0, 1), ncols=4, borderaxespad=0.2, handlelength=1
        )
    return ax


def _read(rows: Any, label: str) -> tuple[dict[str, list[Any]], list[str]]:
    """The labels of every split, and their order where the column has one."""
    if isinstance(rows, str) or not isinstance(rows, Mapping | Iterable):
        raise TypeError(
            f"`rows` cannot be read: got {type(rows).__name__}, expected a Dataset, a DatasetDict, "
            "a mapping from split to labels, or a list of labels."
        )
    parts = dict(rows) if isinstance(rows, Mapping) else {"": rows}
    splits: dict[str, list[Any]] = {}
    order: list[str] = []
    for split, part in parts.items():
        if isinstance(part, str) or not isinstance(part, Iterable):
            raise TypeError(
                f"`rows[{split!r}]` is no list of labels: got {type(part).__name__}, expected a "
                "Dataset or a list. Give a single row's labels as a list."
            )
        splits[str(split)], names = _labels(part, label)
        order = order or names
    return splits, order


def _labels(part: Any, label: str) -> tuple[list[Any], list[str]]:
    """The labels of a dataset's column by name, or those of a list."""
    if not hasattr(part, "column_names"):
        return list(part), []
    if label not in part.column_names:
        raise unknown_name("column", label, part.column_names)
    feature = part.features[label] if part.features else None
    inner = getattr(feature, "feature", feature)
    names = list(getattr(inner, "names", None) or [])
    values = list(part.select_columns([label])[label])
    return [_named(value, names) for value in values], names


def _named(value: Any, names: list[str]) -> Any:
    if isinstance(value, list):
        return [_named(one, names) for one in value]
    return names[value] if names and isinstance(value, int) and value >= 0 else value


def _count(labels: list[Any]) -> Counter[str]:
    """Labels of all clips; a clip's list counts each of its labels once."""
    counts: Counter[str] = Counter()
    for value in labels:
        found = value if isinstance(value, list | tuple | set) else [value]
        found = {str(one) for one in found if one not in (None, "", -1) and one == one}
        counts.update(found or {NO_LABEL})
    return counts
