"""Labels on an emotion wheel."""

from collections import Counter
from collections.abc import Iterable
from math import pi, radians
from os import PathLike
from typing import Any

from affecthub.metrics.lexicon.emotion_lexicon import Lexicon
from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.parsing import parse_labels
from affecthub.metrics.wheels.geometry import Arc, OnWheel, arcs, count_on, wheel_of
from affecthub.plots.look import FAINT, GREY, INK, SOFT, axes_of, colour_of, drawn, say_empty

# Radii: the disc of neutral, the ring of core emotions, the bars of their sectors, the names.
_DISC, _RING, _FOOT, _TOP, _NAMES = 0.9, 1.0, 2.2, 4.4, 4.5


@drawn
def emotion_wheel(
    labels: Iterable[Any],
    references: Iterable[Any] | None = None,
    *,
    wheel: str | int = 0,
    lexicon: Lexicon | str | PathLike[str] | None = None,
    ax: Any = None,
) -> Any:
    """Draw how often labels fall into each sector of an emotion wheel.

    Args:
        labels: One list of labels, text that holds them, or None per clip, as ``set_f`` takes.
        references: The same, drawn as black outlines over the bars.
        wheel: Its name or number in the lexicon.
        lexicon: As in ``set_f``; None is the built-in one.
        ax: Where to draw, of polar projection; None makes a figure.

    Returns:
        The Axes. A bar outside of the ring is as long as labels of that sector are frequent (the
        longest bar fills the space, the title says how many labels that is), the disc in the
        middle counts neutral. Labels that have no place on the wheel are counted in the title, not
        dropped. Without labels the axes say so, with a UserWarning.

    Raises:
        ValueError: There is no such wheel, or `ax` is not polar.
        TypeError: An item is neither text nor list.

    Example:
        >>> axes = emotion_wheel([["happy", "proud"], "[furious]", None])
        >>> axes.get_title()
        'feeling wheel: 3 labels, longest bar 1'
    """
    tables = load_lexicon(lexicon)
    shown = wheel_of(tables, wheel)
    counted = count_on(shown, _flat(labels, tables), tables)
    expected = None if references is None else count_on(shown, _flat(references, tables), tables)
    ax = axes_of(ax, (7.2, 7.2), is_polar=True)
    if not counted.n_labels and not (expected and expected.n_labels):
        return say_empty(ax, "labels")
    ax.set_theta_zero_location("N")
    ax.set_theta_direction(-1)
    ax.set_axis_off()
    sectors = arcs(shown)
    longest = max(
        n
        for side in (counted, expected or counted)
        for n in [1, *(n for (core, _), n in side.counts.items() if core != shown.neutral)]
    )
    for radius in (_FOOT, (_FOOT + _TOP) / 2, _TOP):
        ax.plot([i * pi / 90 for i in range(181)], [radius] * 181, color=FAINT, linewidth=0.8)
    for arc in sectors:
        if arc.is_neutral:
            _draw_neutral(ax, arc, counted, expected)
        elif arc.group is None:
            _draw_core(ax, arc)
        else:
            _draw_sector(ax, arc, counted, expected, longest)
    ax.set_ylim(0, _NAMES + 1.25)
    ax.set_title(_title(shown.name, counted, expected, longest))
    return ax


def _flat(clips: Iterable[Any], lexicon: Lexicon) -> list[str]:
    if isinstance(clips, str):
        raise TypeError(
            f"`labels` is not a list of clips: got {clips!r}, expected one list of labels or text "
            "per clip. Wrap a single clip in a list."
        )
    return [label for clip in clips for label in parse_labels(clip, lexicon.style)]


def _draw_core(ax: Any, arc: Arc) -> None:
    """The core emotion's stretch of the ring, with its name along it."""
    colour = colour_of(arc.core)
    width = radians(arc.end_deg - arc.start_deg)
    ax.bar(
        radians(arc.middle_deg),
        _FOOT - _RING - 0.06,
        width,
        bottom=_RING,
        color=colour,
        edgecolor="white",
        linewidth=1.5,
    )
    # A name runs along the ring where there is room for it, else across; never upside down.
    radius = (_RING + _FOOT) / 2
    is_along = width * radius > 0.15 * len(arc.core)
    if is_along:
        turn = -arc.middle_deg + (180 if 90 < arc.middle_deg < 270 else 0)
    else:
        turn = 90 - arc.middle_deg + (180 if arc.middle_deg > 180 else 0)
    ax.text(
        radians(arc.middle_deg),
        radius,
        arc.core,
        rotation=turn,
        ha="center",
        va="center",
        fontsize=9 if is_along else 7,
        color="white" if _is_dark(colour) else INK,
    )


def _draw_sector(
    ax: Any, arc: Arc, counted: OnWheel, expected: OnWheel | None, longest: int
) -> None:
    """The bars of a sector of the middle ring, and its name outside of them."""
    place = arc.core, str(arc.group)
    angle, width = radians(arc.middle_deg), radians(arc.end_deg - arc.start_deg)
    height = (_TOP - _FOOT) * counted.counts[place] / longest
    ax.bar(
        angle,
        height,
        width,
        bottom=_FOOT,
        color=colour_of(arc.core),
        edgecolor="white",
        linewidth=0.8,
        zorder=2,
    )
    in_reference = expected.counts[place] if expected else 0
    if in_reference:
        ax.bar(
            angle,
            (_TOP - _FOOT) * in_reference / longest,
            width * 0.9,
            bottom=_FOOT,
            facecolor="none",
            edgecolor=INK,
            linewidth=1.3,
            zorder=3,
        )
    is_left = arc.middle_deg > 180
    is_there = counted.counts[place] or in_reference
    ax.text(
        angle,
        _NAMES,
        str(arc.group),
        rotation=(270 if is_left else 90) - arc.middle_deg,
        rotation_mode="anchor",
        ha="right" if is_left else "left",
        va="center",
        fontsize=8,
        color=INK if is_there else GREY,
    )


def _draw_neutral(ax: Any, arc: Arc, counted: OnWheel, expected: OnWheel | None) -> None:
    """The disc in the middle, with how often neutral was said."""

    def of(side: OnWheel) -> int:
        return sum(n for (core, _), n in side.counts.items() if core == arc.core)

    ax.bar(0, _DISC, 2 * pi, color=FAINT, linewidth=0)
    text = f"{arc.core}\n{of(counted)}"
    if expected is not None:
        text += f" | {of(expected)}"
    ax.text(0, 0, text, ha="center", va="center", fontsize=8, color=INK if of(counted) else SOFT)


def _title(name: str, counted: OnWheel, expected: OnWheel | None, longest: int) -> str:
    def of(side: OnWheel) -> str:
        n = side.n_labels
        said = f"{n:,} label{'' if n == 1 else 's'}"
        lost: Counter[str] = side.unplaced
        return said + (f" ({lost.total():,} not on it)" if lost else "")

    text = f"{name}: {of(counted)}"
    if expected is not None:
        text += f"; outlined: {of(expected)}"
    return f"{text}, longest bar {longest:,}"


def _is_dark(colour: str) -> bool:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue < 140
