"""What emotion words mean beside their place on a wheel: sign, basic emotion, valence, arousal.

Over the built-in lexicon. A word has the meaning of its concept.
"""

from dataclasses import dataclass
from functools import lru_cache

from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.lexicon.resources import read_lexicon


@dataclass(frozen=True)
class Concept:
    """One fine meaning that words share.

    Attributes:
        name: Its name, unique.
        polarity: Whether the word speaks of something good (1), bad (-1) or neither (0); None
            where it takes either side, as surprise does.
        basic7: The basic emotion of which the word names a degree, one of
            `affecthub.labels.BASIC7`, or None.
        reason: Why there is no basic emotion, None where there is one: "blend" (two of them meet),
            "relation" (a feeling towards somebody), "judgement", "knowledge" (a state of knowing),
            "wish", "arousal" (energy or tension without a kind), "conduct" (a way of acting or
            speaking) or "condition" (how one stands in the world).
        valence: How it feels: pleasant (1), unpleasant (-1) or neither (0).
        arousal: How stirred one is: high (1), low (-1) or between (0).
    """

    name: str
    polarity: int | None
    basic7: str | None
    reason: str | None
    valence: int
    arousal: int


def concept_of(label: str) -> Concept | None:
    """The meaning of a label, or None where the built-in lexicon does not know it.

    Args:
        label: One label, English or Chinese, any case; composed labels ("not happy") included.

    Returns:
        The concept of the word the label amounts to. Blank text gives None.

    Example:
        >>> concept_of("Furious").basic7, concept_of("not happy").polarity
        ('anger', -1)
        >>> concept_of("自豪").basic7, concept_of("自豪").reason
        (None, 'judgement')
    """
    owners = load_lexicon().owners(label)
    return _concepts()[owners[0]] if owners else None


@lru_cache(maxsize=1)
def _concepts() -> dict[str, Concept]:
    """Name of a word to its concept."""
    concepts = {}
    for name, row in read_lexicon()["concepts"].items():
        concept = Concept(
            name, row["polarity"], row["basic7"], row["reason"], row["valence"], row["arousal"]
        )
        for words in row["words"].values():
            concepts.update({word.partition("|")[0]: concept for word in words})
    return concepts
