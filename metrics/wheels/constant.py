"""What guessing pays: the best answer that is the same for every clip, found greedily.

Of a constant answer, precision and recall on a wheel are sums over its sectors, so that a set of
words is scored without looking at the clips again.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from affecthub.metrics.lexicon.emotion_lexicon import Lexicon
from affecthub.metrics.parsing import parse_labels
from affecthub.metrics.wheels.by_clip import clip_counts

Shares = NDArray[np.float64]
_GAIN = 1e-12


def best_constant(references: Sequence[object], lexicon: Lexicon) -> list[str]:
    """The words that, said of every clip, give the highest set-F found.

    The answer grows by the word that raises set-F most, is then improved by exchanging single
    words, and ends where neither helps: a lower bound of what a constant answer can reach. Words
    that stand in the same places on every wheel are one candidate, the one that references have
    most often.

    Args:
        references: One list of labels or text per clip.
        lexicon: What places the words; the inner ring.

    Returns:
        Words, none where no reference stands on a wheel.
    """
    constants = _Constants(references, lexicon)
    words: list[str] = []
    best = 0.0
    while True:
        grown = [[*words, word] for word in constants.words if word not in words]
        swapped = [
            [*words[:place], word, *words[place + 1 :]]
            for place in range(len(words))
            for word in constants.words
            if word not in words
        ]
        for tried in (grown, swapped):
            scores = [constants.set_f(each) for each in tried]
            found = max(range(len(tried)), key=scores.__getitem__, default=None)
            if found is not None and scores[found] > best + _GAIN:
                best, words = scores[found], tried[found]
                break
        else:
            return words


def candidates(references: Sequence[object], lexicon: Lexicon) -> list[str]:
    """One word for each way of standing on the wheels: the one that references have most often."""
    used = Counter(label for item in references for label in parse_labels(item, lexicon.style))
    by_place: dict[tuple[str | None, ...], str] = {}
    for word in sorted(lexicon.wheel_words, key=lambda word: (-used[word], len(word), word)):
        places = lexicon.sectors(word)
        if any(places):
            by_place.setdefault(places, word)
    return list(by_place.values())


class _Constants:
    """Set-F of constant answers, from how often each word's sectors are a reference's."""

    def __init__(self, references: Sequence[object], lexicon: Lexicon) -> None:
        self.words = candidates(references, lexicon)
        self._sectors = {word: lexicon.sectors(word) for word in self.words}
        # By wheel and sector: share of scored clips that have it, and its mean share of theirs.
        self._found: list[dict[str, tuple[float, float]]] = [{} for _ in lexicon.wheels]
        for word in self.words:
            if all(
                sector is None or sector in self._found[wheel]
                for wheel, sector in enumerate(self._sectors[word])
            ):
                continue
            counts = clip_counts([[word]] * len(references), references, lexicon=lexicon)
            for wheel, sector in enumerate(self._sectors[word]):
                scored = counts.reference[wheel] > 0
                if sector is not None and scored.any():
                    self._found[wheel][sector] = (
                        float(counts.agreed[wheel][scored].mean()),
                        float(counts.recall[wheel][scored].mean()),
                    )

    def set_f(self, words: Sequence[str]) -> float:
        """The mean F over the wheels; 0 where nothing agrees."""
        return sum(self._f(wheel, words) for wheel in range(len(self._found))) / len(self._found)

    def _f(self, wheel: int, words: Sequence[str]) -> float:
        found = self._found[wheel]
        sectors = {self._sectors[word][wheel] for word in words} - {None}
        right = [found[sector] for sector in sectors if sector in found]
        if not right:
            return 0.0
        precision = sum(share for share, _ in right) / len(sectors)
        recall = sum(share for _, share in right)
        return 2 * precision * recall / (precision + recall) if recall else 0.0
