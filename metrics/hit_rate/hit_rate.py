"""Hit rate: is the reference emotion among the predicted ones? As an evaluate module."""

from affecthub.metrics.hit_rate.scores import hit_rate
from affecthub.metrics.modules.metric import About
from affecthub.metrics.modules.wheel_metric import WheelMetric

_DESCRIPTION = """
Share of clips whose one reference emotion is among the predicted open-vocabulary labels.

Reference and predicted labels of a clip become wheel sectors; the clip is a hit where the
reference's sector is among the predicted ones. The rates of five emotion wheels are averaged.
"""

_KWARGS_DESCRIPTION = """
Args:
    predictions: One item per clip: a list of labels, a text such as "['happy', 'sad']", or None.
    references: One basic emotion label per clip, as text or a list of one.
    lexicon: None for the built-in lexicon (or that of the configuration), "mer2025" or "mer2026"
        for the released tables, fetched once under their authors' terms, a folder that holds them
        (format.csv, synonym.xlsx, wheel1.xlsx to wheel5.xlsx), or an
        affecthub.metrics.lexicon.emotion_lexicon.Lexicon.
    ring: "inner" (level1 of the published scoring code, the default) or "middle" (its level2).
    zero_division: What an undefined score becomes: "nan", 0.0, or None for what the lexicon
        says (tables of 2025: nan; tables of 2026: 0; built-in: nan).
    mapping: "official" takes the first wheel word that any reading of a label stands for;
        "composed" follows equation 8 of the paper: base word, its synonym, that word's sector.
    unknown: "drop" leaves predicted labels without a sector out; "penalize" counts each as a
        wrong candidate of the mscore.
    neutral: "drop" (the default) takes neutral off every wheel, as published scores do, "keep"
        gives it a place on every wheel, None leaves it where the lexicon has it.

Returns:
    hit_rate: float in [0, 1], higher is better.
    per_wheel: list of dicts with wheel, hit_rate, mscore and n_scored; mscore divides each hit by
        the number of predicted sectors that occur as reference anywhere in the data.
    n_scored: clips scored, by wheel; a clip whose reference is not on a wheel is left out.
    n_clips: clips passed.
    coverage: share of prediction and of reference labels the lexicon knows.
    ring, mapping, unknown, neutral, lexicon: how the scores were made; lexicon holds name and
        version.
    published: dict with comparable, whether the score may stand beside published ones, and
        because, a list of what speaks against it.

Examples:
    >>> from affecthub import load_metric
    >>> metric = load_metric("hit_rate")
    >>> metric.compute(predictions=["['happy', 'sad']", "angry"], references=["joy", "fear"])[
    ...     "hit_rate"
    ... ]
    0.5
    >>> metric.compute(predictions=[["生气", "失望"]], references=["anger"])["hit_rate"]
    1.0
"""


class HitRate(WheelMetric):
    """Share of clips whose one reference emotion is among the predicted open-vocabulary labels."""

    about = About(
        _DESCRIPTION,
        _KWARGS_DESCRIPTION,
        cites=("lian2025affectgpt",),
        code_urls=("https://github.com/zeroQiaoba/MERTools",),
        paper_urls=("https://proceedings.mlr.press/v267/",),
    )
    function = staticmethod(hit_rate)
