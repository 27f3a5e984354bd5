"""Clips on emotion wheels: read and placed once, scored by set-F and hit rate on either ring."""

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from math import isnan
from os import PathLike
from typing import Any, Literal

import numpy as np

from affecthub.errors import unknown_name
from affecthub.metrics.lexicon.emotion_lexicon import (
    RINGS,
    Lexicon,
    Ring,
)
from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.wheels.options import WheelOptions
from affecthub.metrics.wheels.placement import Placement, place
from affecthub.metrics.wheels.published import beside_published
from affecthub.metrics.wheels.sector_bits import Counts, Field
from affecthub.metrics.wheels.set_scores import mean, score_counts

LexiconSource = Lexicon | str | PathLike[str] | None
ZeroDivision = float | Literal["nan"] | None

_NONE = np.zeros(1, np.uint16)
# Where less of the predicted labels is known, they are hardly labels.
LOW_COVERAGE = 0.2


class WheelClips:
    """Clips read and placed on the wheels once, to be scored by both metrics on both rings.

    Args:
        predictions: One list of labels, text or None per clip.
        references: The same, aligned with `predictions`.
        lexicon: As in `set_f`.
        options: How labels become sectors; its ring is not looked at.
        rings: The rings that will be asked for.

    Raises:
        ValueError: Lengths differ, or a text is a lone ``[``.
        TypeError: A value is neither text nor list, or a label is not text.

    Warns:
        UserWarning: The lexicon knows less than a fifth of the predicted labels.

    Example:
        >>> clips = WheelClips([["happy"], ["angry"]], [["glad"], ["furious"]])
        >>> clips.set_f("inner")["set_f"], clips.hit_rate("inner")["hit_rate"]
        (1.0, 1.0)
    """

    def __init__(
        self,
        predictions: Iterable[object],
        references: Iterable[object],
        lexicon: LexiconSource = None,
        options: WheelOptions | None = None,
        *,
        rings: Sequence[Ring] = RINGS,
    ) -> None:
        self.lexicon = load_lexicon(lexicon)
        self.options = options or WheelOptions()
        self._placement = place(predictions, references, self.lexicon, self.options, rings)
        self._warn_of_sentences()

    def _warn_of_sentences(self) -> None:
        """Say so where hardly a predicted label is known: answers may be sentences."""
        share = self._placement.coverage["predictions"]
        if share is not None and share < LOW_COVERAGE:
            warnings.warn(
                f"hardly a predicted label is known: lexicon {self.lexicon.name} knows "
                f"{100 * share:.0f} % of them, not {self._placement.unknown_label!r} for one, and "
                "unknown labels take no part in the score. Where answers are sentences, take the "
                "labels out of them first, with "
                "affecthub.metrics.answers.extraction.LexiconExtractor()(answers).",
                UserWarning,
                stacklevel=4,
            )

    def set_f(self, ring: Ring = "inner") -> dict[str, Any]:
        """The scores of `affecthub.metrics.set_f.scores.set_f` on one ring."""
        per_wheel = []
        for number, field in enumerate(self._fields(ring)):
            agreed, predicted, reference = _counts(self._placement, field)
            predicted = predicted + self._placement.unplaced.get((ring, number), _NONE)
            precision, recall, n_scored = score_counts(
                agreed, predicted, reference, self.lexicon.no_clips
            )
            per_wheel.append(
                {
                    "wheel": self.lexicon.wheels[number].name,
                    "set_f": harmonic_mean(precision, recall, self.lexicon.no_overlap),
                    "set_precision": precision,
                    "set_recall": recall,
                    "n_scored": n_scored,
                }
            )
        return self._result("set_f", per_wheel, ("set_f", "set_precision", "set_recall"), ring)

    def hit_rate(self, ring: Ring = "inner") -> dict[str, Any]:
        """The scores of `affecthub.metrics.hit_rate.scores.hit_rate` on one ring."""
        per_wheel = []
        everywhere = [np.bitwise_or.reduce(words) for words in self._placement.reference]
        for number, field in enumerate(self._fields(ring)):
            agreed, _, reference = _counts(self._placement, field)
            candidates = field.within(everywhere).count(self._placement.predicted)
            candidates = candidates + self._placement.unplaced.get((ring, number), _NONE)
            rate, mscore, n_scored = _hits(agreed, candidates, reference, self.lexicon.no_clips)
            name = self.lexicon.wheels[number].name
            per_wheel.append(
                {"wheel": name, "hit_rate": rate, "mscore": mscore, "n_scored": n_scored}
            )
        return self._result("hit_rate", per_wheel, ("hit_rate",), ring)

    def _fields(self, ring: Ring) -> list[Field]:
        if ring not in self._placement.fields:
            raise unknown_name("ring", ring, self._placement.fields)
        return self._placement.fields[ring]

    def _result(
        self, name: str, per_wheel: list[dict[str, Any]], keys: tuple[str, ...], ring: Ring
    ) -> dict[str, Any]:
        options = replace(self.options, ring=ring)
        return {
            **_averages(name, per_wheel, keys),
            "n_clips": self._placement.n_clips,
            "coverage": self._placement.coverage,
            **options.as_dict(),
            "lexicon": self.lexicon.identity,
            "published": beside_published(self.lexicon, options),
        }


def resolve(lexicon: LexiconSource, ring: Ring, zero_division: ZeroDivision) -> Lexicon:
    """Load a lexicon that scores degenerate cases as asked, and check the ring.

    Raises:
        ValueError: `ring` or `zero_division` is none of the accepted values.
        FileNotFoundError: The lexicon does not exist; see `load_lexicon` for its other errors.
    """
    table = load_lexicon(lexicon)
    if ring not in RINGS:
        raise unknown_name("ring", ring, RINGS)
    if zero_division is None:
        return table
    if zero_division not in ("nan", 0.0):
        raise ValueError(
            f"`zero_division` is unknown: got {zero_division!r}, expected None, 'nan' or 0.0."
        )
    return _with_zero_division(table, float(zero_division) if zero_division else 0.0)


@lru_cache(maxsize=8)
def _with_zero_division(lexicon: Lexicon, value: float) -> Lexicon:
    """The same lexicon for the same value, so that what is made of it is made once."""
    return replace(lexicon, no_overlap=value, no_clips=value)


def _counts(placement: Placement, field: Field) -> tuple[Counts, Counts, Counts]:
    """Count the sectors of a field, clip by clip: agreed, predicted, reference."""
    predicted, reference = placement.predicted, placement.reference
    return field.count(predicted, reference), field.count(predicted), field.count(reference)


def harmonic_mean(precision: float, recall: float, no_overlap: float) -> float:
    """F; NaN precision and recall stay NaN."""
    if precision + recall == 0:
        return no_overlap
    return 2 * precision * recall / (precision + recall)


def _hits(
    agreed: Counts, candidates: Counts, reference: Counts, no_clips: float
) -> tuple[float, float, int]:
    """The hit rate, the mscore and the number of clips with a reference sector."""
    scored = np.flatnonzero(reference)
    n_scored = len(scored)
    if n_scored == 0:
        return no_clips, no_clips, 0
    hit = agreed[scored] > 0
    # A clip without predicted candidates has no hit either, so dividing by 1 gives 0.
    mscore = np.divide(hit, np.maximum(candidates[scored], 1), dtype=np.float64)
    return np.count_nonzero(hit) / n_scored, mean(mscore), n_scored


def _averages(name: str, per_wheel: list[dict[str, Any]], keys: tuple[str, ...]) -> dict[str, Any]:
    """Average the scores over the wheels, and say so where the result is not a number."""
    means = np.mean([[scores[key] for key in keys] for scores in per_wheel], axis=0)
    if isnan(means[0]):
        undefined = ", ".join(scores["wheel"] for scores in per_wheel if isnan(scores[name]))
        warnings.warn(
            f"{name} is nan: undefined on {undefined}, where no clip could be scored or no "
            "prediction agrees. Pass zero_division=0.0 to count it as 0.",
            UserWarning,
            stacklevel=5,
        )
    return {
        **{key: float(mean) for key, mean in zip(keys, means, strict=True)},
        "per_wheel": per_wheel,
        "n_scored": {scores["wheel"]: scores["n_scored"] for scores in per_wheel},
    }
