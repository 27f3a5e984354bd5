"""Set-F and hit rate over emotion wheels: the metrics of open-vocabulary emotion recognition.

Pure functions over label lists; `affecthub.metrics.set_f` and `affecthub.metrics.hit_rate` wrap
them as evaluate modules.
"""

import warnings
from collections.abc import Iterable
from dataclasses import replace
from math import isnan
from os import PathLike
from typing import Any, Literal

import numpy as np

from affecthub.errors import unknown_name
from affecthub.metrics.lexicon import RINGS, Lexicon, Ring, load_lexicon
from affecthub.metrics.presence import Clips, Occurrences, Presence, presence, read_clips
from affecthub.metrics.set_scores import score_presence

LexiconSource = Lexicon | str | PathLike[str] | None
ZeroDivision = float | Literal["nan"] | None


def set_f(
    predictions: Iterable[object],
    references: Iterable[object],
    *,
    lexicon: LexiconSource = None,
    ring: Ring = "inner",
    zero_division: ZeroDivision = None,
) -> dict[str, Any]:
    """Give the set-level F, precision and recall of predicted against reference label sets.

    On each wheel both label lists become sets of sectors. A clip none of whose reference labels
    stands on the wheel is left out there; a clip without predicted sectors has precision and
    recall 0. Precision and recall are means over clips, F is the harmonic mean of these means, and
    all three are averaged over the wheels.

    Args:
        predictions: One list of labels, text or None per clip; see
            `affecthub.metrics.parsing.parse_labels`.
        references: The same, aligned with `predictions`.
        lexicon: None for the built-in one, a folder of released tables, or a `Lexicon`.
        ring: ``"inner"`` (level1 of the published code, the score of MER-UniBench and MER2026) or
            ``"middle"`` (its level2; MER2025 averages the F of both rings).
        zero_division: What an undefined score becomes: ``"nan"``, 0.0, or None for what the
            lexicon says. Tables of 2025: NaN. Tables of 2026: 0. Built-in: 0 for F where nothing
            agrees, NaN where no clip could be scored.

    Returns:
        ``set_f``, ``set_precision``, ``set_recall`` in [0, 1], higher is better; ``per_wheel``, a
        list of dicts with ``wheel``, the three scores and ``n_scored``; ``n_scored``, clips scored
        by wheel name; ``n_clips``; ``coverage``, the share of prediction and of reference labels
        the lexicon knows (None where there are no labels); ``ring``; ``lexicon``, its name and
        version. No clips at all is the case where no clip could be scored. A NaN score comes with
        a UserWarning.

    Raises:
        ValueError: Lengths differ, a text is a lone ``[``, or an option is unknown.
        TypeError: A value is neither text nor list, or a label is not text.

    Source: AffectGPT paper (arXiv 2501.16566), section 4, eq. 8 to 12; published scoring code
        (MERTools at 89120b78), `wheel_metric_calculation`.
    Differs: from the paper's eq. 9 and 10, as the published code does: N counts only the clips
        with a reference sector, and unknown labels take no part.

    Example:
        >>> scores = set_f([["happy"], ["angry", "sad"]], [["joyful", "glad"], ["furious"]])
        >>> scores["set_f"], scores["set_precision"], scores["set_recall"]
        (0.8571428571428571, 0.75, 1.0)
    """
    table = resolve(lexicon, ring, zero_division)
    clips = read_clips(predictions, references, table.style)
    per_wheel = []
    for wheel, groups in zip(table.wheels, _wheel_groups(clips, table, ring), strict=True):
        precision, recall, n_scored = score_presence(*presence(clips, groups), table.no_clips)
        per_wheel.append(
            {
                "wheel": wheel.name,
                "set_f": _harmonic_mean(precision, recall, table.no_overlap),
                "set_precision": precision,
                "set_recall": recall,
                "n_scored": n_scored,
            }
        )
    return {
        **_averages("set_f", per_wheel, ("set_f", "set_precision", "set_recall")),
        "n_clips": clips.n_clips,
        "coverage": {
            "predictions": _coverage(clips, clips.predicted, table),
            "references": _coverage(clips, clips.reference, table),
        },
        "ring": ring,
        "lexicon": table.identity,
    }


def hit_rate(
    predictions: Iterable[object],
    references: Iterable[object],
    *,
    lexicon: LexiconSource = None,
    ring: Ring = "inner",
    zero_division: ZeroDivision = None,
) -> dict[str, Any]:
    """Give the share of clips whose reference emotion is among the predicted ones.

    On each wheel, a clip whose reference label does not stand there is left out (in the released
    tables every neutral clip is); the rates of the wheels are averaged.

    Args:
        predictions: One list of labels, text or None per clip; see
            `affecthub.metrics.parsing.parse_labels`.
        references: One basic label per clip, as text or a list of one.
        lexicon: None for the built-in one, a folder of released tables, or a `Lexicon`.
        ring: ``"inner"`` for the published metric, ``"middle"`` for a finer match.
        zero_division: What the rate of a wheel without scored clips becomes: ``"nan"``, 0.0, or
            None for what the lexicon says (2026 tables 0, all others NaN).

    Returns:
        ``hit_rate`` in [0, 1], higher is better; ``per_wheel``, a list of dicts with ``wheel``,
        ``hit_rate``, ``mscore`` and ``n_scored``; ``n_scored``, clips scored by wheel name;
        ``n_clips``; ``ring``; ``lexicon``, its name and version. ``mscore`` divides each hit by
        the number of predicted sectors that occur as reference anywhere in the data, so guessing
        every emotion does not pay. No clips at all is the case where no clip could be scored. A
        NaN score comes with a UserWarning.

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
    table = resolve(lexicon, ring, zero_division)
    clips = read_clips(predictions, references, table.style)
    per_wheel = []
    for wheel, groups in zip(table.wheels, _wheel_groups(clips, table, ring), strict=True):
        rate, mscore, n_scored = _hits(*presence(clips, groups), table.no_clips)
        per_wheel.append(
            {"wheel": wheel.name, "hit_rate": rate, "mscore": mscore, "n_scored": n_scored}
        )
    return {
        **_averages("hit_rate", per_wheel, ("hit_rate",)),
        "n_clips": clips.n_clips,
        "ring": ring,
        "lexicon": table.identity,
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
    return replace(table, no_overlap=float(zero_division), no_clips=float(zero_division))


def _wheel_groups(clips: Clips, lexicon: Lexicon, ring: Ring) -> list[list[str | None]]:
    """Give, per wheel, the sector of each distinct label."""
    sectors = [lexicon.sectors(label, ring) for label in clips.labels]
    return [[places[wheel] for places in sectors] for wheel in range(len(lexicon.wheels))]


def _harmonic_mean(precision: float, recall: float, no_overlap: float) -> float:
    """Give F; NaN precision and recall stay NaN."""
    if precision + recall == 0:
        return no_overlap
    return 2 * precision * recall / (precision + recall)


def _hits(predicted: Presence, reference: Presence, no_clips: float) -> tuple[float, float, int]:
    """Give the hit rate, the mscore and the number of clips with a reference sector."""
    scored = reference.any(axis=1)
    n_scored = int(scored.sum())
    if n_scored == 0:
        return no_clips, no_clips, 0
    candidates = predicted[scored][:, reference.any(axis=0)].sum(axis=1)
    hit = (predicted & reference)[scored].any(axis=1)
    # A clip without predicted candidates has no hit either, so dividing by 1 gives 0.
    return float(np.mean(hit)), float(np.mean(hit / np.maximum(candidates, 1))), n_scored


def _averages(name: str, per_wheel: list[dict[str, Any]], keys: tuple[str, ...]) -> dict[str, Any]:
    """Average the scores over the wheels, and say so where the result is not a number."""
    means = np.mean([[scores[key] for key in keys] for scores in per_wheel], axis=0)
    if isnan(means[0]):
        undefined = ", ".join(scores["wheel"] for scores in per_wheel if isnan(scores[name]))
        warnings.warn(
            f"{name} is nan: undefined on {undefined}, where no clip could be scored or no "
            "prediction agrees. Pass zero_division=0.0 to count it as 0.",
            UserWarning,
            stacklevel=3,
        )
    return {
        **{key: float(mean) for key, mean in zip(keys, means, strict=True)},
        "per_wheel": per_wheel,
        "n_scored": {scores["wheel"]: scores["n_scored"] for scores in per_wheel},
    }


def _coverage(clips: Clips, occurrences: Occurrences, lexicon: Lexicon) -> float | None:
    """Give the share of label occurrences the lexicon knows, None where there are none."""
    counts = np.bincount(occurrences.labels, minlength=len(clips.labels))
    is_label = np.array([label != "" for label in clips.labels], dtype=bool)
    is_known = np.array([lexicon.knows(label) for label in clips.labels], dtype=bool)
    n_labels = int(counts[is_label].sum())
    return int(counts[is_label & is_known].sum()) / n_labels if n_labels else None
