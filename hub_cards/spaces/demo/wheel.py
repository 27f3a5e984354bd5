"""Labels on an emotion wheel, as an SVG that a screen reader can tell of, too."""

from collections.abc import Sequence
from html import escape
from math import cos, radians, sin

from affecthub.hub_cards.spaces.demo.labels import word_in
from affecthub.hub_cards.spaces.demo.words import say
from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.wheels.geometry import Arc, OnWheel, arcs, count_on, wheel_of
from affecthub.plots.look import colour_of

# Of the picture, whose middle is 0, 0: the neutral disc, the ring of cores, that of their sectors.
_DISC, _CORE, _RIM, _HALF = 46.0, 118.0, 152.0, 240.0
_GAP = 4.0


def wheel_svg(labels: Sequence[str], language: str = "en", wheel: str | int = 0) -> str:
    """Draw where labels stand on a wheel of the built-in lexicon.

    A sector with labels is filled, outlined and named in bold, so that colour alone tells nothing.

    Args:
        labels: Of one answer; none draws the empty wheel.
        language: ``"en"`` or ``"zh"``; of the words on the wheel.
        wheel: Its name or number.

    Returns:
        An ``svg`` element with a title and a description.

    Raises:
        ValueError: There is no such wheel.
    """
    lexicon = load_lexicon()
    shown = wheel_of(lexicon, wheel)
    found = count_on(shown, labels, lexicon)
    lit = {core for core, _ in found.counts}
    # What is lit is drawn last, on top.
    order = sorted(arcs(shown), key=lambda arc: (arc.core in lit, arc.group is not None))
    parts = [
        _core(arc, language, arc.core in lit)
        if arc.group is None
        else _sector(arc, language, found)
        for arc in order
    ]
    title, told = escape(say("wheel", language)), escape(describe(labels, language, wheel))
    return (
        f'<svg class="demo-wheel" role="img" aria-labelledby="wheel-title wheel-told" '
        f'viewBox="{-_HALF:g} {-_HALF:g} {2 * _HALF:g} {2 * _HALF:g}" '
        f'xmlns="http://www.w3.org/2000/svg">'
        f'<title id="wheel-title">{title}</title><desc id="wheel-told">{told}</desc>'
        f"{''.join(parts)}</svg>"
    )


def describe(labels: Sequence[str], language: str = "en", wheel: str | int = 0) -> str:
    """The wheel in words: where each label stands.

    Example:
        >>> describe(["furious", "qwerty"])
        'furious: mad, angry. qwerty: not on this wheel.'
        >>> describe([])
        'No emotion words.'
    """
    if not labels:
        return say("no_labels", language)
    lexicon = load_lexicon()
    shown = wheel_of(lexicon, wheel)
    told = []
    for label in labels:
        place = next(iter(count_on(shown, [label], lexicon).counts), None)
        core, group = (word_in(word, language) for word in place or ("", ""))
        key = "off_wheel" if place is None else "on_core" if core == group else "on_wheel"
        told.append(say(key, language, label=label, core=core, group=group))
    return ("" if language == "zh" else " ").join(told)


def _core(arc: Arc, language: str, is_lit: bool) -> str:
    colour, word = colour_of(arc.core), escape(word_in(arc.core, language))
    lit = " lit" if is_lit else ""
    if arc.is_neutral:
        return (
            f'<circle class="core{lit}" r="{_DISC - _GAP:g}" fill="{colour}"/>'
            f'<text class="core-name{lit}" text-anchor="middle" dy=".35em">{word}</text>'
        )
    turned = " rotate(180)" if arc.middle_deg > 180 else ""
    return (
        f'<path class="core{lit}" fill="{colour}" d="{_ring(arc, _DISC, _CORE)}"/>'
        f'<text class="core-name{lit}" text-anchor="middle" dy=".35em" '
        f'transform="rotate({arc.middle_deg - 90:.1f}) translate({(_DISC + _CORE) / 2:g}){turned}">'
        f"{word}</text>"
    )


def _sector(arc: Arc, language: str, found: OnWheel) -> str:
    is_lit = bool(found.counts[arc.core, str(arc.group)])
    lit = " lit" if is_lit else ""
    is_left = arc.middle_deg > 180
    anchor, turned = ("end", " rotate(180)") if is_left else ("start", "")
    outline = _ring(arc, _CORE + _GAP, _RIM + (8 if is_lit else 0))
    return (
        f'<path class="sector{lit}" fill="{colour_of(arc.core)}" d="{outline}"/>'
        f'<text class="sector-name{lit}" text-anchor="{anchor}" dy=".35em" '
        f'transform="rotate({arc.middle_deg - 90:.1f}) translate({_RIM + 13:g}){turned}">'
        f"{escape(word_in(str(arc.group), language))}</text>"
    )


def _ring(arc: Arc, inner: float, outer: float) -> str:
    """The outline of a stretch of a ring."""
    start, end = arc.start_deg, min(arc.end_deg, arc.start_deg + 359.9)
    is_long = int(end - start > 180)

    def at(radius: float, degrees: float) -> str:
        angle = radians(degrees)
        return f"{radius * sin(angle):.2f} {-radius * cos(angle):.2f}"

    return (
        f"M{at(inner, start)}L{at(outer, start)}"
        f"A{outer:g} {outer:g} 0 {is_long} 1 {at(outer, end)}"
        f"L{at(inner, end)}A{inner:g} {inner:g} 0 {is_long} 0 {at(inner, start)}Z"
    )
