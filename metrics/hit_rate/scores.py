"""Hit rate: is the reference emotion among the predicted labels, on emotion wheels?"""

from collections.abc import Iterable
from typing import Any

from affecthub.metrics.lexicon.emotion_lexicon import MappingRule, Ring
from affecthub.metrics.wheels.clips import LexiconSource, WheelClips, ZeroDivision, resolve
from affecthub.metrics.wheels.options import Neutral, Unknown, WheelOptions


def hit_rate(
    predictions: Iterable[object],
    references: Iterable[object],
    *,
    lexicon: LexiconSource = None,
    ring: Ring = "inner",
    zero_division: ZeroDivision = None,
    mapping: MappingRule = "official",
    unknown: Unknown = "drop",
    neutral: Neutral | None = "drop",
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
        neutral: ``"drop"``, so that neutral clips are left out with every lexicon as they are in
            published hit rates; ``"keep"`` to score them too; None for where the lexicon has
            neutral.

    Returns:
        ``hit_rate`` in [0, 1], higher is better; ``per_wheel``, a list of dicts with ``wheel``,
        ``hit_rate``, ``mscore`` and ``n_scored``; ``n_scored``, clips scored by wheel name;
        ``n_clips``; ``coverage``, the share of prediction and of reference labels the lexicon
        knows (None where there are no labels); ``ring``, ``mapping``, ``unknown``, ``neutral``;
        ``lexicon``, its name and version; ``published``, whether the score is ``comparable`` with
        published ones, and what speaks against it. ``mscore`` divides each hit by the number of
        predicted sectors that occur as reference anywhere in the data, so guessing every emotion
        does not pay. No clips at all is the case where no clip could be scored. A NaN score, and
        predictions of which the lexicon knows less than a fifth, come with a UserWarning.

    Raises:
        ValueError: Lengths differ, a text is a lone ``[``, or an option is unknown.
        TypeError: A value is neither text nor list, or a label is not text.

    Source: AffectGPT paper (arXiv 2501.16566), section 4, eq. 13; `mscore` from the published code.
    Differs: a clip with several reference labels counts 1 at most; the published code, made for
        one label, adds up the matches. IEMOCAP's codes (hap, fru) are read. The mscore reads
        references like predictions; the published code compares theirs as they are written, so
        that "Happy" or "happy, sad" never counts there.

    Example:
        >>> hit_rate([["happy", "sad"], "angry"], ["joy", "fear"])["hit_rate"]
        0.5
    """
    options = WheelOptions(ring, mapping, unknown, neutral)
    table = resolve(lexicon, ring, zero_division)
    return WheelClips(predictions, references, table, options, rings=(ring,)).hit_rate(ring)
