"""Emotion classification: accuracy, mean recall and F1 of one label per clip, for evaluate."""

from affecthub.metrics.emotion_classification.rankings import as_answer, as_reference
from affecthub.metrics.emotion_classification.scores import emotion_classification
from affecthub.metrics.modules.metric import About, ClipMetric

_DESCRIPTION = """
Accuracy, mean recall, weighted and macro F1 of one emotion label per clip, beside two baselines.

Answers may be labels, sentences that hold one, rankings or probabilities. An answer outside the
label set is wrong and is counted; the commonest label and the label of the clip before show what
is reached without looking.
"""

_KWARGS_DESCRIPTION = """
Args:
    predictions: One answer per clip: a label or a text that holds one, English or Chinese; an
        integer, its number in labels; a list of labels, best first; a list of scores in the order
        of labels; a dict from label to score; or None.
    references: One label of the set per clip, or its number in labels.
    labels: Name of a corpus or "goemotions" for its label set, or a list of labels. None for the
        labels found among the references.
    dialogue_ids: One id per clip, the clips of a dialogue in order; gives the persistence
        baseline. May be passed to add (as dialogue_id) and add_batch.
    top_k: Also count a clip as right where its label is among this many best answers.
    drop_invalid: Leave out clips whose answer names no label; by default they are wrong.
    ambiguous: A text that names several labels is "invalid", or the "first" counts.

Returns:
    emotion_classification: accuracy (WA), float in [0, 1], higher is better.
    uar, weighted_f1, macro_f1: float in [0, 1], higher is better; uar is mean recall (UA). Means
        are over macro_labels, those that occur as reference. macro_f1_sklearn: the mean over
        labels that occur or are predicted.
    per_class: list of dicts with label, precision, recall, f1 and support.
    confusion: counts, a row per reference label, the last column invalid answers.
    top_k, top_k_accuracy: float in [0, 1], higher is better; None where not asked for.
    baselines: majority and persistence, the four scores of each and n_scored; persistence is None
        without dialogue_ids.
    n_clips, n_scored, n_invalid, invalid_rate, coverage: what was counted; coverage is
        1 - invalid_rate.
    labels, drop_invalid, ambiguous: how the scores were made.

Examples:
    >>> from affecthub import load_metric
    >>> metric = load_metric("emotion_classification")
    >>> scores = metric.compute(
    ...     predictions=["Happy", "He sounds sad.", "angry", "no idea"],
    ...     references=["joy", "sadness", "sadness", "anger"],
    ... )
    >>> scores["emotion_classification"], scores["invalid_rate"]
    (0.5, 0.25)
    >>> scores["uar"], scores["baselines"]["majority"]["accuracy"]
    (0.5, 0.5)
    >>> metric.compute(
    ...     predictions=[[0.2, 0.5, 0.3]], references=[2], labels=["sad", "joy", "angry"], top_k=2
    ... )["top_k_accuracy"]
    1.0
"""


class EmotionClassification(ClipMetric):
    """Accuracy, mean recall, weighted and macro F1 of one emotion label per clip."""

    about = About(
        _DESCRIPTION,
        _KWARGS_DESCRIPTION,
        cites=("guo2026emos",),
        code_urls=("https://github.com/NLP2CT/EmoS",),
        paper_urls=("https://github.com/NLP2CT/EmoS",),
    )
    function = staticmethod(emotion_classification)
    optional = ("dialogue_ids",)

    def read_item(self, column: str, value: object, where: str) -> object:
        """One answer, reference or dialogue id in types that JSON knows."""
        if column == "dialogue_ids":
            return value
        return (as_answer if column == "predictions" else as_reference)(value, where)
