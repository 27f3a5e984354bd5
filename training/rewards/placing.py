"""Where the labels of a small batch stand on the wheels: each spelling is looked up once.

`clip_scores` says the same of many clips with arrays, which cost more than they save on the few
that a step of reinforcement learning rewards.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from affecthub.metrics.lexicon.emotion_lexicon import Lexicon
from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.parsing import as_item, normalise, pieces
from affecthub.metrics.wheels.sector_bits import sector_bits

# Spellings that are remembered beside the lexicon's own; what a policy makes up has no end.
_MOST_KEPT = 2**16


class Placed(NamedTuple):
    """A label on the wheels.

    Attributes:
        label: In the lexicon's spelling.
        sectors: A bit for each sector that it stands in, all wheels together.
        unplaced: A bit for each wheel on which it stands nowhere and should.
    """

    label: str
    sectors: int
    unplaced: int


class Score(NamedTuple):
    """One clip's scores, in [0, 1]: means over the wheels on which its reference stands."""

    f: float
    precision: float
    recall: float


NOTHING = Score(0.0, 0.0, 0.0)


class Wheels:
    """The labels and wheels of a lexicon, for one clip at a time.

    Args:
        lexicon: What places the labels. All of its forms are placed at once, in about 50 ms.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._bits = sector_bits(lexicon, ("inner",), "official", None)
        self._masks = [_joined(field.masks.items()) for field in self._bits.fields["inner"]]
        self._known = {form: self._place(form) for form in lexicon.names}
        # Answers are read generously; references as the lexicon's tables were made for.
        self._answered: dict[str, Placed | None] = {}
        self._referred: dict[str, Placed | None] = {}

    def answer(self, written: Iterable[str]) -> list[Placed]:
        """The labels of an answer that was cut at its separators, as often as written."""
        return self._all(written, self._answered, "any")

    def reference(self, value: Any, where: str) -> list[Placed]:
        """The labels of a reference: a list, text or None.

        Raises:
            TypeError: It is none of these, or a label is not text.
            ValueError: The text is a lone ``[``.
        """
        style = self._lexicon.style
        return self._all(pieces(as_item(value, where), style), self._referred, style)

    def score(self, said: Sequence[Placed], expected: Sequence[Placed]) -> Score:
        """Precision, recall and F of one clip, a label without a sector counted as a wrong one.

        Returns:
            0 everywhere where the reference stands on no wheel.
        """
        ours = theirs = 0
        for label in said:
            ours |= label.sectors
        for label in expected:
            theirs |= label.sectors
        names = {label.label for label in expected}
        stray = {label for label in said if label.unplaced and label.label not in names}
        f = precision = recall = 0.0
        n_wheels = 0
        for number, mask in enumerate(self._masks):
            n_expected = (theirs & mask).bit_count()
            if not n_expected:
                continue
            n_wheels += 1
            if agreed := (ours & theirs & mask).bit_count():
                n_said = (ours & mask).bit_count()
                for label in stray:
                    n_said += label.unplaced >> number & 1
                f += 2 * agreed / (n_said + n_expected)
                precision += agreed / n_said
                recall += agreed / n_expected
        if not n_wheels:
            return NOTHING
        return Score(f / n_wheels, precision / n_wheels, recall / n_wheels)

    def _all(self, raw: Iterable[str], seen: dict[str, Placed | None], style: Any) -> list[Placed]:
        found = []
        for piece in raw:
            piece = piece.strip()
            placed = self._known.get(piece) or seen.get(piece)
            if placed is None and piece not in seen:
                label = normalise(piece, style)
                placed = (self._known.get(label) or self._place(label)) if label else None
                if len(seen) >= _MOST_KEPT:
                    seen.clear()
                seen[piece] = placed
            if placed is not None:
                found.append(placed)
        return found

    def _place(self, label: str) -> Placed:
        bits = self._bits.of(label)
        return Placed(label, _joined(enumerate(bits.words)), bits.unplaced)


def wheels_of(lexicon: Any = None) -> Wheels:
    """The wheels of a lexicon, made once; None takes the built-in one."""
    return _made(load_lexicon(lexicon))


@lru_cache(maxsize=8)
def _made(lexicon: Lexicon) -> Wheels:
    return Wheels(lexicon)


def _joined(words: Iterable[tuple[int, Any]]) -> int:
    """Machine words as one number."""
    return sum(int(word) << 64 * place for place, word in words)
