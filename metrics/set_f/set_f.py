"""Set-F: set-level F, precision and recall over emotion wheels, as an evaluate module."""

from affecthub.metrics.modules.metric import About
from affecthub.metrics.modules.wheel_metric import WheelMetric
from affecthub.metrics.set_f.scores import set_f

_DESCRIPTION = """
Set-level F, precision and recall of open-vocabulary emotion labels over five emotion wheels.

Predicted and reference labels of a clip become sets of wheel sectors; precision and recall compare
the sets and are averaged over clips, F is their harmonic mean, and all three are averaged over the
wheels. Synonyms and inflections of one emotion therefore count as the same answer.
"""

_KWARGS_DESCRIPTION = """
Args:
    predictions: One item per clip: a list of labels, a text such as "['happy', 'sad']", or None.
    references: The same, aligned with `predictions`.
    lexicon: None for the built-in lexicon (or that of the configuration), "mer2025" or "mer2026"
        for the released tables, fetched once under their authors' terms, a folder that holds them
        (format.csv, synonym.xlsx, wheel1.xlsx to wheel5.xlsx), or an
        affecthub.metrics.lexicon.emotion_lexicon.Lexicon.
    ring: "inner" (level1 of the published scoring code, the default) or "middle" (its level2).
    zero_division: What an undefined score becomes: "nan", 0.0, or None for what the lexicon
        says (tables of 2025: nan; tables of 2026: 0; built-in: 0 for F where nothing agrees,
        nan where no clip could be scored).
    mapping: "official" takes the first wheel word that any reading of a label stands for;
        "composed" follows equation 8 of the paper: base word, its synonym, that word's sector.
    unknown: "drop" leaves predicted labels without a sector out; "penalize" counts each as a
        wrong sector in precision.
    neutral: "drop" takes neutral off every wheel, "keep" gives it a place on every wheel, None
        leaves it where the lexicon has it (nowhere in the released tables).

Returns:
    set_f, set_precision, set_recall: float in [0, 1], higher is better.
    per_wheel: list of dicts with wheel, set_f, set_precision, set_recall and n_scored.
    n_scored: clips scored, by wheel; a clip without a reference sector on a wheel is left out.
    n_clips: clips passed.
    coverage: share of prediction and of reference labels the lexicon knows.
    ring, mapping, unknown, neutral, lexicon: how the scores were made; lexicon holds name and
        version.
    published: dict with comparable, whether the score may stand beside published ones, and
        because, a list of what speaks against it.

Examples:
    >>> from affecthub import load_metric
    >>> metric = load_metric("set_f")
    >>> scores = metric.compute(
    ...     predictions=["['happy', 'cheerful']", ["angry", "sad"]],
    ...     references=[["joyful", "glad"], ["furious"]],
    ... )
    >>> scores["set_f"], scores["set_precision"], scores["set_recall"]
    (0.8571428571428571, 0.75, 1.0)
    >>> metric.compute(predictions=["[开心、激动]"], references=[["happy"]])["set_recall"]
    1.0
"""


class SetF(WheelMetric):
    """Set-level F, precision and recall of open-vocabulary labels over emotion wheels."""

    about = About(
        _DESCRIPTION,
        _KWARGS_DESCRIPTION,
        cites=("lian2025affectgpt",),
        code_urls=("https://github.com/zeroQiaoba/MERTools",),
        paper_urls=("https://proceedings.mlr.press/v267/",),
    )
    function = staticmethod(set_f)
