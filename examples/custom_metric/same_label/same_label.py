"""Same label, as an evaluate module."""

from affecthub.metrics.modules.metric import About, ClipMetric

from .scores import same_label

_KWARGS_DESCRIPTION = """
Args:
    predictions: One label per clip.
    references: The same, aligned.

Returns:
    same_label: float in [0, 1], higher is better.

Examples:
    >>> import evaluate
    >>> metric = evaluate.load("examples/custom_metric/same_label")
    >>> metric.compute(predictions=["a"], references=["a"])["same_label"]
    1.0
"""
# Clips to try it with, in part right.
CLIPS = (["a", "b", None], ["a", "a", "b"], {})


class SameLabel(ClipMetric):
    """The share of clips whose label is the reference."""

    about = About("Share of equal labels.", _KWARGS_DESCRIPTION, bibtex="@misc{same, title={Same}}")
    function = staticmethod(same_label)
