"""GoEmotions: precision, recall and F1 over 28 labels, several per clip, for evaluate."""

from affecthub.metrics.goemotions.scores import as_label_set, goemotions
from affecthub.metrics.modules.metric import About, ClipMetric

_DESCRIPTION = """
Precision, recall and F1 of GoEmotions label sets, per label, macro and micro, and divergences of
soft labels.

A clip has any number of 28 labels. References may be sets or the shares of annotators who chose
each label; shares become sets by one of two rules and are also compared as distributions.
"""

_KWARGS_DESCRIPTION = """
Args:
    predictions: One per clip: a list of labels, a text such as "['joy', 'love']", a dict from
        label to probability, 28 or (with unsure) 29 probabilities, or None.
    references: The same; a probability is the share of annotators who chose the label.
    binarize: Labels of a reference of probabilities: "any" annotator (p > 0), or the "majority"
        (p >= 2/3).
    threshold: Labels of a prediction of probabilities: p >= threshold.

Returns:
    goemotions: macro-F1 over the labels that a reference has, float in [0, 1], higher is better.
    macro_precision, macro_recall, micro_f1, micro_precision, micro_recall: float in [0, 1], higher
        is better.
    macro_f1_all: macro-F1 over all 28 labels, 0 for those without a reference.
    per_label: list of 28 dicts with label, precision, recall, f1, support, n_predicted and
        zero_division (precision or recall is 0 for want of anything to divide by).
    jsd: Jensen-Shannon divergence, float in [0, 1], lower is better.
    cross_entropy: in nats, 0 and more, lower is better.
    n_clips, n_soft, n_labels, n_missing, coverage: what was counted; coverage is the share of
        named labels that are GoEmotions'.
    binarize, threshold: how the scores were made.

Examples:
    >>> from affecthub import load_metric
    >>> metric = load_metric("goemotions")
    >>> scores = metric.compute(
    ...     predictions=[["joy", "love"], "['anger']"],
    ...     references=[{"joy": 1.0, "pride": 0.33}, ["anger"]],
    ... )
    >>> scores["micro_f1"], scores["n_labels"]
    (0.6666666666666666, 3)
    >>> metric.compute(
    ...     predictions=[["joy"]], references=[{"joy": 1.0, "pride": 0.33}], binarize="majority"
    ... )["goemotions"]
    1.0
"""


class Goemotions(ClipMetric):
    """Precision, recall and F1 of GoEmotions label sets, and divergences of soft labels."""

    about = About(
        _DESCRIPTION,
        _KWARGS_DESCRIPTION,
        cites=("demszky2020goemotions", "guo2026emos"),
        code_urls=("https://github.com/NLP2CT/EmoS",),
        paper_urls=("https://aclanthology.org/2020.acl-main.372/",),
    )
    function = staticmethod(goemotions)

    def read_item(self, column: str, value: object, where: str) -> object:
        """One label set as text, list, dict or None."""
        return as_label_set(value, where)
