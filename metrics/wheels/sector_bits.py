"""Sectors as bits: all wheels and rings of a label in a few machine words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from affecthub.labels import EMOTIONS, emotion_of, label_set
from affecthub.metrics.lexicon.emotion_lexicon import Lexicon, MappingRule, Ring
from affecthub.metrics.wheels.options import Neutral

Words = NDArray[np.uint64]
Counts = NDArray[np.uint16] | NDArray[np.uint32]

# What corpora write for neutral, in English and Chinese.
_NEUTRAL_LABELS = frozenset(
    word for emotion in EMOTIONS if emotion.name == "neutral" for word in emotion.words
)
_NEUTRAL = "neutral"
_BITS = 64
_ALL = (1 << _BITS) - 1


@dataclass(frozen=True)
class Field:
    """The bits of one wheel's ring.

    Attributes:
        masks: By machine word, the bits of it that belong to this field.
    """

    masks: dict[int, np.uint64]

    @classmethod
    def of_bits(cls, first: int, n_bits: int) -> "Field":
        """The field of `n_bits` bits from bit `first` on."""
        mask = ((1 << n_bits) - 1) << first
        words = range(first // _BITS, (first + n_bits - 1) // _BITS + 1) if n_bits else ()
        return cls({word: np.uint64((mask >> _BITS * word) & _ALL) for word in words})

    def within(self, words: Sequence[np.uint64]) -> "Field":
        """The bits of this field that are set in one entry's words."""
        return Field({word: mask & words[word] for word, mask in self.masks.items()})

    def count(self, words: Sequence[Words], others: Sequence[Words] | None = None) -> Counts:
        """The number of bits of this field that are set, entry by entry; in both, if two."""
        n_set: Counts = np.zeros(len(words[0]), dtype=np.uint16)
        for word, mask in self.masks.items():
            bits = words[word] & mask
            if others is not None:
                bits &= others[word]
            n_set += np.bitwise_count(bits)
        return n_set


@dataclass(frozen=True)
class LabelBits:
    """What a wheel score needs to know of one label.

    Attributes:
        words: Its sectors, in machine words.
        known: Whether the lexicon knows it.
        unplaced: One bit for each ring and wheel on which it stands nowhere and should.
    """

    words: tuple[int, ...]
    known: bool
    unplaced: int


class SectorBits:
    """The bits of a lexicon's labels under one way of placing them.

    Attributes:
        fields: By ring, the bits of each wheel.
        places: Ring and wheel of each bit of `LabelBits.unplaced`.
        n_words: Machine words of a label.
    """

    def __init__(
        self,
        lexicon: Lexicon,
        rings: tuple[Ring, ...],
        mapping: MappingRule,
        neutral: Neutral | None,
    ) -> None:
        self._lexicon, self._mapping, self._neutral = lexicon, mapping, neutral
        self.fields: dict[Ring, list[Field]] = {ring: [] for ring in rings}
        self.places: list[tuple[Ring, int]] = []
        self._bit_of: list[dict[str, int]] = []
        n_bits = 0
        for ring in rings:
            for number, wheel in enumerate(lexicon.wheels):
                sectors = sorted({*wheel.ring(ring).values(), _NEUTRAL})
                self._bit_of.append({sector: n_bits + i for i, sector in enumerate(sectors)})
                self.fields[ring].append(Field.of_bits(n_bits, len(sectors)))
                self.places.append((ring, number))
                n_bits += len(sectors)
        self.n_words = max(1, -(-n_bits // _BITS))
        # Labels of the same wheel words stand in the same places; unknown ones nowhere.
        self._of_words: dict[tuple[tuple[str, ...], bool, bool], LabelBits] = {}

    def of(self, label: str) -> LabelBits:
        """The bits of one label, in the spelling of the lexicon."""
        names = self._lexicon.owners(label)
        if not names and label in _codes():
            names = self._lexicon.owners(_codes()[label])
        is_neutral = label in _NEUTRAL_LABELS or _NEUTRAL in names
        key = self._lexicon.candidates(names, self._mapping), bool(names), is_neutral
        bits = self._of_words.get(key)
        if bits is None:
            bits = self._of_words[key] = self._place(*key)
        return bits

    def _place(self, candidates: tuple[str, ...], known: bool, is_neutral: bool) -> LabelBits:
        bits = unplaced = 0
        cores = self._lexicon.sectors_of(candidates, "inner")
        sectors = {ring: self._lexicon.sectors_of(candidates, ring) for ring in self.fields}
        for place, (ring, number) in enumerate(self.places):
            wheel, sector = self._lexicon.wheels[number], sectors[ring][number]
            neutral_here = is_neutral or (
                cores[number] is not None and cores[number] == wheel.neutral
            )
            if neutral_here and self._neutral == "drop":
                continue
            if is_neutral and sector is None and self._neutral == "keep":
                sector = _NEUTRAL
            if sector is not None:
                bits |= 1 << self._bit_of[place][sector]
            elif not is_neutral:
                unplaced |= 1 << place
        words = tuple((bits >> _BITS * word) & _ALL for word in range(self.n_words))
        return LabelBits(words, known, unplaced)


class BitTable:
    """The bits of numbered labels as arrays, growing as labels are met.

    Attributes:
        words: One array per machine word, with an entry for every label.
        known: Whether the lexicon knows the label.
        unplaced: As in `LabelBits`.
    """

    def __init__(self, bits: SectorBits) -> None:
        self._bits = bits
        self.words = [np.zeros(0, np.uint64) for _ in range(bits.n_words)]
        self.known = np.zeros(0, bool)
        self.unplaced = np.zeros(0, np.uint64)

    def extend(self, labels: Iterable[str]) -> None:
        """Append labels."""
        new = [self._bits.of(label) for label in labels]
        if not new:
            return
        for word in range(self._bits.n_words):
            added = np.array([bits.words[word] for bits in new], np.uint64)
            self.words[word] = np.concatenate((self.words[word], added))
        self.known = np.concatenate((self.known, np.array([bits.known for bits in new], bool)))
        unplaced = np.array([bits.unplaced for bits in new], np.uint64)
        self.unplaced = np.concatenate((self.unplaced, unplaced))


@cache
def _codes() -> dict[str, str]:
    """IEMOCAP's short names of labels, which no lexicon has, and the words they stand for."""
    emotions = {code: emotion_of(code) for code in label_set("iemocap")}
    return {
        code: emotion.name
        for code, emotion in emotions.items()
        if emotion and (emotion.basic7 or emotion.polarity)  # not "other" and "no agreement"
    }


@lru_cache(maxsize=16)
def sector_bits(
    lexicon: Lexicon, rings: tuple[Ring, ...], mapping: MappingRule, neutral: Neutral | None
) -> SectorBits:
    """The bits of a lexicon, made once."""
    return SectorBits(lexicon, rings, mapping, neutral)
