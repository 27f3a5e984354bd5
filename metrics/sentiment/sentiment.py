"""Sentiment: weighted F1 and accuracy of polarity, and intensity, as an evaluate module."""

from affecthub.metrics.modules.metric import About, ClipMetric
from affecthub.metrics.sentiment.scores import as_polarity, sentiment

_DESCRIPTION = """
Weighted F1 and accuracy of sentiment polarity, with the zero handling of the field.

Clips whose reference is 0 are left out; of the others prediction and reference are positive above
0 and negative otherwise. Macro-F1, balanced accuracy, the accuracies over two, five and seven
classes, mean absolute error, Pearson's r and concordance stand beside them.
"""

_KWARGS_DESCRIPTION = """
Args:
    predictions: One answer per clip: a number, a polarity word or a text that holds one, or None.
    references: One number or polarity word per clip.
    value_range: Least and greatest intensity, (-3, 3), (-2, 2) or (-1, 1), for acc_3, acc_5 and
        acc_7; None for none of them.
    style: "any" reads polarity words, emotions and numbers, in any case, English or Chinese;
        "released" reads positive, negative and neutral exactly as written here, as the published
        code does.
    invalid: An answer that cannot be read is "negative", as in the published code, or "wrong".

Returns:
    sentiment: weighted F1 (WAF), float in [0, 1], higher is better.
    acc, macro_f1, balanced_acc: float in [0, 1], higher is better, over the same clips; acc is
        Acc-2 negative/positive. macro_f1_sklearn: the mean over predicted classes too.
    acc_2_with_zero, waf_with_zero: float in [0, 1], higher is better, over all clips: negative
        against the rest; under (-1, 1) positive against the rest.
    acc_3, waf_3: float in [0, 1], higher is better, accuracy and weighted F1 of negative, neutral
        and positive over all clips; under (-1, 1) neutral is above -0.1 and up to 0.1.
    acc_5, acc_7: float in [0, 1], higher is better, by rounding, or under (-1, 1) by intervals;
        None for words.
    mae: float, lower is better. pearson, ccc: float in [-1, 1], higher is better. None for words.
    n_clips, n_scored, n_numbers, n_invalid, n_neutral: what was counted.
    value_range, style, invalid: how the scores were made.

Examples:
    >>> from affecthub import load_metric
    >>> metric = load_metric("sentiment")
    >>> scores = metric.compute(
    ...     predictions=["Positive", "消极", "neutral", "positive"], references=[1.2, -0.4, 2, 0]
    ... )
    >>> scores["sentiment"], scores["acc"], scores["n_scored"]
    (0.6666666666666666, 0.6666666666666666, 3)
    >>> scores = metric.compute(
    ...     predictions=[2.6, -1.2, 0.4], references=[3.0, -1.0, -0.2], value_range=(-3, 3)
    ... )
    >>> scores["acc_7"], round(scores["mae"], 3)
    (1.0, 0.4)
"""


class Sentiment(ClipMetric):
    """Weighted F1 and accuracy of sentiment polarity, and scores of its intensity."""

    about = About(
        _DESCRIPTION,
        _KWARGS_DESCRIPTION,
        cites=("lian2025affectgpt",),
        code_urls=("https://github.com/zeroQiaoba/MERTools", "https://github.com/thuiar/MMSA"),
        paper_urls=("https://proceedings.mlr.press/v267/",),
    )
    function = staticmethod(sentiment)

    def read_item(self, column: str, value: object, where: str) -> object:
        """One answer or reference as text, number or None."""
        return as_polarity(value, where)
