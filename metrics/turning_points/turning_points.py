"""Turning points: was every change of emotion along a stream predicted? As an evaluate module."""

from affecthub.metrics.modules.metric import About, ClipMetric
from affecthub.metrics.turning_points.scores import turning_points
from affecthub.metrics.turning_points.timeline import read_utterances

_DESCRIPTION = """
Share of consecutive utterances of a stream for which a change of emotion, or none, was predicted.

A pair of consecutive reference utterances is a change where their labels differ; the predicted
labels of the same utterances say what was predicted. Precision, recall and F1 of changes, changes
found in time, and the scores of two trivial systems stand beside it.
"""

_KWARGS_DESCRIPTION = """
Args:
    predictions: One list per clip: utterances {"start_s", "end_s", "label"} of the system's own
        segmentation, or one label per reference utterance. A label may be None.
    references: One list of utterances, or of labels, per clip, in the order of the stream.
    alignment: "overlap" gives each reference utterance the label of the prediction that overlaps
        it longest; "given" takes labels by position; None chooses the first where both sides have
        times.
    tolerances: Seconds by which a predicted boundary may miss one of the reference.
    label_set: Accepted labels; another predicted label is invalid. None accepts all.

Returns:
    turning_points: float in [0, 1], higher is better: pairs predicted right.
    change_precision, change_recall, change_f1: float in [0, 1]; a change is the positive class.
    transition_accuracy: share of reference changes whose two labels both are right.
    label_accuracy: share of utterances whose label is right.
    macro: accuracy and f1 as means over clips, with n_clips and n_clips_f1.
    boundary: per tolerance, tolerance_s, precision, recall and f1 of the times of changes.
    baselines: accuracy, precision, recall and f1 of always_change and of never_change.
    n_clips, n_utterances, n_pairs, n_changes, n_predicted_changes: what was counted.
    n_invalid: reference utterances without a usable predicted label; never right.
    alignment: how labels were aligned.

Examples:
    >>> from affecthub import load_metric
    >>> metric = load_metric("turning_points")
    >>> scores = metric.compute(
    ...     predictions=[
    ...         [
    ...             {"start_s": 0.0, "end_s": 5.5, "label": "joy"},
    ...             {"start_s": 5.5, "end_s": 9.0, "label": "anger"},
    ...         ]
    ...     ],
    ...     references=[
    ...         [
    ...             {"start_s": 0.0, "end_s": 3.0, "label": "joy"},
    ...             {"start_s": 3.0, "end_s": 6.0, "label": "fear"},
    ...             {"start_s": 6.0, "end_s": 9.0, "label": "anger"},
    ...         ]
    ...     ],
    ... )
    >>> scores["turning_points"], scores["label_accuracy"]
    (0.5, 0.6666666666666666)
    >>> [tolerance["f1"] for tolerance in scores["boundary"]]
    [0.6666666666666666, 0.6666666666666666, 0.6666666666666666]
    >>> metric.compute(predictions=[["joy", "fear"]], references=[["joy", "fear"]])["change_f1"]
    1.0
"""


class TurningPoints(ClipMetric):
    """How well changes of emotion along a stream were predicted."""

    about = About(
        _DESCRIPTION,
        _KWARGS_DESCRIPTION,
        cites=("guo2026emos",),
        code_urls=("https://github.com/NLP2CT/EmoS",),
        paper_urls=("https://github.com/NLP2CT/EmoS",),
    )
    function = staticmethod(turning_points)

    def read_item(self, column: str, value: object, where: str) -> object:
        """The utterances of one clip, with times or without."""
        return read_utterances(value, where)
