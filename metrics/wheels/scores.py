"""Set-F and hit rate over emotion wheels: the metrics of open-vocabulary emotion recognition.

Pure functions over label lists; `affecthub.metrics.set_f` and `affecthub.metrics.hit_rate` wrap
them as evaluate modules. `WheelClips` gives both, on both rings, for one reading of the clips.
"""

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
    MappingRule,
    Ring,
)
from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.wheels.options import Neutral, Unknown, WheelOptions
from affecthub.metrics.wheels.placement import Placement, place
from affecthub.metrics.wheels.sector_bits import Counts, Field
from affecthub.metrics.wheels.set_scores import score_counts

LexiconSource = Lexicon | str | PathLike[str] | None
ZeroDivision = float | Literal["nan"] | None

_NONE = np.zeros(1, np.uint16)


def set_f(
    predictions: Iterable[object],
    references: Iterable[object],
    *,
    lexicon: LexiconSource = None,
    ring: Ring = "inner",
    zero_division: ZeroDivision = None,
    mapping: MappingRule = "official",
    unknown: Unknown = "drop",
    neutral: Neutral | None = None,
) -> dict[str, Any]:
    """The set-level F, precision and recall of predicted against reference label sets.

    On each wheel both label lists become sets of sectors. A clip none of whose reference labels
    stands on the wheel is left out there; a clip without predicted sectors has precision and
    recall 0. Precision and recall are means over clips, F is the harmonic mean of these means, and
    all three are averaged over the wheels.

    Args:
        predictions: One list of labels, text or None per clip; see
            `affecthub.metrics.parsing.parse_labels`. Any iterable; it is read in batches.
        references: The same, aligned with `predictions`.
        lexicon: None for the built-in one; ``"mer2025"`` or ``"mer2026"`` for the released tables,
            fetched once; a folder that holds them; or a `Lexicon`.
        ring: ``"inner"`` (level1 of the published code, the score of MER-UniBench and MER2026) or
            ``"middle"`` (its level2; MER2025 averages the F of both rings).
        zero_division: What an undefined score becomes: ``"nan"``, 0.0, or None for what the
            lexicon says. Tables of 2025: NaN. Tables of 2026: 0. Built-in: 0 for F where nothing
            agrees, NaN where no clip could be scored.
        mapping: ``"official"`` or ``"composed"``, the paper's equation 8; see
            `affecthub.metrics.wheels.options.WheelOptions` for this and the next two.
        unknown: ``"drop"``, or ``"penalize"`` to count predicted labels without a sector as wrong.
        neutral: ``"drop"``, ``"keep"``, or None for where the lexicon has neutral.

    Returns:
        ``set_f``, ``set_precision``, ``set_recall`` in [0, 1], higher is better; ``per_wheel``, a
        list of dicts with ``wheel``, the three scores and ``n_scored``; ``n_scored``, clips scored
        by wheel name; ``n_clips``; ``coverage``, the share of prediction and of reference labels
        the lexicon knows (None where there are no labels); ``ring``, ``mapping``, ``unknown``,
        ``neutral``; ``lexicon``, its name and version. No clips at all is the case where no clip
        could be scored. A NaN score comes with a UserWarning.

    Raises:
        ValueError: Lengths differ, a text is a lone ``[``, or an option is unknown.
        TypeError: A value is neither text nor list, or a label is not text.

    Source: AffectGPT paper (arXiv 2501.16566), section 4, eq. 8 to 12; published scoring code
        (MERTools at 89120b78), `wheel_metric_calculation`.
    Differs: by default from the paper's eq. 8, 9 and 10, as the published code does: all readings
        of a label are pooled, N counts only the clips with a reference sector, and unknown labels
        take no part.

    Example:
        >>> scores = set_f([["happy"], ["angry", "sad"]], [["joyful", "glad"], ["furious"]])
        >>> scores["set_f"], scores["set_precision"], scores["set_recall"]
        (0.8571428571428571, 0.75, 1.0)
    """
    options = WheelOptions(ring, mapping, unknown, neutral)
    table = resolve(lexicon, ring, zero_division)
    return WheelClips(predictions, references, table, options, rings=(ring,)).set_f(ring)


def hit_rate(
    predictions: Iterable[object],
    references: Iterable[object],
    *,
    lexicon: LexiconSource = None,
    ring: Ring = "inner",
    zero_division: ZeroDivision = None,
    mapping: MappingRule = "official",
    unknown: Unknown = "drop",
    neutral: Neutral | None = None,
) -> dict[str, Any]:
    """The share of clips whose reference emotion is among the predicted ones.

    On each wheel, a clip whose reference label does not stand there is left out (in the released
    tables every neutral clip is); the rates of the wheels are averaged.

    Args:
        predictions: One list of labels, text or None per clip; see
            `affecthub.metrics.parsing.parse_labels`. Any iterable; it is read in batches.
        references: One basic label per clip, as text or a list of one.
        lexicon: None for the built-in one; ``"mer2025"`` or ``"mer2026"`` for the released tables,
            fetched once; a folder that holds them; or a `Lexicon`.
        ring: ``"inner"`` for the published metric, ``"middle"`` for a finer match.
        zero_division: What the rate of a wheel without scored clips becomes: ``"nan"``, 0.0, or
            None for what the lexicon says (2026 tables 0, all others NaN).
        mapping: ``"official"`` or ``"composed"``, the paper's equation 8; see
            `affecthub.metrics.wheels.options.WheelOptions` for this and the next two.
        unknown: ``"drop"``, or ``"penalize"`` to count predicted labels without a sector as wrong
            candidates of the mscore. The hit rate itself asks for one right label only.
        neutral: ``"drop"``, ``"keep"`` to score neutral clips too, or None for where the lexicon
            has neutral.

    Returns:
        ``hit_rate`` in [0, 1], higher is better; ``per_wheel``, a list of dicts with ``wheel``,
        ``hit_rate``, ``mscore`` and ``n_scored``; ``n_scored``, clips scored by wheel name;
        ``n_clips``; ``coverage``, the share of prediction and of reference labels the lexicon
        knows (None where there are no labels); ``ring``, ``mapping``, ``unknown``, ``neutral``;
        ``lexicon``, its name and version. ``mscore`` divides each hit by the number of predicted
        sectors that occur as reference anywhere in the data, so guessing every emotion does not
        pay. No clips at all is the case where no clip could be scored. A NaN score comes with a
        UserWarning.

    Raises:
        ValueError: Lengths differ, a text is a lone ``[``, or an option is unknown.
        TypeError: A value is neither text nor list, or a label is not text.

    Source: AffectGPT paper (arXiv 2501.16566), section 4, eq. 13; `mscore` from the published code.
    Differs: a clip with several reference labels counts 1 at most; the published code, made for
        one label, adds up the matches.

    Example:
        >>> hit_rate([["happy", "sad"], "angry"], ["joy", "fear"])["hit_rate"]
        0.5
    """
    options = WheelOptions(ring, mapping, unknown, neutral)
    table = resolve(lexicon, ring, zero_division)
    return WheelClips(predictions, references, table, options, rings=(ring,)).hit_rate(ring)


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

    def set_f(self, ring: Ring = "inner") -> dict[str, Any]:
        """The scores of `affecthub.metrics.wheels.scores.set_f` on one ring."""
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
                    "set_f": _harmonic_mean(precision, recall, self.lexicon.no_overlap),
                    "set_precision": precision,
                    "set_recall": recall,
                    "n_scored": n_scored,
                }
            )
        return self._result("set_f", per_wheel, ("set_f", "set_precision", "set_recall"), ring)

    def hit_rate(self, ring: Ring = "inner") -> dict[str, Any]:
        """The scores of `affecthub.metrics.wheels.scores.hit_rate` on one ring."""
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
        return {
            **_averages(name, per_wheel, keys),
            "n_clips": self._placement.n_clips,
            "coverage": self._placement.coverage,
            **replace(self.options, ring=ring).as_dict(),
            "lexicon": self.lexicon.identity,
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


def _harmonic_mean(precision: float, recall: float, no_overlap: float) -> float:
    """F; NaN precision and recall stay NaN."""
    if precision + recall == 0:
        return no_overlap
    return 2 * precision * recall / (precision + recall)


def _hits(
    agreed: Counts, candidates: Counts, reference: Counts, no_clips: float
) -> tuple[float, float, int]:
    """The hit rate, the mscore and the number of clips with a reference sector."""
    scored = reference > 0
    n_scored = int(np.count_nonzero(scored))
    if n_scored == 0:
        return no_clips, no_clips, 0
    hit = agreed[scored] > 0
    # A clip without predicted candidates has no hit either, so dividing by 1 gives 0.
    mscore = np.divide(hit, np.maximum(candidates[scored], 1), dtype=np.float64)
    return float(np.mean(hit)), float(np.mean(mscore)), n_scored


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
