"""Where the sectors of an emotion wheel stand on a circle, and which labels fall into each.

Pictures of a wheel, as SVG or by matplotlib, take both from here, so that they are the same wheel.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from affecthub.errors import unknown_name
from affecthub.metrics.lexicon.emotion_lexicon import Lexicon, Wheel

Place = tuple[str, str]


@dataclass(frozen=True)
class Arc:
    """A stretch of a ring, in degrees clockwise from the top.

    Attributes:
        core: The core emotion.
        group: Its sector of the middle ring; None for the core's own stretch of the inner ring.
        start_deg: Where it begins, in [0, 360).
        end_deg: Where it ends, in (0, 360].
        is_neutral: Whether it is the disc in the middle, which goes all the way round.
    """

    core: str
    group: str | None
    start_deg: float
    end_deg: float
    is_neutral: bool = False

    @property
    def middle_deg(self) -> float:
        """Halfway through it."""
        return (self.start_deg + self.end_deg) / 2


@dataclass(frozen=True)
class OnWheel:
    """How often labels fall into the sectors of one wheel.

    Attributes:
        counts: Labels by core emotion and middle sector; sectors without any are left out.
        unplaced: Labels that have no place on this wheel, with how often they were given.
    """

    counts: Counter[Place]
    unplaced: Counter[str]

    @property
    def n_labels(self) -> int:
        """All labels, placed and not."""
        return self.counts.total() + self.unplaced.total()


def wheel_of(lexicon: Lexicon, wheel: str | int = 0) -> Wheel:
    """A wheel of a lexicon by name or number.

    Raises:
        ValueError: There is none of this name; close ones are listed.
        IndexError: There is none of this number.
    """
    if isinstance(wheel, str):
        named = {one.name: one for one in lexicon.wheels}
        if wheel not in named:
            raise unknown_name("wheel", wheel, named)
        return named[wheel]
    if not 0 <= wheel < len(lexicon.wheels):
        raise IndexError(
            f"`wheel` is out of range: got {wheel}, expected 0 to {len(lexicon.wheels) - 1}, or "
            "one of the wheels' names."
        )
    return lexicon.wheels[wheel]


def arcs(wheel: Wheel) -> list[Arc]:
    """Every sector of a wheel: the core emotions in its order, then the sectors of each.

    A core emotion is as wide as it has middle sectors, which are all of one width. The one that
    holds neutral is the disc in the middle.

    Example:
        >>> small = Wheel.from_sectors("small", "", {"joy": {"glad": []}, "fear": {"shy": []}})
        >>> [(arc.core, arc.group, arc.start_deg, arc.end_deg) for arc in arcs(small)][:3]
        [('joy', None, 0.0, 180.0), ('fear', None, 180.0, 360.0), ('joy', 'glad', 0.0, 180.0)]
    """
    groups: dict[str, list[str]] = {}
    for word, core in wheel.inner.items():
        known = groups.setdefault(core, [])
        if wheel.middle[word] not in known:
            known.append(wheel.middle[word])
    neutral = groups.pop(wheel.neutral, None) if wheel.neutral else None
    width = 360.0 / max(1, sum(map(len, groups.values())))
    cores, sectors, n_before = [], [], 0
    for core, names in groups.items():
        cores.append(Arc(core, None, n_before * width, (n_before + len(names)) * width))
        for name in names:
            sectors.append(Arc(core, name, n_before * width, (n_before + 1) * width))
            n_before += 1
    if neutral and wheel.neutral:
        cores.append(Arc(wheel.neutral, None, 0.0, 360.0, is_neutral=True))
    return cores + sectors


def count_on(wheel: Wheel, labels: Iterable[str], lexicon: Lexicon) -> OnWheel:
    """Count labels by the sector that each falls into.

    Args:
        wheel: A wheel of `lexicon`.
        labels: One after another, any case, English or Chinese; a label may come many times.
        lexicon: What places the labels, as in the scores: of all words that a label may stand for,
            the first that stands on the wheel.

    Example:
        >>> from affecthub.metrics.lexicon.loading import load_lexicon
        >>> lexicon = load_lexicon()
        >>> found = count_on(lexicon.wheels[0], ["furious", "furious", "qwerty"], lexicon)
        >>> dict(found.counts), dict(found.unplaced)
        ({('mad', 'angry'): 2}, {'qwerty': 1})
    """
    counts: Counter[Place] = Counter()
    unplaced: Counter[str] = Counter()
    for label, n_times in Counter(labels).items():
        candidates = lexicon.candidates(lexicon.owners(label), "official")
        word = next((word for word in candidates if word in wheel.inner), None)
        if word is None:
            unplaced[label] += n_times
        else:
            counts[wheel.inner[word], wheel.middle[word]] += n_times
    return OnWheel(counts, unplaced)
