"""Set-F without wheels: labels grouped by base form or by synonym, levels 1 and 2 of the paper."""

from collections.abc import Iterable
from typing import Any, Literal

from affecthub.errors import unknown_name
from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.wheels.clips import LexiconSource, harmonic_mean
from affecthub.metrics.wheels.set_scores import set_scores

Level = Literal["base_form", "synonym"]

LEVELS: tuple[Level, ...] = ("base_form", "synonym")


def set_f_at_level(
    predictions: Iterable[object],
    references: Iterable[object],
    *,
    level: Level,
    lexicon: LexiconSource = None,
) -> dict[str, Any]:
    """The set-level F, precision and recall where words are grouped and no wheel is asked.

    Args:
        predictions: One list of labels, text or None per clip.
        references: The same, aligned with `predictions`.
        level: ``"base_form"`` takes inflections of a word together, ``"synonym"`` the words of one
            meaning too. A label that the lexicon does not know is left out.
        lexicon: As in `affecthub.metrics.set_f.scores.set_f`.

    Returns:
        ``set_f``, ``set_precision``, ``set_recall`` in [0, 1], higher is better; ``n_scored``,
        clips with a reference group; ``level``; ``lexicon``, its name and version. Without such a
        clip the scores are what the lexicon says (tables of 2026: 0, all others NaN).

    Raises:
        ValueError: The level is unknown, lengths differ, or a text is a lone ``[``.
        TypeError: A value is neither text nor list, or a label is not text.

    Source: AffectGPT paper (arXiv 2501.16566), section 4, levels 1 and 2, eq. 9 to 12.

    Example:
        >>> clips = ["happier, calm"], [["happy", "joyful"]]
        >>> [set_f_at_level(*clips, level=level)["set_recall"] for level in LEVELS]
        [0.5, 1.0]
    """
    if level not in LEVELS:
        raise unknown_name("level", level, LEVELS)
    table = load_lexicon(lexicon)
    precision, recall, n_scored = set_scores(
        predictions,
        references,
        group=table.base_form if level == "base_form" else table.synonym,
        style=table.style,
        no_clips=table.no_clips,
    )
    return {
        "set_f": harmonic_mean(precision, recall, table.no_overlap),
        "set_precision": precision,
        "set_recall": recall,
        "n_scored": n_scored,
        "level": level,
        "lexicon": table.identity,
    }
