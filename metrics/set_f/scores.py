"""Set-F: set-level F, precision and recall of label lists over emotion wheels."""

from collections.abc import Iterable
from typing import Any

from affecthub.metrics.lexicon.emotion_lexicon import MappingRule, Ring
from affecthub.metrics.wheels.clips import LexiconSource, WheelClips, ZeroDivision, resolve
from affecthub.metrics.wheels.options import Neutral, Unknown, WheelOptions


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
        ``neutral``; ``lexicon``, its name and version; ``published``, whether the score is
        ``comparable`` with published ones, and what speaks against it. No clips at all is the case
        where no clip could be scored. A NaN score, and predictions of which the lexicon knows less
        than a fifth, come with a UserWarning.

    Raises:
        ValueError: Lengths differ, a text is a lone ``[``, or an option is unknown.
        TypeError: A value is neither text nor list, or a label is not text.

    Source: AffectGPT paper (arXiv 2501.16566), section 4, eq. 8 to 12; published scoring code
        (MERTools at 89120b78), `wheel_metric_calculation`.
    Differs: by default from the paper's eq. 8, 9 and 10, as the published code does: all readings
        of a label are pooled, N counts only the clips with a reference sector, and unknown labels
        take no part. IEMOCAP's codes (hap, fru) are read.

    Example:
        >>> scores = set_f([["happy"], ["angry", "sad"]], [["joyful", "glad"], ["furious"]])
        >>> scores["set_f"], scores["set_precision"], scores["set_recall"]
        (0.8571428571428571, 0.75, 1.0)
    """
    options = WheelOptions(ring, mapping, unknown, neutral)
    table = resolve(lexicon, ring, zero_division)
    return WheelClips(predictions, references, table, options, rings=(ring,)).set_f(ring)
