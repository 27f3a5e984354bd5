"""Answers that need no model: what guessing and reading the subtitle score."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from affecthub.errors import unknown_name
from affecthub.labels import emotion_of
from affecthub.metrics.lexicon.emotion_lexicon import Lexicon
from affecthub.metrics.mer_unibench.sentences import labels_of
from affecthub.metrics.mer_unibench.statistics import SCORES, statistics
from affecthub.metrics.parsing import parse_labels
from affecthub.metrics.wheels.constant import best_constant
from affecthub.training.bench.answers import Answered, Run
from affecthub.training.bench.references import References

# Baseline -> what it does, for help and reports.
BASELINES = {
    "majority": "every clip gets the label that most clips of its set have",
    "random": "every clip gets the label of another clip of its set, drawn by seed",
    "constant": "every clip of a set gets the one answer that scores best there",
    "lexicon-on-subtitle": "every clip gets the emotion words of its subtitle",
}
Guess = Callable[[References], list[Any]]


def baseline_run(
    name: str,
    references: Mapping[str, References],
    lexicon: Lexicon,
    *,
    seed: int = 0,
) -> Run:
    """The answers of a baseline to the sets at hand.

    All but the last know the gold labels of the very clips they answer, which no system does: they
    say what a score is worth, and are no systems.

    Args:
        name: A key of `BASELINES`.
        references: The sets.
        lexicon: Under which the constant answer is the best.
        seed: Of the random answers.

    Returns:
        The run. Subtitles that a folder does not tell leave their set out.

    Raises:
        ValueError: There is no such baseline, or no set has subtitles.
    """
    guesses: dict[str, Guess] = {
        "majority": majority,
        "random": lambda wanted: drawn(wanted, seed),
        "constant": lambda wanted: constant(wanted, lexicon),
        "lexicon-on-subtitle": read_subtitles,
    }
    if name not in guesses:
        raise unknown_name("baseline", name, BASELINES)
    run: Run = {}
    for set_name, wanted in references.items():
        if name == "lexicon-on-subtitle" and not any(wanted.subtitles):
            continue
        labels = guesses[name](wanted)
        said = wanted.subtitles if name == "lexicon-on-subtitle" else labels
        n_empty = sum(label in (None, "", []) for label in labels)
        run[set_name] = {
            "": Answered(
                wanted.test_set,
                wanted.ids,
                list(said),
                labels,
                wanted.labels,
                n_empty,
                read_by="the baseline",
            )
        }
    if not run:
        raise ValueError(
            "`baseline` lexicon-on-subtitle has nothing to read: got no subtitles of "
            f"{', '.join(references)}, expected transcripts in the sets' folders."
        )
    return run


def floors(references: Mapping[str, References], lexicon: Lexicon) -> dict[str, dict[str, Any]]:
    """What answers that look at no clip score: the least that a score has to be above.

    Args:
        references: The sets.
        lexicon: Places the labels.

    Returns:
        ``majority`` and ``constant``, each set to ``answer`` and to its scores in [0, 1], see
        `affecthub.metrics.mer_unibench.statistics.SCORES`. The constant answer to a hit-rate set
        names all of its labels: that it scores 1 is what its ``hit_f1`` is there for.
    """
    found: dict[str, dict[str, Any]] = {"majority": {}, "constant": {}}
    for name, wanted in references.items():
        for floor, labels in (
            ("majority", majority(wanted)),
            ("constant", constant(wanted, lexicon)),
        ):
            made = statistics(wanted.test_set, labels, wanted.labels, lexicon).scores()
            scores = {key: float(made[key][0]) for key in SCORES[wanted.test_set.primary]}
            found[floor][name] = {"answer": labels[0], **scores}
    return found


def majority(references: References) -> list[Any]:
    """The label that most scored clips have: neutral is not scored, nor is a sentiment of 0.

    Example:
        >>> from affecthub.training.bench.references import BY_NAME
        >>> of_meld = References(BY_NAME["meld"], ["a", "b"], ["neutral", "joy"], [None, None])
        >>> majority(of_meld)
        [['joy'], ['joy']]
    """
    if references.test_set.primary == "sentiment":
        signs = Counter(_sign(label) for label in references.labels)
        more = "positive" if signs[1] > signs[-1] else "negative"
        return [more] * len(references.labels)
    words = Counter(word for clip in _words(references) for word in clip if not _is_neutral(word))
    common = [word for word, _ in words.most_common(1)]
    return [list(common) for _ in references.labels]


def drawn(references: References, seed: int) -> list[Any]:
    """The label of a clip of the same set, drawn with replacement.

    Clips without a scored label (neutral, 0) are drawn like all others.
    """
    places = np.random.default_rng(seed).integers(0, len(references.ids), len(references.ids))
    if references.test_set.primary == "sentiment":
        signs = {1: "positive", -1: "negative", 0: "neutral"}
        return [signs[_sign(references.labels[i])] for i in places]
    words = _words(references)
    return [list(words[i]) for i in places]


def constant(references: References, lexicon: Lexicon) -> list[Any]:
    """The one answer that scores best: for hit rate every label of the set at once.

    For set-F the best set of words found, see `best_constant`; for sentiment the sign with the
    higher weighted F1, which is the more frequent one.
    """
    if references.test_set.primary == "sentiment":
        return majority(references)
    if references.test_set.primary == "hit_rate":
        words = list(dict.fromkeys(word for clip in _words(references) for word in clip))
    else:
        words = best_constant(references.labels, lexicon)
    return [list(words) for _ in references.labels]


def read_subtitles(references: References) -> list[Any]:
    """The emotion words of each subtitle by `LexiconExtractor`; None where there is none."""
    return [labels_of(text) for text in references.subtitles]


def _words(references: References) -> list[list[str]]:
    return [list(parse_labels(label)) for label in references.labels]


def _sign(value: float) -> int:
    return int(value > 0) - int(value < 0)


def _is_neutral(word: str) -> bool:
    emotion = emotion_of(word)
    return emotion is not None and emotion.name == "neutral"
