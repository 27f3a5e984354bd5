"""The one look of every picture: colours, fonts, and axes to draw on.

Importing it does not import matplotlib, so that an SVG may take its colours from here.
"""

import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import cache, wraps
from typing import Any, ParamSpec

from affecthub.errors import require
from affecthub.metrics.lexicon.loading import load_lexicon

P = ParamSpec("P")

INK = "#222222"
SOFT = "#767676"
FAINT = "#DDDDDD"
GREY = "#999999"
# Colours that people with any kind of colour blindness can tell apart.
# Source: Okabe and Ito (2002), "Color Universal Design".
SERIES = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
# A hue for each core emotion of the intensity wheel; a tint of green for trust.
_OF_CORE = {
    "anger": "#D55E00",
    "anticipation": "#F0E442",
    "disgust": "#009E73",
    "fear": "#CC79A7",
    "joy": "#E69F00",
    "neutral": GREY,
    "sadness": "#0072B2",
    "surprise": "#56B4E9",
    "trust": "#8CD1BE",
}
_COLOUR_WHEEL = "intensity wheel"
# One blue from white to nearly black: its lightness falls evenly, so it prints in grey.
_SHADES = ("#FFFFFF", "#DCE9F3", "#AECDE3", "#74A9CF", "#3683B8", "#12598F", "#08305A")
_FONT = "DejaVu Sans"  # comes with matplotlib
# Families with Chinese characters, and how their files are called.
_CHINESE_FONTS = {
    "Noto Sans CJK SC": "NotoSansCJK-Regular",
    "Noto Sans CJK JP": "NotoSansCJK-Regular",
    "Source Han Sans SC": "SourceHanSans",
    "WenQuanYi Zen Hei": "wqy-zenhei",
    "WenQuanYi Micro Hei": "wqy-microhei",
    "Microsoft YaHei": "msyh",
    "SimHei": "simhei",
    "PingFang SC": "PingFang",
    "Heiti SC": "STHeiti",
    "Arial Unicode MS": "Arial Unicode",
}


@cache
def colour_of(emotion: str) -> str:
    """The colour of an emotion word, as ``#RRGGBB``; grey where the word is not known.

    Words of one core emotion share its colour, so the name has to stand beside it.

    Example:
        >>> colour_of("anger") == colour_of("furious"), colour_of("joy")
        (True, '#E69F00')
    """
    lexicon = load_lexicon()
    number = [wheel.name for wheel in lexicon.wheels].index(_COLOUR_WHEEL)
    return _OF_CORE.get(lexicon.sectors(emotion)[number] or "", GREY)


def shades() -> Any:
    """The map from 0 (white) to 1 (dark blue), as a matplotlib colour map; nothing is grey."""
    from matplotlib.colors import LinearSegmentedColormap

    colours = LinearSegmentedColormap.from_list("affecthub", _SHADES)
    return colours.with_extremes(bad="#EEEEEE")


def ink_on(share: float) -> str:
    """The colour of a number that stands on a shade."""
    return "white" if share > 0.64 else INK


@cache
def chinese_font() -> str | None:
    """A font with Chinese characters that is installed here, or None.

    matplotlib keeps a list of fonts from when it first ran, and so misses what was installed since;
    therefore the disk is looked at, too.
    """
    fonts = require("matplotlib.font_manager", "plots", "draw pictures")
    known = {font.name for font in fonts.fontManager.ttflist}
    if known.isdisjoint(_CHINESE_FONTS):
        for path in sorted(fonts.findSystemFonts()):
            if any(file in path for file in _CHINESE_FONTS.values()):
                fonts.fontManager.addfont(path)
        known = {font.name for font in fonts.fontManager.ttflist}
    return next((name for name in _CHINESE_FONTS if name in known), None)


def require_font(texts: Iterable[str]) -> None:
    """Warn where a text is Chinese and no font here can show it."""
    chinese = next((text for text in texts if any("一" <= sign <= "鿿" for sign in text)), None)
    if chinese and chinese_font() is None:
        warnings.warn(
            f"{chinese!r} is drawn as empty boxes: matplotlib found no font with Chinese "
            f"characters, expected one of {', '.join(_CHINESE_FONTS)} or the like. Install "
            "one (Debian: fonts-noto-cjk) and start Python anew.",
            UserWarning,
            stacklevel=4,
        )


def drawn(draw: Callable[P, Any]) -> Callable[P, Any]:
    """Have a function draw in the one look, whatever matplotlib's settings are, and leave them."""

    @wraps(draw)
    def in_our_look(*arguments: P.args, **options: P.kwargs) -> Any:
        settings = require("matplotlib", "plots", "draw pictures").rcParams
        # Not `rc_context`: the first figure of a notebook sets up how figures are shown, among the
        # settings, and that would be undone with ours.
        before = {name: settings[name] for name in _settings()}
        try:
            settings.update(_settings())
            ax = draw(*arguments, **options)
            # Ticks are made when a figure is shown, so they have to be told, too.
            ax.tick_params(labelfontfamily=_families(), labelcolor=INK, color=SOFT)
        finally:
            settings.update(before)
        return ax

    return in_our_look


def axes_of(ax: Any, size: tuple[float, float], *, is_polar: bool = False) -> Any:
    """The axes given, or those of a new figure.

    Args:
        ax: What a caller gave; None for a new figure, which a notebook shows by itself.
        size: Width and height of a new figure, in inches.
        is_polar: Whether the picture is a wheel.

    Raises:
        TypeError: `ax` is no Axes.
        ValueError: `ax` is of the other projection.
    """
    from matplotlib import pyplot
    from matplotlib.axes import Axes

    kind = "polar" if is_polar else "rectilinear"
    if ax is None:
        figure = pyplot.figure(figsize=size, layout="constrained")
        return figure.add_subplot(projection=kind)
    if not isinstance(ax, Axes):
        raise TypeError(
            f"`ax` is no Axes: got {type(ax).__name__}, expected one of matplotlib's, such as "
            "`plt.subplots()` returns second. Leave it out for a new figure."
        )
    if ax.name != kind:
        raise ValueError(
            f"`ax` has another projection: got {ax.name}, expected {kind}. Make it by "
            f'`plt.subplots(subplot_kw={{"projection": "{kind}"}})`.'
        )
    return ax


def bare(ax: Any, keep: Sequence[str] = ("left", "bottom")) -> None:
    """Take the frame away but for some sides."""
    for side, spine in ax.spines.items():
        spine.set_visible(side in keep)
        spine.set_color(SOFT)


def say_empty(ax: Any, what: str) -> Any:
    """Write on the axes that there is nothing, and warn of it."""
    warnings.warn(f"the picture is empty: there are no {what}.", UserWarning, stacklevel=4)
    ax.set_axis_off()
    ax.text(0.5, 0.5, f"no {what}", transform=ax.transAxes, ha="center", va="center", color=SOFT)
    return ax


def _families() -> list[str]:
    found = chinese_font()
    return [_FONT, found] if found else [_FONT]


def _settings() -> dict[str, Any]:
    return {
        "font.family": _families(),
        "font.size": 10,
        "axes.titlesize": 11,
        "axes.titlelocation": "center",
        "axes.labelsize": 10,
        "axes.labelcolor": INK,
        "axes.edgecolor": SOFT,
        "axes.linewidth": 0.8,
        "axes.facecolor": "white",
        "axes.grid": False,
        "axes.unicode_minus": False,
        "figure.facecolor": "white",
        "figure.dpi": 100,
        "text.color": INK,
        "text.usetex": False,
        "xtick.labelsize": 9,
        "ytick.labelsize": 9,
        "legend.fontsize": 9,
        "legend.frameon": False,
        "lines.linewidth": 1.8,
        "hatch.linewidth": 0.6,
    }
