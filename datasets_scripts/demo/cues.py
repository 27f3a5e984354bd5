"""What each modality is allowed to tell about an emotion, and the accuracy that follows from it.

The whole difficulty of the corpus is this one table. A modality never shows an emotion, only a
*cue* that two or three emotions share, so the best accuracy that any classifier can reach on one,
two or three modalities is a matter of counting, whatever the classifier is.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

from affecthub.labels import BASIC7

MODALITIES = ("audio", "video", "text")
INTENSITIES = ("mild", "strong")

# modality -> cue -> the emotions that share it. No pair of modalities separates all seven
# emotions and the three together do; among the tables with that property this one was chosen
# because a listener could believe every row (anger, fear and surprise do sound alike).
CUES: dict[str, dict[str, tuple[str, ...]]] = {
    "audio": {
        "tense": ("anger", "fear", "surprise"),
        "subdued": ("disgust", "neutral", "sadness"),
        "lilting": ("joy",),
    },
    "video": {
        "frown": ("anger", "disgust", "sadness"),
        "wide": ("fear", "surprise"),
        "soft": ("joy", "neutral"),
    },
    "text": {
        "trouble": ("anger", "disgust", "fear"),
        "memory": ("joy", "neutral", "sadness"),
        "discovery": ("surprise",),
    },
}


def cue_of(emotion: str, modality: str) -> str:
    """The cue that an emotion shows in one modality.

    Example:
        >>> [cue_of("anger", modality) for modality in MODALITIES]
        ['tense', 'frown', 'trouble']
    """
    return next(cue for cue, emotions in CUES[modality].items() if emotion in emotions)


def bound(modalities: Sequence[str]) -> Fraction:
    """The best accuracy possible on balanced labels from these modalities alone.

    Emotions whose cues agree in every one of the modalities are alike, and a classifier is right
    about one of them at most: the bound is the number of distinct cue combinations over seven.

    Args:
        modalities: Names out of ``MODALITIES``; none gives chance, 1/7.

    Example:
        >>> bound(["audio"]), bound(["audio", "video"]), bound(MODALITIES)
        (Fraction(3, 7), Fraction(5, 7), Fraction(1, 1))
    """
    cells = {tuple(cue_of(emotion, modality) for modality in modalities) for emotion in BASIC7}
    return Fraction(len(cells), len(BASIC7))


def bounds() -> dict[str, Fraction]:
    """The bound of every set of modalities, keyed by their names joined with "+".

    Example:
        >>> for name, value in bounds().items():
        ...     print(f"{name:16} {value} = {float(value):.1%}")
        audio            3/7 = 42.9%
        video            3/7 = 42.9%
        text             3/7 = 42.9%
        audio+video      5/7 = 71.4%
        audio+text       5/7 = 71.4%
        video+text       5/7 = 71.4%
        audio+video+text 1 = 100.0%
    """
    return {
        "+".join(some): bound(some)
        for size in range(1, len(MODALITIES) + 1)
        for some in combinations(MODALITIES, size)
    }
